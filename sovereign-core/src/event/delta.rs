//! What one audience learns of a tick.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::{EndReason, Event};
use crate::id::{ArmyId, PlayerId, TerritoryId};
use crate::quantity::Tick;
use crate::state::{Phase, Presence, Seat, Standing, Structure};

/// What changed between two ticks for an audience, and what happened.
///
/// A snapshot is a delta too: the one from the untouched map to now. Applied to
/// the [`crate::Mirror`] of the tick before it gives the mirror of its own tick,
/// whose hash must then be `check`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Delta {
    /// The tick that all of this is true of.
    pub tick: Tick,
    /// By rising id.
    pub territories: Vec<TerritoryChange>,
    /// By rising id.
    pub players: Vec<PlayerChange>,
    /// By rising id.
    pub armies: Vec<ArmyChange>,
    /// By rising territory.
    pub battles: Vec<BattleChange>,
    /// Alliances and embargoes, by their two players.
    pub pacts: Vec<PactChange>,
    /// The state of the game as a whole, if it changed.
    pub game: Option<GameState>,
    /// What happened, in order: only what everybody in the audience may know.
    pub events: Vec<Event>,
    /// The hash of the mirror after this delta.
    pub check: u32,
}

/// A territory that changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TerritoryChange {
    /// Which.
    pub id: TerritoryId,
    /// The garrison at `since`.
    pub troops: u32,
    /// The delta's own tick, except in snapshots: the tick that `troops` is true of.
    pub since: Tick,
    /// The new owner (`Some(None)`: nobody), where it changed.
    pub owner: Option<Option<PlayerId>>,
    /// What stands and goes on there, where it changed.
    pub site: Option<Site>,
}

/// What stands and goes on in a territory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Site {
    /// What stands or is being built.
    pub structure: Option<Structure>,
    /// How many levels of it stand, at most [`crate::LEVEL_MAX`]; 0 while the
    /// first is being built.
    pub level: u8,
    /// When the level that is being built stands; nothing if none is.
    pub ready: Option<Tick>,
    /// Whether troops do not grow: in a battle, and before the game begins.
    pub still: bool,
    /// Whether a strike's fallout lies there, which slows growth.
    pub fallout: bool,
    /// Whether it is the capital of the player who holds it: who takes it takes all.
    pub capital: bool,
    /// Troops on the march from here, which count against the cap.
    pub away: u32,
}

/// What everybody may know of a player.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlayerChange {
    /// Which seat.
    pub id: PlayerId,
    /// Who sits there.
    pub seat: Seat,
    /// Whether in the game.
    pub standing: Standing,
    /// Whether at the table.
    pub presence: Presence,
    /// The team, from 1; 0 is none.
    pub team: u8,
    /// The place reached, from 1; 0 while the game goes on for this player.
    pub place: u16,
    /// When the player went out, if out.
    pub ended: Tick,
    /// A traitor until this tick.
    pub traitor_until: Tick,
    /// Offers a draw until this tick.
    pub draw_until: Tick,
    /// Who took the capital of this player, and now holds the land in his name.
    pub heir: Option<PlayerId>,
    /// The place in the order of turns, from 1; 0 without one.
    pub order: u16,
}

/// An army that appeared, changed or is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ArmyChange {
    /// Which.
    pub id: ArmyId,
    /// The army as it is now; nothing if it is gone.
    pub army: Option<Army>,
}

/// An army.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Army {
    /// Whose.
    pub owner: PlayerId,
    /// What it is out for.
    pub purpose: Purpose,
    /// Whether it fights at `to`; else it marches.
    pub fighting: bool,
    /// Its strength.
    pub troops: u32,
    /// Where its march began.
    pub from: TerritoryId,
    /// Where its march ends.
    pub to: TerritoryId,
    /// When its march began.
    pub departed: Tick,
    /// When its march ends.
    pub arrives: Tick,
}

/// What an army is out for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Purpose {
    /// To take a territory.
    Attack = 1,
    /// To reach own or allied land.
    Move = 2,
    /// To come home.
    Return = 3,
}

/// A battle that began, went on or ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BattleChange {
    /// Where.
    pub territory: TerritoryId,
    /// When it began and when its next round is fought; nothing if it is over.
    pub battle: Option<Battle>,
}

/// A battle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Battle {
    /// When it began.
    pub began: Tick,
    /// When its next round is fought.
    pub next_round: Tick,
}

/// An alliance or embargo that began or ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PactChange {
    /// The player with the lower number.
    pub a: PlayerId,
    /// The player with the higher number.
    pub b: PlayerId,
    /// When their alliance ends by itself; nothing if they are not allied.
    pub until: Option<Tick>,
    /// Embargoes: 1 by `a` against `b`, 2 by `b` against `a`, 3 both, 0 none.
    pub embargo: u8,
}

/// The state of the game as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GameState {
    /// The phase.
    pub phase: Phase,
    /// Whether the host has stopped time.
    pub paused: bool,
    /// When the phase ends by itself, if it does.
    pub until: Option<Tick>,
    /// When playing began; 0 before.
    pub started: Tick,
    /// How often overtime has lowered the share of land that wins.
    pub lowered: u16,
    /// Who won, once it is over.
    pub winner: Option<PlayerId>,
    /// Why it ended, once it is over.
    pub reason: Option<EndReason>,
    /// Whose turn it is, where players take turns; after the end, whose it was.
    pub turn: Option<Turn>,
}

/// A player's turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Turn {
    /// Whose.
    pub player: PlayerId,
    /// How often the turn has gone round; 0 in the opening round.
    pub round: u32,
    /// When it ends by itself; nothing once it has ended, and its armies finish.
    pub until: Option<Tick>,
    /// Moves made in it.
    pub moves: u32,
}

impl Delta {
    /// Whether the audience learned nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.territories.is_empty()
            && self.players.is_empty()
            && self.armies.is_empty()
            && self.battles.is_empty()
            && self.pacts.is_empty()
            && self.game.is_none()
            && self.events.is_empty()
    }
}
