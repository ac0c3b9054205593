//! What is kept beside the log: accounts, sessions, games, seats, replays, results, ratings,
//! complaints and what admins did.
//!
//! Traits hide which database keeps it; every implementation passes the contract suites.
//!
//! Invariant: names and accounts stand in the tables that `person` lists alone; erasing
//! them changes no log entry, snapshot or replay.

pub mod audit;
mod data_dir;
pub mod games;
mod hot;
pub mod library;
pub mod people;
mod person;
pub mod postgres;
pub mod records;
pub mod reports;
pub mod sqlite;

use std::ops::Deref;
use std::pin::Pin;
use std::sync::Arc;

use uuid::Uuid;

use self::people::Revocation;
use crate::postgres::PostgresError;

pub use audit::{Audit, AuditEvent, AuditReport, AuditRow};
pub use data_dir::{DataDir, DataDirError};
pub use games::{GameRecord, GameStatus, Games, SeatRecord};
pub use hot::{Asked, Hot, Topic};
pub use library::{Library, ReplaySummary};
pub use people::{Account, People};
pub use postgres::PostgresStore;
pub use records::{Cursor, Finish, Keep, RatingRecord, Records, ResultRecord, SeatResult};
pub use reports::{Report, Reports};
pub use sqlite::SqliteStore;

/// An answer that comes later.
pub type Pending<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// All that a server keeps beside the log.
pub trait Database: People + Games + Library + Records + Audit + Reports + Terms {
    /// Whether the database answers.
    fn ping(&self) -> Pending<'_, ()>;
}

/// The keeper of jobs of which one server has each.
pub trait Terms: Send + Sync + std::fmt::Debug {
    /// Begins a job; the store by which it is done. What is written there is refused once another
    /// server has begun the same job: by one statement or more, none of them halfway.
    fn begin_term(&self, job: &'static str) -> Pending<'_, Store>;
}

/// A handle on a database, whichever it is; cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    database: Arc<dyn Database>,
    hot: Option<Hot>,
}

impl Store {
    /// A handle on `database`.
    #[must_use]
    pub fn new(database: impl Database + 'static) -> Self {
        Self { database: Arc::new(database), hot: None }
    }

    /// The same, which forgets those answers that a change makes old.
    #[must_use]
    pub fn telling(self, hot: Hot) -> Self {
        Self { hot: Some(hot), ..self }
    }

    // Whatever came of a change, answers from before it are of no use.

    /// As [`Records::finish_game`].
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn finish_game(&self, finish: Finish, keep: Keep) -> Result<(), StoreError> {
        let topics: &[Topic] = match finish.ladder {
            Some(_) => &[Topic::Games, Topic::Ladders],
            None => &[Topic::Games],
        };
        let finished = self.database.finish_game(finish, keep).await;
        self.changed(topics);
        finished
    }

    /// As [`People::rename_account`].
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn rename_account(&self, id: Uuid, name: String) -> Result<(), StoreError> {
        let renamed = self.database.rename_account(id, name).await;
        self.changed(&[Topic::Ladders]);
        renamed
    }

    /// As [`People::erase_account`].
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn erase_account(&self, id: Uuid, void: Revocation) -> Result<(), StoreError> {
        let erased = self.database.erase_account(id, void).await;
        self.changed(&[Topic::Ladders, Topic::Games]);
        erased
    }

    fn changed(&self, topics: &[Topic]) {
        if let Some(hot) = &self.hot {
            hot.changed(topics);
        }
    }
}

impl Deref for Store {
    type Target = dyn Database;

    fn deref(&self) -> &Self::Target {
        &*self.database
    }
}

/// Why the database did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// SQLite refused or failed.
    #[error("main.db failed: {0}; check the disk and the rights of the data folder")]
    Database(#[from] rusqlite::Error),
    /// PostgreSQL refused or failed.
    #[error(transparent)]
    Postgres(#[from] PostgresError),
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
    #[error("the database holds a damaged {0}")]
    Corrupt(&'static str),
    /// Another node has the game by now, or nobody.
    #[error("another server has this game by now")]
    Elsewhere,
    /// Another node has the job by now.
    #[error("another server has the job {0} by now")]
    TermOver(&'static str),
    /// The database has been closed.
    #[error("main.db has been closed")]
    Closed,
}

impl From<tokio_postgres::Error> for StoreError {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Postgres(error.into())
    }
}

impl StoreError {
    /// Whether another row has the key.
    fn is_taken(&self) -> bool {
        matches!(self, Self::Postgres(error) if error.is_duplicate())
    }
}

/// Milliseconds since 1970, for records only: no rule and no safety reads it.
pub(crate) fn now_ms() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |d| i64::try_from(d.as_millis()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod contract;
#[cfg(test)]
mod tests;
