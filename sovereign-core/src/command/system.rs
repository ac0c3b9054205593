//! Orders of the system: who sits down, leaves, is away or back, start and pause.

use serde::{Deserialize, Serialize};

use super::{Reject, guard, leave_game};
use crate::event::Event;
use crate::id::PlayerId;
use crate::state::row::{GameRow, PlayerRow};
use crate::state::{Phase, Presence, Seat, Standing, State};
use crate::tick::stage;

/// The fewest sides that a game can begin with.
pub(crate) const PLAYERS_MIN: u16 = 2;

/// What the host of a game orders. These are logged like every other order, so a
/// replay knows who came and went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SystemOrder {
    /// Somebody takes an open seat, in the lobby.
    Join {
        /// The seat.
        player: PlayerId,
        /// Whether a bot sits there; else a person.
        bot: bool,
        /// The team, from 1 to the rules' number of teams; 0 where they have none.
        #[serde(default)]
        team: u8,
    },
    /// Somebody leaves: the seat opens in the lobby, later it is a surrender.
    Leave {
        /// The seat.
        player: PlayerId,
    },
    /// The host removes somebody: the seat opens in the lobby, later it is a surrender.
    Kick {
        /// The seat.
        player: PlayerId,
    },
    /// The host stops time. Players' orders are refused until it goes on.
    Pause,
    /// Time goes on.
    Resume,
    /// The game begins: players choose where to start.
    Start,
    /// A person is no longer connected.
    Away {
        /// The seat.
        player: PlayerId,
    },
    /// A bot plays on for a person who is away.
    Takeover {
        /// The seat.
        player: PlayerId,
    },
    /// A person is back.
    Back {
        /// The seat.
        player: PlayerId,
    },
}

impl SystemOrder {
    const fn player(self) -> Option<PlayerId> {
        match self {
            Self::Start | Self::Pause | Self::Resume => None,
            Self::Join { player, .. }
            | Self::Leave { player }
            | Self::Kick { player }
            | Self::Away { player }
            | Self::Takeover { player }
            | Self::Back { player } => Some(player),
        }
    }

    pub(super) fn validate(self, state: &State) -> Result<(), Reject> {
        if let Some(player) = self.player().filter(|player| !state.is_seat(*player)) {
            return Err(Reject::UnknownPlayer { player });
        }
        match self {
            Self::Join { player, team, .. } => may_join(state, player, team),
            Self::Leave { player } | Self::Kick { player } => may_leave(state, player),
            Self::Pause => may_pause(state, 0),
            Self::Resume => may_pause(state, 1),
            Self::Start => may_start(state),
            Self::Away { player } => present(state, player, |now| now == Presence::Here),
            Self::Takeover { player } => present(state, player, |now| now == Presence::Away),
            Self::Back { player } => present(state, player, |now| now != Presence::Here),
        }
    }

    pub(super) fn execute(self, state: &mut State) {
        match self {
            Self::Join { player, bot, team } => {
                let seat = if bot { Seat::Bot } else { Seat::Person }.code();
                state.set_player(player, PlayerRow { seat, team, ..PlayerRow::BLANK });
            }
            Self::Leave { player } => leave(state, player),
            Self::Kick { player } => {
                state.emit(Event::PlayerKicked { player });
                leave(state, player);
            }
            Self::Pause => set_pause(state, 1, Event::Paused),
            Self::Resume => set_pause(state, 0, Event::Resumed),
            Self::Start => stage::begin_spawn(state),
            Self::Away { player } => {
                set_presence(state, player, Presence::Away, Event::PlayerAway { player });
            }
            Self::Takeover { player } => {
                let event = Event::PlayerTakenOver { player };
                set_presence(state, player, Presence::TakenOver, event);
            }
            Self::Back { player } => {
                set_presence(state, player, Presence::Here, Event::PlayerBack { player });
            }
        }
    }
}

fn may_join(state: &State, player: PlayerId, team: u8) -> Result<(), Reject> {
    guard::in_phase(state, Phase::Lobby)?;
    if state.player(player).seat != Seat::Open.code() {
        return Err(Reject::SeatTaken { player });
    }
    let teams = state.setting.rules.seats.teams;
    let known = if teams == 0 { team == 0 } else { (1..=teams).contains(&team) };
    if known { Ok(()) } else { Err(Reject::NoSuchTeam { team, teams }) }
}

/// The seat opens in the lobby; later it is a surrender.
fn leave(state: &mut State, player: PlayerId) {
    if state.phase() == Phase::Lobby {
        state.set_player(player, PlayerRow::BLANK);
    } else {
        leave_game(state, player, Standing::Surrendered);
    }
}

fn may_pause(state: &State, expected: u8) -> Result<(), Reject> {
    let phase = state.phase();
    if !matches!(phase, Phase::Spawn | Phase::Playing) {
        return Err(Reject::WrongPhase { phase, needed: Phase::Playing });
    }
    if state.game().paused == expected { Ok(()) } else { Err(Reject::PauseUnchanged) }
}

fn set_pause(state: &mut State, paused: u8, event: Event) {
    state.set_game(GameRow { paused, ..*state.game() });
    state.emit(event);
}

fn may_leave(state: &State, player: PlayerId) -> Result<(), Reject> {
    let phase = state.phase();
    let there = match phase {
        Phase::Lobby => state.player(player).seat != Seat::Open.code(),
        Phase::Finished => return Err(Reject::WrongPhase { phase, needed: Phase::Playing }),
        Phase::Spawn | Phase::Playing => state.is_playing(player),
    };
    if there { Ok(()) } else { Err(Reject::NotInGame { player }) }
}

fn may_start(state: &State) -> Result<(), Reject> {
    guard::in_phase(state, Phase::Lobby)?;
    let (seated, needed) = (sides(state), PLAYERS_MIN);
    if seated >= needed { Ok(()) } else { Err(Reject::TooFewPlayers { seated, needed }) }
}

/// How many sides sit: teams, and players without one.
fn sides(state: &State) -> u16 {
    let seated = |p: &PlayerId| state.player(*p).seat != Seat::Open.code();
    let first =
        |p: &PlayerId| !state.players().filter(seated).any(|q| q < *p && state.teammates(q, *p));
    state.players().filter(|p| seated(p) && first(p)).count() as u16
}

fn present(
    state: &State,
    player: PlayerId,
    expected: impl Fn(Presence) -> bool,
) -> Result<(), Reject> {
    let row = state.player(player);
    if state.phase() == Phase::Finished {
        return Err(Reject::WrongPhase { phase: Phase::Finished, needed: Phase::Playing });
    }
    let person = row.seat == Seat::Person.code();
    if person && Presence::from_code(row.presence).is_some_and(expected) {
        Ok(())
    } else {
        Err(Reject::PresenceUnchanged { player })
    }
}

fn set_presence(state: &mut State, player: PlayerId, presence: Presence, event: Event) {
    let row = PlayerRow { presence: presence.code(), ..*state.player(player) };
    state.set_player(player, row);
    state.emit(event);
}
