//! One game as the lobby sees it: its settings, its people, its room.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use http::StatusCode;
use sovereign_core::id::PlayerId;
use sovereign_core::replay::ReplayHeader;
use sovereign_core::{Game, Map, Seed};
use tokio::sync::{Mutex, watch};
use tokio::time::Instant;
use uuid::Uuid;

use super::shown::is_over;
use super::{News, Settings};
use crate::error::ApiError;
use crate::log::GameId;
use crate::room::{Host, Origin, RoomHandle, RoomState, SeatStart, Start, ToRoom};
use crate::store::{Account, GameRecord, GameStatus, SeatRecord, Store};

/// How long a caller is kept waiting for a room that cannot be opened yet.
const OPENING: Duration = Duration::from_secs(5);

/// A game from its making to its end.
#[derive(Debug)]
pub struct Table {
    id: GameId,
    code: String,
    /// Written only by whoever has `state`.
    pub(super) settings: RwLock<Arc<Settings>>,
    pub(super) created_ms: i64,
    since: Instant,
    pub(super) state: Mutex<State>,
    /// Changes of this lobby.
    pub(super) news: News,
    /// Changes of the list of games.
    pub(super) all: News,
}

#[derive(Clone, Debug)]
pub(super) struct State {
    pub(super) people: Vec<SeatRecord>,
    /// Those who were put out.
    pub(super) barred: Vec<Uuid>,
    pub(super) room: Option<watch::Receiver<RoomState>>,
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
        all: News,
    ) -> Self {
        Self {
            id: record.id,
            code: record.code.clone(),
            settings: RwLock::new(Arc::new(settings)),
            created_ms: record.created_ms,
            since: Instant::now(),
            state: Mutex::new(State { people, barred: Vec::new(), room: None }),
            news: News::default(),
            all,
        }
    }

    /// Something has changed that the lobby shows.
    pub(super) fn tell(&self) {
        self.news.tell();
        if !self.settings().private {
            self.all.tell();
        }
    }

    /// To wait for changes of the lobby.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<u64> {
        self.news.watch()
    }

    /// The game's id.
    #[must_use]
    pub const fn id(&self) -> GameId {
        self.id
    }

    pub(super) fn code(&self) -> &str {
        &self.code
    }

    /// What its host chose.
    #[must_use]
    pub fn settings(&self) -> Arc<Settings> {
        Arc::clone(&self.settings.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn age(&self) -> Duration {
        self.since.elapsed()
    }

    pub(super) async fn is_over(&self) -> bool {
        self.state.lock().await.room.as_ref().is_some_and(|room| is_over(&room.borrow()))
    }

    /// The state of its room; none in the lobby.
    pub async fn room(&self) -> Option<RoomState> {
        self.state.lock().await.room.as_ref().map(|room| room.borrow().clone())
    }

    /// Waits until its room is open or will not be; not for ever, if the log fails.
    pub async fn opened(&self) {
        let Some(mut room) = self.state.lock().await.room.clone() else { return };
        // A keeper that is gone leaves its last word.
        let open = room.wait_for(|state| !matches!(state, RoomState::Opening));
        let _ = tokio::time::timeout(OPENING, open).await;
    }

    /// Seats a person; one who sits already stays.
    pub(super) async fn join(&self, store: &Store, account: &Account) -> Result<(), ApiError> {
        let mut state = self.state.lock().await;
        if state.seat_of(account.id).is_some() {
            return Ok(());
        }
        let record = state.seated(account, &self.settings())?;
        store.put_seat(self.id, record.clone()).await?;
        state.add(record);
        self.tell();
        Ok(())
    }

    /// Seats people on one side, those who do not sit here already; all of them or nobody.
    pub(super) async fn join_together(
        &self,
        store: &Store,
        people: &[Account],
    ) -> Result<(), ApiError> {
        let mut state = self.state.lock().await;
        state.not_begun()?;
        let mut settings = Settings::clone(&self.settings());
        let mut next = state.clone();
        for account in people.iter().filter(|account| state.seat_of(account.id).is_none()) {
            let record = next.seated(account, &settings)?;
            next.add(record);
        }
        let seats: Vec<u16> = people.iter().filter_map(|one| next.seat_of(one.id)).collect();
        let team = state.team_for(seats.first().copied(), &settings);
        for seat in seats {
            settings.put_in_team(seat, team);
        }
        store.change_lobby(self.id, settings.to_json()?, next.people.clone()).await?;
        *state = next;
        self.put_settings(settings);
        self.tell();
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
        self.tell();
        Ok(state.people.is_empty())
    }

    /// Takes the person from a seat of a game that runs; the seat stays.
    pub(super) async fn forget_person(&self, account: Uuid) {
        let mut state = self.state.lock().await;
        let Some(seat) = state.people.iter_mut().find(|seat| seat.account == Some(account)) else {
            return;
        };
        seat.account = None;
        seat.name = anonymous(seat.seat);
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
        let seats = self.seat_starts(&state);
        if !have_two_sides(&seats) {
            let hint = "wait for somebody, or make a game with bots";
            return Err(conflict("too_few_players", "a game needs two players or teams", hint));
        }
        let start = self.start_of(Arc::clone(&map), seats)?;
        let bytes = start.to_bytes().map_err(|e| ApiError::internal(&e))?;
        store.set_game(self.id, GameStatus::Running, Some(bytes)).await?;
        state.room = Some(host.open(self.id, start, map, Origin::New));
        drop(state);
        self.tell();
        self.opened().await;
        Ok(())
    }

    /// What it would begin with now.
    pub(super) async fn start_now(&self, map: Arc<Map>) -> Result<Start, ApiError> {
        let seats = self.seat_starts(&*self.state.lock().await);
        self.start_of(map, seats)
    }

    fn start_of(&self, map: Arc<Map>, seats: Vec<SeatStart>) -> Result<Start, ApiError> {
        let settings = self.settings();
        let (chat, watching) = (settings.chat, settings.watching);
        let header = self.header(map)?;
        Ok(Start { chat, watching, ..Start::new(header, seats) })
    }

    fn header(&self, map: Arc<Map>) -> Result<ReplayHeader, ApiError> {
        let mut seed = [0; 16];
        getrandom::fill(&mut seed).map_err(|e| ApiError::internal(&e))?;
        let settings = self.settings();
        let rules = Arc::new(settings.rules()?);
        let game = Game::new(map, rules, Seed(seed), settings.seats);
        let game = game.map_err(|error| ApiError::bad_request(error.to_string()))?;
        Ok(ReplayHeader::of(&game))
    }

    /// Everybody who sits here.
    fn seat_starts(&self, state: &State) -> Vec<SeatStart> {
        let settings = self.settings();
        let start = |(seat, team): (u16, u8)| {
            let person = state.people.iter().find(|person| person.seat == seat);
            let bot = settings.bot_at(seat);
            let name = person.map(|person| person.name.clone());
            let name = name.or_else(|| bot.as_ref().map(|(_, name)| name.clone()));
            let name = name.unwrap_or_else(|| anonymous(seat));
            let bot = bot.map(|(kind, _)| kind.to_owned());
            SeatStart { seat: PlayerId(seat), bot, team, name }
        };
        state.teams(&settings).into_iter().map(start).collect()
    }

    /// Fills in the names that a stored start leaves out.
    pub(super) async fn name_seats(&self, start: &mut Start) {
        let (state, settings) = (self.state.lock().await, self.settings());
        for seat in &mut start.seats {
            let person = state.people.iter().find(|record| record.seat == seat.seat.0);
            let bot = settings.bot_at(seat.seat.0);
            let name = person.map(|p| p.name.clone()).or_else(|| bot.map(|(_, name)| name));
            seat.name = name.unwrap_or_else(|| anonymous(seat.seat.0));
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
}

impl State {
    fn seat_of(&self, account: Uuid) -> Option<u16> {
        let person = self.people.iter().find(|person| person.account == Some(account));
        person.map(|person| person.seat)
    }

    /// The seat that somebody would get.
    fn seated(&self, account: &Account, settings: &Settings) -> Result<SeatRecord, ApiError> {
        if self.room.is_some() {
            return Err(conflict("started", "the game has begun", "watch it, or join another"));
        }
        if self.barred.contains(&account.id) {
            return Err(forbidden("the host has put you out of this game"));
        }
        let free = |seat: &u16| self.people.iter().all(|taken| taken.seat != *seat);
        let Some(seat) = (0..settings.people()).find(free) else {
            return Err(conflict("full", "all seats are taken", "join another game"));
        };
        let (account, name) = (Some(account.id), account.name.clone());
        Ok(SeatRecord { seat, account, name, host: self.people.is_empty() })
    }

    fn add(&mut self, record: SeatRecord) {
        self.people.push(record);
        self.people.sort_by_key(|seat| seat.seat);
    }

    /// The team of those who come together with whom sits at `first`: the one that he has
    /// chosen, or the one that has fewest; 0 without teams.
    fn team_for(&self, first: Option<u16>, settings: &Settings) -> u8 {
        let chosen = first.map_or(0, |seat| settings.team_of(seat));
        let teams: Vec<u8> = self.teams(settings).into_values().collect();
        let count = |team: &u8| teams.iter().filter(|other| *other == team).count();
        let smallest = (1..=settings.sides).min_by_key(count).unwrap_or(0);
        if chosen > 0 { chosen } else { smallest }
    }

    /// The team of every seat that somebody has, as they are dealt out if it begins now.
    pub(super) fn teams(&self, settings: &Settings) -> BTreeMap<u16, u8> {
        let people = self.people.iter().map(|person| person.seat);
        let seats: Vec<u16> = people.chain(settings.people()..settings.seats).collect();
        seats.iter().copied().zip(settings.deal(&seats)).collect()
    }
}

/// Whether those who sit are not all on one side.
fn have_two_sides(seats: &[SeatStart]) -> bool {
    seats.split_first().is_some_and(|(first, rest)| {
        rest.iter().any(|other| other.team == 0 || other.team != first.team)
    })
}

/// What somebody is called who is nobody any more.
fn anonymous(seat: u16) -> String {
    format!("Player {}", seat + 1)
}

pub(super) fn conflict(code: &'static str, message: &str, hint: &str) -> ApiError {
    ApiError::new(StatusCode::CONFLICT, code, message, hint)
}

pub(super) fn forbidden(message: &str) -> ApiError {
    ApiError::new(StatusCode::FORBIDDEN, "forbidden", message, "ask the host")
}
