//! The sum of the hashes of all rows, brought up to date only where somebody asks.
//!
//! A row that is written is open: its new hash is no part of the sum until the sum is settled,
//! and its old one leaves the sum no sooner than the journal forgets the old row. So a game
//! whose hash nobody wants hashes a row at most once, a search that goes back and forth hashes
//! none, and a log that takes the hash of every batch hashes each row of it twice, however
//! often it was written.

use alloc::vec;
use alloc::vec::Vec;

use super::journal::{Journal, Undo};
use super::row::{ArmyRow, BattleRow, Row, StrikeRow, SupplyRow};
use super::{Setting, State};
use crate::id::{ArmyId, TerritoryId};

/// The sum of the hashes that rows had when they were last closed.
#[derive(Clone, Debug)]
pub(super) struct RowSum {
    closed: u64,
    /// The rows that are open, each once.
    open: Vec<Open>,
    /// Their places as bits.
    is_open: Vec<u64>,
    /// Of so many of the open rows the old hash has left the sum.
    left: usize,
    tables: Tables,
}

#[derive(Clone, Copy, Debug)]
struct Open {
    place: u32,
    /// Where the journal keeps the row as it was. Of four thousand million entries memory
    /// would have run out before.
    kept: u32,
}

impl RowSum {
    /// A sum of rows none of which is open.
    pub(super) fn new(setting: &Setting, closed: u64) -> Self {
        let tables = Tables::new(setting);
        let is_open = vec![0; (tables.armies as usize).div_ceil(64)];
        Self { closed, open: Vec::new(), is_open, left: 0, tables }
    }

    /// Takes over the sum of a state whose journal is not taken over.
    pub(super) fn copy(&mut self, source: &Self, journal: &Journal) {
        self.open.clone_from(&source.open);
        self.is_open.clone_from(&source.is_open);
        (self.closed, self.left, self.tables) = (source.closed, source.left, source.tables);
        self.leave(journal);
    }

    /// A row is written: the journal keeps at `kept` how it was.
    #[inline(always)]
    pub(super) fn open(&mut self, change: &Undo, kept: usize) {
        let Some(place) = self.tables.place(change) else { return };
        let (word, bit) = (place as usize / 64, 1 << (place % 64));
        match self.is_open.get_mut(word) {
            Some(bits) if *bits & bit != 0 => return,
            Some(bits) => *bits |= bit,
            None => self.grow(word, bit),
        }
        self.open.push(Open { place, kept: kept as u32 });
    }

    /// Armies are the last table, which has no end.
    #[cold]
    fn grow(&mut self, word: usize, bit: u64) {
        self.is_open.resize(word + 1, 0);
        self.is_open[word] = bit;
    }

    /// The journal is about to be forgotten, and with it how the open rows were.
    pub(super) fn leave(&mut self, journal: &Journal) {
        self.closed = self.without_old(journal);
        self.left = self.open.len();
    }

    fn without_old(&self, journal: &Journal) -> u64 {
        let old = self.open[self.left..].iter().map(|open| journal.all()[open.kept as usize]);
        old.fold(self.closed, |sum, row| sum.wrapping_sub(row.row_hash()))
    }

    /// How many rows are open: what a mark remembers.
    pub(super) fn count_open(&self) -> usize {
        self.open.len()
    }

    /// Closes all rows but the first `keep`, whose values are again what they were.
    pub(super) fn close(&mut self, keep: usize) {
        for open in self.open.drain(keep..) {
            self.is_open[open.place as usize / 64] &= !(1 << (open.place % 64));
        }
    }
}

/// Where each table begins, if the rows of all of them are numbered through.
#[derive(Clone, Copy, Debug)]
struct Tables {
    pacts: u32,
    territories: u32,
    battles: u32,
    strikes: u32,
    supplies: u32,
    armies: u32,
}

impl Tables {
    /// The game's row comes first, then the players.
    const PLAYERS: u32 = 1;

    fn new(setting: &Setting) -> Self {
        let (seats, lands) = (u32::from(setting.seats), setting.map.len() as u32);
        let pacts = Self::PLAYERS + seats;
        let territories = pacts + seats * seats.saturating_sub(1) / 2;
        let [battles, strikes, supplies, armies] = [1, 2, 3, 4].map(|n| territories + n * lands);
        Self { pacts, territories, battles, strikes, supplies, armies }
    }

    #[inline(always)]
    fn place(&self, of: &Undo) -> Option<u32> {
        Some(match of {
            Undo::Game(_) => 0,
            Undo::Player(id, _) => Self::PLAYERS + u32::from(id.0),
            Undo::Pact(index, _) => self.pacts + index,
            Undo::Territory(id, _) => self.territories + id.0,
            Undo::Battle(id, _) => self.battles + id.0,
            Undo::Strike(id, _) => self.strikes + id.0,
            Undo::Supply(id, _) => self.supplies + id.0,
            Undo::Army(id, _) => self.armies + id.0,
            Undo::Event(_) => return None,
        })
    }
}

impl State {
    /// The wrapping sum of the hashes of all rows. O(rows written since it was settled).
    pub(crate) fn rows_hash(&self) -> u64 {
        let open = self.sum.open.iter().map(|open| self.hash_at(open.place));
        open.fold(self.sum.without_old(&self.journal), u64::wrapping_add)
    }

    /// Brings the sum up to date. Not while there are marks: going back to one relies on
    /// what was open then.
    pub(crate) fn settle_hash(&mut self) {
        debug_assert!(!self.journal.is_marked(), "a mark needs the sum as it was");
        self.sum.closed = self.rows_hash();
        self.sum.close(0);
        self.sum.left = 0;
    }

    fn hash_at(&self, place: u32) -> u64 {
        let Tables { pacts, territories, battles, strikes, supplies, armies } = self.sum.tables;
        if place >= armies {
            let id = ArmyId(place - armies);
            self.army(id).unwrap_or(&ArmyRow::BLANK).hash(id.0)
        } else if place >= supplies {
            let id = TerritoryId(place - supplies);
            self.supplies.get(id).unwrap_or(&SupplyRow::BLANK).hash(id.0)
        } else if place >= strikes {
            let id = TerritoryId(place - strikes);
            self.strikes.get(id).unwrap_or(&StrikeRow::BLANK).hash(id.0)
        } else if place >= battles {
            let id = TerritoryId(place - battles);
            self.battles.get(id).unwrap_or(&BattleRow::BLANK).hash(id.0)
        } else if place >= territories {
            let id = place - territories;
            self.territories[id as usize].hash(id)
        } else if place >= pacts {
            self.pacts[(place - pacts) as usize].hash(place - pacts)
        } else if place >= Tables::PLAYERS {
            let id = place - Tables::PLAYERS;
            self.players[id as usize].hash(id)
        } else {
            self.game.hash(0)
        }
    }
}
