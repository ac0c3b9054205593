//! The journal: what each change replaced, and what happened.

use alloc::vec::Vec;

use super::row::{
    ArmyRow, BattleRow, GameRow, PactRow, PlayerRow, Row, StrikeRow, SupplyRow, TerritoryRow,
};
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
    Strike(TerritoryId, StrikeRow),
    Supply(TerritoryId, SupplyRow),
    Event(Event),
}

impl Undo {
    pub(crate) const fn is_event(&self) -> bool {
        matches!(self, Self::Event(_))
    }

    /// The table of the row and its id there.
    pub(crate) fn place(&self) -> (u8, u32) {
        match self {
            Self::Game(_) => (0, 0),
            Self::Territory(id, _) => (1, id.0),
            Self::Player(id, _) => (2, u32::from(id.0)),
            Self::Army(id, _) => (3, id.0),
            Self::Battle(id, _) => (4, id.0),
            Self::Pact(index, _) => (5, *index),
            Self::Strike(id, _) => (6, id.0),
            Self::Supply(from, _) => (7, from.0),
            Self::Event(_) => (8, 0),
        }
    }

    /// What the row adds to the state's hash.
    #[inline(always)]
    pub(crate) fn row_hash(&self) -> u64 {
        match self {
            Self::Game(row) => row.hash(0),
            Self::Territory(id, row) => row.hash(id.0),
            Self::Player(id, row) => row.hash(u32::from(id.0)),
            Self::Army(id, row) => row.hash(id.0),
            Self::Battle(id, row) => row.hash(id.0),
            Self::Pact(index, row) => row.hash(*index),
            Self::Strike(id, row) => row.hash(id.0),
            Self::Supply(id, row) => row.hash(id.0),
            Self::Event(_) => 0,
        }
    }
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
    /// The first `len` of these; what comes after them is left from before and means nothing.
    entries: Vec<Undo>,
    len: usize,
    points: Vec<Point>,
    next_serial: u64,
}

impl Clone for Journal {
    /// A clone starts a history of its own, far from the serial numbers of the
    /// original, so that each knows the other's marks as foreign.
    fn clone(&self) -> Self {
        Self { next_serial: self.foreign_serial(), ..Self::default() }
    }

    /// Of two histories the one that is thrown away leaves no serial number to be met again.
    fn clone_from(&mut self, source: &Self) {
        self.next_serial = self.next_serial.max(source.foreign_serial());
        self.commit();
    }
}

impl Journal {
    /// Where the next entry is to be written: so a row is copied once, from its table.
    #[inline(always)]
    pub(super) fn next(&mut self) -> &mut Undo {
        if self.len == self.entries.len() {
            self.grow();
        }
        self.len += 1;
        &mut self.entries[self.len - 1]
    }

    #[cold]
    fn grow(&mut self) {
        const FEWEST: usize = 32;
        let room = FEWEST.max(self.entries.len() * 2);
        self.entries.resize(room, Undo::Game(GameRow::BLANK));
    }

    fn foreign_serial(&self) -> u64 {
        self.next_serial.wrapping_add(1 << 32)
    }

    pub(super) fn mark(&mut self, tick: Tick, unjudged: bool) -> Mark {
        let serial = self.next_serial;
        self.next_serial += 1;
        let position = self.len;
        self.points.push(Point { position, tick, unjudged, serial });
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

    /// Whether there is a moment to go back to.
    pub(super) const fn is_marked(&self) -> bool {
        !self.points.is_empty()
    }

    /// Lets all marks die.
    pub(super) fn unmark(&mut self) {
        self.points.clear();
    }

    pub(crate) fn pop_above(&mut self, position: usize) -> Option<Undo> {
        if self.len <= position {
            return None;
        }
        self.len -= 1;
        self.entries.get(self.len).copied()
    }

    pub(crate) fn events(&self) -> impl Iterator<Item = Event> + '_ {
        self.all().iter().filter_map(|undo| match undo {
            Undo::Event(event) => Some(*event),
            _ => None,
        })
    }

    /// What was replaced since the last commit, oldest first.
    pub(crate) fn all(&self) -> &[Undo] {
        &self.entries[..self.len]
    }

    pub(crate) fn commit(&mut self) {
        self.len = 0;
        self.points.clear();
    }
}
