//! Shapes of what is done to a territory.

use super::{Shape, exact};
use crate::command::{Build, Command, Demolish, Spawn};
use crate::id::PlayerId;
use crate::state::{Phase, State, Structure};

/// Every free territory, while players choose.
pub(super) fn spawns(state: &State, player: PlayerId) -> impl Iterator<Item = Shape> + '_ {
    let open = state.phase() == Phase::Spawn;
    let lands = state.setting.map.territories().take_while(move |_| open);
    exact(state, player, lands.map(|territory| Command::Spawn(Spawn { territory })))
}

/// Every structure on every own territory.
pub(super) fn builds(state: &State, player: PlayerId) -> impl Iterator<Item = Shape> + '_ {
    let sites = state.owned(player).flat_map(|territory| {
        let build = move |structure| Command::Build(Build { territory, structure });
        Structure::ALL.into_iter().map(build)
    });
    exact(state, player, sites)
}

/// Every structure that the player could do without.
pub(super) fn demolitions(state: &State, player: PlayerId) -> impl Iterator<Item = Shape> + '_ {
    let demolish = |territory| Command::Demolish(Demolish { territory });
    exact(state, player, state.owned(player).map(demolish))
}
