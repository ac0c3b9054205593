//! All land is dealt out, as at the beginning of the board game.

use alloc::vec::Vec;

use super::turn;
use crate::id::TerritoryId;
use crate::map::Terrain;
use crate::rng::Purpose;
use crate::state::State;
use crate::state::row::TerritoryRow;

/// How many territories are dealt out; those with higher numbers stay nobody's.
const DEALT_MAX: usize = 4096;
/// Added to a territory's number, so that no player's throws are met.
const LANDS: u64 = 65_536;

/// Deals land to the players as the dice say, the last in the order of turns first: who
/// moves later may get one more. O([`DEALT_MAX`]).
pub(super) fn deal(state: &mut State) {
    let (seed, tick) = (state.setting.seed, state.tick);
    let throw = |id: &TerritoryId| seed.throw(tick, Purpose::Spawn, LANDS + u64::from(id.0), 0);
    let map = &state.setting.map;
    let playable = map.territories().filter(|id| map.terrain(*id) != Terrain::Impassable);
    let mut lands: Vec<_> = playable.take(DEALT_MAX).collect();
    lands.sort_by_cached_key(|id| (throw(id), *id));
    let order = turn::shuffled(state);
    let troops = state.setting.rules.spawn.troops;
    for (id, player) in lands.into_iter().zip(order.into_iter().rev().cycle()) {
        let row = TerritoryRow {
            owner: player.0,
            troops,
            since: tick.0,
            taken: tick.0,
            ..TerritoryRow::BLANK
        };
        state.set_territory(id, row);
    }
}
