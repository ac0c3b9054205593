//! Where players gather: games that wait, run and have just ended.
//!
//! Invariant: what a person was told of a seat is stored; a restart changes no seat.

mod bounds;
mod browse;
mod code;
mod host;
mod maps;
mod moving;
mod news;
mod ranked;
mod settings;
mod shown;
mod table;

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sovereign_core::Map;
use tracing::{error, info};
use uuid::Uuid;

use crate::cluster::Games as _;
use crate::config::{Limits, Live};
use crate::error::ApiError;
use crate::log::GameId;
use crate::room::{Host, Origin, RoomState, Start, ToRoom};
use crate::store::{Account, GameRecord, GameStatus, SeatRecord, Store, StoreError};

pub use browse::{Browse, Sort};
pub use maps::{MapEntry, Maps, MapsError};
pub use news::News;
pub use settings::{Changes, NewGame, Settings};
pub use shown::{GameInfo, SeatInfo, SeatKind, Status};
pub use table::{Seated, Table};

/// Time between two rounds of clearing away what has ended.
const CLEARING: Duration = Duration::from_secs(5);
/// Tries to find a code that no other game has.
const CODE_TRIES: u32 = 16;
/// All games of this process; cheap to clone.
#[derive(Clone, Debug)]
pub struct Lobby {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    store: Store,
    host: Arc<dyn Host>,
    maps: Maps,
    settings: Live,
    tables: Mutex<HashMap<GameId, Arc<Table>>>,
    /// Changes of the list of public games.
    news: News,
    /// The game that follows a finished one.
    rematches: tokio::sync::Mutex<HashMap<GameId, GameId>>,
    closed: AtomicBool,
    /// Whether this node has as much to do as it can.
    busy: AtomicBool,
    /// Held by whoever takes games of other nodes up.
    taking_up: tokio::sync::Mutex<()>,
}

impl Lobby {
    /// A lobby without games.
    #[must_use]
    pub fn new(store: Store, host: Arc<dyn Host>, maps: Maps, settings: Live) -> Self {
        let inner = Inner {
            store,
            host,
            maps,
            settings,
            tables: Mutex::default(),
            news: News::default(),
            rematches: tokio::sync::Mutex::default(),
            closed: AtomicBool::new(false),
            busy: AtomicBool::new(false),
            taking_up: tokio::sync::Mutex::default(),
        };
        Self { inner: Arc::new(inner) }
    }

    /// The maps that can be played.
    #[must_use]
    pub fn maps(&self) -> &Maps {
        &self.inner.maps
    }

    fn limits(&self) -> Limits {
        self.inner.settings.now().limits.clone()
    }

    fn tables(&self) -> MutexGuard<'_, HashMap<GameId, Arc<Table>>> {
        self.inner.tables.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn all(&self) -> Vec<Arc<Table>> {
        self.tables().values().cloned().collect()
    }

    /// Takes up every unfinished game of an earlier run. Returns once each is playable
    /// or frozen; how many there were.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn resume(&self) -> Result<usize, StoreError> {
        let records = self.inner.store.unfinished_games().await?;
        let count = records.len();
        if !self.inner.settings.now().cluster.node.is_empty() {
            let games: Vec<GameId> = records.iter().map(|record| record.id).collect();
            self.adopt(&games).await;
        } else {
            self.resume_all(records).await;
        }
        for table in self.all() {
            table.opened().await;
        }
        Ok(count)
    }

    async fn resume_all(&self, records: Vec<GameRecord>) {
        for record in records {
            let id = record.id;
            let resumed = async {
                let seats = self.inner.store.seats(id).await?;
                self.resume_one(record, seats, Origin::Log).await
            };
            if let Err(error) = resumed.await {
                error!(game = %id, %error, "a game of an earlier run cannot be taken up");
            }
        }
    }

    /// Takes a stored game up, unless it is here.
    async fn resume_one(
        &self,
        record: GameRecord,
        seats: Vec<SeatRecord>,
        origin: Origin,
    ) -> Result<(), ApiError> {
        let id = record.id;
        let settings = Settings::stored(&record.settings)?;
        let table = Table::gathering(&record, settings, seats, self.inner.news.clone());
        let table = Arc::new(table);
        let start = match record.status {
            GameStatus::Running => {
                let (mut start, map) = self.stored_start(&record)?;
                table.name_seats(&mut start).await;
                Some((start, map))
            }
            GameStatus::Lobby | GameStatus::Finished => None,
        };
        // Nobody finds it without its room: whoever does waits for this.
        let mut state = table.state.lock().await;
        if !self.put_if_gone(&table) {
            return Ok(());
        }
        state.room = start.map(|(start, map)| self.inner.host.open(id, start, map, origin));
        drop(state);
        table.tell();
        Ok(())
    }

    /// What a running game began from, still without names.
    fn stored_start(&self, record: &GameRecord) -> Result<(Start, Arc<Map>), ApiError> {
        let bytes = record.start.as_deref().unwrap_or_default();
        let start = Start::from_bytes(bytes).map_err(|e| ApiError::internal(&e))?;
        let entry = self.inner.maps.get(&start.header.map);
        let map = Arc::clone(&entry.ok_or_else(|| ApiError::not_found("map"))?.map);
        Ok((start, map))
    }

    /// Makes a game, with its maker in the first seat.
    ///
    /// # Errors
    /// 400 for impossible settings, 429 or 503 at a limit.
    pub async fn create(&self, wish: NewGame, host: &Account) -> Result<Arc<Table>, ApiError> {
        self.may_create(host.id).await?;
        let settings = wish.check(&self.inner.maps, &self.limits())?;
        let json = settings.to_json()?;
        let id = GameId::now_v7();
        let record = self.stored_record(id, &json).await?;
        let news = self.inner.news.clone();
        let table = Arc::new(Table::gathering(&record, settings, Vec::new(), news));
        table.join(&self.inner.store, host).await?;
        self.tables().insert(id, Arc::clone(&table));
        table.tell();
        Ok(table)
    }

    async fn stored_record(&self, id: GameId, settings: &str) -> Result<GameRecord, ApiError> {
        for _ in 0..CODE_TRIES {
            let record = GameRecord::lobby(id, code::random()?, settings.to_owned());
            if self.inner.store.create_game(record.clone()).await? {
                return Ok(record);
            }
        }
        Err(ApiError::unavailable("no free code was found"))
    }

    /// A game by its id or its code.
    ///
    /// # Errors
    /// 404.
    pub fn find(&self, name: &str) -> Result<Arc<Table>, ApiError> {
        let found = if let Ok(id) = name.parse::<Uuid>() {
            self.tables().get(&id).cloned()
        } else {
            let code = code::normal(name);
            self.tables().values().find(|table| table.code() == code).cloned()
        };
        found.ok_or_else(|| ApiError::not_found("game"))
    }

    /// A game that has ended and whose room is gone, by its id.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn finished(
        &self,
        name: &str,
        account: Option<Uuid>,
    ) -> Result<Option<GameInfo>, ApiError> {
        let Ok(id) = name.parse::<Uuid>() else { return Ok(None) };
        let Some(record) = self.inner.store.game(id).await? else { return Ok(None) };
        let seats = self.inner.store.seats(id).await?;
        let settings = Settings::stored(&record.settings)?;
        let info =
            Table::gathering(&record, settings, seats, self.inner.news.clone()).info(account).await;
        let replay = record.status == GameStatus::Finished;
        Ok(Some(GameInfo { status: Status::Finished, replay, ..info }))
    }

    /// Every game, private ones too, newest first: for the operator.
    pub async fn all_infos(&self) -> Vec<GameInfo> {
        let mut tables = self.all();
        tables.sort_by_key(|table| std::cmp::Reverse(table.id()));
        let mut infos = Vec::with_capacity(tables.len());
        for table in tables {
            infos.push(table.info(None).await);
        }
        infos
    }

    /// Ends a game for the operator: what is played becomes a replay, anything else goes.
    ///
    /// # Errors
    /// 404; 503 while it is being restored.
    pub async fn end(&self, name: &str) -> Result<(), ApiError> {
        let table = self.find(name)?;
        match table.room().await {
            Some(RoomState::Opening) => Err(ApiError::unavailable("the game is being restored")),
            Some(RoomState::Open(room)) => {
                let gone = |_| ApiError::not_found("game");
                room.tell(ToRoom::End).await.map_err(gone)
            }
            None | Some(RoomState::Ended(_) | RoomState::Frozen) => {
                self.remove(table.id()).await;
                Ok(())
            }
        }
    }

    /// Tells everybody in every running game something; how many games that were.
    pub async fn announce(&self, message: &str) -> usize {
        let mut told = 0;
        for table in self.all() {
            if let Some(RoomState::Open(room)) = table.room().await {
                let sent = room.tell(ToRoom::Announce(message.to_owned())).await;
                told += usize::from(sent.is_ok());
            }
        }
        told
    }

    /// Seats a person.
    ///
    /// # Errors
    /// 409 when the game has begun or is full.
    pub async fn join(&self, table: &Table, account: &Account) -> Result<(), ApiError> {
        table.join(&self.inner.store, account).await
    }

    /// Seats people together, on one side where there are teams: all of them or nobody.
    ///
    /// # Errors
    /// As [`Self::join`].
    pub async fn join_together(&self, table: &Table, people: &[Account]) -> Result<(), ApiError> {
        table.join_together(&self.inner.store, people).await
    }

    /// Frees a person's seat before the game begins; a lobby without people goes.
    ///
    /// # Errors
    /// 409 when the game has begun.
    pub async fn leave(&self, table: &Table, account: Uuid) -> Result<(), ApiError> {
        if table.leave(&self.inner.store, account).await? {
            self.remove(table.id()).await;
        }
        Ok(())
    }

    /// Begins a game; only its host may. Beginning it again changes nothing.
    ///
    /// # Errors
    /// 403 for others, 409 with fewer than two players.
    pub async fn start(&self, table: &Table, account: Uuid) -> Result<(), ApiError> {
        let inner = &self.inner;
        let map = inner.maps.get(&table.settings().map);
        let map = Arc::clone(&map.ok_or_else(|| ApiError::not_found("map"))?.map);
        table.start(&inner.store, &*inner.host, map, account).await
    }

    /// The game that follows a finished one, with the same settings: the first who asks
    /// makes it, all others of the old game join it.
    ///
    /// # Errors
    /// 403 for those who did not play.
    pub async fn rematch(&self, id: GameId, account: &Account) -> Result<Arc<Table>, ApiError> {
        let wish = self.settings_of(id, account.id).await?;
        let mut rematches = self.inner.rematches.lock().await;
        let following = rematches.get(&id).and_then(|next| self.tables().get(next).cloned());
        if let Some(table) = following {
            table.join(&self.inner.store, account).await?;
            return Ok(table);
        }
        let table = self.create(wish, account).await?;
        rematches.insert(id, table.id());
        drop(rematches);
        if table.settings().people() == 1 {
            self.start(&table, account.id).await?;
        }
        Ok(table)
    }

    /// Takes an erased person out of every game: lobbies are left, and at the seats of
    /// games that run sits somebody without a name, whom nobody can be any more.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn forget_person(&self, account: Uuid) -> Result<(), ApiError> {
        for table in self.all() {
            if table.room().await.is_some() {
                table.forget_person(account).await;
            } else {
                self.leave(&table, account).await?;
            }
        }
        Ok(())
    }

    async fn settings_of(&self, id: GameId, account: Uuid) -> Result<NewGame, ApiError> {
        let record = self.inner.store.game(id).await?;
        let record = record.ok_or_else(|| ApiError::not_found("game"))?;
        let seats = self.inner.store.seats(id).await?;
        if !seats.iter().any(|seat| seat.account == Some(account)) {
            return Err(table::forbidden("only those who played can ask for a rematch"));
        }
        let settings = Settings::stored(&record.settings)?;
        Ok(settings.again())
    }

    /// Clears away what has ended, for as long as the server runs.
    pub async fn keep_clear(self) {
        loop {
            tokio::time::sleep(CLEARING).await;
            self.clear().await;
        }
    }

    async fn clear(&self) {
        let lobby_time = Duration::from_secs(self.limits().lobby_s);
        for table in self.all() {
            match table.room().await {
                Some(RoomState::Ended(_)) => {
                    self.tables().remove(&table.id());
                    table.tell();
                }
                None if table.age() >= lobby_time => self.remove(table.id()).await,
                _ => {}
            }
        }
        let mut rematches = self.inner.rematches.lock().await;
        rematches.retain(|_, next| self.tables().contains_key(next));
    }

    async fn remove(&self, id: GameId) {
        let gone = self.tables().remove(&id);
        if let Some(table) = gone {
            table.tell();
        }
        match self.inner.store.remove_game(id).await {
            Ok(()) => info!(game = %id, "a lobby is gone"),
            Err(error) => error!(game = %id, %error, "a lobby cannot be removed"),
        }
    }

    /// From now on no game is made here.
    pub fn close(&self) {
        self.inner.closed.store(true, Ordering::Release);
    }

    /// Takes no new games, and stops all rooms after their last commit.
    pub async fn drain(&self) {
        self.close();
        self.inner.host.drain().await;
    }
}
