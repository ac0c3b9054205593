//! What only one player may know of a game.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::id::{PlayerId, TerritoryId};
use crate::quantity::Tick;

/// What only the viewer may know.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Own {
    /// Gold at `gold_since`.
    pub gold: u64,
    /// The tick that `gold` is true of.
    pub gold_since: Tick,
    /// Millionths of a gold a tick.
    pub income: u32,
    /// Proposals that wait for an answer, by rising player.
    pub proposals: Vec<Proposal>,
    /// Gold may be given away again from this tick on.
    pub gives_at: Tick,
    /// Supply lines, by the territories that they lead from.
    pub supplies: Vec<SupplyLine>,
    /// Silos that are not loaded, by rising territory.
    pub reloads: Vec<Reload>,
    /// Troops to be deployed, at `gold_since`.
    pub reserve: u32,
    /// Millionths of a troop a tick that come to the reserve.
    pub levy: u32,
}

/// A standing supply line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SupplyLine {
    /// Where it leads from.
    pub from: TerritoryId,
    /// Where it leads.
    pub to: TerritoryId,
}

/// A silo that is not loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reload {
    /// Where it stands.
    pub territory: TerritoryId,
    /// When it is loaded.
    pub until: Tick,
}

/// A proposal that waits for an answer: of an alliance or, between allies, to extend it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proposal {
    /// The other player.
    pub with: PlayerId,
    /// Whether the other asks the viewer; else the viewer asks.
    pub incoming: bool,
    /// When it lapses.
    pub until: Tick,
}
