//! Games as they are shown to callers.

use serde::{Deserialize, Serialize};
use sovereign_core::Phase;
use uuid::Uuid;

use super::Settings;
use super::table::{State, Table};
use crate::log::GameId;
use crate::room::{Chat, RoomState, Watching};
use crate::store::SeatRecord;

/// Where a game is in its life, as callers know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// People gather.
    Lobby,
    /// It is played.
    Running,
    /// It has ended.
    Finished,
    /// Neither engine nor log can go on with it; an operator must look.
    Frozen,
}

/// A game as shown to callers.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct GameInfo {
    /// Names the game in addresses.
    pub id: GameId,
    /// The short code by which friends join.
    pub code: String,
    /// The page on which they do.
    pub link: String,
    /// Where it is in its life.
    pub status: Status,
    /// Grows with each change of the lobby.
    pub rev: u64,
    /// Name of the map.
    pub map: String,
    /// Name of the rules, or `custom`.
    pub rules: String,
    /// How many teams there are; 0: everybody plays alone.
    pub teams: u8,
    /// Whether only those with the code find it.
    pub private: bool,
    /// What players may say to each other.
    pub chat: Chat,
    /// How others may watch it.
    pub watching: Watching,
    /// The ladder by which it counts, if it does.
    pub ladder: Option<String>,
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

/// Who has a seat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SeatKind {
    /// A person.
    Person,
    /// A bot of the server.
    Bot,
    /// Nobody yet.
    Open,
}

/// A seat as shown to callers.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SeatInfo {
    /// The seat, from 0.
    pub seat: u16,
    /// Who has it.
    pub kind: SeatKind,
    /// What others see; empty while open.
    pub name: String,
    /// The team, from 1; 0 without teams, and while open unless the host chose one.
    pub team: u8,
    /// Whether this person made the game.
    pub host: bool,
    /// Whether the person has a socket.
    pub connected: bool,
}

impl GameInfo {
    /// Seats that nobody has.
    #[must_use]
    pub fn open_seats(&self) -> usize {
        self.seats.iter().filter(|seat| seat.kind == SeatKind::Open).count()
    }
}

impl Table {
    /// The game as `account` sees it.
    pub async fn info(&self, account: Option<Uuid>) -> GameInfo {
        let state = self.state.lock().await;
        let settings = self.settings();
        let room = state.room.as_ref().map(|room| room.borrow().clone());
        let shown = match &room {
            Some(RoomState::Open(handle)) => Some(handle.info()),
            _ => None,
        };
        let connected = shown.map_or(0, |info| info.connected);
        let mine = |seat: &&SeatRecord| account.is_some() && seat.account == account;
        GameInfo {
            id: self.id(),
            code: self.code().to_owned(),
            link: format!("/join/{}", self.code()),
            status: status(room.as_ref()),
            rev: self.news.version(),
            map: settings.map.clone(),
            rules: settings.rules_name().to_owned(),
            teams: settings.sides,
            private: settings.private,
            chat: settings.chat,
            watching: settings.watching.unwrap_or_default(),
            ladder: settings.ladder.clone(),
            seats: seat_infos(&state, &settings, connected),
            you: state.people.iter().find(mine).map(|seat| seat.seat),
            tick: shown.map(|info| info.tick),
            replay: shown.is_some_and(|info| info.archived),
            created_ms: self.created_ms,
        }
    }
}

fn seat_infos(state: &State, settings: &Settings, connected: u64) -> Vec<SeatInfo> {
    let teams = state.teams(settings);
    let seats = (0..settings.seats).map(|seat| {
        let team = teams.get(&seat).copied().unwrap_or_else(|| settings.team_of(seat));
        let open = SeatInfo {
            seat,
            kind: SeatKind::Open,
            name: String::new(),
            team,
            host: false,
            connected: seat < 64 && connected & (1 << seat) != 0,
        };
        let person = state.people.iter().find(|record| record.seat == seat);
        match (person, settings.bot_at(seat)) {
            (Some(SeatRecord { name, host, .. }), _) => {
                SeatInfo { kind: SeatKind::Person, name: name.clone(), host: *host, ..open }
            }
            (None, Some((_, name))) => {
                SeatInfo { kind: SeatKind::Bot, name, connected: true, ..open }
            }
            (None, None) => open,
        }
    });
    seats.collect()
}

pub(super) fn is_over(state: &RoomState) -> bool {
    match state {
        RoomState::Ended(_) => true,
        RoomState::Open(handle) => handle.info().phase == Phase::Finished,
        RoomState::Opening | RoomState::Frozen => false,
    }
}

fn status(room: Option<&RoomState>) -> Status {
    match room {
        None => Status::Lobby,
        Some(RoomState::Frozen) => Status::Frozen,
        Some(state) if is_over(state) => Status::Finished,
        Some(_) => Status::Running,
    }
}
