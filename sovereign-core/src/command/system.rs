//! Orders of the system: who sits down, leaves, is away or back, and the start.

use serde::{Deserialize, Serialize};

use super::{Reject, guard, leave_game};
use crate::event::Event;
use crate::id::PlayerId;
use crate::state::row::PlayerRow;
use crate::state::{Phase, Presence, Seat, Standing, State};
use crate::tick::stage;

/// The fewest players that a game can begin with.
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
    },
    /// Somebody leaves: the seat opens in the lobby, later it is a surrender.
    Leave {
        /// The seat.
        player: PlayerId,
    },
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
            Self::Start => None,
            Self::Join { player, .. }
            | Self::Leave { player }
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
            Self::Join { player, .. } => may_join(state, player),
            Self::Leave { player } => may_leave(state, player),
            Self::Start => may_start(state),
            Self::Away { player } => present(state, player, |now| now == Presence::Here),
            Self::Takeover { player } => present(state, player, |now| now == Presence::Away),
            Self::Back { player } => present(state, player, |now| now != Presence::Here),
        }
    }

    pub(super) fn execute(self, state: &mut State) {
        match self {
            Self::Join { player, bot } => {
                let seat = if bot { Seat::Bot } else { Seat::Person };
                state.set_player(player, PlayerRow { seat: seat.code(), ..PlayerRow::BLANK });
            }
            Self::Leave { player } if state.phase() == Phase::Lobby => {
                state.set_player(player, PlayerRow::BLANK);
            }
            Self::Leave { player } => leave_game(state, player, Standing::Surrendered),
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

fn may_join(state: &State, player: PlayerId) -> Result<(), Reject> {
    guard::in_phase(state, Phase::Lobby)?;
    let open = state.player(player).seat == Seat::Open.code();
    if open { Ok(()) } else { Err(Reject::SeatTaken { player }) }
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
    let seated = state.players().filter(|p| state.player(*p).seat != Seat::Open.code()).count();
    let (seated, needed) = (seated as u16, PLAYERS_MIN);
    if seated >= needed { Ok(()) } else { Err(Reject::TooFewPlayers { seated, needed }) }
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
