//! A connection as the store uses it: statements by their text, and transactions.

use futures_util::TryStreamExt as _;
use tokio_postgres::{Row, Transaction};

use crate::postgres::{Connection, Postgres, PostgresError, Prepared, Values};
use crate::store::StoreError;

/// A connection, given back when this is dropped.
#[derive(Debug)]
pub(super) struct Link(Connection);

/// What runs in one transaction.
pub(super) trait Change: Sync {
    /// What comes of it.
    type Done: Send;

    /// Does it; what it says is true once the transaction is committed.
    fn carry_out(
        &self,
        t: &mut Tx<'_>,
    ) -> impl Future<Output = Result<Self::Done, StoreError>> + Send;
}

impl Link {
    /// A connection of `pool`.
    pub(super) async fn of(pool: &Postgres) -> Result<Self, PostgresError> {
        Ok(Self(pool.connection().await?))
    }

    /// The rows that a statement gives which is hardly ever asked.
    pub(super) async fn rows_once(
        &self,
        sql: &str,
        values: Values<'_>,
    ) -> Result<Vec<Row>, PostgresError> {
        Ok(self.0.query(sql, values).await?)
    }

    /// Looks at all rows that a statement gives, one after the other, however many.
    pub(super) async fn walk(
        &mut self,
        sql: &'static str,
        mut look: impl FnMut(&Row) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let statement = self.0.prepared(sql).await?;
        let rows = self.0.query_raw(&statement, std::iter::empty::<i64>()).await?;
        let mut rows = std::pin::pin!(rows);
        while let Some(row) = rows.try_next().await? {
            look(&row)?;
        }
        Ok(())
    }

    /// Carries a change out, whole or not at all.
    pub(super) async fn change<C: Change>(&mut self, change: &C) -> Result<C::Done, StoreError> {
        let (client, prepared) = self.0.parts();
        let transaction = client.transaction().await?;
        let mut t = Tx { transaction, prepared };
        let done = change.carry_out(&mut t).await?;
        t.transaction.commit().await?;
        Ok(done)
    }
}

/// A transaction; what it changed is undone unless it is committed.
pub(super) struct Tx<'a> {
    transaction: Transaction<'a>,
    prepared: &'a mut Prepared,
}

impl Tx<'_> {
    /// The rows that a statement gives.
    pub(super) async fn rows(
        &mut self,
        sql: &'static str,
        values: Values<'_>,
    ) -> Result<Vec<Row>, StoreError> {
        let statement = self.prepared.statement(&self.transaction, sql).await?;
        Ok(self.transaction.query(&statement, values).await?)
    }

    /// The row that a statement gives, if it gives one.
    pub(super) async fn row(
        &mut self,
        sql: &'static str,
        values: Values<'_>,
    ) -> Result<Option<Row>, StoreError> {
        Ok(self.rows(sql, values).await?.into_iter().next())
    }

    /// Runs a statement; how many rows it changed.
    pub(super) async fn run(
        &mut self,
        sql: &'static str,
        values: Values<'_>,
    ) -> Result<u64, StoreError> {
        let statement = self.prepared.statement(&self.transaction, sql).await?;
        Ok(self.transaction.execute(&statement, values).await?)
    }
}
