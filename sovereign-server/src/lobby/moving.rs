//! Games that come from other nodes of the fleet, and those that go to them.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use sovereign_core::rules::RULES_VERSION;
use tokio::time::Instant;
use tracing::{info, warn};
use uuid::Uuid;

use super::table::Table;
use super::{GameInfo, Lobby, code};
use crate::cluster::{GameName, Games};
use crate::config::Limits;
use crate::error::ApiError;
use crate::log::GameId;
use crate::room::{Left, Origin, RoomEnd, RoomState, Start, ToRoom};
use crate::store::{GameRecord, GameStatus};
use crate::telemetry::metrics::{self, Takeover};

/// A game younger than this may not be stored as this node's yet.
const NEW: Duration = Duration::from_secs(2);

#[async_trait]
impl Games for Lobby {
    async fn has(&self, name: &GameName) -> bool {
        let found = match name {
            GameName::Id(id) => self.tables().get(id).cloned(),
            GameName::Code(code) => self.find(code).ok(),
        };
        match found {
            Some(table) => !has_left(&table).await,
            None => false,
        }
    }

    async fn adopt(&self, games: &[GameId]) {
        for some in games.chunks(Limits::count(self.limits().games_taken_up).max(1)) {
            if let Err(error) = self.adopt_some(some).await {
                warn!(games = some.len(), %error, "games of another node cannot be taken up");
            }
        }
    }

    async fn warm(&self, games: &[GameId]) -> bool {
        let mut all = true;
        for id in games {
            all &= self.warm_one(*id).await.unwrap_or_else(|error| {
                warn!(game = %id, %error, "no copy of a game of another node can be made");
                false
            });
        }
        all
    }

    async fn release(&self, game: GameId) -> Option<Left> {
        let table = self.tables().get(&game).cloned()?;
        let room = table.state.lock().await.room.clone()?;
        Left::of(room).await
    }

    async fn keep_only(&self, games: &[GameId]) {
        for table in self.all() {
            if table.age() < NEW || games.contains(&table.id()) {
                continue;
            }
            self.let_go(&table).await;
        }
    }

    fn count(&self) -> usize {
        self.tables().len()
    }

    fn is_full(&self) -> bool {
        self.is_crowded() || self.is_busy()
    }

    async fn listed(&self) -> Vec<GameInfo> {
        self.public().await
    }

    fn tell_of_list(&self) {
        self.inner.news.tell_of_others();
    }

    async fn in_ranked_game(&self, account: Uuid) -> bool {
        Self::in_ranked_game(self, account).await
    }

    async fn announce(&self, message: &str) -> usize {
        Self::announce(self, message).await
    }

    async fn forget_person(&self, account: Uuid) -> Result<(), ApiError> {
        Self::forget_person(self, account).await
    }
}

impl Lobby {
    /// Takes up games that are stored as this node's, as far as they are not here; their rooms
    /// open by themselves. One after the other: nobody takes a game over from himself.
    pub(super) async fn adopt_some(&self, games: &[GameId]) -> Result<(), ApiError> {
        let _turn = self.inner.taking_up.lock().await;
        let mut missing = Vec::with_capacity(games.len());
        for id in games {
            self.forget_what_left(*id).await;
            if !self.tables().contains_key(id) {
                missing.push(*id);
            }
        }
        if missing.is_empty() {
            return Ok(());
        }
        let began = Instant::now();
        let mut found = self.inner.store.seated_games(missing).await?;
        found.retain(|(record, _)| record.status != GameStatus::Finished && can_run(record));
        let running = found.iter().filter(|(record, _)| record.status == GameStatus::Running);
        let running: Vec<GameId> = running.map(|(record, _)| record.id).collect();
        let mut taken = self.inner.host.take_over(&running).await;
        metrics::takeover(Takeover::Read, began.elapsed());
        for (record, seats) in found {
            let id = record.id;
            let origin = taken.remove(&id).map_or(Origin::Log, Origin::Read);
            if let Err(error) = self.resume_one(record, seats, origin).await {
                warn!(game = %id, %error, "a game of another node cannot be taken up");
            }
        }
        Ok(())
    }

    async fn warm_one(&self, id: GameId) -> Result<bool, ApiError> {
        let Some(record) = self.inner.store.game(id).await? else { return Ok(false) };
        if record.status != GameStatus::Running {
            return Ok(false);
        }
        let (start, map) = self.stored_start(&record)?;
        Ok(self.inner.host.warm(id, start, map).await)
    }

    /// Forgets what was here of a game that has been elsewhere: also a table that had not begun
    /// then, of which only the store knows what became of it.
    async fn forget_what_left(&self, id: GameId) {
        let table = self.tables().get(&id).cloned();
        if let Some(table) = table
            && (table.room().await.is_none() || has_left(&table).await)
        {
            self.drop_table(&table);
        }
    }

    /// Puts a table where there is none; whether that was so.
    pub(super) fn put_if_gone(&self, table: &Arc<Table>) -> bool {
        let mut tables = self.tables();
        let gone = !tables.contains_key(&table.id());
        if gone {
            tables.insert(table.id(), Arc::clone(table));
        }
        gone
    }

    /// Drops a game that is another node's by now.
    async fn let_go(&self, table: &Arc<Table>) {
        match table.room().await {
            // It ends by itself, and is cleared away then.
            Some(RoomState::Ended(_)) => return,
            Some(RoomState::Open(room)) if room.info().archived => return,
            Some(RoomState::Open(room)) => {
                // Its sockets are closed; its next entry would be refused anyway.
                let _ = room.tell(ToRoom::Drain { moves: true }).await;
            }
            Some(RoomState::Opening | RoomState::Frozen) | None => {}
        }
        info!(game = %table.id(), "a game has moved to another node");
        self.drop_table(table);
    }

    /// Forgets this very table, not one that has come in its place.
    fn drop_table(&self, table: &Arc<Table>) {
        let mut tables = self.tables();
        if tables.get(&table.id()).is_some_and(|known| Arc::ptr_eq(known, table)) {
            tables.remove(&table.id());
            drop(tables);
            table.tell();
        }
    }
}

impl GameName {
    /// What a game is called in an address: its id or its code.
    #[must_use]
    pub fn of(name: &str) -> Self {
        name.parse().map_or_else(|_| Self::Code(code::normal(name)), Self::Id)
    }
}

/// Whether this server plays by the rules of a game; what it does not is left to who does.
fn can_run(record: &GameRecord) -> bool {
    let start = record.start.as_deref().map(Start::from_bytes);
    // What cannot be read is told of by who opens it.
    let version = start.and_then(Result::ok).map(|start| start.header.rules_version);
    let can = version.is_none_or(|version| version == RULES_VERSION);
    if !can {
        warn!(game = %record.id, ?version, "a game of other rules is left to servers that know them");
    }
    can
}

/// Whether a game goes on elsewhere.
async fn has_left(table: &Table) -> bool {
    let room = table.room().await;
    matches!(room, Some(RoomState::Ended(RoomEnd::Fenced | RoomEnd::Drained)))
}
