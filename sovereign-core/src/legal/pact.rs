//! Shapes of what passes between players.

use super::{Shape, exact};
use crate::command::{AnswerAlliance, BreakAlliance, Command, ProposeAlliance};
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
