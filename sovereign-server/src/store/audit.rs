//! What admins did and were refused, as a chain of hashes.
//!
//! Invariant: each row's hash covers the row and the hash before it, so that a row that is
//! changed, dropped or slipped in shows.

use std::path::Path;

use rusqlite::{Connection, OpenFlags, OptionalExtension, Row};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::{Store, StoreError};

/// What is to be noted. It holds ids and the admin's own words, never an address or a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEvent {
    /// When, in milliseconds since 1970.
    pub at_ms: i64,
    /// What was asked for, such as `freeze`.
    pub action: String,
    /// To what: an id, or nothing.
    pub subject: String,
    /// `done`, `denied`, or the code of the refusal.
    pub outcome: String,
    /// Why, in the admin's words.
    pub detail: String,
}

/// A noted event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AuditRow {
    /// Its place in the chain.
    pub number: i64,
    /// When, in milliseconds since 1970.
    pub at_ms: i64,
    /// What was asked for.
    pub action: String,
    /// To what.
    pub subject: String,
    /// What came of it.
    pub outcome: String,
    /// Why, in the admin's words.
    pub detail: String,
    /// Hash of this row and all before it, in hexadecimal.
    pub hash: String,
    #[serde(skip)]
    prev: String,
}

/// What a look at the whole chain found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AuditReport {
    /// Rows that were looked at.
    pub rows: u64,
    /// The first row that does not fit, if any.
    pub broken_at: Option<i64>,
    /// Hash of the newest row: to compare with one that was noted elsewhere.
    pub newest: String,
}

/// The hash before the first row.
const START: &str = "";
const COLUMNS: &str = "number, at_ms, action, subject, outcome, detail, hash, prev";

impl Store {
    /// Notes an event at the end of the chain.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn audit(&self, event: AuditEvent) -> Result<(), StoreError> {
        self.call(move |c| {
            let transaction = c.transaction()?;
            let newest = newest(&transaction)?;
            let (number, prev) = newest.unwrap_or_else(|| (0, START.to_owned()));
            let row = AuditRow::after(number, prev, event);
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
        })
        .await
    }

    /// The newest events before number `before`, newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn audit_rows(&self, before: i64, most: u32) -> Result<Vec<AuditRow>, StoreError> {
        self.call(move |c| {
            let select = format!(
                "SELECT {COLUMNS} FROM audit WHERE number < ?1 ORDER BY number DESC LIMIT ?2"
            );
            let mut statement = c.prepare_cached(&select)?;
            Ok(statement.query_map((before, most), row)?.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// Computes the chain again. Time is proportional to its rows.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn audit_check(&self) -> Result<AuditReport, StoreError> {
        self.call(|c| check(c)).await
    }

    /// Drops events before `before_ms`; the chain goes on from the first that is left.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn prune_audit(&self, before_ms: i64) -> Result<usize, StoreError> {
        self.call(move |c| {
            // The newest row stays, whatever its age: the next one is chained to it.
            let old = "at_ms < ?1 AND number < (SELECT max(number) FROM audit)";
            Ok(c.execute(&format!("DELETE FROM audit WHERE {old}"), [before_ms])?)
        })
        .await
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
    let mut report = AuditReport { rows: 0, broken_at: None, newest: START.to_owned() };
    let mut before: Option<(i64, String)> = None;
    for next in statement.query_map([], row)? {
        let next = next?;
        let follows = before.is_none_or(|(n, hash)| next.number == n + 1 && next.prev == hash);
        if report.broken_at.is_none() && !(follows && next.hash == next.hashed()) {
            report.broken_at = Some(next.number);
        }
        report.rows += 1;
        report.newest.clone_from(&next.hash);
        before = Some((next.number, next.hash));
    }
    Ok(report)
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

impl AuditRow {
    fn after(number: i64, prev: String, event: AuditEvent) -> Self {
        let AuditEvent { at_ms, action, subject, outcome, detail } = event;
        let number = number + 1;
        let hash = String::new();
        let row = Self { number, at_ms, action, subject, outcome, detail, hash, prev };
        Self { hash: row.hashed(), ..row }
    }

    /// Lengths come first, so that no two rows are hashed as the same bytes.
    fn hashed(&self) -> String {
        let mut hash = Sha256::new();
        hash.update(self.number.to_le_bytes());
        hash.update(self.at_ms.to_le_bytes());
        for text in [&self.prev, &self.action, &self.subject, &self.outcome, &self.detail] {
            hash.update((text.len() as u64).to_le_bytes());
            hash.update(text);
        }
        hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(action: &str, at_ms: i64) -> AuditEvent {
        let text = |text: &str| text.to_owned();
        AuditEvent {
            at_ms,
            action: text(action),
            subject: text("a game"),
            outcome: text("done"),
            detail: text("because"),
        }
    }

    async fn chain() -> (tempfile::TempDir, Store) {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).await.unwrap();
        for (at_ms, action) in (1..).zip(["freeze", "kick", "ban", "unfreeze"]) {
            store.audit(event(action, at_ms)).await.unwrap();
        }
        (folder, store)
    }

    #[tokio::test]
    async fn a_chain_that_nobody_touched_is_whole() {
        let (_folder, store) = chain().await;
        let report = store.audit_check().await.unwrap();
        assert_eq!((report.rows, report.broken_at), (4, None));
        let rows = store.audit_rows(4, 2).await.unwrap();
        let actions: Vec<&str> = rows.iter().map(|row| row.action.as_str()).collect();
        assert_eq!(actions, ["ban", "kick"]);
    }

    #[tokio::test]
    async fn a_change_a_gap_and_a_swap_show() {
        for (damage, broken_at) in [
            ("UPDATE audit SET outcome = 'denied' WHERE number = 2", 2),
            ("UPDATE audit SET at_ms = 9 WHERE number = 3", 3),
            ("DELETE FROM audit WHERE number = 2", 3),
            ("UPDATE audit SET action = subject, subject = action WHERE number = 4", 4),
        ] {
            let (_folder, store) = chain().await;
            store.call(move |c| Ok(c.execute(damage, [])?)).await.unwrap();
            let report = store.audit_check().await.unwrap();
            assert_eq!(report.broken_at, Some(broken_at), "{damage}");
        }
    }

    #[tokio::test]
    async fn old_events_go_and_the_chain_stays_whole() {
        let (_folder, store) = chain().await;
        assert_eq!(store.prune_audit(3).await.unwrap(), 2);
        store.audit(event("end", 5)).await.unwrap();
        let report = store.audit_check().await.unwrap();
        assert_eq!((report.rows, report.broken_at), (3, None));
        store.prune_audit(100).await.unwrap();
        assert_eq!(store.audit_check().await.unwrap().rows, 1, "the newest stays");
    }
}
