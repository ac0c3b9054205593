//! [`Reports`] in PostgreSQL.

use tokio_postgres::Row;

use super::PostgresStore;
use super::values::{big, number, optional, text};
use crate::postgres::Values;
use crate::store::{Pending, Report, Reports, StoreError};

/// Keeps a complaint, and drops those that are older by more than `$10`.
const PUT: &str = "
    WITH put AS (
        INSERT INTO report (at_ms, game, tick, seat, account, reporter, reason, comment, lines)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING number),
    gone AS (DELETE FROM report WHERE number <= (SELECT number - $10 FROM put))
    SELECT number FROM put";

impl Reports for PostgresStore {
    fn put_report(&self, report: Report, keep: u64) -> Pending<'_, i64> {
        Box::pin(async move {
            let Report { at_ms, game, tick, seat, account, reporter, reason, .. } = &report;
            let (tick, seat) = (tick.map(i64::from), i64::from(*seat));
            let (comment, lines) = (text(&report.comment), report.lines.to_string());
            let values: Values<'_> = &[
                at_ms,
                game,
                &tick,
                &seat,
                account,
                reporter,
                reason,
                &comment,
                &lines,
                &big(keep),
            ];
            let put =
                self.row(PUT, values).await?.ok_or(StoreError::Corrupt("complaint's number"))?;
            Ok(put.try_get(0)?)
        })
    }

    fn reports(&self, before: i64, closed: bool, most: u32) -> Pending<'_, Vec<Report>> {
        Box::pin(async move {
            let select =
                "SELECT number, at_ms, game, tick, seat, account, reporter, reason, comment,
                              lines, closed
                          FROM report WHERE number < $1 AND (NOT closed OR $2)
                          ORDER BY number DESC LIMIT $3";
            let rows = self.rows(select, &[&before, &closed, &i64::from(most)]).await?;
            rows.iter().map(report).collect()
        })
    }

    fn close_report(&self, number: i64) -> Pending<'_, bool> {
        Box::pin(async move {
            let close = "UPDATE report SET closed = true WHERE number = $1 AND NOT closed";
            Ok(self.run(close, &[&number]).await? == 1)
        })
    }

    fn prune_reports(&self, before_ms: i64) -> Pending<'_, usize> {
        Box::pin(async move {
            let dropped = self.run("DELETE FROM report WHERE at_ms < $1", &[&before_ms]).await?;
            Ok(usize::try_from(dropped).unwrap_or(usize::MAX))
        })
    }
}

fn report(row: &Row) -> Result<Report, StoreError> {
    let lines: &str = row.try_get(9)?;
    Ok(Report {
        number: row.try_get(0)?,
        at_ms: row.try_get(1)?,
        game: row.try_get(2)?,
        tick: optional(row, 3)?,
        seat: number(row, 4)?,
        account: row.try_get(5)?,
        reporter: row.try_get(6)?,
        reason: row.try_get(7)?,
        comment: row.try_get(8)?,
        // What was erased is no lines.
        lines: serde_json::from_str(lines).unwrap_or_default(),
        closed: row.try_get(10)?,
    })
}
