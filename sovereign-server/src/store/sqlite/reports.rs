//! [`Reports`] in `main.db`.

use rusqlite::{Connection, Row};

use super::SqliteStore;
use crate::store::{Pending, Report, Reports, StoreError};

const COLUMNS: &str =
    "number, at_ms, game, tick, seat, account, reporter, reason, comment, lines, closed";

impl Reports for SqliteStore {
    fn put_report(&self, report: Report, keep: u64) -> Pending<'_, i64> {
        Box::pin(self.call(move |c| put(c, &report, keep)))
    }

    fn reports(&self, before: i64, closed: bool, most: u32) -> Pending<'_, Vec<Report>> {
        Box::pin(self.call(move |c| {
            let mut statement = c.prepare_cached(&format!(
                "SELECT {COLUMNS} FROM report WHERE number < ?1 AND (closed = 0 OR ?2)
                 ORDER BY number DESC LIMIT ?3"
            ))?;
            let rows = statement.query_map((before, closed, most), row)?;
            Ok(rows.collect::<Result<_, _>>()?)
        }))
    }

    fn close_report(&self, number: i64) -> Pending<'_, bool> {
        Box::pin(self.call(move |c| {
            let close = "UPDATE report SET closed = 1 WHERE number = ?1 AND closed = 0";
            Ok(c.execute(close, [number])? == 1)
        }))
    }

    fn prune_reports(&self, before_ms: i64) -> Pending<'_, usize> {
        Box::pin(
            self.call(move |c| Ok(c.execute("DELETE FROM report WHERE at_ms < ?1", [before_ms])?)),
        )
    }
}

fn put(c: &mut Connection, report: &Report, keep: u64) -> Result<i64, StoreError> {
    let transaction = c.transaction()?;
    transaction.execute(
        "INSERT INTO report (at_ms, game, tick, seat, account, reporter, reason, comment, lines)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        (
            report.at_ms,
            report.game,
            report.tick,
            report.seat,
            report.account,
            report.reporter,
            &report.reason,
            &report.comment,
            report.lines.to_string(),
        ),
    )?;
    let number = transaction.last_insert_rowid();
    transaction.execute(
        "DELETE FROM report WHERE number <= ?1 - ?2",
        (number, i64::try_from(keep).unwrap_or(i64::MAX)),
    )?;
    transaction.commit()?;
    Ok(number)
}

fn row(r: &Row<'_>) -> rusqlite::Result<Report> {
    let lines: String = r.get(9)?;
    Ok(Report {
        number: r.get(0)?,
        at_ms: r.get(1)?,
        game: r.get(2)?,
        tick: r.get(3)?,
        seat: r.get(4)?,
        account: r.get(5)?,
        reporter: r.get(6)?,
        reason: r.get(7)?,
        comment: r.get(8)?,
        // What was erased is no lines.
        lines: serde_json::from_str(&lines).unwrap_or_default(),
        closed: r.get(10)?,
    })
}
