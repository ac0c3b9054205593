//! Shapes of what brings the reserve to the land.

use super::Shape;
use crate::command::{Command, Deploy, deployable};
use crate::id::PlayerId;
use crate::state::State;

/// To each own territory, all amounts.
pub(super) fn deployments(state: &State, player: PlayerId) -> impl Iterator<Item = Shape> + '_ {
    let least = |territory| Command::Deploy(Deploy { territory, troops: 1.into() });
    let land = state.owned(player).take_while(move |_| state.reserve(player) > 0);
    land.filter_map(move |territory| {
        let legal = least(territory).check(state, player).is_ok();
        let most = deployable(state, player, territory).into();
        legal.then(|| Shape { least: least(territory), most })
    })
}
