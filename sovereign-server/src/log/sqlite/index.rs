//! The index in memory: for each game its epoch and where its entries lie.

use std::collections::HashMap;

use rusqlite::Connection;

use super::super::row::{self, Head, Place};
use super::super::{GameId, LogError, Position};

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
    /// Entry n lies at position n - 1.
    spans: Vec<Span>,
    /// Number of the entry that is missing or out of order, if any.
    damaged: Option<u64>,
}

/// All games of the log, and how many entries of each row are still needed.
#[derive(Debug, Default)]
pub(super) struct Index {
    games: HashMap<GameId, Game>,
    needed: HashMap<i64, usize>,
    /// Rows that no game needs any more, to be deleted bit by bit.
    garbage: Vec<i64>,
    last_row: i64,
}

/// Reads the index of the whole file; rows of games without an owner are garbage.
pub(super) fn read(connection: &Connection, owners: Vec<(GameId, u64)>) -> rusqlite::Result<Index> {
    let mut index = Index::default();
    for (game, epoch) in owners {
        index.own(game, epoch);
    }
    index.catch_up(connection)?;
    Ok(index)
}

impl Index {
    /// Makes `epoch` the one that may append to `game`.
    pub(super) fn own(&mut self, game: GameId, epoch: u64) {
        self.games.entry(game).or_default().epoch = epoch;
    }

    pub(super) fn position(&self, game: GameId) -> Option<Position> {
        let known = self.games.get(&game)?;
        Some(Position { epoch: known.epoch, seq: known.spans.len() as u64 })
    }

    /// Where the entries from number `seq` on lie.
    pub(super) fn spans(&self, game: GameId, seq: u64) -> Result<Vec<Span>, LogError> {
        let known = self.games.get(&game).ok_or(LogError::Unknown(game))?;
        if let Some(number) = known.damaged {
            return Err(LogError::Corrupt(format!("entry {number} of game {game}")));
        }
        let from = usize::try_from(seq.saturating_sub(1)).unwrap_or(usize::MAX);
        Ok(known.spans.get(from..).unwrap_or_default().to_vec())
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
            needed += 1;
            if head.seq == game.spans.len() as u64 + 1 {
                game.spans.push(Span::new(id, head.place));
            } else {
                game.damaged.get_or_insert(game.spans.len() as u64 + 1);
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
        for span in known.spans {
            let Some(needed) = self.needed.get_mut(&span.row) else { continue };
            *needed -= 1;
            if *needed == 0 {
                self.needed.remove(&span.row);
                self.garbage.push(span.row);
            }
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
