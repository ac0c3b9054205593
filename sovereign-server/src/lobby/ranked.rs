//! Ranked games, which the queue makes: they begin at once, wherever there is room, and have no host.

use std::sync::Arc;

use uuid::Uuid;

use super::shown::is_over;
use super::table::Table;
use super::{CODE_TRIES, Lobby, code};
use crate::error::ApiError;
use crate::log::GameId;
use crate::ranked::Ladder;
use crate::room::RoomState;
use crate::store::{Account, GameRecord, GameStatus, SeatRecord, Store};

impl Lobby {
    /// Makes a game of a ladder with these people and their teams, and stores it as one of this
    /// node's; it begins where it is taken up. `store` is that of whoever has the queue.
    ///
    /// # Errors
    /// 503 when its map is gone or no code is free.
    pub async fn make_ranked(
        &self,
        store: &Store,
        ladder: &Ladder,
        people: &[(Account, u8)],
    ) -> Result<GameId, ApiError> {
        let settings = ladder.settings(people.iter().map(|(_, team)| *team).collect());
        let map = self.inner.maps.get(&settings.map).ok_or_else(|| ApiError::not_found("map"))?;
        let map = Arc::clone(&map.map);
        let seats: Vec<SeatRecord> = people.iter().zip(0..).map(seat).collect();
        let record = GameRecord::lobby(GameId::now_v7(), String::new(), settings.to_json()?);
        let draft = Table::gathering(&record, settings, seats.clone(), self.inner.news.clone());
        let mut start = draft.start_now(map).await?;
        start.ladder = Some(ladder.name.clone());
        let bytes = start.to_bytes().map_err(|e| ApiError::internal(&e))?;
        let begun = GameRecord { status: GameStatus::Running, start: Some(bytes), ..record };
        Ok(stored(store, begun, &seats).await?.id)
    }

    /// Begins a game that is stored as this node's.
    ///
    /// # Errors
    /// [`ApiError`] when it cannot be read.
    pub async fn begin_made(&self, game: GameId) -> Result<(), ApiError> {
        self.adopt_some(&[game]).await
    }

    /// Whether somebody is in a ranked game that goes on for them.
    pub async fn in_ranked_game(&self, account: Uuid) -> bool {
        for table in self.all() {
            if table.settings().ladder.is_some() && table.plays(account).await {
                return true;
            }
        }
        false
    }
}

impl Table {
    /// Whether the game goes on for somebody.
    async fn plays(&self, account: Uuid) -> bool {
        let state = self.state.lock().await;
        let Some(room) = state.room.as_ref().map(|room| room.borrow().clone()) else {
            return false;
        };
        let seat = state.people.iter().find(|person| person.account == Some(account));
        let Some(seat) = seat.filter(|_| !is_over(&room)) else { return false };
        match room {
            RoomState::Open(room) => room.info().is_in(seat.seat),
            RoomState::Opening => true,
            RoomState::Ended(_) | RoomState::Frozen => false,
        }
    }
}

fn seat(((account, _), seat): (&(Account, u8), u16)) -> SeatRecord {
    SeatRecord { seat, account: Some(account.id), name: account.name.clone(), host: false }
}

async fn stored(
    store: &Store,
    record: GameRecord,
    seats: &[SeatRecord],
) -> Result<GameRecord, ApiError> {
    for _ in 0..CODE_TRIES {
        let record = GameRecord { code: code::random()?, ..record.clone() };
        if store.create_seated_game(record.clone(), seats.to_vec()).await? {
            return Ok(record);
        }
    }
    Err(ApiError::unavailable("no free code was found"))
}
