//! What PostgreSQL did not do, said so that an operator can act.

use std::error::Error as _;
use std::path::PathBuf;

use tokio_postgres::error::SqlState;

/// Why PostgreSQL did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum PostgresError {
    /// The address is none. It is not repeated: it may hold a password.
    #[error(
        "{setting} cannot be used: {reason}; give it as postgres://user@host/database?sslmode=require"
    )]
    Address {
        /// The setting.
        setting: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// The file of certificates is unusable.
    #[error("the file {path} of postgres.ca cannot be used: {reason}")]
    Ca {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// No connection came in time.
    #[error("PostgreSQL cannot be reached: {0}; check postgres.url, and whether it runs")]
    Unreachable(String),
    /// It did not answer in time.
    #[error("PostgreSQL did not answer within {0} ms")]
    Slow(u128),
    /// It refused or failed.
    #[error("PostgreSQL failed: {}", .0.text)]
    Failed(Failure),
    /// A stored value is not what was written.
    #[error("PostgreSQL holds a damaged {0}")]
    Corrupt(&'static str),
    /// The schema is older than this server.
    #[error(
        "the schema of the database is behind: {missing} of {known} steps are missing; run: sovereign-server migrate up"
    )]
    Behind {
        /// Steps that have not been taken.
        missing: usize,
        /// Steps that this server knows.
        known: usize,
    },
    /// A step was taken whose text was another one.
    #[error(
        "step {version} of the database's schema is not the one of this server; \
         it was changed after it was taken, or belongs to another program"
    )]
    Foreign {
        /// Its number.
        version: i32,
    },
    /// A step cannot be taken back by this server, since it does not know it.
    #[error(
        "step {version} of the database's schema is newer than this server; take it back with the one that took it"
    )]
    Newer {
        /// Its number.
        version: i32,
    },
}

/// What PostgreSQL or the line to it said.
#[derive(Debug)]
pub struct Failure {
    text: String,
    code: Option<SqlState>,
    /// Whether the connection is lost.
    closed: bool,
}

impl PostgresError {
    /// What PostgreSQL calls this error, if it said so.
    #[must_use]
    pub const fn code(&self) -> Option<&SqlState> {
        match self {
            Self::Failed(failure) => failure.code.as_ref(),
            _ => None,
        }
    }

    /// Whether a row with the same key is there already.
    #[must_use]
    pub fn is_duplicate(&self) -> bool {
        self.code() == Some(&SqlState::UNIQUE_VIOLATION)
    }

    /// Whether PostgreSQL was not there to ask, as opposed to having refused.
    #[must_use]
    pub const fn is_outage(&self) -> bool {
        match self {
            Self::Unreachable(_) | Self::Slow(_) => true,
            Self::Failed(failure) => failure.closed,
            _ => false,
        }
    }
}

impl From<tokio_postgres::Error> for PostgresError {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Failed(Failure {
            text: describe(&error),
            code: error.code().cloned(),
            // An error that the server did not word is one of the line.
            closed: error.is_closed() || error.as_db_error().is_none_or(ends_session),
        })
    }
}

/// Whether the server closes the connection with this error: it stops, or was told to.
fn ends_session(error: &tokio_postgres::error::DbError) -> bool {
    [
        &SqlState::ADMIN_SHUTDOWN,
        &SqlState::CRASH_SHUTDOWN,
        &SqlState::CANNOT_CONNECT_NOW,
        &SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT,
    ]
    .contains(&error.code())
}

/// The error with its causes, which its own text leaves out.
pub(super) fn describe(error: &tokio_postgres::Error) -> String {
    if let Some(told) = error.as_db_error() {
        return format!("{} ({})", told.message(), told.code().code());
    }
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        text += &format!(": {next}");
        cause = next.source();
    }
    text
}
