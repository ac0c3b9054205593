//! The index in memory: for each game its epoch and where its entries lie.

use std::collections::{HashMap, HashSet, VecDeque};

use rusqlite::Connection;

use super::super::row::{self, Head, Place};
use super::super::{GameId, LogError, Position};
use crate::store::sqlite::Owner;

/// Where an entry lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) row: i64,
    pub(super) offset: u32,
    pub(super) len: u32,
}

impl Span {
    fn new(row: i64, place: Place) -> Self {
        // A row is one SQLite blob, at most a gigabyte.
        Self { row, offset: place.offset as u32, len: place.len as u32 }
    }
}

#[derive(Debug, Default)]
struct Game {
    epoch: u64,
    /// Entries up to this number are kept elsewhere.
    base: u64,
    /// Entry n lies at position n - base - 1.
    spans: VecDeque<Span>,
    /// Number of the entry that is missing or out of order, if any.
    damaged: Option<u64>,
}

impl Game {
    fn last(&self) -> u64 {
        self.base + self.spans.len() as u64
    }
}

/// Where a game's entries from some number on lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Located {
    /// Entries up to this number are kept elsewhere.
    pub(super) base: u64,
    /// Number of the first entry that the spans hold.
    pub(super) first: u64,
    pub(super) spans: Vec<Span>,
}

/// All games of the log, and how many entries of each row are still needed.
#[derive(Debug, Default)]
pub(super) struct Index {
    games: HashMap<GameId, Game>,
    needed: HashMap<i64, usize>,
    /// Rows that no game needs any more, to be deleted bit by bit.
    garbage: Vec<i64>,
    last_row: i64,
    /// Games whose owner was to change when the database failed.
    in_doubt: HashSet<GameId>,
}

/// Reads the index of the whole file; rows of games without an owner are garbage.
pub(super) fn read(connection: &Connection, owners: Vec<Owner>) -> rusqlite::Result<Index> {
    let mut index = Index::default();
    for Owner { game, epoch, base } in owners {
        index.games.insert(game, Game { epoch, base, ..Game::default() });
    }
    index.catch_up(connection)?;
    Ok(index)
}

impl Index {
    /// Makes `epoch` the one that may append to `game`, unless a later one does already.
    pub(super) fn own(&mut self, game: GameId, epoch: u64) {
        let known = self.games.entry(game).or_default();
        known.epoch = known.epoch.max(epoch);
    }

    /// From now on the epoch of this game must be read back before it is told.
    pub(super) fn doubt(&mut self, game: GameId) {
        self.in_doubt.insert(game);
    }

    pub(super) fn is_in_doubt(&self, game: GameId) -> bool {
        self.in_doubt.contains(&game)
    }

    /// The doubt is over: this epoch was read back, or none, and then there is no such game.
    pub(super) fn settle(&mut self, game: GameId, epoch: Option<u64>) {
        self.in_doubt.remove(&game);
        if let Some(epoch) = epoch {
            self.own(game, epoch);
        }
    }

    pub(super) fn position(&self, game: GameId) -> Option<Position> {
        let known = self.games.get(&game)?;
        Some(Position { epoch: known.epoch, seq: known.last() })
    }

    /// Where the entries from number `seq` on lie.
    pub(super) fn locate(&self, game: GameId, seq: u64) -> Result<Located, LogError> {
        let known = self.games.get(&game).ok_or(LogError::Unknown(game))?;
        if let Some(number) = known.damaged {
            return Err(LogError::Corrupt(format!("entry {number} of game {game}")));
        }
        let first = seq.max(known.base + 1);
        let passed = usize::try_from(first - known.base - 1).unwrap_or(usize::MAX);
        let spans = known.spans.iter().skip(passed).copied().collect();
        Ok(Located { base: known.base, first, spans })
    }

    /// The number of the next row: never one that was used before.
    pub(super) const fn next_row(&self) -> i64 {
        self.last_row + 1
    }

    /// Takes in the rows that were written since the last one known.
    pub(super) fn catch_up(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        let mut statement =
            connection.prepare_cached("SELECT id, entries FROM flush WHERE id > ?1 ORDER BY id")?;
        let mut rows = statement.query([self.last_row])?;
        while let Some(found) = rows.next()? {
            let id = found.get(0)?;
            self.take_in(id, row::heads(found.get_ref(1)?.as_blob()?));
        }
        Ok(())
    }

    /// Takes in one durable row.
    pub(super) fn take_in(&mut self, id: i64, heads: impl Iterator<Item = Head>) {
        self.last_row = self.last_row.max(id);
        let mut needed = 0;
        for head in heads {
            let Some(game) = self.games.get_mut(&head.game) else { continue };
            if head.seq <= game.base {
                continue;
            }
            needed += 1;
            let next = game.last() + 1;
            if head.seq == next {
                game.spans.push_back(Span::new(id, head.place));
            } else {
                game.damaged.get_or_insert(next);
            }
        }
        if needed == 0 {
            self.garbage.push(id);
        } else {
            self.needed.insert(id, needed);
        }
    }

    /// Forgets a game; rows that only it needed become garbage.
    pub(super) fn forget(&mut self, game: GameId) {
        let Some(known) = self.games.remove(&game) else { return };
        known.spans.iter().for_each(|span| self.let_go(span.row));
    }

    /// Entries of `game` up to number `base` are kept elsewhere from now on.
    pub(super) fn retire(&mut self, game: GameId, base: u64) {
        let Some(known) = self.games.get_mut(&game) else { return };
        let retired = base.saturating_sub(known.base);
        let retired = usize::try_from(retired).unwrap_or(usize::MAX).min(known.spans.len());
        known.base += retired as u64;
        let retired: Vec<Span> = known.spans.drain(..retired).collect();
        retired.iter().for_each(|span| self.let_go(span.row));
    }

    /// An entry of this row is no longer needed.
    fn let_go(&mut self, row: i64) {
        let Some(needed) = self.needed.get_mut(&row) else { return };
        *needed -= 1;
        if *needed == 0 {
            self.needed.remove(&row);
            self.garbage.push(row);
        }
    }

    /// Some rows to delete with the next commit, at most `most`.
    pub(super) fn garbage(&self, most: usize) -> &[i64] {
        &self.garbage[self.garbage.len().saturating_sub(most)..]
    }

    /// The last `count` rows of garbage have been deleted.
    pub(super) fn deleted(&mut self, count: usize) {
        self.garbage.truncate(self.garbage.len().saturating_sub(count));
    }
}
