//! A copy of the database that may be some seconds behind, or gone.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use tokio_postgres::Row;
use tracing::warn;

use crate::postgres::{Postgres, PostgresError, Values};

/// For so long a replica that failed is not asked again: asking may take a while.
const REST: Duration = Duration::from_secs(5);

/// A replica for lists that may be old; cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Replica {
    pool: Postgres,
    rests_until: Arc<Mutex<Option<Instant>>>,
}

impl Replica {
    pub(super) fn new(pool: Postgres) -> Self {
        Self { pool, rests_until: Arc::default() }
    }

    /// The rows that a statement gives; none when the replica fails, or has a moment ago.
    pub(super) async fn rows(&self, sql: &'static str, values: Values<'_>) -> Option<Vec<Row>> {
        if self.rests() {
            return None;
        }
        self.pool.rows(sql, values).await.inspect_err(|error| self.rest(error)).ok()
    }

    fn rests(&self) -> bool {
        let until = self.rests_until.lock().unwrap_or_else(PoisonError::into_inner);
        until.is_some_and(|until| Instant::now() < until)
    }

    fn rest(&self, error: &PostgresError) {
        warn!(%error, "the read replica fails; the first database serves its lists");
        let mut until = self.rests_until.lock().unwrap_or_else(PoisonError::into_inner);
        *until = Some(Instant::now() + REST);
    }
}
