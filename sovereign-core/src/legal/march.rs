//! Shapes of what moves troops.

use super::{Shape, exact};
use crate::command::{Attack, Command, Move, Retreat, Supply, sendable};
use crate::id::{PlayerId, TerritoryId};
use crate::state::State;
use crate::tick::way;

/// From each own territory to each neighbour.
pub(super) fn attacks(state: &State, player: PlayerId) -> impl Iterator<Item = Shape> + '_ {
    let attack = |from, to| Command::Attack(Attack { from, to, troops: 1.into() });
    borders(state, player)
        .filter_map(move |(from, to)| march(state, player, from, attack(from, to)))
}

/// From each own territory to wherever a way leads: one search for each.
pub(super) fn moves(state: &State, player: PlayerId) -> impl Iterator<Item = Shape> + '_ {
    state.owned(player).flat_map(move |from| {
        let most = sendable(state, from).into();
        let moving = move |to| Command::Move(Move { from, to, troops: 1.into() });
        let mut reach = way::reach(state, player, from);
        // Where one way leads, so may all: what else is asked is asked of `from`.
        if reach.first().is_none_or(|to| moving(*to).check(state, player).is_err()) {
            reach.clear();
        }
        reach.into_iter().map(move |to| Shape { least: moving(to), most })
    })
}

/// Each own army.
pub(super) fn retreats(state: &State, player: PlayerId) -> impl Iterator<Item = Shape> + '_ {
    let retreat = |army| Command::Retreat(Retreat { army });
    exact(state, player, state.armies_of(player).map(retreat))
}

/// From each own territory to all own land that a way leads to: one search for each.
pub(super) fn supplies(state: &State, player: PlayerId) -> impl Iterator<Item = Shape> + '_ {
    let line = |from, to| Command::Supply(Supply { from, to });
    let lines = move |from: TerritoryId| {
        let other = |to: &TerritoryId| {
            let leads = state.supply(from).is_some_and(|line| line.to == to.0);
            !leads && state.owner(*to) == Some(player)
        };
        let mut reach = way::reach(state, player, from);
        reach.retain(other);
        // Where one may lead, so may all: what else is asked is asked of `from`.
        if reach.first().is_none_or(|to| line(from, Some(*to)).check(state, player).is_err()) {
            reach.clear();
        }
        let none = exact(state, player, [line(from, None)]);
        reach.into_iter().map(move |to| Shape::exact(line(from, Some(to)))).chain(none)
    };
    state.owned(player).flat_map(lines)
}

fn borders(
    state: &State,
    player: PlayerId,
) -> impl Iterator<Item = (TerritoryId, TerritoryId)> + '_ {
    let neighbours = |from| state.setting.map.edges(from).iter().map(move |edge| (from, edge.to));
    state.owned(player).flat_map(neighbours)
}

/// All amounts of a march from `from`, of which `least` has 1.
fn march(state: &State, player: PlayerId, from: TerritoryId, least: Command) -> Option<Shape> {
    let legal = least.check(state, player).is_ok();
    legal.then(|| Shape { least, most: sendable(state, from).into() })
}
