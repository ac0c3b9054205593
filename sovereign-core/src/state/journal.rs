//! The journal: what each change replaced, and what happened.

use alloc::vec::Vec;

use super::row::{ArmyRow, BattleRow, GameRow, PactRow, PlayerRow, TerritoryRow};
use crate::event::Event;
use crate::id::{ArmyId, PlayerId, TerritoryId};
use crate::quantity::Tick;

/// A row to put (back), or an event to forget.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Undo {
    Game(GameRow),
    Territory(TerritoryId, TerritoryRow),
    Player(PlayerId, PlayerRow),
    Army(ArmyId, ArmyRow),
    Battle(TerritoryId, BattleRow),
    Pact(u32, PactRow),
    Event(Event),
}

/// A point in a game's history that [`crate::Game::rollback`] can return to.
///
/// A mark dies when it is rolled back to, when an earlier one is, and at
/// [`crate::Game::commit`]. Marks of a game mean nothing to its clones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "a mark is there to be rolled back to"]
pub struct Mark {
    depth: usize,
    serial: u64,
}

/// A mark that can no longer be returned to: history before it was committed or
/// undone, or it belongs to another game. The game is unchanged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this mark is dead: its history was committed or undone, or it is another game's")]
pub struct DeadMark;

/// Where a mark points to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Point {
    pub(crate) position: usize,
    pub(crate) tick: Tick,
    pub(crate) unjudged: bool,
    serial: u64,
}

#[derive(Debug, Default)]
pub(crate) struct Journal {
    entries: Vec<Undo>,
    points: Vec<Point>,
    next_serial: u64,
}

impl Clone for Journal {
    /// A clone starts a history of its own, far from the serial numbers of the
    /// original, so that each knows the other's marks as foreign.
    fn clone(&self) -> Self {
        let next_serial = self.next_serial.wrapping_add(1 << 32);
        Self { entries: Vec::new(), points: Vec::new(), next_serial }
    }
}

impl Journal {
    pub(crate) fn push(&mut self, undo: Undo) {
        self.entries.push(undo);
    }

    pub(crate) fn mark(&mut self, tick: Tick, unjudged: bool) -> Mark {
        let serial = self.next_serial;
        self.next_serial += 1;
        self.points.push(Point { position: self.entries.len(), tick, unjudged, serial });
        Mark { depth: self.points.len() - 1, serial }
    }

    fn point(&self, mark: Mark) -> Result<Point, DeadMark> {
        let point = self.points.get(mark.depth).filter(|point| point.serial == mark.serial);
        point.copied().ok_or(DeadMark)
    }

    /// Kills `mark` and all later ones, and says where it pointed.
    pub(crate) fn take(&mut self, mark: Mark) -> Result<Point, DeadMark> {
        let point = self.point(mark)?;
        self.points.truncate(mark.depth);
        Ok(point)
    }

    pub(crate) fn pop_above(&mut self, position: usize) -> Option<Undo> {
        if self.entries.len() > position { self.entries.pop() } else { None }
    }

    pub(crate) fn events(&self) -> impl Iterator<Item = Event> + '_ {
        self.entries.iter().filter_map(|undo| match undo {
            Undo::Event(event) => Some(*event),
            _ => None,
        })
    }

    /// What was replaced since the last commit, oldest first.
    pub(crate) fn all(&self) -> &[Undo] {
        &self.entries
    }

    pub(crate) fn commit(&mut self) {
        self.entries.clear();
        self.points.clear();
    }
}
