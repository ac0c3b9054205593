//! Where players start: the undecided far from others, or all at places of equal reach.

use alloc::collections::BTreeMap;
use alloc::vec;
use alloc::vec::Vec;

use crate::command::{leave_game, settle};
use crate::id::{PlayerId, TerritoryId};
use crate::map::Terrain;
use crate::rng::Purpose;
use crate::search::nearest;
use crate::state::{Standing, State};

/// How many territories are tried for a player.
const TRIES: u64 = 16;
/// How many territories a search for the nearest player looks at.
const SEARCH_MAX: usize = 4096;
/// How many sets of starts are compared for fairness.
const FAIR_SETS: u64 = 16;
/// A search for the reach of starts ends at the distance at which it has seen so many.
const REACH_MAX: usize = 4096;

/// Places an undecided player: of some territories that the dice name, the one
/// farthest from everybody else. Somebody for whom no land is left is out.
pub(super) fn place(state: &mut State, player: PlayerId) {
    let tries = (0..TRIES).map(|k| throw(state, player, k)).filter(|id| is_free(state, *id));
    let best = tries.max_by_key(|id| (distance_to_player(state, *id), core::cmp::Reverse(*id)));
    let chosen = best.or_else(|| state.setting.map.territories().find(|id| is_free(state, *id)));
    match chosen {
        Some(territory) => settle(state, player, territory),
        None => leave_game(state, player, Standing::Eliminated),
    }
}

/// The `k`-th territory that the dice name for a player.
fn throw(state: &State, player: PlayerId, k: u64) -> TerritoryId {
    let (lands, entity) = (state.setting.map.len() as u64, u64::from(player.0));
    TerritoryId(state.setting.seed.below(state.tick, Purpose::Spawn, entity, k, lands) as u32)
}

fn is_free(state: &State, id: TerritoryId) -> bool {
    state.setting.map.terrain(id) != Terrain::Impassable && state.owner(id).is_none()
}

/// Borders to cross from `start` to the nearest land of any player, as far as
/// [`SEARCH_MAX`] territories tell.
fn distance_to_player(state: &State, start: TerritoryId) -> u32 {
    let taken = |id| state.owner(id).is_some();
    let found = nearest(&state.setting.map, start, SEARCH_MAX, taken);
    found.map_or(u32::MAX, |(distance, _)| distance)
}

/// Places everybody who is in: of some sets of starts that the dice name, the one whose
/// smallest reach is largest.
pub(super) fn place_fairly(state: &mut State) {
    let players: Vec<_> = state.players().filter(|p| state.is_playing(*p)).collect();
    let sets = (0..FAIR_SETS).filter_map(|set| candidates(state, &players, set));
    let least = |starts: &Vec<TerritoryId>| reaches(state, starts).into_iter().min();
    // Of equals the first: `max_by_key` takes the last.
    let best = sets.enumerate().max_by_key(|(n, starts)| (least(starts), core::cmp::Reverse(*n)));
    let Some((_, starts)) = best else { return };
    for (player, start) in players.into_iter().zip(starts) {
        settle(state, player, start);
    }
}

/// A start for each player: the first free one that the dice name for him, or else the
/// lowest. `None` if there is no land for all.
fn candidates(state: &State, players: &[PlayerId], set: u64) -> Option<Vec<TerritoryId>> {
    let mut starts = Vec::with_capacity(players.len());
    for player in players {
        let open = |id: &TerritoryId| is_free(state, *id) && !starts.contains(id);
        let named = (0..TRIES).map(|k| throw(state, *player, TRIES * (set + 1) + k)).find(open);
        starts.push(named.or_else(|| state.setting.map.territories().find(open))?);
    }
    Some(starts)
}

/// How many territories each start reaches before all others, itself included: in fewer
/// steps, over edges as they run and passable land. What two reach in as many steps is
/// nobody's, and nobody passes it.
fn reaches(state: &State, starts: &[TerritoryId]) -> Vec<u32> {
    let mut front: Vec<_> = starts.iter().copied().zip(0..).collect();
    let mut seen: BTreeMap<TerritoryId, Option<usize>> =
        front.iter().map(|(start, n)| (*start, Some(*n))).collect();
    let mut reach = vec![1; starts.len()];
    while !front.is_empty() && seen.len() < REACH_MAX {
        let next = advance(state, &front, &seen);
        front = next.iter().filter_map(|(at, n)| Some((*at, (*n)?))).collect();
        front.iter().for_each(|(_, n)| reach[*n] += 1);
        seen.extend(next);
    }
    reach
}

/// What lies a step beyond the front, and which start alone reaches it so.
fn advance(
    state: &State,
    front: &[(TerritoryId, usize)],
    seen: &BTreeMap<TerritoryId, Option<usize>>,
) -> BTreeMap<TerritoryId, Option<usize>> {
    let map = &state.setting.map;
    let mut next = BTreeMap::new();
    for (at, n) in front {
        for to in map.edges(*at).iter().map(|edge| edge.to) {
            if map.terrain(to) != Terrain::Impassable && !seen.contains_key(&to) {
                let first = *next.entry(to).or_insert(Some(*n));
                if first != Some(*n) {
                    next.insert(to, None);
                }
            }
        }
    }
    next
}
