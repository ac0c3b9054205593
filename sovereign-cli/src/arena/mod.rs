//! Where bots meet: seats a line-up at a game, plays it to the end, and keeps what
//! happened. Simulations, tournaments, sweeps and reports play here.

pub(crate) mod contender;
mod observe;
mod restrict;
pub(crate) mod series;

use std::sync::Arc;
use std::time::Duration;

use sovereign_core::bot::{Bot, Table};
use sovereign_core::event::EndReason;
use sovereign_core::id::PlayerId;
use sovereign_core::quantity::Tick;
use sovereign_core::{Game, Map, Purpose, Replay, ReplayHeader, Rules, Seed, Session};

use crate::error::CliError;
use crate::external::message::Setting;
use crate::external::{Forfeit, Handle};
pub(crate) use contender::Contender;
pub(crate) use observe::{Course, Features, unused, word};
pub(crate) use restrict::Restriction;

/// How long a program may think when nothing else was said.
pub(crate) const DEADLINE: Duration = Duration::from_millis(1_000);

/// What all games of a run share.
#[derive(Clone, Debug)]
pub(crate) struct Arena {
    /// The map.
    pub(crate) map: Arc<Map>,
    /// The rules.
    pub(crate) rules: Arc<Rules>,
    /// The tick at which an undecided game is given up.
    pub(crate) until: Tick,
    setting: Arc<Setting>,
    seats: usize,
}

/// What came of a game.
#[derive(Debug)]
pub(crate) struct Played {
    /// Who won.
    pub(crate) winner: Option<PlayerId>,
    /// Why it ended; `None` if it was given up.
    pub(crate) reason: Option<EndReason>,
    /// The tick at which it ended.
    pub(crate) ticks: u32,
    /// Orders carried out, the system's included.
    pub(crate) orders: u64,
    /// The hash of its last state.
    pub(crate) hash: u64,
    /// Who led when, and what was used.
    pub(crate) course: Course,
    /// The seats of programs that failed, and why.
    pub(crate) forfeits: Vec<(usize, Forfeit)>,
}

/// Bots at a table, and the handles of those that are programs.
pub(crate) struct Seated {
    table: Table,
    handles: Vec<Option<Handle>>,
}

impl Arena {
    /// A place for games of so many seats.
    pub(crate) fn new(map: Arc<Map>, rules: Arc<Rules>, seats: usize, until: Tick) -> Self {
        let setting = Arc::new(Setting::new(&map, &rules, seats));
        Self { map, rules, until, setting, seats }
    }

    /// Whether such a game can be played: enough land and seats, and every program can be
    /// run and speaks the protocol.
    pub(crate) fn check(&self, contenders: &[Contender]) -> Result<(), CliError> {
        self.game(Seed::from(0))?;
        let mut distinct: Vec<_> = contenders.iter().collect();
        distinct.sort();
        distinct.dedup();
        distinct.into_iter().try_for_each(Contender::probe)
    }

    fn game(&self, seed: Seed) -> Result<Game, CliError> {
        let seats = u16::try_from(self.seats).unwrap_or(u16::MAX);
        Game::new(self.map.clone(), self.rules.clone(), seed, seats).map_err(CliError::input)
    }

    /// Seats a line-up at a new game, the first in seat 0. Their dice come from the
    /// game's seed.
    pub(crate) fn seat(&self, seed: Seed, lineup: &[&Contender]) -> Result<Seated, CliError> {
        let game = self.game(seed)?;
        let (bots, handles) = self.bots(seed, lineup)?.into_iter().unzip();
        Ok(Seated { table: Table::new(game, bots), handles })
    }

    fn bots(&self, seed: Seed, lineup: &[&Contender]) -> Result<Vec<contender::Player>, CliError> {
        let player = |(seat, contender): (usize, &&Contender)| self.player(seed, seat, contender);
        lineup.iter().enumerate().map(player).collect()
    }

    /// A table with somebody else in seat 0, and contenders behind.
    pub(crate) fn table_with(
        &self,
        first: Box<dyn Bot>,
        seed: Seed,
        others: &[Contender],
    ) -> Result<Table, CliError> {
        let mut bots = vec![first];
        for (seat, contender) in (1..).zip(others) {
            bots.push(self.player(seed, seat, contender)?.0);
        }
        Ok(Table::new(self.game(seed)?, bots))
    }

    fn player(
        &self,
        seed: Seed,
        seat: usize,
        contender: &Contender,
    ) -> Result<contender::Player, CliError> {
        let dice = seed.throw(Tick(0), Purpose::Bot, seat as u64, 0) >> 11;
        let id = PlayerId::from_index(seat);
        contender.player(id, seed.child(seat as u64), dice, &self.setting)
    }

    /// Plays a game to the end.
    pub(crate) fn play(&self, seed: Seed, lineup: &[&Contender]) -> Result<Played, CliError> {
        Ok(self.seat(seed, lineup)?.play(self.until, None))
    }

    /// Plays a game to the end, and keeps the replay.
    pub(crate) fn record(
        &self,
        seed: Seed,
        lineup: &[&Contender],
    ) -> Result<(Played, Replay), CliError> {
        let seated = self.seat(seed, lineup)?;
        let header = ReplayHeader::of(seated.table.session().game());
        let mut replay = Replay { header, batches: Vec::new() };
        Ok((seated.play(self.until, Some(&mut replay)), replay))
    }

    /// Plays a game that has begun on to its end, and adds it to a replay.
    pub(crate) fn resume(
        &self,
        session: Session,
        seed: Seed,
        lineup: &[&Contender],
        replay: Option<&mut Replay>,
    ) -> Result<Played, CliError> {
        let (bots, handles) = self.bots(seed, lineup)?.into_iter().unzip();
        let seated = Seated { table: Table::resume(session, bots), handles };
        Ok(seated.play(self.until, replay))
    }
}

impl Seated {
    fn play(mut self, until: Tick, mut replay: Option<&mut Replay>) -> Played {
        let (mut course, mut orders) = (Course::default(), 0);
        self.table.keep_log(replay.is_some());
        while let Some(step) = self.table.step(until) {
            if !step.is_visible() {
                continue;
            }
            orders += step.batch.orders.len() as u64;
            course.watch(self.table.session().game(), &step);
            if let Some(replay) = &mut replay {
                replay.batches.push(step.batch);
            }
        }
        self.played(course, orders)
    }

    fn played(self, course: Course, orders: u64) -> Played {
        let game = self.table.session().game();
        let state = game.state();
        let end = |(seat, handle): (usize, &Option<Handle>)| {
            let forfeit = handle.as_ref()?.end(game, PlayerId::from_index(seat))?;
            Some((seat, forfeit))
        };
        Played {
            winner: state.winner,
            reason: state.reason,
            ticks: game.tick().0,
            orders,
            hash: game.hash(),
            course,
            forfeits: self.handles.iter().enumerate().filter_map(end).collect(),
        }
    }
}
