//! Games and who sits at them.

use uuid::Uuid;

use super::{Pending, StoreError, now_ms};
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
    pub(super) const fn text(self) -> &'static str {
        match self {
            Self::Lobby => "lobby",
            Self::Running => "running",
            Self::Finished => "finished",
        }
    }

    pub(super) fn parse(text: &str) -> Result<Self, StoreError> {
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

impl GameRecord {
    /// A lobby made now.
    #[must_use]
    pub fn lobby(id: GameId, code: String, settings: String) -> Self {
        Self { id, code, status: GameStatus::Lobby, settings, start: None, created_ms: now_ms() }
    }
}

/// The keeper of games and seats.
pub trait Games: Send + Sync + std::fmt::Debug {
    /// Stores a new game; false when its code is taken.
    fn create_game(&self, game: GameRecord) -> Pending<'_, bool>;

    /// Stores a new game with its people, at once; false when its code is taken.
    fn create_seated_game(&self, game: GameRecord, seats: Vec<SeatRecord>) -> Pending<'_, bool>;

    /// Moves a game on in its life; `start` is kept where none is given.
    fn set_game(&self, id: GameId, status: GameStatus, start: Option<Vec<u8>>) -> Pending<'_, ()>;

    /// The game with this id, if there is one.
    fn game(&self, id: GameId) -> Pending<'_, Option<GameRecord>>;

    /// These games, as far as there are such, each with its people by seat.
    fn seated_games(&self, ids: Vec<GameId>) -> Pending<'_, Vec<(GameRecord, Vec<SeatRecord>)>> {
        Box::pin(async move {
            let mut games = Vec::with_capacity(ids.len());
            for id in ids {
                if let Some(game) = self.game(id).await? {
                    games.push((game, self.seats(id).await?));
                }
            }
            Ok(games)
        })
    }

    /// The games that have not finished, oldest first; of a fleet those at this node.
    fn unfinished_games(&self) -> Pending<'_, Vec<GameRecord>>;

    /// The games that have not finished and that somebody hosts; of a fleet those at all nodes.
    fn hosted_games(&self, account: Uuid) -> Pending<'_, Vec<GameId>>;

    /// Removes a game and its seats.
    fn remove_game(&self, id: GameId) -> Pending<'_, ()>;

    /// Removes finished games whose replays are no longer kept.
    fn prune_games(&self) -> Pending<'_, ()>;

    /// Seats a person, in the place of whoever had the seat.
    fn put_seat(&self, game: GameId, seat: SeatRecord) -> Pending<'_, ()>;

    /// Stores what a host changed of a lobby: its settings, and who sits where.
    fn change_lobby(
        &self,
        game: GameId,
        settings: String,
        seats: Vec<SeatRecord>,
    ) -> Pending<'_, ()>;

    /// Frees a seat.
    fn remove_seat(&self, game: GameId, seat: u16) -> Pending<'_, ()>;

    /// A game's people, by seat.
    fn seats(&self, game: GameId) -> Pending<'_, Vec<SeatRecord>>;
}
