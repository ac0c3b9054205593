//! The log on one machine: `log.db`, append-only, one row per flush.
//!
//! The writer thread alone writes it, with `synchronous=FULL`; checkpoints run in a
//! thread of their own, off the commit path; epochs and snapshots are in `main.db`.

mod checkpoint;
mod index;
mod writer;

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, OpenFlags};

use self::checkpoint::Checkpoints;
use self::index::{Index, Span};
use self::writer::Writer;
use super::{CommandLog, Entry, GameId, LogError, Outcome, Position, Snapshot, row};
use crate::store::Store;

/// The log of a single node.
#[derive(Debug)]
pub struct SqliteLog {
    store: Store,
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
    pub async fn open(folder: &Path, store: Store) -> Result<Self, LogError> {
        let owners = store.owners().await.map_err(storage)?;
        let path = folder.join("log.db");
        let opened = tokio::task::spawn_blocking(move || {
            let connection = writer::connect(&path)?;
            let index = Arc::new(Mutex::new(index::read(&connection, owners)?));
            let reader = Connection::open_with_flags(&path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
            let writer = Writer::start(connection, Arc::clone(&index))?;
            Ok::<_, rusqlite::Error>((index, reader, writer, Checkpoints::start(&path)?))
        });
        let (index, reader, writer, checkpoints) =
            opened.await.map_err(storage)?.map_err(storage)?;
        let reader = Arc::new(Mutex::new(reader));
        Ok(Self { store, index, reader, writer, _checkpoints: checkpoints })
    }

    /// Lets the file grow to at most `bytes`; an append beyond fails as on a full disk.
    ///
    /// # Errors
    /// [`LogError::Storage`].
    pub async fn limit_size(&self, bytes: u64) -> Result<(), LogError> {
        self.writer.call(move |state| state.limit_size(bytes)).await
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
        self.store.create_owner(game).await.map_err(storage)?;
        self.index().own(game, 1);
        Ok(Position { epoch: 1, seq: 0 })
    }

    async fn claim(&self, game: GameId, seen: u64) -> Result<Position, LogError> {
        let raised = self.store.raise_epoch(game, seen).await.map_err(storage)?;
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
        self.writer.call(move |state| state.position(game)).await
    }

    async fn read_from(&self, game: GameId, seq: u64) -> Result<Vec<Entry>, LogError> {
        let spans = self.index().spans(game, seq)?;
        let reader = Arc::clone(&self.reader);
        let read = move || read_spans(&lock(&reader), game, seq, &spans);
        tokio::task::spawn_blocking(read).await.map_err(storage)?
    }

    async fn put_snapshot(&self, snapshot: Snapshot) -> Result<(), LogError> {
        self.store.put_snapshot(snapshot).await.map_err(storage)
    }

    async fn snapshots(&self, game: GameId) -> Result<Vec<Snapshot>, LogError> {
        self.store.snapshots(game).await.map_err(storage)
    }

    async fn forget(&self, game: GameId) -> Result<(), LogError> {
        self.store.forget_owner(game).await.map_err(storage)?;
        self.writer.call(move |state| state.forget(game)).await
    }
}

fn read_spans(
    connection: &Connection,
    game: GameId,
    seq: u64,
    spans: &[Span],
) -> Result<Vec<Entry>, LogError> {
    let mut statement = connection
        .prepare_cached("SELECT substr(entries, ?2, ?3) FROM flush WHERE id = ?1")
        .map_err(storage)?;
    let mut entries: Vec<Entry> = Vec::with_capacity(spans.len());
    for (number, span) in (seq.max(1)..).zip(spans) {
        // SQLite counts bytes from 1.
        let at = (span.row, i64::from(span.offset) + 1, i64::from(span.len));
        let bytes: Vec<u8> = statement.query_row(at, |r| r.get(0)).map_err(storage)?;
        let entry = row::entry(&bytes).filter(|e| e.game == game && e.seq == number);
        let place = || format!("entry {number} of game {game} (row {} of log.db)", span.row);
        entries.push(entry.ok_or_else(|| LogError::Corrupt(place()))?);
    }
    Ok(entries)
}

#[cfg(test)]
mod tests;
