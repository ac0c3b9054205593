//! [`Records`] in `main.db`.

use rusqlite::{Connection, OptionalExtension, Row, Transaction};
use uuid::Uuid;

use super::{SqliteStore, replays};
use crate::log::GameId;
use crate::ranked::rating::Rating;
use crate::store::records::{Rated, rated};
use crate::store::{
    Cursor, Finish, Keep, Pending, RatingRecord, Records, ResultRecord, SeatResult, StoreError,
    now_ms,
};

impl Records for SqliteStore {
    fn finish_game(&self, finish: Finish, keep: Keep) -> Pending<'_, ()> {
        Box::pin(self.call(move |c| {
            let transaction = c.transaction()?;
            let Finish { id, summary, replay, sealed, .. } = &finish;
            replays::insert(&transaction, *id, summary, replay, sealed.as_ref(), keep.replays)?;
            let end = "UPDATE game SET status = 'finished' WHERE id = ?1 AND status <> 'finished'";
            if transaction.execute(end, [finish.id])? == 1 {
                record(&transaction, &finish, keep.results)?;
            }
            transaction.commit()?;
            Ok(())
        }))
    }

    fn results(&self, account: Uuid, cursor: Cursor, most: u32) -> Pending<'_, Vec<ResultRecord>> {
        Box::pin(self.call(move |c| {
            let mut statement = c.prepare_cached(
                "SELECT game, ended_ms, summary, seat, place, drawn, ladder, mean_before,
                        deviation_before, mean, deviation,
                        EXISTS (SELECT 1 FROM replay WHERE replay.id = result.game)
                 FROM result WHERE account = ?1 AND (ended_ms, game) < (?2, ?3)
                 ORDER BY ended_ms DESC, game DESC LIMIT ?4",
            )?;
            let asked = (account, cursor.ended_ms, cursor.game, most);
            let rows = statement.query_map(asked, result)?;
            let mut results = rows.collect::<Result<Vec<_>, _>>()?;
            for result in &mut results {
                result.names = names(c, result.game)?;
            }
            Ok(results)
        }))
    }

    fn ratings(&self, account: Uuid) -> Pending<'_, Vec<RatingRecord>> {
        Box::pin(self.call(move |c| {
            let select = format!("{RATINGS} WHERE rating.account = ?1 ORDER BY ladder");
            let mut statement = c.prepare_cached(&select)?;
            let rows = statement.query_map([account], rating)?;
            Ok(rows.collect::<Result<_, _>>()?)
        }))
    }

    fn leaders(&self, ladder: String, most: u32) -> Pending<'_, Vec<RatingRecord>> {
        Box::pin(
        self.call(move |c| {
            let select = format!(
                "{RATINGS} WHERE ladder = ?1 ORDER BY mean - 2 * deviation DESC, updated_ms LIMIT ?2"
            );
            let mut statement = c.prepare_cached(&select)?;
            let rows = statement.query_map((ladder, most), rating)?;
            Ok(rows.collect::<Result<_, _>>()?)
        }))
    }

    fn ratings_on(&self, ladder: String, people: Vec<Uuid>) -> Pending<'_, Vec<Rating>> {
        Box::pin(self.call(move |c| {
            let of = |account| rating_of(c, account, &ladder).map(Option::unwrap_or_default);
            people.into_iter().map(of).collect()
        }))
    }
}

const RATINGS: &str = "SELECT ladder, account.name, mean, deviation, games, wins
                       FROM rating JOIN account ON account.id = rating.account";

fn rating(row: &Row<'_>) -> rusqlite::Result<RatingRecord> {
    Ok(RatingRecord {
        ladder: row.get(0)?,
        name: row.get(1)?,
        rating: Rating { mean: row.get(2)?, deviation: row.get(3)? },
        games: row.get(4)?,
        wins: row.get(5)?,
    })
}

fn result(row: &Row<'_>) -> rusqlite::Result<ResultRecord> {
    let number = |at| row.get::<_, Option<f64>>(at);
    let read = |at| Ok::<_, rusqlite::Error>(number(at)?.zip(number(at + 1)?));
    let rating = |(mean, deviation)| Rating { mean, deviation };
    Ok(ResultRecord {
        game: row.get(0)?,
        ended_ms: row.get(1)?,
        summary: row.get(2)?,
        seat: row.get(3)?,
        place: row.get(4)?,
        drawn: row.get(5)?,
        ladder: row.get(6)?,
        rated: read(7)?.map(rating).zip(read(9)?.map(rating)),
        names: Vec::new(),
        replay: row.get(11)?,
    })
}

fn names(c: &Connection, game: GameId) -> Result<Vec<(u16, String)>, StoreError> {
    let select = "SELECT seat, name FROM seat WHERE game = ?1 ORDER BY seat";
    let mut statement = c.prepare_cached(select)?;
    let rows = statement.query_map([game], |r| Ok((r.get(0)?, r.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn rating_of(c: &Connection, account: Uuid, ladder: &str) -> Result<Option<Rating>, StoreError> {
    let select = "SELECT mean, deviation FROM rating WHERE account = ?1 AND ladder = ?2";
    let mut statement = c.prepare_cached(select)?;
    let read = |r: &Row<'_>| Ok(Rating { mean: r.get(0)?, deviation: r.get(1)? });
    Ok(statement.query_row((account, ladder), read).optional()?)
}

/// Who sat at a seat and has an account still.
fn person_at(c: &Connection, game: GameId, seat: u16) -> Result<Option<Uuid>, StoreError> {
    let select = "SELECT account FROM seat JOIN account ON account.id = seat.account
                  WHERE game = ?1 AND seat = ?2";
    Ok(c.prepare_cached(select)?.query_row((game, seat), |r| r.get(0)).optional()?)
}

fn record(t: &Transaction<'_>, finish: &Finish, keep: u64) -> Result<(), StoreError> {
    let ladder = finish.counts_on();
    for rated in rated(seated(t, finish, ladder)?) {
        let Some(account) = rated.account else { continue };
        insert_result(t, finish, &rated, account, ladder)?;
        if let Some(ladder) = ladder {
            put_rating(t, &rated, account, ladder)?;
        }
        t.execute(
            "DELETE FROM result WHERE account = ?1 AND game NOT IN (SELECT game FROM result
             WHERE account = ?1 ORDER BY ended_ms DESC, game DESC LIMIT ?2)",
            (account, i64::try_from(keep).unwrap_or(i64::MAX)),
        )?;
    }
    Ok(())
}

/// Everybody before the game is rated.
fn seated(
    t: &Transaction<'_>,
    finish: &Finish,
    ladder: Option<&str>,
) -> Result<Vec<Rated>, StoreError> {
    let seated = |result: &SeatResult| {
        let account = person_at(t, finish.id, result.seat)?;
        let known = match (account, ladder) {
            (Some(account), Some(ladder)) => rating_of(t, account, ladder)?,
            _ => None,
        };
        Ok(Rated::seated(*result, account, known))
    };
    finish.results.iter().map(seated).collect()
}

fn insert_result(
    t: &Transaction<'_>,
    finish: &Finish,
    rated: &Rated,
    account: Uuid,
    ladder: Option<&str>,
) -> Result<(), StoreError> {
    let Rated { result, before, after, .. } = rated;
    let counted = |number: f64| ladder.map(|_| number);
    t.execute(
        "INSERT OR IGNORE INTO result (account, game, ended_ms, summary, seat, place, drawn,
             ladder, mean_before, deviation_before, mean, deviation)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
        (
            account,
            finish.id,
            now_ms(),
            &finish.summary,
            result.seat,
            result.place,
            result.drawn,
            &finish.ladder,
            counted(before.mean),
            counted(before.deviation),
            counted(after.mean),
            counted(after.deviation),
        ),
    )?;
    Ok(())
}

fn put_rating(
    t: &Transaction<'_>,
    rated: &Rated,
    account: Uuid,
    ladder: &str,
) -> Result<(), StoreError> {
    let won = rated.result.won();
    let Rating { mean, deviation } = rated.after;
    t.execute(
        "INSERT INTO rating (account, ladder, mean, deviation, games, wins, updated_ms)
         VALUES (?1, ?2, ?3, ?4, 1, ?5, ?6)
         ON CONFLICT (account, ladder) DO UPDATE SET mean = ?3, deviation = ?4,
             games = games + 1, wins = wins + ?5, updated_ms = ?6",
        (account, ladder, mean, deviation, won, now_ms()),
    )?;
    Ok(())
}
