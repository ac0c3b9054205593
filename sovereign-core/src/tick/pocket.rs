//! Encirclement: a small pocket of land that one enemy wholly encloses surrenders to him.

use super::battle;
use crate::event::Event;
use crate::id::{PlayerId, TerritoryId};
use crate::search::Met;
use crate::state::row::{CAPITAL, STILL};
use crate::state::{State, Structure};

/// Looks at the land of every enemy that touches what `by` has just captured. O(degree *
/// `battle.pocket_max` * degree).
pub(crate) fn close_in(state: &mut State, captured: TerritoryId, by: PlayerId) {
    if state.setting.rules.battle.pocket_max == 0 || state.immunity().is_some() {
        return;
    }
    let map = state.setting.map.clone();
    let mut pocket = core::mem::take(&mut state.searched);
    for edge in map.edges(captured) {
        let enemy = state.owner(edge.to).filter(|owner| !state.friendly(by, *owner));
        if let Some(owner) = enemy
            && encloses(state, by, owner, edge.to, &mut pocket)
        {
            surrender(state, &pocket, owner, by);
        }
    }
    state.searched = pocket;
}

/// Gathers the connected land of `owner` around `start`. Says whether there is no more than
/// `battle.pocket_max` of it, `by` holds all other land that edges lead to from it, and
/// nothing holds out there. Who has nothing else left is not cut off from anything: he makes
/// his last stand.
fn encloses(
    state: &State,
    by: PlayerId,
    owner: PlayerId,
    start: TerritoryId,
    pocket: &mut Met,
) -> bool {
    let max = state.setting.rules.battle.pocket_max;
    let max = max.min(state.territory_count(owner).saturating_sub(1)) as usize;
    pocket.begin(start);
    let mut next = 0;
    while let Some(here) = pocket.at(next) {
        if pocket.len() > max || holds_out(state, here, by) {
            return false;
        }
        for edge in state.setting.map.edges(here) {
            match state.owner(edge.to) {
                Some(holder) if holder == by => {}
                Some(holder) if holder == owner => pocket.meet(edge.to),
                _ => return false,
            }
        }
        next += 1;
    }
    true
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
fn surrender(state: &mut State, pocket: &Met, from: PlayerId, by: PlayerId) {
    if let Some(territory) = pocket.at(0) {
        state.emit(Event::PocketSurrendered { territory, by, from });
    }
    for at in (0..pocket.len()).filter_map(|place| pocket.at(place)) {
        battle::take(state, at, by);
    }
}
