//! The [`Audit`] chain in PostgreSQL.

use tokio_postgres::Row;

use super::PostgresStore;
use super::link::{Change, Link, Tx};
use super::values::text;
use crate::store::audit::Chain;
use crate::store::{Audit, AuditEvent, AuditReport, AuditRow, Pending, StoreError};

/// Names the chain among PostgreSQL's advisory locks.
const LOCK: i64 = 0x736f_7661_7564_6974;

impl Audit for PostgresStore {
    fn audit(&self, event: AuditEvent) -> Pending<'_, ()> {
        Box::pin(async move {
            let words = |words: &str| text(words).into_owned();
            let (subject, detail) = (words(&event.subject), words(&event.detail));
            self.change(&AuditEvent { subject, detail, ..event }).await
        })
    }

    fn audit_rows(&self, before: i64, most: u32) -> Pending<'_, Vec<AuditRow>> {
        Box::pin(async move {
            let select = "SELECT number, at_ms, action, subject, outcome, detail, hash, prev
                          FROM audit WHERE number < $1 ORDER BY number DESC LIMIT $2";
            self.rows(select, &[&before, &i64::from(most)]).await?.iter().map(row).collect()
        })
    }

    fn audit_check(&self) -> Pending<'_, AuditReport> {
        Box::pin(async move {
            let select = "SELECT number, at_ms, action, subject, outcome, detail, hash, prev
                          FROM audit ORDER BY number";
            let mut chain = Chain::default();
            let look = |next: &Row| {
                chain.look_at(row(next)?);
                Ok(())
            };
            Link::of(&self.primary).await?.walk(select, look).await?;
            Ok(chain.report())
        })
    }

    fn prune_audit(&self, before_ms: i64) -> Pending<'_, usize> {
        Box::pin(async move {
            // The newest row stays, whatever its age: the next one is chained to it.
            let old = "DELETE FROM audit
                       WHERE at_ms < $1 AND number < (SELECT max(number) FROM audit)";
            let dropped = self.run(old, &[&before_ms]).await?;
            Ok(usize::try_from(dropped).unwrap_or(usize::MAX))
        })
    }
}

impl Change for AuditEvent {
    type Done = ();

    async fn carry_out(&self, t: &mut Tx<'_>) -> Result<(), StoreError> {
        // One after the other: each row is chained to the one before.
        t.run("SELECT pg_advisory_xact_lock($1)", &[&LOCK]).await?;
        let newest = "SELECT number, hash FROM audit ORDER BY number DESC LIMIT 1";
        let newest = t.row(newest, &[]).await?;
        let newest = newest.map(|row| Ok::<_, StoreError>((row.try_get(0)?, row.try_get(1)?)));
        let next = AuditRow::after(newest.transpose()?, self.clone());
        let AuditRow { number, at_ms, action, subject, outcome, detail, hash, prev } = &next;
        let insert =
            "INSERT INTO audit (number, at_ms, action, subject, outcome, detail, hash, prev)
                      VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
        let values: crate::postgres::Values<'_> =
            &[number, at_ms, action, subject, outcome, detail, hash, prev];
        t.run(insert, values).await.map(drop)
    }
}

fn row(row: &Row) -> Result<AuditRow, StoreError> {
    Ok(AuditRow {
        number: row.try_get(0)?,
        at_ms: row.try_get(1)?,
        action: row.try_get(2)?,
        subject: row.try_get(3)?,
        outcome: row.try_get(4)?,
        detail: row.try_get(5)?,
        hash: row.try_get(6)?,
        prev: row.try_get(7)?,
    })
}
