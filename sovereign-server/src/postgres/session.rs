//! One connection: its settings, and the statements that it has prepared.

use std::collections::HashMap;
use std::ops::{Deref, DerefMut};
use std::time::Duration;

use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, GenericClient, Row, Statement};
use tracing::warn;

use super::PostgresError;

/// What every connection of a pool is told when it begins.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    /// The longest that a statement may take.
    pub(super) statement: Duration,
    /// The longest that it may wait for a lock.
    pub(super) lock: Duration,
}

/// Values for a statement's `$1`, `$2` ...
pub type Values<'a> = &'a [&'a (dyn ToSql + Sync)];

/// What a connection has prepared, by its text.
#[derive(Debug, Default)]
pub(crate) struct Prepared(HashMap<&'static str, Statement>);

impl Prepared {
    /// The statement of this text, prepared if it is not yet.
    pub(crate) async fn statement(
        &mut self,
        client: &impl GenericClient,
        text: &'static str,
    ) -> Result<Statement, tokio_postgres::Error> {
        if let Some(known) = self.0.get(text) {
            return Ok(known.clone());
        }
        let statement = client.prepare(text).await?;
        self.0.insert(text, statement.clone());
        Ok(statement)
    }
}

/// A connection; a [`Client`] that keeps what it has prepared.
#[derive(Debug)]
pub struct Session {
    client: Client,
    prepared: Prepared,
    /// Whether somebody asked something and did not wait for the answer.
    abandoned: bool,
    used: bool,
}

/// A commit is on the disk when it is answered, and on a synchronous standby if there is one.
/// What waits for more than that stays as it is.
const DURABLE: &str = "SELECT set_config('synchronous_commit', 'on', false)
     WHERE current_setting('synchronous_commit') NOT IN ('on', 'remote_apply')";

impl Session {
    pub(super) async fn begin(
        client: Client,
        patience: Patience,
    ) -> Result<Self, tokio_postgres::Error> {
        let (statement, lock) = (patience.statement.as_millis(), patience.lock.as_millis());
        // One trip for all of them.
        client
            .batch_execute(&format!(
                "SET statement_timeout = {statement}; SET lock_timeout = {lock};
                 SET idle_in_transaction_session_timeout = {statement};
                 SET client_min_messages = warning; {DURABLE}"
            ))
            .await?;
        Ok(Self { client, prepared: Prepared::default(), abandoned: false, used: false })
    }

    /// The statement of this text, prepared once for each connection.
    ///
    /// # Errors
    /// [`PostgresError::Failed`].
    pub async fn prepared(&mut self, text: &'static str) -> Result<Statement, PostgresError> {
        Ok(self.prepared.statement(&self.client, text).await?)
    }

    /// The rows that a statement gives, which is prepared once for each connection.
    ///
    /// # Errors
    /// [`PostgresError::Failed`].
    pub async fn rows(
        &mut self,
        text: &'static str,
        values: Values<'_>,
    ) -> Result<Vec<Row>, PostgresError> {
        let statement = self.prepared(text).await?;
        Ok(self.client.query(&statement, values).await?)
    }

    /// Runs a statement, which is prepared once for each connection; how many rows it changed.
    ///
    /// # Errors
    /// [`PostgresError::Failed`].
    pub async fn run(
        &mut self,
        text: &'static str,
        values: Values<'_>,
    ) -> Result<u64, PostgresError> {
        let statement = self.prepared(text).await?;
        Ok(self.client.execute(&statement, values).await?)
    }

    /// The client, and what it has prepared: for a transaction that goes on preparing.
    pub(crate) fn parts(&mut self) -> (&mut Client, &mut Prepared) {
        (&mut self.client, &mut self.prepared)
    }

    /// Whether this was not asked of this connection before.
    pub(crate) const fn is_first_use(&mut self) -> bool {
        !std::mem::replace(&mut self.used, true)
    }

    /// Whether nobody should use this connection any more.
    pub(super) fn is_useless(&self) -> bool {
        self.abandoned || self.client.is_closed()
    }

    /// Until this is called again with `false`, the connection is not given to anybody else:
    /// what it was last asked may never be answered.
    pub(super) const fn abandon(&mut self, abandoned: bool) {
        self.abandoned = abandoned;
    }

    /// Warns where the database's own settings would lose commits in a power cut: no
    /// connection can change these.
    pub(super) async fn warn_of_lies(&self) -> Result<(), PostgresError> {
        let off = "SELECT name FROM pg_settings
             WHERE name IN ('fsync', 'full_page_writes') AND setting = 'off' ORDER BY name";
        for row in self.client.query(off, &[]).await? {
            let setting: &str = row.get(0);
            warn!(setting, "PostgreSQL runs with this off: a power cut loses acknowledged orders");
        }
        Ok(())
    }
}

impl Deref for Session {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

impl DerefMut for Session {
    fn deref_mut(&mut self) -> &mut Client {
        &mut self.client
    }
}
