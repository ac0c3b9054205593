//! A table of bots that play a session against each other: what simulations, tests
//! and benchmarks run.

use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::{Alarm, Bot, by_name};
use crate::command::{Command, Order, SystemOrder};
use crate::game::{Game, SetupError};
use crate::id::PlayerId;
use crate::map::Map;
use crate::quantity::{TICK_MAX, Tick};
use crate::replay::{Replay, ReplayHeader};
use crate::rng::Seed;
use crate::rules::Rules;
use crate::session::{News, Session, Step};
use crate::state::Phase;
use crate::view::View;

/// A session in which every seat is a bot's.
///
/// A bot that wakes at a tick sees the game as it is after that tick; its orders are
/// carried out in the next one, like those of anybody whose wishes need a moment to
/// arrive. Ticks in which no bot wakes and nothing falls due are skipped, so a game
/// costs what happens in it. Everything is decided by map, rules, seed and bots.
///
/// ```
/// use sovereign_core::bot::Table;
/// use sovereign_core::{Phase, Rules, Seed, map, quantity::Tick};
///
/// let map = map::generate::grid(8, 6).into();
/// let rules = Rules::preset("classic").unwrap().into();
/// let mut table = Table::named(map, rules, Seed::from(7), &["expander", "random"])?;
/// table.play(Tick(200_000), |_| {});
/// assert_eq!(table.session().game().state().phase, Phase::Finished);
/// # Ok::<(), sovereign_core::bot::TableError>(())
/// ```
pub struct Table {
    session: Session,
    seats: Vec<Chair>,
    /// What is carried out at the next tick.
    orders: Vec<Order>,
    /// When the next bot wakes.
    next_wake: Tick,
    /// Memory for the orders of the tick after.
    spare: Vec<Order>,
    /// Memory for what a bot wishes.
    wishes: Vec<Command>,
}

/// A bot in its seat.
struct Chair {
    bot: Box<dyn Bot>,
    alarm: Alarm,
    seq: u32,
}

/// Why there can be no such table.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// No bot has this name.
    #[error("there is no bot '{name}'; the bots are {}", super::NAMES.join(", "))]
    Unknown {
        /// The name that was asked for.
        name: String,
    },
    /// There can be no such game.
    #[error(transparent)]
    Setup(#[from] SetupError),
}

impl Table {
    /// Seats bots at a game in its lobby, the first bot in seat 0, and starts it. Seats
    /// without a bot stay open.
    #[must_use]
    pub fn new(game: Game, bots: Vec<Box<dyn Bot>>) -> Self {
        let seats = game.rules().seats.clone();
        let sit = |seat| {
            let player = PlayerId::from_index(seat);
            SystemOrder::Join { player, bot: true, team: seats.team_of(player) }
        };
        let joins = (0..bots.len()).map(sit).chain([SystemOrder::Start]);
        let orders = joins.map(Order::System).collect();
        let chair = |bot| Chair { bot, alarm: Alarm::default(), seq: 0 };
        let seats = bots.into_iter().map(chair).collect();
        let session = Session::new(game);
        Self::of(session, seats, orders)
    }

    /// Seats bots at a game that has begun, the first in seat 0: what is played on from a
    /// position.
    #[must_use]
    pub fn resume(session: Session, bots: Vec<Box<dyn Bot>>) -> Self {
        let chair = |bot| Chair { bot, alarm: Alarm::default(), seq: 0 };
        let seats = bots.into_iter().map(chair).collect();
        Self::of(session, seats, Vec::new())
    }

    fn of(session: Session, seats: Vec<Chair>, orders: Vec<Order>) -> Self {
        let next_wake = Tick(0);
        Self { session, seats, orders, next_wake, spare: Vec::new(), wishes: Vec::new() }
    }

    /// A table of shipped bots, one a seat. Their dice come from the game's seed.
    ///
    /// # Errors
    /// If a name is unknown or there are too few or too many seats.
    pub fn named(
        map: Arc<Map>,
        rules: Arc<Rules>,
        seed: Seed,
        names: &[&str],
    ) -> Result<Self, TableError> {
        let seats = u16::try_from(names.len()).unwrap_or(u16::MAX);
        let game = Game::new(map, rules, seed, seats)?;
        let unknown = |name: &str| TableError::Unknown { name: name.to_string() };
        let bot = |(seat, name): (usize, &&str)| {
            by_name(name, seed.child(seat as u64)).ok_or_else(|| unknown(name))
        };
        let bots = names.iter().enumerate().map(bot).collect::<Result<_, _>>()?;
        Ok(Self::new(game, bots))
    }

    /// The session as it is now.
    #[must_use]
    pub const fn session(&self) -> &Session {
        &self.session
    }

    /// Plays on to the next tick in which something falls due or is ordered, but not
    /// past `until`. `None` when the game is over or `until` is reached.
    pub fn step(&mut self, until: Tick) -> Option<Step> {
        self.rest_until(until).then(|| self.play_on())
    }

    /// Lets time pass up to the next tick in which something falls due or is ordered. Says
    /// whether there is one.
    fn rest_until(&mut self, until: Tick) -> bool {
        loop {
            let game = self.session.game();
            if game.rows().phase() == Phase::Finished || game.tick() >= until {
                return false;
            }
            let wake = self.next_wake.min(until);
            if !self.orders.is_empty() || self.session.rest_until(wake) < wake {
                return true;
            }
            self.wake();
        }
    }

    #[inline]
    fn play_on(&mut self) -> Step {
        let spare = core::mem::take(&mut self.spare);
        let step = self.session.step(core::mem::replace(&mut self.orders, spare));
        self.wake();
        step
    }

    /// Whether batches state the game's hash: see [`Session::keep_log`].
    pub const fn keep_log(&mut self, keep: bool) {
        self.session.keep_log(keep);
    }

    /// What is learned of the last step: see [`Session::news`].
    pub fn news(&mut self) -> News {
        self.session.news()
    }

    /// Plays until the game is over or `until` is reached, showing each visible step.
    pub fn play(&mut self, until: Tick, mut each: impl FnMut(&Step)) {
        while self.rest_until(until) {
            let step = self.play_on();
            if step.is_visible() {
                each(&step);
            }
            self.recycle(step.batch.orders);
        }
    }

    /// Takes the memory of orders that nobody needs any more for those to come.
    fn recycle(&mut self, mut done: Vec<Order>) {
        done.clear();
        self.spare = done;
    }

    /// Plays like [`Table::play`], and keeps the replay.
    pub fn record(&mut self, until: Tick) -> Replay {
        let header = ReplayHeader::of(self.session.game());
        let mut batches = Vec::new();
        self.keep_log(true);
        self.play(until, |step| batches.push(step.batch.clone()));
        Replay { header, batches }
    }

    /// Wakes every bot whose time has come; their wishes wait for the next tick.
    #[inline]
    fn wake(&mut self) {
        let game = self.session.game();
        // Where there are turns, one may begin at any time.
        let turns = game.rules().turns.are_on();
        if game.tick() >= self.next_wake || turns {
            self.wake_who_is_due(turns);
        }
    }

    fn wake_who_is_due(&mut self, turns: bool) {
        let (game, now) = (self.session.game(), self.session.game().tick());
        let mut next = Tick(TICK_MAX);
        for (seat, chair) in self.seats.iter_mut().enumerate() {
            if chair.alarm.wake() <= now || turns {
                let player = PlayerId::from_index(seat);
                chair.look(&game.view(Some(player)), player, &mut self.wishes, &mut self.orders);
            }
            next = next.min(chair.alarm.wake());
        }
        self.next_wake = next;
    }
}

impl Chair {
    /// If it is time, asks the bot what it wishes and when it wants to be woken next: if it is
    /// out, never.
    fn look(
        &mut self,
        view: &View<'_>,
        player: PlayerId,
        wishes: &mut Vec<Command>,
        orders: &mut Vec<Order>,
    ) {
        if !self.alarm.rings(view, player) {
            return;
        }
        if !view.is_playing(player) {
            return self.alarm.set(view, Tick(TICK_MAX));
        }
        let wake = self.bot.wake(view, wishes);
        self.alarm.set(view, wake);
        for command in wishes.iter() {
            self.seq += 1;
            orders.push(Order::Bot { player, seq: self.seq, command: *command });
        }
        wishes.clear();
    }
}
