//! Games and who sits at them.

use rusqlite::{Connection, OptionalExtension, Row};
use uuid::Uuid;

use super::{Store, StoreError, now_ms};
use crate::log::GameId;

/// Where a game is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GameStatus {
    /// Players gather.
    Lobby,
    /// It is played; its log has entries.
    Running,
    /// It has ended; its replay is stored.
    Finished,
}

impl GameStatus {
    const fn text(self) -> &'static str {
        match self {
            Self::Lobby => "lobby",
            Self::Running => "running",
            Self::Finished => "finished",
        }
    }

    fn parse(text: &str) -> Result<Self, StoreError> {
        [Self::Lobby, Self::Running, Self::Finished]
            .into_iter()
            .find(|status| status.text() == text)
            .ok_or(StoreError::Corrupt("game status"))
    }
}

/// A game as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GameRecord {
    /// Its id.
    pub id: GameId,
    /// The short code by which a friend joins.
    pub code: String,
    /// Where it is in its life.
    pub status: GameStatus,
    /// What its host chose, as JSON.
    pub settings: String,
    /// What the session was started from, encoded; none in the lobby.
    pub start: Option<Vec<u8>>,
    /// When it was made, in milliseconds since 1970.
    pub created_ms: i64,
}

/// A person's seat, kept apart from the game so that it can be erased.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeatRecord {
    /// The seat, from 0.
    pub seat: u16,
    /// Whose it is; none once erased.
    pub account: Option<Uuid>,
    /// What others see.
    pub name: String,
    /// Whether this person made the game.
    pub host: bool,
}

impl Store {
    /// Stores a new game; false when its code is taken.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn create_game(&self, game: GameRecord) -> Result<bool, StoreError> {
        self.call(move |c| insert_game(c, game)).await
    }

    /// Stores a new game with its people, at once; false when its code is taken.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn create_seated_game(
        &self,
        game: GameRecord,
        seats: Vec<SeatRecord>,
    ) -> Result<bool, StoreError> {
        self.call(move |c| {
            let transaction = c.transaction()?;
            let id = game.id;
            let made = insert_game(&transaction, game)?;
            for seat in seats.iter().filter(|_| made) {
                insert_seat(&transaction, id, seat)?;
            }
            transaction.commit()?;
            Ok(made)
        })
        .await
    }

    /// Moves a game on in its life; `start` is kept where none is given.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn set_game(
        &self,
        id: GameId,
        status: GameStatus,
        start: Option<Vec<u8>>,
    ) -> Result<(), StoreError> {
        self.call(move |c| {
            let update = "UPDATE game SET status = ?2, start = coalesce(?3, start) WHERE id = ?1";
            c.execute(update, (id, status.text(), start))?;
            Ok(())
        })
        .await
    }

    /// The game with this id, if there is one.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn game(&self, id: GameId) -> Result<Option<GameRecord>, StoreError> {
        self.call(move |c| {
            let found = c.query_row(&select("id = ?1"), [id], raw).optional()?;
            found.map(typed).transpose()
        })
        .await
    }

    /// The games that have not finished, oldest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn unfinished_games(&self) -> Result<Vec<GameRecord>, StoreError> {
        self.call(|c| {
            let mut statement = c.prepare(&select("status <> 'finished' ORDER BY created_ms"))?;
            let rows = statement.query_map([], raw)?.collect::<Result<Vec<_>, _>>()?;
            rows.into_iter().map(typed).collect()
        })
        .await
    }

    /// Removes a game and its seats.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn remove_game(&self, id: GameId) -> Result<(), StoreError> {
        self.call(move |c| {
            c.execute("DELETE FROM game WHERE id = ?1", [id])?;
            Ok(())
        })
        .await
    }

    /// Removes finished games whose replays are no longer kept.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn prune_games(&self) -> Result<(), StoreError> {
        self.call(|c| {
            let old = "status = 'finished' AND id NOT IN (SELECT id FROM replay)";
            c.execute(&format!("DELETE FROM game WHERE {old}"), [])?;
            Ok(())
        })
        .await
    }

    /// Seats a person, in the place of whoever had the seat.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn put_seat(&self, game: GameId, seat: SeatRecord) -> Result<(), StoreError> {
        self.call(move |c| insert_seat(c, game, &seat)).await
    }

    /// Stores what a host changed of a lobby: its settings, and who sits where.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn change_lobby(
        &self,
        game: GameId,
        settings: String,
        seats: Vec<SeatRecord>,
    ) -> Result<(), StoreError> {
        self.call(move |c| {
            let transaction = c.transaction()?;
            transaction.execute("UPDATE game SET settings = ?2 WHERE id = ?1", (game, settings))?;
            transaction.execute("DELETE FROM seat WHERE game = ?1", [game])?;
            for seat in seats {
                insert_seat(&transaction, game, &seat)?;
            }
            transaction.commit()?;
            Ok(())
        })
        .await
    }

    /// Frees a seat.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn remove_seat(&self, game: GameId, seat: u16) -> Result<(), StoreError> {
        self.call(move |c| {
            c.execute("DELETE FROM seat WHERE game = ?1 AND seat = ?2", (game, seat))?;
            Ok(())
        })
        .await
    }

    /// A game's people, by seat.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn seats(&self, game: GameId) -> Result<Vec<SeatRecord>, StoreError> {
        self.call(move |c| {
            let mut statement = c.prepare_cached(
                "SELECT seat, account, name, host FROM seat WHERE game = ?1 ORDER BY seat",
            )?;
            let rows = statement.query_map([game], |r| {
                let (seat, account, name, host) = (r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?);
                Ok(SeatRecord { seat, account, name, host })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
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

/// A record for a new game.
impl GameRecord {
    /// A lobby made now.
    #[must_use]
    pub fn lobby(id: GameId, code: String, settings: String) -> Self {
        Self { id, code, status: GameStatus::Lobby, settings, start: None, created_ms: now_ms() }
    }
}
