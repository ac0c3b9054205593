//! `main.db`: accounts, sessions, games, seats, owners' epochs, snapshots, replays, results and
//! ratings.
//!
//! Invariant: names and accounts stand in the tables that `person` lists alone; erasing
//! them changes no log entry, snapshot or replay.

mod accounts;
mod audit;
mod bans;
mod data_dir;
mod games;
mod owners;
pub mod people;
mod person;
mod replays;
mod reports;
mod results;
mod schema;
mod sessions;
mod sqlite_people;

use std::path::Path;
use std::sync::mpsc as std_mpsc;

use rusqlite::Connection;
use tokio::sync::oneshot;

pub use audit::{AuditEvent, AuditReport, AuditRow, audit_check_file};
pub use data_dir::{DataDir, DataDirError};
pub use games::{GameRecord, GameStatus, SeatRecord};
pub(crate) use owners::{LogPart, Owner};
pub use people::{Account, People};
pub use replays::ReplaySummary;
pub use reports::Report;
pub use results::{Finish, Keep, RatingRecord, ResultRecord, SeatResult};

/// Jobs that may wait for the database; more callers wait for room.
const QUEUE: usize = 1_024;

type Job = Box<dyn FnOnce(&mut Connection) + Send>;

/// Why the database did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// SQLite refused or failed.
    #[error("main.db failed: {0}; check the disk and the rights of the data folder")]
    Database(#[from] rusqlite::Error),
    /// The file was written by a newer server.
    #[error(
        "main.db has schema version {found}, this server knows up to {known}; run a newer server"
    )]
    TooNew {
        /// In the file.
        found: i64,
        /// Newest known.
        known: i64,
    },
    /// A stored value is not what was written.
    #[error("main.db holds a damaged {0}")]
    Corrupt(&'static str),
    /// The database has been closed.
    #[error("main.db has been closed")]
    Closed,
}

/// A handle on the database's own thread; cheap to clone. The thread ends with the last handle.
#[derive(Clone, Debug)]
pub struct Store {
    jobs: std_mpsc::SyncSender<Job>,
    claims: owners::Claims,
    /// The next call does its work and fails nevertheless.
    #[cfg(test)]
    lose_answer: std::sync::Arc<std::sync::atomic::AtomicBool>,
}

impl Store {
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

    /// Whether the database answers.
    ///
    /// # Errors
    /// [`StoreError`] when it does not.
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.call(|c| Ok(c.query_row("SELECT 1", [], |_| Ok(()))?)).await
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

/// Milliseconds since 1970, for records only: no rule and no safety reads it.
pub(crate) fn now_ms() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |d| i64::try_from(d.as_millis()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod people_contract;
#[cfg(test)]
mod tests;
