//! [`Records`] in PostgreSQL.

use std::collections::HashMap;

use tokio_postgres::Row;
use uuid::Uuid;

use super::link::{Change, Tx};
use super::values::{big, number, text};
use super::{PostgresStore, library};
use crate::postgres::Values;
use crate::ranked::rating::Rating;
use crate::store::records::{Rated, rated};
use crate::store::{
    Cursor, Finish, Keep, Pending, RatingRecord, Records, ResultRecord, StoreError, now_ms,
};

/// Who sat where and has an account still, kept from other games that end at once.
const HOLD: &str = "
    SELECT seat.seat, account.id FROM seat JOIN account ON account.id = seat.account
    WHERE seat.game = $1 ORDER BY account.id FOR NO KEY UPDATE OF account";
const PUT_RESULTS: &str = "
    INSERT INTO result (account, game, ended_ms, summary, ladder, seat, place, drawn,
        mean_before, deviation_before, mean, deviation)
    SELECT r.account, $1, $2, $3, $4, r.seat, r.place, r.drawn, r.mean_before, r.deviation_before,
        r.mean, r.deviation
    FROM unnest($5::uuid[], $6::bigint[], $7::bigint[], $8::boolean[], $9::float8[], $10::float8[],
        $11::float8[], $12::float8[])
        r (account, seat, place, drawn, mean_before, deviation_before, mean, deviation)
    ON CONFLICT DO NOTHING";
const PUT_RATINGS: &str = "
    INSERT INTO rating (account, ladder, mean, deviation, games, wins, updated_ms)
    SELECT r.account, $1, r.mean, r.deviation, 1, r.won, $2
    FROM unnest($3::uuid[], $4::float8[], $5::float8[], $6::bigint[])
        r (account, mean, deviation, won)
    ON CONFLICT (account, ladder) DO UPDATE SET mean = excluded.mean,
        deviation = excluded.deviation, games = rating.games + 1,
        wins = rating.wins + excluded.wins, updated_ms = excluded.updated_ms";
const DROP_OLD: &str = "
    DELETE FROM result USING (
        SELECT account, game, row_number() OVER (
            PARTITION BY account ORDER BY ended_ms DESC, game DESC) AS place
        FROM result WHERE account = ANY ($1)) old
    WHERE result.account = old.account AND result.game = old.game AND old.place > $2";
const RESULTS: &str = "
    SELECT game, ended_ms, summary, seat, place, drawn, ladder, mean_before, deviation_before,
        mean, deviation, EXISTS (SELECT FROM replay WHERE replay.id = result.game)
    FROM result WHERE account = $1 AND (ended_ms, game) < ($2, $3)
    ORDER BY ended_ms DESC, game DESC LIMIT $4";

impl Records for PostgresStore {
    fn finish_game(&self, finish: Finish, keep: Keep) -> Pending<'_, ()> {
        Box::pin(async move { self.change(&End { finish, keep }).await })
    }

    fn results(&self, account: Uuid, cursor: Cursor, most: u32) -> Pending<'_, Vec<ResultRecord>> {
        Box::pin(async move {
            let Cursor { ended_ms, game } = cursor;
            let rows =
                self.old_rows(RESULTS, &[&account, &ended_ms, &game, &i64::from(most)]).await?;
            let mut results: Vec<ResultRecord> =
                rows.iter().map(result).collect::<Result<_, _>>()?;
            let games: Vec<Uuid> = results.iter().map(|result| result.game).collect();
            let names = "SELECT game, seat, name FROM seat WHERE game = ANY ($1) ORDER BY seat";
            let mut named: HashMap<Uuid, Vec<(u16, String)>> = HashMap::new();
            for row in self.old_rows(names, &[&games]).await? {
                let name = (number(&row, 1)?, row.try_get(2)?);
                named.entry(row.try_get(0)?).or_default().push(name);
            }
            for result in &mut results {
                result.names = named.remove(&result.game).unwrap_or_default();
            }
            Ok(results)
        })
    }

    fn ratings(&self, account: Uuid) -> Pending<'_, Vec<RatingRecord>> {
        Box::pin(async move {
            let select = "SELECT ladder, account.name, mean, deviation, games, wins
                          FROM rating JOIN account ON account.id = rating.account
                          WHERE rating.account = $1 ORDER BY ladder";
            self.rows(select, &[&account]).await?.iter().map(rating).collect()
        })
    }

    fn leaders(&self, ladder: String, most: u32) -> Pending<'_, Vec<RatingRecord>> {
        Box::pin(async move {
            let select = "SELECT ladder, account.name, mean, deviation, games, wins
                          FROM rating JOIN account ON account.id = rating.account
                          WHERE ladder = $1
                          ORDER BY mean - 2 * deviation DESC, updated_ms LIMIT $2";
            let rows = self.old_rows(select, &[&text(&ladder), &i64::from(most)]).await?;
            rows.iter().map(rating).collect()
        })
    }

    fn ratings_on(&self, ladder: String, people: Vec<Uuid>) -> Pending<'_, Vec<Rating>> {
        Box::pin(async move {
            let rows = self.rows(RATINGS_ON, &[&people, &text(&ladder)]).await?;
            let known = known(&rows)?;
            Ok(people.iter().map(|id| known.get(id).copied().unwrap_or_default()).collect())
        })
    }
}

const RATINGS_ON: &str =
    "SELECT account, mean, deviation FROM rating WHERE account = ANY ($1) AND ladder = $2";

fn known(rows: &[Row]) -> Result<HashMap<Uuid, Rating>, StoreError> {
    let read = |row: &Row| {
        Ok((row.try_get(0)?, Rating { mean: row.try_get(1)?, deviation: row.try_get(2)? }))
    };
    rows.iter().map(read).collect()
}

fn rating(row: &Row) -> Result<RatingRecord, StoreError> {
    Ok(RatingRecord {
        ladder: row.try_get(0)?,
        name: row.try_get(1)?,
        rating: Rating { mean: row.try_get(2)?, deviation: row.try_get(3)? },
        games: number(row, 4)?,
        wins: number(row, 5)?,
    })
}

fn result(row: &Row) -> Result<ResultRecord, StoreError> {
    let read = |at: usize| -> Result<Option<Rating>, StoreError> {
        let (mean, deviation): (Option<f64>, Option<f64>) =
            (row.try_get(at)?, row.try_get(at + 1)?);
        Ok(mean.zip(deviation).map(|(mean, deviation)| Rating { mean, deviation }))
    };
    Ok(ResultRecord {
        game: row.try_get(0)?,
        ended_ms: row.try_get(1)?,
        summary: row.try_get(2)?,
        seat: number(row, 3)?,
        place: number(row, 4)?,
        drawn: row.try_get(5)?,
        ladder: row.try_get(6)?,
        rated: read(7)?.zip(read(9)?),
        names: Vec::new(),
        replay: row.try_get(11)?,
    })
}

/// A game's end with all that comes of it.
#[derive(Debug)]
struct End {
    finish: Finish,
    keep: Keep,
}

impl Change for End {
    type Done = ();

    async fn carry_out(&self, t: &mut Tx<'_>) -> Result<(), StoreError> {
        // Whoever stores the same end at once waits here, and then finds it stored.
        let end = "UPDATE game SET status = 'finished' WHERE id = $1 AND status <> 'finished'";
        let ended = t.run(end, &[&self.finish.id]).await? == 1;
        library::put(t, &self.finish).await?;
        if ended {
            self.record(t).await?;
        }
        library::drop_old(t, self.keep.replays).await
    }
}

impl End {
    async fn record(&self, t: &mut Tx<'_>) -> Result<(), StoreError> {
        let ladder = self.finish.counts_on();
        let rated = rated(self.seated(t, ladder).await?);
        let people = People::of(&rated, ladder.is_some());
        self.put_results(t, &people).await?;
        if let Some(ladder) = ladder {
            put_ratings(t, &people, ladder).await?;
        }
        t.run(DROP_OLD, &[&people.accounts, &big(self.keep.results)]).await.map(drop)
    }

    /// Everybody before the game is rated.
    async fn seated(&self, t: &mut Tx<'_>, ladder: Option<&str>) -> Result<Vec<Rated>, StoreError> {
        let mut people: HashMap<u16, Uuid> = HashMap::new();
        for row in t.rows(HOLD, &[&self.finish.id]).await? {
            people.insert(number(&row, 0)?, row.try_get(1)?);
        }
        let ids: Vec<Uuid> = people.values().copied().collect();
        let rows = match ladder {
            Some(ladder) => t.rows(RATINGS_ON, &[&ids, &ladder]).await?,
            None => Vec::new(),
        };
        let known = known(&rows)?;
        let seated = self.finish.results.iter().map(|result| {
            let account = people.get(&result.seat).copied();
            Rated::seated(*result, account, account.and_then(|id| known.get(&id).copied()))
        });
        Ok(seated.collect())
    }

    async fn put_results(&self, t: &mut Tx<'_>, people: &People) -> Result<(), StoreError> {
        let Finish { id, summary, ladder, .. } = &self.finish;
        let People { accounts, seats, places, drawn, before, after, .. } = people;
        let columns = [&before.means, &before.deviations, &after.means, &after.deviations];
        let [mean_before, deviation_before, mean, deviation] = columns;
        let (summary, now_ms) = (text(summary), now_ms());
        t.run(
            PUT_RESULTS,
            &[
                id,
                &now_ms,
                &summary,
                ladder,
                accounts,
                seats,
                places,
                drawn,
                mean_before,
                deviation_before,
                mean,
                deviation,
            ],
        )
        .await
        .map(drop)
    }
}

async fn put_ratings(t: &mut Tx<'_>, people: &People, ladder: &str) -> Result<(), StoreError> {
    let People { accounts, after, won, .. } = people;
    let (means, deviations) = (&after.means, &after.deviations);
    let values: Values<'_> = &[&ladder, &now_ms(), accounts, means, deviations, won];
    t.run(PUT_RATINGS, values).await.map(drop)
}

/// Ratings in columns; none where the game does not count.
struct Ratings {
    means: Vec<Option<f64>>,
    deviations: Vec<Option<f64>>,
}

impl Ratings {
    fn of(ratings: impl Iterator<Item = Rating>, counts: bool) -> Self {
        let columns = ratings.map(|Rating { mean, deviation }| {
            (counts.then_some(mean), counts.then_some(deviation))
        });
        let (means, deviations) = columns.unzip();
        Self { means, deviations }
    }
}

/// Those who have an account still, in columns, for `unnest`.
struct People {
    accounts: Vec<Uuid>,
    seats: Vec<i64>,
    places: Vec<i64>,
    drawn: Vec<bool>,
    won: Vec<i64>,
    before: Ratings,
    after: Ratings,
}

impl People {
    fn of(all: &[Rated], counts: bool) -> Self {
        let known: Vec<(Uuid, &Rated)> =
            all.iter().filter_map(|rated| Some((rated.account?, rated))).collect();
        let results = || known.iter().map(|(_, rated)| rated.result);
        Self {
            accounts: known.iter().map(|(account, _)| *account).collect(),
            seats: results().map(|result| result.seat.into()).collect(),
            places: results().map(|result| result.place.into()).collect(),
            drawn: results().map(|result| result.drawn).collect(),
            won: results().map(|result| result.won().into()).collect(),
            before: Ratings::of(known.iter().map(|(_, rated)| rated.before), counts),
            after: Ratings::of(known.iter().map(|(_, rated)| rated.after), counts),
        }
    }
}
