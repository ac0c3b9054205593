//! The one thread that writes `log.db`.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, mpsc};
use std::thread::JoinHandle;

use rusqlite::{Connection, Transaction};
use tokio::sync::oneshot;

use super::super::row;
use super::super::{Entry, GameId, LogError, Outcome, Position};
use super::{Index, lock, storage};

/// Rows of garbage deleted with one commit, so that no commit takes long.
const DELETIONS_PER_COMMIT: usize = 64;
/// Value of `PRAGMA synchronous` for FULL: every commit is on the disk when it returns.
const FULL: i64 = 2;

type Job = Box<dyn FnOnce(&mut State) + Send>;

/// A handle on the writer thread; dropping it ends the thread after its present job.
#[derive(Debug)]
pub(super) struct Writer {
    jobs: Option<mpsc::Sender<Job>>,
    thread: Option<JoinHandle<()>>,
}

/// What the thread owns.
#[derive(Debug)]
pub(super) struct State {
    connection: Connection,
    index: Arc<Mutex<Index>>,
}

/// Opens the file for writing and makes sure that a commit is durable.
pub(super) fn connect(path: &Path) -> Result<Connection, LogError> {
    let connection = prepare(path).map_err(storage)?;
    let text = |name| connection.pragma_query_value(None, name, |r| r.get::<_, String>(0));
    let level: i64 =
        connection.pragma_query_value(None, "synchronous", |r| r.get(0)).map_err(storage)?;
    if level != FULL || text("journal_mode").map_err(storage)? != "wal" {
        return Err(storage("this SQLite does not do synchronous=FULL in WAL mode"));
    }
    Ok(connection)
}

fn prepare(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "wal_autocheckpoint", 0)?;
    connection.execute_batch(
        "CREATE TABLE IF NOT EXISTS flush (id INTEGER PRIMARY KEY, entries BLOB NOT NULL) STRICT",
    )?;
    Ok(connection)
}

impl Writer {
    pub(super) fn start(
        connection: Connection,
        index: Arc<Mutex<Index>>,
    ) -> rusqlite::Result<Self> {
        let (jobs, queue) = mpsc::channel::<Job>();
        let mut state = State { connection, index };
        let work = move || queue.into_iter().for_each(|job| job(&mut state));
        let thread = std::thread::Builder::new()
            .name("log-writer".to_owned())
            .spawn(work)
            .map_err(|e| rusqlite::Error::ToSqlConversionFailure(Box::new(e)))?;
        Ok(Self { jobs: Some(jobs), thread: Some(thread) })
    }

    /// Runs `job` on the thread and gives back its result.
    pub(super) async fn call<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut State) -> Result<T, LogError> + Send + 'static,
    ) -> Result<T, LogError> {
        let (answer, answered) = oneshot::channel();
        let run: Job = Box::new(move |state| {
            let _ = answer.send(job(state));
        });
        let jobs = self.jobs.as_ref().ok_or(LogError::Closed)?;
        jobs.send(run).map_err(|_| LogError::Closed)?;
        answered.await.map_err(|_| LogError::Closed)?
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            // A panic of the writer has already been reported by its hook.
            let _ = thread.join();
        }
    }
}

impl State {
    pub(super) fn append(&mut self, entries: &[Entry]) -> Result<Vec<Outcome>, LogError> {
        let mut index = lock(&self.index);
        let outcomes = judge(&index, entries);
        let mut bytes = Vec::new();
        for (entry, outcome) in entries.iter().zip(&outcomes) {
            if *outcome == Outcome::Durable {
                row::push(&mut bytes, entry);
            }
        }
        if bytes.is_empty() {
            return Ok(outcomes);
        }
        // Numbered here: SQLite itself would use the number of a deleted last row again.
        let id = index.next_row();
        let garbage = index.garbage(DELETIONS_PER_COMMIT).to_vec();
        // Readers of the index must not wait for the disk.
        drop(index);
        let written = self.connection.transaction().and_then(|t| write(t, id, &bytes, &garbage));
        written.map_err(storage)?;
        index = lock(&self.index);
        index.deleted(garbage.len());
        index.take_in(id, row::heads(&bytes));
        Ok(outcomes)
    }

    pub(super) fn position(&mut self, game: GameId) -> Result<Position, LogError> {
        let mut index = lock(&self.index);
        // After a commit in doubt the file knows more than the index does.
        index.catch_up(&self.connection).map_err(storage)?;
        index.position(game).ok_or(LogError::Unknown(game))
    }

    pub(super) fn forget(&mut self, game: GameId) -> Result<(), LogError> {
        lock(&self.index).forget(game);
        Ok(())
    }

    pub(super) fn retire(&mut self, game: GameId, base: u64) -> Result<(), LogError> {
        lock(&self.index).retire(game, base);
        Ok(())
    }

    pub(super) fn limit_size(&mut self, bytes: u64) -> Result<(), LogError> {
        let get = |name| self.connection.pragma_query_value(None, name, |r| r.get::<_, i64>(0));
        let page = get("page_size").map_err(storage)?;
        let pages = i64::try_from(bytes).unwrap_or(i64::MAX) / page.max(1);
        // SQLite's own ceiling; a greater value would be ignored.
        let pages = pages.clamp(1, 4_294_967_294);
        self.connection.pragma_update(None, "max_page_count", pages).map_err(storage)
    }
}

/// Which entries may be appended: those of the present epoch that continue their game.
fn judge(index: &Index, entries: &[Entry]) -> Vec<Outcome> {
    let mut next: HashMap<GameId, Option<u64>> = HashMap::new();
    let mut judge_one = |entry: &Entry| {
        let Some(position) = index.position(entry.game) else { return Outcome::Fenced };
        let expected = next.entry(entry.game).or_insert(Some(position.seq + 1));
        if entry.epoch != position.epoch || Some(entry.seq) != *expected {
            // Nothing of this game may follow a refused entry.
            *expected = None;
            return Outcome::Fenced;
        }
        *expected = Some(entry.seq + 1);
        Outcome::Durable
    };
    entries.iter().map(&mut judge_one).collect()
}

fn write(
    transaction: Transaction<'_>,
    id: i64,
    bytes: &[u8],
    garbage: &[i64],
) -> rusqlite::Result<()> {
    {
        let mut delete = transaction.prepare_cached("DELETE FROM flush WHERE id = ?1")?;
        for row in garbage {
            delete.execute([row])?;
        }
        transaction
            .prepare_cached("INSERT INTO flush (id, entries) VALUES (?1, ?2)")?
            .execute((id, bytes))?;
    }
    transaction.commit()
}
