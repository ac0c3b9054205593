//! A loading player: keeps its line, checks what it hears, and orders at an even pace.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use sovereign_core::wire::{FromClient, ToClient};
use sovereign_core::{Answer, Command};
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at, sleep, sleep_until};
use tokio_util::sync::CancellationToken;

use super::eye::{Eye, Table};
use super::line::{Line, Lost, Place};
use super::orders::{self, Dice, Habit};
use super::tally::Tally;

/// Wait before a lost line is opened again.
const PAUSE: Duration = Duration::from_millis(500);
/// A player of a storm stays for this long and up to as much more.
const STAY: Duration = Duration::from_secs(1);

/// A seat at a game.
#[derive(Clone, Debug)]
pub(super) struct Seat {
    pub(super) table: Arc<Table>,
    pub(super) place: Place,
    /// None for those who only watch.
    pub(super) token: Option<String>,
    pub(super) habit: Habit,
    /// Counts the seats of all games.
    pub(super) number: u32,
}

/// What all bots share.
#[derive(Clone, Debug)]
pub(super) struct World {
    pub(super) tally: Arc<Tally>,
    pub(super) stop: CancellationToken,
    /// Time between two orders of a player; none if nobody orders anything.
    pub(super) pace: Option<Duration>,
    /// Whether players come and go.
    pub(super) storm: bool,
}

/// Plays until the world stops.
pub(super) async fn play(seat: Seat, world: World) {
    let mut player = Player::new(seat, &world);
    while !world.stop.is_cancelled() {
        world.tally.open.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let ended = player.connection(&world).await;
        world.tally.open.fetch_sub(1, std::sync::atomic::Ordering::Relaxed);
        if let Err(lost) = ended {
            world.tally.lost(lost);
            sleep(PAUSE).await;
        }
    }
}

struct Player {
    seat: Seat,
    eye: Eye,
    dice: Dice,
    seq: u32,
    /// Orders without an answer, and since when.
    waiting: HashMap<u32, Instant>,
    pace: Option<Interval>,
}

impl Player {
    fn new(seat: Seat, world: &World) -> Self {
        let eye = Eye::new(Arc::clone(&seat.table), Arc::clone(&world.tally));
        let dice = Dice(7_000_000 + seat.number);
        let pace = world.pace.filter(|_| seat.habit != Habit::Watch).map(|pace| {
            // Evenly spread, so that orders do not all come in the same moment.
            let offset = pace.mul_f64(f64::from(seat.number) * 0.618 % 1.0);
            let mut ticks = interval_at(Instant::now() + offset, pace);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
            ticks
        });
        Self { seat, eye, dice, seq: 0, waiting: HashMap::new(), pace }
    }

    /// One connection, until it is lost, is broken off in a storm, or the world stops.
    async fn connection(&mut self, world: &World) -> Result<(), Lost> {
        self.eye.comes();
        let mut line = Line::open(&self.seat.place, false).await?;
        let (token, resume) = (self.seat.token.clone(), self.eye.resume());
        line.say(&FromClient::Hello { token, resume }).await?;
        let leave = self.leave_at(world);
        loop {
            tokio::select! {
                frame = line.next() => self.hear(&frame?, world),
                () = due(&mut self.pace) => self.order(&mut line, world).await?,
                () = until(leave) => return Ok(()),
                () = world.stop.cancelled() => return Ok(()),
            }
        }
    }

    fn leave_at(&mut self, world: &World) -> Option<Instant> {
        let more = STAY.mul_f64(f64::from(self.dice.below(1_000)) / 1_000.0);
        world.storm.then(|| Instant::now() + STAY + more)
    }

    fn hear(&mut self, frame: &[u8], world: &World) {
        match self.eye.see(frame) {
            Some(ToClient::Welcome(welcome)) => {
                self.seq = self.seq.max(welcome.last_seq);
                self.answered(&welcome.answers, world);
            }
            Some(ToClient::Tail { answers, .. }) => self.answered(&answers, world),
            Some(ToClient::Notice { code, .. }) => {
                world.tally.note(|counts| *counts.refused.entry(code).or_default() += 1);
            }
            _ => {}
        }
    }

    fn answered(&mut self, answers: &[Answer], world: &World) {
        for answer in answers {
            let Some(since) = self.waiting.remove(&answer.seq) else { continue };
            match answer.result {
                // The body of its tick, with the effect in it, comes before the answer.
                Ok(tick) if self.eye.is_in() && !self.eye.has_seen(tick) => {
                    world.tally.fault(format!("an answer comes before its effect at {tick}"));
                }
                Ok(_) => {
                    world.tally.time(|counts| &mut counts.effect, since.elapsed());
                    world.tally.note(|counts| counts.done += 1);
                }
                Err(reject) => {
                    let code = reject.code().to_owned();
                    world.tally.note(|counts| *counts.refused.entry(code).or_default() += 1);
                }
            }
        }
    }

    async fn order(&mut self, line: &mut Line, world: &World) -> Result<(), Lost> {
        let Some(command) = self.wish() else { return Ok(()) };
        self.seq += 1;
        self.waiting.insert(self.seq, Instant::now());
        world.tally.note(|counts| counts.orders += 1);
        line.say(&FromClient::Order { seq: self.seq, command }).await
    }

    fn wish(&mut self) -> Option<Command> {
        let you = self.eye.you.filter(|_| self.eye.is_in())?;
        let (dice, client) = (&mut self.dice, self.seat.number);
        match self.seat.habit {
            Habit::Watch => None,
            Habit::Play => self.eye.look(|view| orders::next(dice, view, you)).flatten(),
            Habit::Script(territories) => {
                Some(orders::scripted(dice, territories, client, self.seq + 1))
            }
        }
    }
}

async fn due(pace: &mut Option<Interval>) {
    match pace {
        Some(pace) => drop(pace.tick().await),
        None => std::future::pending().await,
    }
}

async fn until(moment: Option<Instant>) {
    match moment {
        Some(moment) => sleep_until(moment).await,
        None => std::future::pending().await,
    }
}
