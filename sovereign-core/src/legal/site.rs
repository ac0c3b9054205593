//! Shapes of what is done to a territory.

use super::{Shape, exact};
use crate::command::{Build, Command, Demolish, Spawn, Strike};
use crate::id::PlayerId;
use crate::state::{Phase, State, Structure};
use crate::tick::strike;

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

/// From every own silo to every territory in its range.
pub(super) fn strikes(state: &State, player: PlayerId) -> impl Iterator<Item = Shape> + '_ {
    let silos = state.owned(player).filter(|from| state.stands(*from, Structure::Silo));
    let targets = |from| {
        let strike = move |target| Command::Strike(Strike { from, target });
        strike::targets(state, from).into_iter().map(strike)
    };
    exact(state, player, silos.flat_map(targets))
}
