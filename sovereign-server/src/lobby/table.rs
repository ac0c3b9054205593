//! One game as the lobby sees it: its settings, its people, its room.

use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use serde::Serialize;
use sovereign_core::id::PlayerId;
use sovereign_core::replay::ReplayHeader;
use sovereign_core::{Game, Map, Phase, Seed};
use tokio::sync::{Mutex, watch};
use tokio::time::Instant;
use uuid::Uuid;

use super::Settings;
use crate::error::ApiError;
use crate::log::GameId;
use crate::room::{Chat, Host, RoomHandle, RoomState, SeatStart, Start, ToRoom, Watching};
use crate::store::{Account, GameRecord, GameStatus, SeatRecord, Store};

/// How long a caller is kept waiting for a room that cannot be opened yet.
const OPENING: Duration = Duration::from_secs(5);

/// A game from its making to its end.
#[derive(Debug)]
pub struct Table {
    id: GameId,
    code: String,
    settings: Settings,
    created_ms: i64,
    since: Instant,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    people: Vec<SeatRecord>,
    room: Option<watch::Receiver<RoomState>>,
}

/// A game as shown to callers.
#[derive(Clone, Debug, Serialize)]
pub struct GameInfo {
    /// Names the game in addresses.
    pub id: GameId,
    /// The short code by which friends join.
    pub code: String,
    /// The page on which they do.
    pub link: String,
    /// `lobby`, `running`, `finished` or `frozen`.
    pub status: &'static str,
    /// Name of the map.
    pub map: String,
    /// Name of the rules, or `custom`.
    pub rules: String,
    /// Whether only those with the code find it.
    pub private: bool,
    /// What players may say to each other.
    pub chat: Chat,
    /// How others may watch it.
    pub watching: Watching,
    /// All seats in order.
    pub seats: Vec<SeatInfo>,
    /// The caller's seat.
    pub you: Option<u16>,
    /// The game's tick, once it runs.
    pub tick: Option<u32>,
    /// Whether its replay is stored, under the game's id.
    pub replay: bool,
    /// When it was made, in milliseconds since 1970.
    pub created_ms: i64,
}

/// A seat as shown to callers.
#[derive(Clone, Debug, Serialize)]
pub struct SeatInfo {
    /// The seat, from 0.
    pub seat: u16,
    /// `person`, `bot` or `open`.
    pub kind: &'static str,
    /// What others see; empty while open.
    pub name: String,
    /// Whether this person made the game.
    pub host: bool,
    /// Whether the person has a socket.
    pub connected: bool,
}

/// What a socket needs of a game.
#[derive(Clone, Debug)]
pub enum Seated {
    /// The game runs, and this is the account's seat, if it has one.
    Running(RoomHandle, Option<PlayerId>),
    /// It has not begun.
    Waiting,
    /// It is being restored.
    Opening,
    /// It cannot go on until an operator has looked.
    Frozen,
    /// It has ended.
    Over,
}

impl Table {
    /// A game whose players gather.
    pub(super) fn gathering(
        record: &GameRecord,
        settings: Settings,
        people: Vec<SeatRecord>,
    ) -> Self {
        Self {
            id: record.id,
            code: record.code.clone(),
            settings,
            created_ms: record.created_ms,
            since: Instant::now(),
            state: Mutex::new(State { people, room: None }),
        }
    }

    /// The game's id.
    #[must_use]
    pub const fn id(&self) -> GameId {
        self.id
    }

    pub(super) fn code(&self) -> &str {
        &self.code
    }

    /// What its maker chose.
    #[must_use]
    pub const fn settings(&self) -> &Settings {
        &self.settings
    }

    pub(super) fn age(&self) -> Duration {
        self.since.elapsed()
    }

    pub(super) async fn is_unfinished_of_host(&self, account: Uuid) -> bool {
        let state = self.state.lock().await;
        let over = state.room.as_ref().is_some_and(|room| is_over(&room.borrow()));
        !over && state.people.iter().any(|seat| seat.host && seat.account == Some(account))
    }

    /// The state of its room; none in the lobby.
    pub async fn room(&self) -> Option<RoomState> {
        self.state.lock().await.room.as_ref().map(|room| room.borrow().clone())
    }

    pub(super) async fn play(&self, room: watch::Receiver<RoomState>) {
        self.state.lock().await.room = Some(room);
    }

    /// Waits until its room is open or will not be; not for ever, if the log fails.
    pub(super) async fn opened(&self) {
        let Some(mut room) = self.state.lock().await.room.clone() else { return };
        // A keeper that is gone leaves its last word.
        let open = room.wait_for(|state| !matches!(state, RoomState::Opening));
        let _ = tokio::time::timeout(OPENING, open).await;
    }

    /// Seats a person; one who sits already stays.
    pub(super) async fn join(&self, store: &Store, account: &Account) -> Result<(), ApiError> {
        let mut state = self.state.lock().await;
        if state.people.iter().any(|seat| seat.account == Some(account.id)) {
            return Ok(());
        }
        if state.room.is_some() {
            return Err(conflict("started", "the game has begun", "watch it, or join another"));
        }
        let free = |seat: &u16| state.people.iter().all(|taken| taken.seat != *seat);
        let Some(seat) = (0..self.settings.people()).find(free) else {
            return Err(conflict("full", "all seats are taken", "join another game"));
        };
        let record = SeatRecord {
            seat,
            account: Some(account.id),
            name: account.name.clone(),
            host: state.people.is_empty(),
        };
        store.put_seat(self.id, record.clone()).await?;
        state.people.push(record);
        state.people.sort_by_key(|seat| seat.seat);
        Ok(())
    }

    /// Frees a person's seat; whether nobody is left. The next person becomes the host.
    pub(super) async fn leave(&self, store: &Store, account: Uuid) -> Result<bool, ApiError> {
        let mut state = self.state.lock().await;
        if state.room.is_some() {
            return Err(conflict("started", "the game has begun", "surrender instead"));
        }
        let Some(at) = state.people.iter().position(|seat| seat.account == Some(account)) else {
            return Ok(false);
        };
        store.remove_seat(self.id, state.people[at].seat).await?;
        let gone = state.people.remove(at);
        if let Some(heir) = state.people.first_mut().filter(|_| gone.host) {
            heir.host = true;
            store.put_seat(self.id, heir.clone()).await?;
        }
        Ok(state.people.is_empty())
    }

    /// Takes the person from a seat of a game that runs; the seat stays.
    pub(super) async fn forget_person(&self, account: Uuid) {
        let mut state = self.state.lock().await;
        let Some(seat) = state.people.iter_mut().find(|seat| seat.account == Some(account)) else {
            return;
        };
        seat.account = None;
        seat.name = format!("Player {}", seat.seat + 1);
        let (player, name) = (PlayerId(seat.seat), seat.name.clone());
        let room = state.room.as_ref().map(|room| room.borrow().clone());
        drop(state);
        if let Some(RoomState::Open(room)) = room {
            // A room that has ended shows no names any more.
            let _ = room.tell(ToRoom::Rename { player, name }).await;
        }
    }

    /// Begins the game.
    pub(super) async fn start(
        &self,
        store: &Store,
        host: &dyn Host,
        map: Arc<Map>,
        account: Uuid,
    ) -> Result<(), ApiError> {
        let mut state = self.state.lock().await;
        if !state.people.iter().any(|seat| seat.host && seat.account == Some(account)) {
            return Err(forbidden("only the host can begin the game"));
        }
        if state.room.is_some() {
            return Ok(());
        }
        let seats = self.seat_starts(&state.people);
        if seats.len() < 2 {
            let hint = "wait for somebody, or make a game with bots";
            return Err(conflict("too_few_players", "a game needs two players", hint));
        }
        let (chat, watching) = (self.settings.chat, self.settings.watching);
        let header = self.header(Arc::clone(&map))?;
        let start = Start { header, seats, ranked: false, chat, watching };
        let bytes = start.to_bytes().map_err(|e| ApiError::internal(&e))?;
        store.set_game(self.id, GameStatus::Running, Some(bytes)).await?;
        state.room = Some(host.open(self.id, start, map, false));
        drop(state);
        self.opened().await;
        Ok(())
    }

    fn header(&self, map: Arc<Map>) -> Result<ReplayHeader, ApiError> {
        let mut seed = [0; 16];
        getrandom::fill(&mut seed).map_err(|e| ApiError::internal(&e))?;
        let rules = Arc::new(self.settings.rules()?);
        let game = Game::new(map, rules, Seed(seed), self.settings.seats);
        let game = game.map_err(|error| ApiError::bad_request(error.to_string()))?;
        Ok(ReplayHeader::of(&game))
    }

    fn seat_starts(&self, people: &[SeatRecord]) -> Vec<SeatStart> {
        let person = |seat: &SeatRecord| SeatStart {
            seat: PlayerId(seat.seat),
            bot: None,
            name: seat.name.clone(),
        };
        let bots = self.bot_seats().map(|(seat, bot, name)| SeatStart {
            seat: PlayerId(seat),
            bot: Some(bot.to_owned()),
            name,
        });
        people.iter().map(person).chain(bots).collect()
    }

    /// Seat, kind and name of each bot.
    fn bot_seats(&self) -> impl Iterator<Item = (u16, &str, String)> {
        let bots = self.settings.bots.iter().enumerate();
        let named = bots.map(|(n, bot)| (bot.as_str(), format!("{} {}", capitalised(bot), n + 1)));
        (self.settings.people()..).zip(named).map(|(seat, (bot, name))| (seat, bot, name))
    }

    /// Fills in the names that a stored start leaves out.
    pub(super) async fn name_seats(&self, start: &mut Start) {
        let state = self.state.lock().await;
        for seat in &mut start.seats {
            let person = state.people.iter().find(|record| record.seat == seat.seat.0);
            let bot = self.bot_seats().find(|(number, ..)| *number == seat.seat.0);
            let name = person.map(|p| p.name.clone()).or_else(|| bot.map(|(.., name)| name));
            seat.name = name.unwrap_or_else(|| format!("Player {}", seat.seat.0 + 1));
        }
    }

    /// What a socket of `account` can do here.
    pub async fn seat_for(&self, account: Option<Uuid>) -> Seated {
        let state = self.state.lock().await;
        let Some(room) = &state.room else { return Seated::Waiting };
        let mine = |seat: &&SeatRecord| account.is_some() && seat.account == account;
        let seat = state.people.iter().find(mine).map(|seat| PlayerId(seat.seat));
        match &*room.borrow() {
            RoomState::Open(handle) => Seated::Running(handle.clone(), seat),
            RoomState::Opening => Seated::Opening,
            RoomState::Frozen => Seated::Frozen,
            RoomState::Ended(_) => Seated::Over,
        }
    }

    /// The game as `account` sees it.
    pub async fn info(&self, account: Option<Uuid>) -> GameInfo {
        let state = self.state.lock().await;
        let room = state.room.as_ref().map(|room| room.borrow().clone());
        let shown = match &room {
            Some(RoomState::Open(handle)) => Some(handle.info()),
            _ => None,
        };
        let connected = shown.map_or(0, |info| info.connected);
        let mine = |seat: &&SeatRecord| account.is_some() && seat.account == account;
        GameInfo {
            id: self.id,
            code: self.code.clone(),
            link: format!("/join/{}", self.code),
            status: status(room.as_ref()),
            map: self.settings.map.clone(),
            rules: self.settings.rules_name().to_owned(),
            private: self.settings.private,
            chat: self.settings.chat,
            watching: self.settings.watching.unwrap_or_default(),
            seats: self.seat_infos(&state.people, connected),
            you: state.people.iter().find(mine).map(|seat| seat.seat),
            tick: shown.map(|info| info.tick),
            replay: shown.is_some_and(|info| info.archived),
            created_ms: self.created_ms,
        }
    }

    fn seat_infos(&self, people: &[SeatRecord], connected: u64) -> Vec<SeatInfo> {
        let person = |seat: u16| {
            let record = people.iter().find(|record| record.seat == seat);
            SeatInfo {
                seat,
                kind: if record.is_some() { "person" } else { "open" },
                name: record.map(|record| record.name.clone()).unwrap_or_default(),
                host: record.is_some_and(|record| record.host),
                connected: seat < 64 && connected & (1 << seat) != 0,
            }
        };
        let bot =
            |(seat, _, name)| SeatInfo { seat, kind: "bot", name, host: false, connected: true };
        let bots = self.bot_seats().map(bot);
        (0..self.settings.people()).map(person).chain(bots).collect()
    }
}

fn is_over(state: &RoomState) -> bool {
    match state {
        RoomState::Ended(_) => true,
        RoomState::Open(handle) => handle.info().phase == Phase::Finished,
        RoomState::Opening | RoomState::Frozen => false,
    }
}

fn status(room: Option<&RoomState>) -> &'static str {
    match room {
        None => "lobby",
        Some(RoomState::Frozen) => "frozen",
        Some(state) if is_over(state) => "finished",
        Some(_) => "running",
    }
}

fn capitalised(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn conflict(code: &'static str, message: &str, hint: &str) -> ApiError {
    ApiError::new(StatusCode::CONFLICT, code, message, hint)
}

pub(super) fn forbidden(message: &str) -> ApiError {
    ApiError::new(StatusCode::FORBIDDEN, "forbidden", message, "ask the host")
}
