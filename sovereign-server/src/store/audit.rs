//! What admins did and were refused, as a chain of hashes.
//!
//! Invariant: each row's hash covers the row and the hash before it, so that a row that is
//! changed, dropped or slipped in shows.

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::Pending;

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
    pub(super) prev: String,
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

impl AuditRow {
    /// The row that follows the newest one, of which number and hash are given.
    pub(super) fn after(newest: Option<(i64, String)>, event: AuditEvent) -> Self {
        let (number, prev) = newest.unwrap_or_else(|| (0, START.to_owned()));
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

/// A look at a chain, row by row.
#[derive(Debug, Default)]
pub(super) struct Chain {
    rows: u64,
    broken_at: Option<i64>,
    newest: Option<(i64, String)>,
}

impl Chain {
    /// The row after those that were looked at.
    pub(super) fn look_at(&mut self, next: AuditRow) {
        let before = self.newest.as_ref();
        let follows = before.is_none_or(|(n, hash)| next.number == n + 1 && next.prev == *hash);
        if self.broken_at.is_none() && !(follows && next.hash == next.hashed()) {
            self.broken_at = Some(next.number);
        }
        self.rows += 1;
        self.newest = Some((next.number, next.hash));
    }

    /// What was found.
    pub(super) fn report(self) -> AuditReport {
        let Self { rows, broken_at, newest } = self;
        let newest = newest.map_or_else(|| START.to_owned(), |(_, hash)| hash);
        AuditReport { rows, broken_at, newest }
    }
}

/// The keeper of the chain.
pub trait Audit: Send + Sync + std::fmt::Debug {
    /// Notes an event at the end of the chain.
    fn audit(&self, event: AuditEvent) -> Pending<'_, ()>;

    /// The newest events before number `before`, newest first.
    fn audit_rows(&self, before: i64, most: u32) -> Pending<'_, Vec<AuditRow>>;

    /// Computes the chain again. Time is proportional to its rows.
    fn audit_check(&self) -> Pending<'_, AuditReport>;

    /// Drops events before `before_ms`; the chain goes on from the first that is left.
    fn prune_audit(&self, before_ms: i64) -> Pending<'_, usize>;
}
