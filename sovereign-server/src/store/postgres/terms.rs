//! Jobs that are one for the whole fleet: whoever has one writes by its epoch.

use tokio_postgres::Row;

use super::PostgresStore;
use super::link::{Change, Tx};
use crate::postgres::Values;
use crate::store::{Pending, Store, StoreError, Terms};

/// The next epoch of a job. It waits for what is being written by the one before.
const BEGIN: &str = "
    INSERT INTO job (name, epoch, node) VALUES ($1, 1, $2)
    ON CONFLICT (name) DO UPDATE SET epoch = job.epoch + 1, node = excluded.node
    RETURNING epoch";
/// Holds an epoch for as long as a transaction lasts, if it is the newest.
const HOLD: &str = "SELECT FROM job WHERE name = $1 AND epoch = $2 FOR SHARE";

/// The right to do a job, until another node has it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Term {
    job: &'static str,
    epoch: i64,
}

impl Term {
    async fn hold(&self, t: &mut Tx<'_>) -> Result<(), StoreError> {
        let held = t.row(HOLD, &[&self.job, &self.epoch]).await?;
        held.map(drop).ok_or(StoreError::TermOver(self.job))
    }
}

impl Terms for PostgresStore {
    fn begin_term(&self, job: &'static str) -> Pending<'_, Store> {
        Box::pin(async move {
            let rows = self.primary.rows(BEGIN, &[&job, &self.node]).await?;
            let row = rows.first().ok_or(StoreError::Corrupt("job"))?;
            let term = Term { job, epoch: row.try_get(0)? };
            Ok(Store::new(Self { term: Some(term), ..self.clone() }))
        })
    }
}

/// A statement that counts only while a term lasts.
pub(super) struct InTerm<'a> {
    pub(super) term: Term,
    pub(super) sql: &'static str,
    pub(super) values: Values<'a>,
}

/// The same, for the rows that it gives.
pub(super) struct RowsInTerm<'a>(pub(super) InTerm<'a>);

impl Change for InTerm<'_> {
    type Done = u64;

    async fn carry_out(&self, t: &mut Tx<'_>) -> Result<u64, StoreError> {
        self.term.hold(t).await?;
        t.run(self.sql, self.values).await
    }
}

impl Change for RowsInTerm<'_> {
    type Done = Vec<Row>;

    async fn carry_out(&self, t: &mut Tx<'_>) -> Result<Vec<Row>, StoreError> {
        self.0.term.hold(t).await?;
        t.rows(self.0.sql, self.0.values).await
    }
}
