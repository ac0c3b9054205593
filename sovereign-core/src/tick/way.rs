//! The way of an army that goes farther than to a neighbour.

use alloc::vec::Vec;

use crate::id::{PlayerId, TerritoryId};
use crate::map::{Edge, EdgeKind};
use crate::search::{self, Met};
use crate::state::{State, Structure};

/// Whether troops of `owner` may go on from `here` over an edge: to own or allied land, and
/// over the sea from a port.
fn open(state: &State, owner: PlayerId, here: TerritoryId, edge: &Edge) -> bool {
    let friendly = state.owner(edge.to).is_some_and(|holder| state.friendly(owner, holder));
    friendly && (edge.kind != EdgeKind::Sea || state.stands(here, Structure::Port))
}

/// The way from one territory to another, without the first: the one with the fewest
/// borders, among the first `march.search_max` territories met.
pub(crate) fn way(
    state: &State,
    owner: PlayerId,
    from: TerritoryId,
    to: TerritoryId,
) -> Option<Vec<TerritoryId>> {
    let open = |here, edge: &Edge| open(state, owner, here, edge);
    search::way(&state.setting.map, from, limit(state), open, |id| id == to)
}

/// The first step of that way, found in memory that searches before it have left.
pub(crate) fn next_step(
    state: &State,
    met: &mut Met,
    owner: PlayerId,
    from: TerritoryId,
    to: TerritoryId,
) -> Option<TerritoryId> {
    let open = |here, edge: &Edge| open(state, owner, here, edge);
    search::first_step_with(met, &state.setting.map, from, limit(state), open, |id| id == to)
}

/// The edge of that first step. Of a game that goes on, the memory of searches is used.
pub(crate) fn next_edge(
    state: &mut State,
    owner: PlayerId,
    from: TerritoryId,
    to: TerritoryId,
) -> Option<Edge> {
    let mut met = core::mem::take(&mut state.searched);
    let step = next_step(state, &mut met, owner, from, to);
    state.searched = met;
    state.setting.map.edge(from, step?)
}

/// Everywhere that a way leads to.
pub(crate) fn reach(state: &State, owner: PlayerId, from: TerritoryId) -> Vec<TerritoryId> {
    let open = |here, edge: &Edge| open(state, owner, here, edge);
    search::reach(&state.setting.map, from, limit(state), open)
}

fn limit(state: &State) -> usize {
    state.setting.rules.march.search_max as usize
}
