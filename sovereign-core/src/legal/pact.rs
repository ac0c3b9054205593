//! Shapes of what passes between players.

use super::{Shape, exact};
use crate::command::{
    AnswerAlliance, BreakAlliance, Command, DonateGold, Embargo, ExtendAlliance, ProposeAlliance,
    givable,
};
use crate::id::PlayerId;
use crate::state::State;

/// To each other player.
pub(super) fn proposals(state: &State, player: PlayerId) -> impl Iterator<Item = Shape> + '_ {
    let propose = |to| Command::ProposeAlliance(ProposeAlliance { to });
    exact(state, player, state.players().map(propose))
}

/// Yes and no to each other player.
pub(super) fn answers(state: &State, player: PlayerId) -> impl Iterator<Item = Shape> + '_ {
    let answer = |from| {
        let answer = move |accept| Command::AnswerAlliance(AnswerAlliance { from, accept });
        [true, false].into_iter().map(answer)
    };
    exact(state, player, state.players().flat_map(answer))
}

/// With each other player.
pub(super) fn breaks(state: &State, player: PlayerId) -> impl Iterator<Item = Shape> + '_ {
    let leave = |with| Command::BreakAlliance(BreakAlliance { with });
    exact(state, player, state.players().map(leave))
}

/// With each other player.
pub(super) fn extensions(state: &State, player: PlayerId) -> impl Iterator<Item = Shape> + '_ {
    let extend = |with| Command::ExtendAlliance(ExtendAlliance { with });
    exact(state, player, state.players().map(extend))
}

/// On and off against each other player.
pub(super) fn embargoes(state: &State, player: PlayerId) -> impl Iterator<Item = Shape> + '_ {
    let embargo = |with| [true, false].map(|on| Command::Embargo(Embargo { with, on }));
    exact(state, player, state.players().flat_map(embargo))
}

/// To each other player, all amounts.
pub(super) fn gifts(state: &State, player: PlayerId) -> impl Iterator<Item = Shape> + '_ {
    let least = |to| Command::DonateGold(DonateGold { to, amount: 1 });
    let legal = move |least: &Command| least.check(state, player).is_ok();
    let most = move |least| Shape { least, most: givable(state, player) };
    state.players().map(least).filter(legal).map(most)
}
