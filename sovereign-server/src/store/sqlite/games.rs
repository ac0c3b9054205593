//! [`Games`] in `main.db`.

use rusqlite::{Connection, OptionalExtension, Row};
use uuid::Uuid;

use super::SqliteStore;
use crate::log::GameId;
use crate::store::{GameRecord, GameStatus, Games, Pending, SeatRecord, StoreError};

impl Games for SqliteStore {
    fn create_game(&self, game: GameRecord) -> Pending<'_, bool> {
        Box::pin(self.call(move |c| insert_game(c, game)))
    }

    fn create_seated_game(&self, game: GameRecord, seats: Vec<SeatRecord>) -> Pending<'_, bool> {
        Box::pin(self.call(move |c| {
            let transaction = c.transaction()?;
            let id = game.id;
            let made = insert_game(&transaction, game)?;
            for seat in seats.iter().filter(|_| made) {
                insert_seat(&transaction, id, seat)?;
            }
            transaction.commit()?;
            Ok(made)
        }))
    }

    fn set_game(&self, id: GameId, status: GameStatus, start: Option<Vec<u8>>) -> Pending<'_, ()> {
        Box::pin(self.call(move |c| {
            let update = "UPDATE game SET status = ?2, start = coalesce(?3, start) WHERE id = ?1";
            c.execute(update, (id, status.text(), start))?;
            Ok(())
        }))
    }

    fn game(&self, id: GameId) -> Pending<'_, Option<GameRecord>> {
        Box::pin(self.call(move |c| {
            let found = c.query_row(&select("id = ?1"), [id], raw).optional()?;
            found.map(typed).transpose()
        }))
    }

    fn unfinished_games(&self) -> Pending<'_, Vec<GameRecord>> {
        Box::pin(self.call(|c| {
            let mut statement = c.prepare(&select("status <> 'finished' ORDER BY created_ms"))?;
            let rows = statement.query_map([], raw)?.collect::<Result<Vec<_>, _>>()?;
            rows.into_iter().map(typed).collect()
        }))
    }

    fn hosted_games(&self, account: Uuid) -> Pending<'_, Vec<GameId>> {
        Box::pin(self.call(move |c| {
            let mut statement = c.prepare_cached(
                "SELECT game.id FROM seat JOIN game ON game.id = seat.game
                 WHERE seat.account = ?1 AND seat.host AND game.status <> 'finished'",
            )?;
            let rows = statement.query_map([account], |row| row.get(0))?;
            Ok(rows.collect::<Result<_, _>>()?)
        }))
    }

    fn remove_game(&self, id: GameId) -> Pending<'_, ()> {
        Box::pin(self.call(move |c| {
            c.execute("DELETE FROM game WHERE id = ?1", [id])?;
            Ok(())
        }))
    }

    fn prune_games(&self) -> Pending<'_, ()> {
        Box::pin(self.call(|c| {
            let old = "status = 'finished' AND id NOT IN (SELECT id FROM replay)";
            c.execute(&format!("DELETE FROM game WHERE {old}"), [])?;
            Ok(())
        }))
    }

    fn put_seat(&self, game: GameId, seat: SeatRecord) -> Pending<'_, ()> {
        Box::pin(self.call(move |c| insert_seat(c, game, &seat)))
    }

    fn change_lobby(
        &self,
        game: GameId,
        settings: String,
        seats: Vec<SeatRecord>,
    ) -> Pending<'_, ()> {
        Box::pin(self.call(move |c| {
            let transaction = c.transaction()?;
            transaction.execute("UPDATE game SET settings = ?2 WHERE id = ?1", (game, settings))?;
            transaction.execute("DELETE FROM seat WHERE game = ?1", [game])?;
            for seat in seats {
                insert_seat(&transaction, game, &seat)?;
            }
            transaction.commit()?;
            Ok(())
        }))
    }

    fn remove_seat(&self, game: GameId, seat: u16) -> Pending<'_, ()> {
        Box::pin(self.call(move |c| {
            c.execute("DELETE FROM seat WHERE game = ?1 AND seat = ?2", (game, seat))?;
            Ok(())
        }))
    }

    fn seats(&self, game: GameId) -> Pending<'_, Vec<SeatRecord>> {
        Box::pin(self.call(move |c| {
            let mut statement = c.prepare_cached(
                "SELECT seat, account, name, host FROM seat WHERE game = ?1 ORDER BY seat",
            )?;
            let rows = statement.query_map([game], |r| {
                let (seat, account, name, host) = (r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?);
                Ok(SeatRecord { seat, account, name, host })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        }))
    }
}

/// False when its code is taken.
fn insert_game(c: &Connection, game: GameRecord) -> Result<bool, StoreError> {
    let GameRecord { id, code, status, settings, start, created_ms } = game;
    let insert = "INSERT OR IGNORE INTO game (id, code, status, settings, start, created_ms)
                  VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    Ok(c.execute(insert, (id, code, status.text(), settings, start, created_ms))? == 1)
}

fn insert_seat(c: &Connection, game: GameId, seat: &SeatRecord) -> Result<(), StoreError> {
    let row = (game, seat.seat, seat.account, &seat.name, seat.host);
    c.execute("INSERT OR REPLACE INTO seat VALUES (?1, ?2, ?3, ?4, ?5)", row)?;
    Ok(())
}

fn select(condition: &str) -> String {
    format!("SELECT id, code, status, settings, start, created_ms FROM game WHERE {condition}")
}

type RawGame = (Uuid, String, String, String, Option<Vec<u8>>, i64);

fn raw(row: &Row<'_>) -> rusqlite::Result<RawGame> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?))
}

fn typed(
    (id, code, status, settings, start, created_ms): RawGame,
) -> Result<GameRecord, StoreError> {
    let status = GameStatus::parse(&status)?;
    Ok(GameRecord { id, code, status, settings, start, created_ms })
}
