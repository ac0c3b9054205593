//! The log on one machine: `log.db`, append-only, one row per flush.
//!
//! The writer thread alone writes it, with `synchronous=FULL`; checkpoints run in a
//! thread of their own, off the commit path; epochs and snapshots are in `main.db`.

mod checkpoint;
mod index;
mod writer;

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, OpenFlags, OptionalExtension};

use self::checkpoint::Checkpoints;
use self::index::{Index, Located, Span};
use self::writer::Writer;
use super::{CommandLog, Entry, GameId, LogError, Outcome, Position, Snapshot, row};
use crate::store::StoreError;
use crate::store::sqlite::{LogPart, Owner, SqliteStore};

/// The log of a single node.
#[derive(Debug)]
pub struct SqliteLog {
    store: SqliteStore,
    index: Arc<Mutex<Index>>,
    reader: Arc<Mutex<Connection>>,
    writer: Writer,
    _checkpoints: Checkpoints,
}

impl SqliteLog {
    /// Opens or makes `log.db` in `folder`, whose lock the caller holds, and reads its
    /// index. Epochs come from `store`. Time is proportional to the rows.
    ///
    /// # Errors
    /// [`LogError::Storage`] when the file cannot be used or would not be durable.
    pub async fn open(folder: &Path, store: SqliteStore) -> Result<Self, LogError> {
        let owners = store.owners().await.map_err(storage)?;
        let path = folder.join("log.db");
        let opened = tokio::task::spawn_blocking(move || {
            let connection = writer::connect(&path)?;
            Self::start(&path, connection, owners, store).map_err(storage)
        });
        opened.await.map_err(storage)?
    }

    fn start(
        path: &Path,
        connection: Connection,
        owners: Vec<Owner>,
        store: SqliteStore,
    ) -> rusqlite::Result<Self> {
        let index = Arc::new(Mutex::new(index::read(&connection, owners)?));
        let reader = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        let reader = Arc::new(Mutex::new(reader));
        let writer = Writer::start(connection, Arc::clone(&index))?;
        Ok(Self { store, index, reader, writer, _checkpoints: Checkpoints::start(path)? })
    }

    /// Lets the file grow to at most `bytes`; an append beyond fails as on a full disk.
    ///
    /// # Errors
    /// [`LogError::Storage`].
    pub async fn limit_size(&self, bytes: u64) -> Result<(), LogError> {
        self.writer.call(move |state| state.limit_size(bytes)).await
    }

    /// The entries that `located` names, as their rows hold them.
    async fn rows(&self, game: GameId, located: Located) -> Result<Vec<u8>, LogError> {
        let reader = Arc::clone(&self.reader);
        let read = move || read_spans(&lock(&reader), game, &located);
        tokio::task::spawn_blocking(read).await.map_err(storage)?
    }

    /// The entries of a game from number `seq` on, as rows and parts hold them.
    async fn bytes_from(&self, game: GameId, seq: u64) -> Result<Vec<u8>, LogError> {
        loop {
            let located = self.index().locate(game, seq)?;
            let base = located.base;
            let parts = if seq > base { Vec::new() } else { self.parts(game, seq).await? };
            let rows = self.rows(game, located).await;
            // Meanwhile entries may have left the rows: then they are in the parts.
            if rows.is_err() && self.index().locate(game, seq)?.base > base {
                continue;
            }
            return Ok([parts, rows?].concat());
        }
    }

    async fn parts(&self, game: GameId, seq: u64) -> Result<Vec<u8>, LogError> {
        Ok(self.store.log_parts(game, seq).await.map_err(storage)?.concat())
    }

    /// What leaves `log.db` with the next snapshot: entries up to the newest one before it.
    async fn leaving(&self, snapshot: &Snapshot) -> Result<Option<LogPart>, LogError> {
        let game = snapshot.game;
        let newest = self.store.newest_snapshot(game).await.map_err(storage)?;
        let Some(last) = newest.filter(|seq| *seq < snapshot.seq) else { return Ok(None) };
        let mut located = self.index().locate(game, 0)?;
        let leaving = usize::try_from(last.saturating_sub(located.base)).unwrap_or(usize::MAX);
        if leaving == 0 || leaving > located.spans.len() {
            return Ok(None);
        }
        located.spans.truncate(leaving);
        Ok(Some(LogPart { last, entries: self.rows(game, located).await? }))
    }

    /// Who owns the game is not known: the change may be durable although it failed.
    fn doubt(&self, game: GameId, error: &StoreError) -> LogError {
        self.index().doubt(game);
        storage(error)
    }

    fn index(&self) -> MutexGuard<'_, Index> {
        lock(&self.index)
    }
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // The index is updated after a commit, in one step that cannot panic half-way.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(super) fn storage(error: impl ToString) -> LogError {
    LogError::Storage(error.to_string())
}

impl CommandLog for SqliteLog {
    async fn create(&self, game: GameId) -> Result<Position, LogError> {
        if let Some(known) = self.index().position(game) {
            return Err(LogError::Taken { game, epoch: known.epoch });
        }
        self.store.create_owner(game).await.map_err(|error| self.doubt(game, &error))?;
        self.index().own(game, 1);
        Ok(Position { epoch: 1, seq: 0 })
    }

    async fn claim(&self, game: GameId, seen: u64) -> Result<Position, LogError> {
        let raised = self.store.raise_epoch(game, seen).await;
        let raised = raised.map_err(|error| self.doubt(game, &error))?;
        let mut index = self.index();
        if raised {
            index.own(game, seen + 1);
        }
        let position = index.position(game).ok_or(LogError::Unknown(game))?;
        if raised { Ok(position) } else { Err(LogError::Taken { game, epoch: position.epoch }) }
    }

    async fn append(&self, entries: Vec<Entry>) -> Result<Vec<Outcome>, LogError> {
        self.writer.call(move |state| state.append(&entries)).await
    }

    async fn position(&self, game: GameId) -> Result<Position, LogError> {
        if self.index().is_in_doubt(game) {
            let epoch = self.store.epoch(game).await.map_err(storage)?;
            self.index().settle(game, epoch);
        }
        self.writer.call(move |state| state.position(game)).await
    }

    async fn read_from(&self, game: GameId, seq: u64) -> Result<Vec<Entry>, LogError> {
        let bytes = self.bytes_from(game, seq).await?;
        entries(game, seq, &bytes)
    }

    async fn put_snapshot(&self, snapshot: Snapshot) -> Result<(), LogError> {
        let game = snapshot.game;
        self.index().position(game).ok_or(LogError::Unknown(game))?;
        let part = self.leaving(&snapshot).await?;
        let base = part.as_ref().map(|part| part.last);
        self.store.put_snapshot(snapshot, part).await.map_err(storage)?;
        let Some(base) = base else { return Ok(()) };
        self.writer.call(move |state| state.retire(game, base)).await
    }

    async fn snapshots(&self, game: GameId) -> Result<Vec<Snapshot>, LogError> {
        self.store.snapshots(game).await.map_err(storage)
    }

    async fn forget(&self, game: GameId) -> Result<(), LogError> {
        self.store.forget_owner(game).await.map_err(storage)?;
        self.writer.call(move |state| state.forget(game)).await
    }
}

fn damaged(game: GameId, number: u64) -> LogError {
    LogError::Corrupt(format!("entry {number} of game {game}"))
}

fn read_spans(
    connection: &Connection,
    game: GameId,
    located: &Located,
) -> Result<Vec<u8>, LogError> {
    let mut statement = connection
        .prepare_cached("SELECT substr(entries, ?2, ?3) FROM flush WHERE id = ?1")
        .map_err(storage)?;
    let mut bytes = Vec::new();
    for (number, Span { row, offset, len }) in (located.first..).zip(&located.spans) {
        // SQLite counts bytes from 1.
        let at = (row, i64::from(*offset) + 1, i64::from(*len));
        let entry: Option<Vec<u8>> =
            statement.query_row(at, |r| r.get(0)).optional().map_err(storage)?;
        bytes.extend(entry.ok_or_else(|| damaged(game, number))?);
    }
    Ok(bytes)
}

/// The entries from number `seq` on in bytes that may begin with earlier ones.
fn entries(game: GameId, seq: u64, mut bytes: &[u8]) -> Result<Vec<Entry>, LogError> {
    let mut entries: Vec<Entry> = Vec::new();
    while !bytes.is_empty() {
        let next = entries.last().map(|last| last.seq + 1);
        let (entry, rest) = row::first(bytes)
            .filter(|(e, _)| e.game == game && next.is_none_or(|next| e.seq == next))
            .ok_or_else(|| damaged(game, next.unwrap_or(seq)))?;
        bytes = rest;
        entries.push(entry);
    }
    entries.retain(|entry| entry.seq >= seq);
    let gap = entries.first().is_some_and(|first| first.seq > seq.max(1));
    if gap { Err(damaged(game, seq)) } else { Ok(entries) }
}

#[cfg(test)]
mod tests;
