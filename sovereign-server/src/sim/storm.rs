//! What goes wrong, for how long, and how it comes right again.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::dice::Dice;
use super::fleet::{Fleet, NODES};
use super::net::End;
use super::postgres::Weather;
use super::world::{CROWD, GAMES};
use crate::room::ToRoom;

/// Rooms that fail in one world.
const PANICS: u32 = 2;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// A process dies; another of its name begins later.
    Kill(usize),
    /// A process stops and goes on.
    Stop(usize),
    /// A process is told to leave, and killed if it takes too long; another one begins.
    Drain(usize),
    /// Nothing gets from one end to another.
    Cut(End, End),
    /// The log does badly.
    Weather(Weather),
    /// The log dies with what it had not synced.
    Crash,
    /// A game's row is locked.
    Lock(usize),
    /// The network is slow.
    Rough,
    /// A node takes a game whose owner lives.
    Suspect(usize, usize),
    /// A room fails.
    Panic(usize, usize),
}

impl Fault {
    pub(super) fn of(dice: Dice) -> Self {
        let node = dice.of("node").below(NODES as u64) as usize;
        let game = dice.of("game").below(GAMES as u64) as usize;
        let person = dice.of("person").below(CROWD as u64) as usize;
        match dice.of("kind").below(27) {
            0..=2 => Self::Kill(node),
            3..=5 => Self::Stop(node),
            6 => Self::Cut(End::Node(node), End::Beats),
            7 => Self::Cut(End::Node(node), End::Log),
            8 => Self::Cut(End::Log, End::Node(node)),
            9 => Self::Cut(End::Node(node), End::Person(person)),
            10 => Self::Cut(End::Person(person), End::Node(node)),
            11 => Self::Weather(Weather::Full),
            12 => Self::Weather(Weather::Stuck),
            13..=15 => Self::Weather(Weather::Rough),
            16 => Self::Crash,
            17 => Self::Lock(game),
            18 | 19 => Self::Rough,
            20..=22 => Self::Suspect(game, node),
            23..=25 => Self::Drain(node),
            _ => Self::Panic(game, node),
        }
    }
}

/// What goes wrong now.
#[derive(Debug)]
pub(super) struct Storm {
    fleet: Arc<Fleet>,
    faults: Vec<(Instant, Fault)>,
    panics: u32,
}

impl Storm {
    pub(super) const fn new(fleet: Arc<Fleet>) -> Self {
        Self { fleet, faults: Vec::new(), panics: 0 }
    }

    pub(super) fn begin(&mut self, fault: Fault, time: Duration) {
        if matches!(fault, Fault::Panic(..)) {
            // A room that fails again and again is frozen, as it should be.
            self.panics += 1;
            if self.panics > PANICS {
                return;
            }
        }
        let fleet = &self.fleet;
        super::show(|| format!("{:?} {fault:?} for {time:?}", fleet.base.elapsed()));
        match fault {
            Fault::Kill(node) => fleet.kill(node),
            Fault::Stop(node) => fleet.node(node).process.stop(),
            Fault::Drain(node) => fleet.drain(node),
            Fault::Cut(from, to) => fleet.net.cut(from, to),
            Fault::Weather(weather) => fleet.log.set(weather),
            Fault::Crash => fleet.log.crash(),
            Fault::Lock(game) => fleet.log.lock_game(Some(fleet.games[game].id)),
            Fault::Rough => fleet.net.set_rough(true),
            Fault::Suspect(game, node) => fleet.suspect(game, node),
            Fault::Panic(game, node) => self.panic(game, node),
        }
        self.faults.push((Instant::now() + time, fault));
    }

    fn panic(&self, game: usize, node: usize) {
        let Some(room) = self.fleet.node(node).room(self.fleet.games[game].id) else { return };
        tokio::spawn(async move { room.tell(ToRoom::Panic).await });
    }

    /// What has lasted long enough comes right.
    pub(super) fn heal(&mut self, now: Instant) {
        let over: Vec<_> = self.faults.extract_if(.., |(until, _)| *until <= now).collect();
        over.into_iter().for_each(|(_, fault)| self.heal_one(fault));
    }

    pub(super) fn heal_all(&mut self) {
        let all = std::mem::take(&mut self.faults);
        all.into_iter().for_each(|(_, fault)| self.heal_one(fault));
    }

    fn heal_one(&self, fault: Fault) {
        let fleet = &self.fleet;
        match fault {
            Fault::Kill(node) => fleet.restart(node),
            Fault::Stop(node) => fleet.node(node).process.go_on(),
            Fault::Drain(node) => fleet.end_drain(node),
            Fault::Cut(from, to) => fleet.net.mend(from, to),
            Fault::Weather(_) | Fault::Crash => fleet.log.set(Weather::Calm),
            Fault::Lock(_) => fleet.log.lock_game(None),
            Fault::Rough => fleet.net.set_rough(false),
            Fault::Suspect(..) | Fault::Panic(..) => {}
        }
    }
}
