//! Complaints: who complains of whom, and what was said.

use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::Pending;
use crate::log::GameId;

/// A complaint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Its number; 0 before it is stored.
    pub number: i64,
    /// When, in milliseconds since 1970.
    pub at_ms: i64,
    /// In which game.
    pub game: GameId,
    /// The game's tick; none once it had ended.
    pub tick: Option<u32>,
    /// Of which seat.
    pub seat: u16,
    /// Whose seat it was; none once erased.
    pub account: Option<Uuid>,
    /// Who complains; none once erased.
    pub reporter: Option<Uuid>,
    /// Of what, such as `abuse`.
    pub reason: String,
    /// In the words of who complains.
    pub comment: String,
    /// The newest lines that who complains has heard, oldest first.
    pub lines: Value,
    /// Whether an admin has dealt with it.
    pub closed: bool,
}

/// The keeper of complaints.
pub trait Reports: Send + Sync + std::fmt::Debug {
    /// Keeps a complaint, and drops the oldest beyond `keep`; its number.
    fn put_report(&self, report: Report, keep: u64) -> Pending<'_, i64>;

    /// The newest complaints before number `before`, the newest first; those that are closed
    /// only if asked for.
    fn reports(&self, before: i64, closed: bool, most: u32) -> Pending<'_, Vec<Report>>;

    /// Closes a complaint; whether there was one that was open.
    fn close_report(&self, number: i64) -> Pending<'_, bool>;

    /// Drops complaints from before `before_ms`; how many.
    fn prune_reports(&self, before_ms: i64) -> Pending<'_, usize>;
}
