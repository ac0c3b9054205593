//! What a fleet keeps beside the log, in PostgreSQL.
//!
//! One statement is its own transaction; what needs several is a `Change`, which runs again
//! where two collide. Rows that two nodes may want at once are locked, accounts first.

mod audit;
mod erasing;
mod games;
mod library;
mod link;
mod people;
mod records;
mod replica;
mod reports;
mod sessions;
mod terms;
mod values;

use tokio_postgres::Row;
use tokio_postgres::error::SqlState;

#[cfg(test)]
pub(crate) use self::games::SEATED;

use self::link::{Change, Link};
use self::replica::Replica;
use self::terms::{InTerm, RowsInTerm, Term};
use super::{Database, Pending, Store, StoreError};
use crate::postgres::{Postgres, PostgresError, Values};

/// How often a change is tried that others made impossible.
const TRIES: u32 = 8;

/// The keeper of a fleet; cheap to clone.
#[derive(Clone, Debug)]
pub struct PostgresStore {
    primary: Postgres,
    /// For lists that may be some seconds old.
    replica: Option<Replica>,
    /// The node whose games these are; empty for a server that is alone.
    node: String,
    /// All that is written counts only while this lasts.
    term: Option<Term>,
}

impl PostgresStore {
    /// What `primary` holds, for the node of this name (empty: a server that is alone). Lists
    /// that may be some seconds old come from `replica` if there is one.
    #[must_use]
    pub fn new(primary: Postgres, replica: Option<Postgres>, node: impl Into<String>) -> Self {
        Self { primary, replica: replica.map(Replica::new), node: node.into(), term: None }
    }

    /// The rows that a statement gives.
    async fn rows(&self, sql: &'static str, values: Values<'_>) -> Result<Vec<Row>, StoreError> {
        match self.term {
            Some(term) => self.change(&RowsInTerm(InTerm { term, sql, values })).await,
            None => Ok(self.primary.rows(sql, values).await?),
        }
    }

    /// The row that a statement gives, if it gives one.
    async fn row(&self, sql: &'static str, values: Values<'_>) -> Result<Option<Row>, StoreError> {
        Ok(self.rows(sql, values).await?.into_iter().next())
    }

    /// The rows that a statement gives, perhaps those of some seconds ago.
    async fn old_rows(
        &self,
        sql: &'static str,
        values: Values<'_>,
    ) -> Result<Vec<Row>, StoreError> {
        if let Some(replica) = &self.replica
            && let Some(rows) = replica.rows(sql, values).await
        {
            return Ok(rows);
        }
        self.rows(sql, values).await
    }

    /// Runs a statement; how many rows it changed.
    async fn run(&self, sql: &'static str, values: Values<'_>) -> Result<u64, StoreError> {
        match self.term {
            Some(term) => self.change(&InTerm { term, sql, values }).await,
            None => Ok(self.primary.run(sql, values).await?),
        }
    }

    /// Carries a change out, again where another made it impossible.
    async fn change<C: Change>(&self, change: &C) -> Result<C::Done, StoreError> {
        for _ in 1..TRIES {
            match self.try_change(change).await {
                Err(StoreError::Postgres(error)) if collides(&error) => {}
                result => return result,
            }
        }
        self.try_change(change).await
    }

    async fn try_change<C: Change>(&self, change: &C) -> Result<C::Done, StoreError> {
        let mut link = Link::of(&self.primary).await?;
        self.primary.in_time(async { Ok(link.change(change).await) }).await?
    }
}

/// Whether another change at the same time is all that was wrong.
fn collides(error: &PostgresError) -> bool {
    let codes = [&SqlState::T_R_DEADLOCK_DETECTED, &SqlState::T_R_SERIALIZATION_FAILURE];
    error.code().is_some_and(|code| codes.contains(&code))
}

impl Database for PostgresStore {
    fn ping(&self) -> Pending<'_, ()> {
        Box::pin(async move { Ok(self.primary.ping().await?) })
    }
}

impl From<PostgresStore> for Store {
    fn from(database: PostgresStore) -> Self {
        Self::new(database)
    }
}

#[cfg(test)]
mod tests;
