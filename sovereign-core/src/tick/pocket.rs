//! Encirclement: a small pocket of land that one enemy wholly encloses surrenders to him.

use smallvec::{SmallVec, smallvec};

use super::battle;
use crate::event::Event;
use crate::id::{PlayerId, TerritoryId};
use crate::state::row::{CAPITAL, STILL};
use crate::state::{State, Structure};

/// The land of a pocket, in the order in which it was met. One of an ordinary size asks for
/// no memory.
type Pocket = SmallVec<[TerritoryId; 64]>;

/// Looks at the land of every enemy that touches what `by` has just captured. O(degree *
/// `battle.pocket_max` * (degree + `battle.pocket_max`)).
pub(crate) fn close_in(state: &mut State, captured: TerritoryId, by: PlayerId) {
    let max = state.setting.rules.battle.pocket_max as usize;
    if max == 0 || state.immunity().is_some() {
        return;
    }
    let map = state.setting.map.clone();
    for edge in map.edges(captured) {
        let enemy = state.owner(edge.to).filter(|owner| !state.friendly(by, *owner));
        if let Some(owner) = enemy
            && let Some(pocket) = pocket(state, edge.to, owner, by, max)
        {
            surrender(state, &pocket, owner, by);
        }
    }
}

/// The connected land of `owner` around `start`, if there is no more than `max` of it, `by`
/// holds all other land that edges lead to from it, and nothing holds out there.
/// Who has nothing else left is not cut off from anything: he makes his last stand.
fn pocket(
    state: &State,
    start: TerritoryId,
    owner: PlayerId,
    by: PlayerId,
    max: usize,
) -> Option<Pocket> {
    let mut pocket: Pocket = smallvec![start];
    let mut next = 0;
    while let Some(here) = pocket.get(next).copied() {
        next += 1;
        if holds_out(state, here, by) {
            return None;
        }
        for edge in state.setting.map.edges(here) {
            match state.owner(edge.to) {
                Some(holder) if holder == by => {}
                Some(holder) if holder == owner => {
                    // So few that looking through them is quicker than a set.
                    if !pocket.contains(&edge.to) {
                        pocket.push(edge.to);
                    }
                }
                _ => return None,
            }
        }
        if pocket.len() > max {
            return None;
        }
    }
    let cut_off = (pocket.len() as u32) < state.territory_count(owner);
    cut_off.then_some(pocket)
}

/// A city holds out, and so does a capital, and so does land that somebody else fights for too.
fn holds_out(state: &State, here: TerritoryId, by: PlayerId) -> bool {
    let flags = state.territory(here).flags;
    // Only where there is a battle need the armies be looked for.
    let besieged = (flags & STILL != 0).then(|| state.fighters(here));
    let mut fighters = besieged.into_iter().flatten().filter_map(|id| state.army(id));
    flags & CAPITAL != 0
        || state.stands(here, Structure::City)
        || fighters.any(|army| !state.friendly(by, PlayerId(army.owner)))
}

/// The garrisons lay down their arms; armies of the encloser that fight there move in.
fn surrender(state: &mut State, pocket: &[TerritoryId], from: PlayerId, by: PlayerId) {
    if let Some(territory) = pocket.first().copied() {
        state.emit(Event::PocketSurrendered { territory, by, from });
    }
    for at in pocket {
        battle::take(state, *at, by);
    }
}
