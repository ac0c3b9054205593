//! One machine's database, `main.db`: it has owners' epochs, snapshots and parts of logs too,
//! which [`SqliteLog`](crate::log::sqlite::SqliteLog) needs.

mod accounts;
mod audit;
mod bans;
mod games;
mod owners;
mod people;
mod person;
mod replays;
mod reports;
mod results;
mod schema;
mod sessions;

use std::path::Path;
use std::sync::mpsc as std_mpsc;

use rusqlite::Connection;
use tokio::sync::oneshot;

pub use audit::audit_check_file;
pub(crate) use owners::{LogPart, Owner};

use super::{Database, Pending, Store, StoreError, Terms};

/// Jobs that may wait for the database; more callers wait for room.
const QUEUE: usize = 1_024;

type Job = Box<dyn FnOnce(&mut Connection) + Send>;

/// A handle on the database's own thread; cheap to clone. The thread ends with the last handle.
#[derive(Clone, Debug)]
pub struct SqliteStore {
    jobs: std_mpsc::SyncSender<Job>,
    claims: owners::Claims,
    /// The next call does its work and fails nevertheless.
    #[cfg(test)]
    lose_answer: std::sync::Arc<std::sync::atomic::AtomicBool>,
}

impl SqliteStore {
    /// Opens or makes `main.db` in `folder`, whose lock the caller holds, and brings its
    /// schema up to date.
    ///
    /// # Errors
    /// [`StoreError`] when the file cannot be used.
    pub async fn open(folder: &Path) -> Result<Self, StoreError> {
        let path = folder.join("main.db");
        let (jobs, queue) = std_mpsc::sync_channel::<Job>(QUEUE);
        let (opened, is_open) = oneshot::channel();
        let work = move || match connect(&path) {
            Ok(mut connection) => {
                let _ = opened.send(Ok(()));
                queue.into_iter().for_each(|job| job(&mut connection));
            }
            Err(error) => {
                let _ = opened.send(Err(error));
            }
        };
        std::thread::Builder::new()
            .name("store".to_owned())
            .spawn(work)
            .map_err(|_| StoreError::Closed)?;
        is_open.await.map_err(|_| StoreError::Closed)??;
        Ok(Self {
            jobs,
            claims: owners::Claims::default(),
            #[cfg(test)]
            lose_answer: std::sync::Arc::default(),
        })
    }

    /// The next call is carried out, but reported as failed.
    #[cfg(test)]
    pub(crate) fn lose_next_answer(&self) {
        self.lose_answer.store(true, std::sync::atomic::Ordering::SeqCst);
    }

    /// Runs `job` on the database's thread.
    async fn call<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (answer, answered) = oneshot::channel();
        let mut run: Job = Box::new(move |connection| {
            let _ = answer.send(job(connection));
        });
        // A full queue is waited for without blocking the runtime.
        loop {
            match self.jobs.try_send(run) {
                Ok(()) => break,
                Err(std_mpsc::TrySendError::Disconnected(_)) => return Err(StoreError::Closed),
                Err(std_mpsc::TrySendError::Full(back)) => run = back,
            }
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        let answer = answered.await.map_err(|_| StoreError::Closed)?;
        #[cfg(test)]
        if self.lose_answer.swap(false, std::sync::atomic::Ordering::SeqCst) {
            return Err(StoreError::Corrupt("answer: a test lost it"));
        }
        answer
    }

    /// The database answers nobody until what this returns is dropped.
    #[cfg(test)]
    pub(crate) async fn hang(&self) -> std_mpsc::Sender<()> {
        let (hold, held) = std_mpsc::channel::<()>();
        let (begun, begins) = oneshot::channel();
        let job: Job = Box::new(move |_| {
            let _ = begun.send(());
            let _ = held.recv();
        });
        self.jobs.try_send(job).expect("a test's database has room");
        begins.await.expect("the database lives");
        hold
    }
}

impl Terms for SqliteStore {
    /// Nobody else can have the folder.
    fn begin_term(&self, _: &'static str) -> Pending<'_, Store> {
        Box::pin(async { Ok(self.clone().into()) })
    }
}

impl Database for SqliteStore {
    fn ping(&self) -> Pending<'_, ()> {
        Box::pin(self.call(|c| Ok(c.query_row("SELECT 1", [], |_| Ok(()))?)))
    }
}

impl From<SqliteStore> for Store {
    fn from(database: SqliteStore) -> Self {
        Self::new(database)
    }
}

fn connect(path: &Path) -> Result<Connection, StoreError> {
    let mut connection = Connection::open(path)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    // What is erased is overwritten, not merely unlinked.
    connection.pragma_update(None, "secure_delete", true)?;
    schema::migrate(&mut connection)?;
    Ok(connection)
}

#[cfg(test)]
mod tests;
