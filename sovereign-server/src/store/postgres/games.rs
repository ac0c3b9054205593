//! [`Games`] in PostgreSQL.

use tokio_postgres::Row;
use uuid::Uuid;

use super::PostgresStore;
use super::values::{number, text};
use crate::log::GameId;
use crate::postgres::Values;
use crate::store::{GameRecord, GameStatus, Games, Pending, SeatRecord, StoreError};

/// A game with its people, unless the code is taken.
const CREATE: &str = "
    WITH made AS (
        INSERT INTO game (id, code, status, settings, start, created_ms, node)
        VALUES ($1, $2, $3, $4::text::jsonb, $5, $6, $7) ON CONFLICT DO NOTHING RETURNING id),
    seated AS (
        INSERT INTO seat (game, seat, account, name, host)
        SELECT made.id, s.* FROM made,
            unnest($8::bigint[], $9::uuid[], $10::text[], $11::boolean[]) s)
    SELECT FROM made";
// What changes a game asks whether it is still this node's, and keeps it from moving meanwhile: of
// a node that was taken for dead and still has its table, nothing gets here.

/// Settings and people of a lobby, in place of what was there.
const CHANGE: &str = "
    WITH changed AS (
        UPDATE game SET settings = $2::text::jsonb WHERE id = $1 AND node = $7 RETURNING id),
    gone AS (
        DELETE FROM seat USING changed WHERE game = changed.id AND seat <> ALL ($3::bigint[])),
    seated AS (
        INSERT INTO seat (game, seat, account, name, host)
        SELECT changed.id, s.* FROM changed,
            unnest($3::bigint[], $4::uuid[], $5::text[], $6::boolean[]) s
        ON CONFLICT (game, seat) DO UPDATE
        SET account = excluded.account, name = excluded.name, host = excluded.host)
    SELECT FROM changed";
/// Games with their people in columns.
pub(crate) const SEATED: &str = "
    SELECT id, code, status, settings::text, start, created_ms, numbers, accounts, names, hosts
    FROM game LEFT JOIN LATERAL (
        SELECT array_agg(seat ORDER BY seat) AS numbers, array_agg(account ORDER BY seat) AS accounts,
            array_agg(name ORDER BY seat) AS names, array_agg(host ORDER BY seat) AS hosts
        FROM seat WHERE seat.game = game.id) AS people ON true
    WHERE id = ANY ($1)";
const PUT_SEAT: &str = "
    WITH own AS (SELECT id FROM game WHERE id = $1 AND node = $6 FOR SHARE)
    INSERT INTO seat (game, seat, account, name, host)
    SELECT id, $2, $3, $4, $5 FROM own ON CONFLICT (game, seat) DO UPDATE
    SET account = excluded.account, name = excluded.name, host = excluded.host";
const REMOVE_SEAT: &str = "
    WITH own AS (SELECT id FROM game WHERE id = $1 AND node = $3 FOR SHARE)
    DELETE FROM seat USING own WHERE game = own.id AND seat = $2";
const MOVE_ON: &str = "
    UPDATE game SET status = $2, start = coalesce($3, start) WHERE id = $1 AND node = $4";

impl Games for PostgresStore {
    fn create_game(&self, game: GameRecord) -> Pending<'_, bool> {
        self.create_seated_game(game, Vec::new())
    }

    fn create_seated_game(&self, game: GameRecord, seats: Vec<SeatRecord>) -> Pending<'_, bool> {
        Box::pin(async move {
            let GameRecord { id, code, status, settings, start, created_ms } = &game;
            let (status, settings) = (status.text(), text(settings));
            let Seats { numbers, accounts, names, hosts } = Seats::of(&seats);
            let values: Values<'_> = &[
                id, code, &status, &settings, start, created_ms, &self.node, &numbers, &accounts,
                &names, &hosts,
            ];
            Ok(self.row(CREATE, values).await?.is_some())
        })
    }

    fn set_game(&self, id: GameId, status: GameStatus, start: Option<Vec<u8>>) -> Pending<'_, ()> {
        Box::pin(async move {
            let values: Values<'_> = &[&id, &status.text(), &start, &self.node];
            still_here(self.run(MOVE_ON, values).await?)
        })
    }

    fn game(&self, id: GameId) -> Pending<'_, Option<GameRecord>> {
        Box::pin(async move {
            let select = "SELECT id, code, status, settings::text, start, created_ms
                          FROM game WHERE id = $1";
            self.row(select, &[&id]).await?.as_ref().map(game).transpose()
        })
    }

    fn seated_games(&self, ids: Vec<GameId>) -> Pending<'_, Vec<(GameRecord, Vec<SeatRecord>)>> {
        Box::pin(async move {
            let rows = self.rows(SEATED, &[&ids]).await?;
            rows.iter().map(|row| Ok((game(row)?, seats(row)?))).collect()
        })
    }

    fn unfinished_games(&self) -> Pending<'_, Vec<GameRecord>> {
        Box::pin(async move {
            let select = "SELECT id, code, status, settings::text, start, created_ms FROM game
                          WHERE status <> 'finished' AND node = $1 ORDER BY created_ms";
            self.rows(select, &[&self.node]).await?.iter().map(game).collect()
        })
    }

    fn hosted_games(&self, account: Uuid) -> Pending<'_, Vec<GameId>> {
        Box::pin(async move {
            let select = "SELECT game.id FROM seat JOIN game ON game.id = seat.game
                          WHERE seat.account = $1 AND seat.host AND game.status <> 'finished'";
            self.rows(select, &[&account]).await?.iter().map(|row| Ok(row.try_get(0)?)).collect()
        })
    }

    fn remove_game(&self, id: GameId) -> Pending<'_, ()> {
        Box::pin(async move {
            let delete = "DELETE FROM game WHERE id = $1 AND node = $2";
            self.run(delete, &[&id, &self.node]).await.map(drop)
        })
    }

    fn prune_games(&self) -> Pending<'_, ()> {
        Box::pin(async move {
            let old = "DELETE FROM game WHERE status = 'finished'
                       AND NOT EXISTS (SELECT FROM replay WHERE replay.id = game.id)";
            self.run(old, &[]).await.map(drop)
        })
    }

    fn put_seat(&self, game: GameId, seat: SeatRecord) -> Pending<'_, ()> {
        Box::pin(async move {
            let (number, name) = (i64::from(seat.seat), text(&seat.name));
            let values: Values<'_> =
                &[&game, &number, &seat.account, &name, &seat.host, &self.node];
            still_here(self.run(PUT_SEAT, values).await?)
        })
    }

    fn change_lobby(
        &self,
        game: GameId,
        settings: String,
        seats: Vec<SeatRecord>,
    ) -> Pending<'_, ()> {
        Box::pin(async move {
            let (settings, Seats { numbers, accounts, names, hosts }) =
                (text(&settings), Seats::of(&seats));
            let values: Values<'_> =
                &[&game, &settings, &numbers, &accounts, &names, &hosts, &self.node];
            still_here(self.rows(CHANGE, values).await?.len() as u64)
        })
    }

    fn remove_seat(&self, game: GameId, seat: u16) -> Pending<'_, ()> {
        Box::pin(async move {
            self.run(REMOVE_SEAT, &[&game, &i64::from(seat), &self.node]).await.map(drop)
        })
    }

    fn seats(&self, game: GameId) -> Pending<'_, Vec<SeatRecord>> {
        Box::pin(async move {
            let select = "SELECT seat, account, name, host FROM seat WHERE game = $1 ORDER BY seat";
            self.rows(select, &[&game]).await?.iter().map(seat).collect()
        })
    }
}

/// What was changed was this node's, if anything was.
const fn still_here(changed: u64) -> Result<(), StoreError> {
    if changed == 0 { Err(StoreError::Elsewhere) } else { Ok(()) }
}

/// Seats in columns, for `unnest`.
struct Seats {
    numbers: Vec<i64>,
    accounts: Vec<Option<Uuid>>,
    names: Vec<String>,
    hosts: Vec<bool>,
}

impl Seats {
    fn of(seats: &[SeatRecord]) -> Self {
        Self {
            numbers: seats.iter().map(|seat| seat.seat.into()).collect(),
            accounts: seats.iter().map(|seat| seat.account).collect(),
            names: seats.iter().map(|seat| text(&seat.name).into_owned()).collect(),
            hosts: seats.iter().map(|seat| seat.host).collect(),
        }
    }
}

fn game(row: &Row) -> Result<GameRecord, StoreError> {
    Ok(GameRecord {
        id: row.try_get(0)?,
        code: row.try_get(1)?,
        status: GameStatus::parse(row.try_get(2)?)?,
        settings: row.try_get(3)?,
        start: row.try_get(4)?,
        created_ms: row.try_get(5)?,
    })
}

/// The people in columns behind a game's; where nobody sits, they are null.
fn seats(row: &Row) -> Result<Vec<SeatRecord>, StoreError> {
    let Some(numbers) = row.try_get::<_, Option<Vec<i64>>>(6)? else { return Ok(Vec::new()) };
    let (accounts, names): (Vec<Option<Uuid>>, Vec<String>) = (row.try_get(7)?, row.try_get(8)?);
    let hosts: Vec<bool> = row.try_get(9)?;
    let people = numbers.into_iter().zip(accounts).zip(names.into_iter().zip(hosts));
    let seat = |((number, account), (name, host))| {
        let seat = u16::try_from(number).map_err(|_| StoreError::Corrupt("number"))?;
        Ok(SeatRecord { seat, account, name, host })
    };
    people.map(seat).collect()
}

fn seat(row: &Row) -> Result<SeatRecord, StoreError> {
    Ok(SeatRecord {
        seat: number(row, 0)?,
        account: row.try_get(1)?,
        name: row.try_get(2)?,
        host: row.try_get(3)?,
    })
}
