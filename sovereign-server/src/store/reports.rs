//! Complaints: who complains of whom, and what was said.

use rusqlite::{Connection, Row};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::{Store, StoreError};
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

const COLUMNS: &str =
    "number, at_ms, game, tick, seat, account, reporter, reason, comment, lines, closed";

impl Store {
    /// Keeps a complaint, and drops the oldest beyond `keep`; its number.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn put_report(&self, report: Report, keep: u64) -> Result<i64, StoreError> {
        self.call(move |c| put(c, &report, keep)).await
    }

    /// The newest complaints before number `before`, the newest first; those that are closed
    /// only if asked for.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn reports(
        &self,
        before: i64,
        closed: bool,
        most: u32,
    ) -> Result<Vec<Report>, StoreError> {
        self.call(move |c| {
            let mut statement = c.prepare_cached(&format!(
                "SELECT {COLUMNS} FROM report WHERE number < ?1 AND (closed = 0 OR ?2)
                 ORDER BY number DESC LIMIT ?3"
            ))?;
            let rows = statement.query_map((before, closed, most), row)?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// Closes a complaint; whether there was one that was open.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn close_report(&self, number: i64) -> Result<bool, StoreError> {
        self.call(move |c| {
            let close = "UPDATE report SET closed = 1 WHERE number = ?1 AND closed = 0";
            Ok(c.execute(close, [number])? == 1)
        })
        .await
    }

    /// Drops complaints from before `before_ms`; how many.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn prune_reports(&self, before_ms: i64) -> Result<usize, StoreError> {
        self.call(move |c| Ok(c.execute("DELETE FROM report WHERE at_ms < ?1", [before_ms])?)).await
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::store::People as _;
    use crate::store::people::{Account, Revocation};

    fn report(at_ms: i64, reporter: Uuid, account: Uuid) -> Report {
        Report {
            number: 0,
            at_ms,
            game: GameId::now_v7(),
            tick: Some(70),
            seat: 1,
            account: Some(account),
            reporter: Some(reporter),
            reason: "abuse".to_owned(),
            comment: "a canary".to_owned(),
            lines: json!([{ "text": "a canary" }]),
            closed: false,
        }
    }

    async fn store() -> (tempfile::TempDir, Store) {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).await.unwrap();
        (folder, store)
    }

    #[tokio::test]
    async fn complaints_are_kept_closed_and_dropped() {
        let (_folder, store) = store().await;
        let (ada, bob) = (Uuid::new_v4(), Uuid::new_v4());
        for at_ms in 1..=5 {
            store.put_report(report(at_ms, ada, bob), 3).await.unwrap();
        }
        let kept = store.reports(i64::MAX, false, 10).await.unwrap();
        assert_eq!(kept.iter().map(|r| r.at_ms).collect::<Vec<_>>(), [5, 4, 3]);
        let newest = kept[0].number;
        assert!(store.close_report(newest).await.unwrap());
        assert!(!store.close_report(newest).await.unwrap(), "once");
        assert_eq!(store.reports(i64::MAX, false, 10).await.unwrap().len(), 2);
        assert!(store.reports(i64::MAX, true, 1).await.unwrap()[0].closed);
        assert_eq!(store.prune_reports(5).await.unwrap(), 2);
    }

    /// D1: neither hears of the other by an export, and nothing is left of who was erased.
    #[tokio::test]
    async fn d1_a_complaint_is_exported_and_erased_without_telling_on_the_other() {
        let (_folder, store) = store().await;
        let (ada, bob) = (Uuid::new_v4(), Uuid::new_v4());
        for (id, name) in [(ada, "Ada"), (bob, "Bob")] {
            let account = Account::guest(id, name.to_owned());
            store.create_account(account, None).await.unwrap();
        }
        store.put_report(report(1, ada, bob), 10).await.unwrap();
        for (me, other) in [(ada, bob), (bob, ada)] {
            let told = store.export_account(me).await.unwrap();
            assert_eq!(told["report"][0]["reason"], "abuse");
            assert!(!told.to_string().contains(&other.to_string()), "{told}");
        }
        let void = Revocation { id: bob, issued_s: 1, until_s: 2 };
        store.erase_account(bob, void).await.unwrap();
        let left = store.reports(i64::MAX, true, 10).await.unwrap().remove(0);
        assert_eq!((left.account, left.reporter), (None, Some(ada)));
        assert_eq!((left.comment.as_str(), left.lines), ("", json!([])));
    }
}
