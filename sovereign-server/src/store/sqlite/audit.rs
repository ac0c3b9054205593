//! [`Audit`] in `main.db`.

use std::path::Path;

use rusqlite::{Connection, OpenFlags, OptionalExtension, Row};

use super::SqliteStore;
use crate::store::audit::Chain;
use crate::store::{Audit, AuditEvent, AuditReport, AuditRow, Pending, StoreError};

const COLUMNS: &str = "number, at_ms, action, subject, outcome, detail, hash, prev";

impl Audit for SqliteStore {
    fn audit(&self, event: AuditEvent) -> Pending<'_, ()> {
        Box::pin(self.call(move |c| {
            let transaction = c.transaction()?;
            let row = AuditRow::after(newest(&transaction)?, event);
            let values = (
                row.number,
                row.at_ms,
                &row.action,
                &row.subject,
                &row.outcome,
                &row.detail,
                &row.hash,
                &row.prev,
            );
            let insert = format!("INSERT INTO audit ({COLUMNS}) VALUES (?1,?2,?3,?4,?5,?6,?7,?8)");
            transaction.execute(&insert, values)?;
            transaction.commit()?;
            Ok(())
        }))
    }

    fn audit_rows(&self, before: i64, most: u32) -> Pending<'_, Vec<AuditRow>> {
        Box::pin(self.call(move |c| {
            let select = format!(
                "SELECT {COLUMNS} FROM audit WHERE number < ?1 ORDER BY number DESC LIMIT ?2"
            );
            let mut statement = c.prepare_cached(&select)?;
            Ok(statement.query_map((before, most), row)?.collect::<Result<_, _>>()?)
        }))
    }

    fn audit_check(&self) -> Pending<'_, AuditReport> {
        Box::pin(self.call(|c| check(c)))
    }

    fn prune_audit(&self, before_ms: i64) -> Pending<'_, usize> {
        Box::pin(self.call(move |c| {
            // The newest row stays, whatever its age: the next one is chained to it.
            let old = "at_ms < ?1 AND number < (SELECT max(number) FROM audit)";
            Ok(c.execute(&format!("DELETE FROM audit WHERE {old}"), [before_ms])?)
        }))
    }
}

/// Computes the chain of a `main.db` again, whether its server runs or not.
///
/// # Errors
/// [`StoreError`].
pub fn audit_check_file(path: &Path) -> Result<AuditReport, StoreError> {
    check(&Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?)
}

fn newest(c: &Connection) -> Result<Option<(i64, String)>, StoreError> {
    let select = "SELECT number, hash FROM audit ORDER BY number DESC LIMIT 1";
    Ok(c.query_row(select, [], |r| Ok((r.get(0)?, r.get(1)?))).optional()?)
}

fn check(c: &Connection) -> Result<AuditReport, StoreError> {
    let mut statement = c.prepare(&format!("SELECT {COLUMNS} FROM audit ORDER BY number"))?;
    let mut chain = Chain::default();
    for next in statement.query_map([], row)? {
        chain.look_at(next?);
    }
    Ok(chain.report())
}

fn row(r: &Row<'_>) -> rusqlite::Result<AuditRow> {
    Ok(AuditRow {
        number: r.get(0)?,
        at_ms: r.get(1)?,
        action: r.get(2)?,
        subject: r.get(3)?,
        outcome: r.get(4)?,
        detail: r.get(5)?,
        hash: r.get(6)?,
        prev: r.get(7)?,
    })
}
