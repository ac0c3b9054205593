//! Games that come from other nodes of the fleet, and those that go to them.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::{StreamExt, stream};
use tracing::{info, warn};
use uuid::Uuid;

use super::table::Table;
use super::{GameInfo, Lobby, code};
use crate::cluster::{GameName, Games};
use crate::error::ApiError;
use crate::log::GameId;
use crate::room::{RoomEnd, RoomState, ToRoom};
use crate::store::GameStatus;

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
        let taken = stream::iter(games).for_each_concurrent(None, |id| async move {
            // It is never closed: whoever waits gets a place.
            let _place = self.inner.taking_up.acquire().await;
            if let Err(error) = self.adopt_one(*id).await {
                warn!(game = %id, %error, "a game of another node cannot be taken up");
            }
        });
        taken.await;
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

    async fn listed(&self) -> Vec<GameInfo> {
        self.public().await
    }

    fn tell_of_list(&self) {
        self.inner.news.tell_of_others();
    }

    async fn forget_person(&self, account: Uuid) -> Result<(), ApiError> {
        Self::forget_person(self, account).await
    }
}

impl Lobby {
    async fn adopt_one(&self, id: GameId) -> Result<(), ApiError> {
        let table = self.tables().get(&id).cloned();
        if let Some(table) = table
            && !has_left(&table).await
        {
            return Ok(());
        }
        let Some(record) = self.inner.store.game(id).await? else { return Ok(()) };
        if record.status == GameStatus::Finished {
            return Ok(());
        }
        self.forget_what_left(id).await;
        self.resume_one(record).await?;
        let table = self.tables().get(&id).cloned();
        if let Some(table) = table {
            table.opened().await;
        }
        Ok(())
    }

    async fn forget_what_left(&self, id: GameId) {
        let table = self.tables().get(&id).cloned();
        if let Some(table) = table
            && has_left(&table).await
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

/// Whether a game goes on elsewhere.
async fn has_left(table: &Table) -> bool {
    let room = table.room().await;
    matches!(room, Some(RoomState::Ended(RoomEnd::Fenced | RoomEnd::Drained)))
}
