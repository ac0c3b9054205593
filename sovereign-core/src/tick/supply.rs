//! Supply lines: what a garrison can spare goes forward by itself, in batches.

use alloc::vec::Vec;

use super::march::{self, March};
use super::way;
use crate::command::sendable;
use crate::event::Event;
use crate::id::{PlayerId, TerritoryId};
use crate::state::State;
use crate::state::row::{MOVE, SupplyRow};

/// A batch falls due: it sets out, or waits if too many armies are under way. A line to
/// which no way leads any more ends. As costly as an order to move.
pub(crate) fn send(state: &mut State, from: TerritoryId) {
    let Some(line) = state.supply(from).copied() else { return };
    let (owner, to) = (PlayerId(line.owner), TerritoryId(line.to));
    let Some(edge) = way::next_edge(state, owner, from, to) else { return end(state, from) };
    let rules = state.setting.rules.supply.clone();
    let after = state.tick.after(rules.every).0;
    state.set_supply(from, SupplyRow { after, ..line });
    let troops = batch(state, from);
    let most = rules.armies_max.min(state.setting.rules.march.armies_max);
    if troops >= rules.batch_min && state.army_count(owner) < most {
        let garrison = state.troops(from);
        let march = March { from, edge, garrison, troops, goal: to, purpose: MOVE };
        march::depart(state, owner, &march);
    }
}

/// What a garrison can spare. Never more are away by a line than the territory can hold:
/// so none that are too many for it escape on the march from what they would lose at home.
fn batch(state: &State, from: TerritoryId) -> u32 {
    let growth = state.growth(from, state.territory(from));
    let spare = state.troops(from).saturating_sub(state.supply_keeps(&growth));
    spare.min(growth.room()).min(sendable(state, from))
}

/// Ends a line for good, and tells its owner.
fn end(state: &mut State, from: TerritoryId) {
    let Some(SupplyRow { owner, to, .. }) = state.supply(from).copied() else { return };
    state.set_supply(from, SupplyRow::BLANK);
    let (player, to) = (PlayerId(owner), TerritoryId(to));
    state.emit(Event::SupplyEnded { player, from, to });
}

/// A territory has been lost: so are the lines from it and to it. O(lines of its owner).
pub(crate) fn cut(state: &mut State, lost: TerritoryId) {
    end(state, lost);
    let mut next = state.suppliers(lost).next();
    while let Some(from) = next {
        end(state, from);
        next = state.suppliers(lost).next();
    }
}

/// Ends all lines of a player who goes out. O(lines).
pub(crate) fn disband(state: &mut State, owner: PlayerId) {
    let lines: Vec<_> = state.supplies_of(owner).map(|(from, _)| from).collect();
    for from in lines {
        state.set_supply(from, SupplyRow::BLANK);
    }
}
