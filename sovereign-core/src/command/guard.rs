//! Checks that several commands share.

use super::{Amount, Reject};
use crate::id::{PlayerId, TerritoryId};
use crate::map::{Edge, EdgeKind, Terrain};
use crate::quantity::TROOPS_MAX;
use crate::state::{Phase, State, Structure};

/// The game is being played, and `player` is in it.
pub(super) fn in_play(state: &State, player: PlayerId) -> Result<(), Reject> {
    in_phase(state, Phase::Playing)?;
    playing(state, player)
}

pub(super) fn in_phase(state: &State, needed: Phase) -> Result<(), Reject> {
    let phase = state.phase();
    if phase == needed { Ok(()) } else { Err(Reject::WrongPhase { phase, needed }) }
}

pub(super) fn playing(state: &State, player: PlayerId) -> Result<(), Reject> {
    if state.is_playing(player) { Ok(()) } else { Err(Reject::NotInGame { player }) }
}

/// `other` is another player who is in the game.
pub(super) fn other_player(state: &State, me: PlayerId, other: PlayerId) -> Result<(), Reject> {
    if !state.is_seat(other) {
        return Err(Reject::UnknownPlayer { player: other });
    }
    playing(state, other)?;
    if me == other { Err(Reject::Yourself) } else { Ok(()) }
}

/// `other` is another player who is in the game, and not of the same team.
pub(super) fn stranger(state: &State, me: PlayerId, other: PlayerId) -> Result<(), Reject> {
    other_player(state, me, other)?;
    if state.teammates(me, other) { Err(Reject::Teammate { player: other }) } else { Ok(()) }
}

/// The territory exists and can be stood on.
pub(super) fn passable(state: &State, territory: TerritoryId) -> Result<(), Reject> {
    let map = &state.setting.map;
    if !map.contains(territory) {
        return Err(Reject::UnknownTerritory { territory });
    }
    if map.terrain(territory) == Terrain::Impassable {
        return Err(Reject::Impassable { territory });
    }
    Ok(())
}

pub(super) fn owned(state: &State, player: PlayerId, territory: TerritoryId) -> Result<(), Reject> {
    passable(state, territory)?;
    if state.owner(territory) == Some(player) {
        Ok(())
    } else {
        Err(Reject::NotYours { territory })
    }
}

/// The edge from own land to its neighbour, with a port where the sea is crossed.
pub(super) fn route(
    state: &State,
    player: PlayerId,
    from: TerritoryId,
    to: TerritoryId,
) -> Result<Edge, Reject> {
    owned(state, player, from)?;
    passable(state, to)?;
    let edge = state.setting.map.edge(from, to).ok_or(Reject::NotNeighbours { from, to })?;
    let closed = edge.kind == EdgeKind::Sea && !state.stands(from, Structure::Port);
    if closed { Err(Reject::NeedsPort { from }) } else { Ok(edge) }
}

/// So many can leave `from`, and there is room for one more army. Returns the garrison and
/// how many of it leave.
pub(super) fn can_send(
    state: &State,
    player: PlayerId,
    from: TerritoryId,
    amount: Amount,
) -> Result<(u32, u32), Reject> {
    let garrison = state.troops(from);
    let available = spare(state, from, garrison);
    let asked = amount.of(available);
    if asked == 0 {
        return Err(Reject::NoTroops);
    }
    if asked > available {
        return Err(Reject::TooFewTroops { asked, available });
    }
    let max = state.setting.rules.march.armies_max;
    let full = state.army_count(player) >= max;
    if full { Err(Reject::TooManyArmies { max }) } else { Ok((garrison, asked)) }
}

/// The most troops that can leave a territory now: the garrison stays.
pub(crate) fn sendable(state: &State, from: TerritoryId) -> u32 {
    spare(state, from, state.troops(from))
}

fn spare(state: &State, from: TerritoryId, garrison: u32) -> u32 {
    let kept = state.setting.rules.march.garrison_min;
    let room = TROOPS_MAX.saturating_sub(state.territory(from).away);
    garrison.saturating_sub(kept).min(room)
}

/// The territory may be attacked: it is not own, not an ally's, and not a player's while
/// players are safe from each other.
pub(super) fn may_hit(
    state: &State,
    player: PlayerId,
    territory: TerritoryId,
) -> Result<(), Reject> {
    let Some(owner) = state.owner(territory) else { return Ok(()) };
    if owner == player {
        return Err(Reject::OwnTerritory { territory });
    }
    if state.allied(player, owner) {
        return Err(Reject::Ally { player: owner });
    }
    state.immunity().map_or(Ok(()), |until| Err(Reject::Immune { until }))
}
