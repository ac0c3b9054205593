//! Strikes: what they hit, what stops them, and the fallout that they leave.

use alloc::vec::Vec;

use crate::event::Event;
use crate::id::{PlayerId, TerritoryId};
use crate::quantity::Permille;
use crate::rng::Purpose;
use crate::search;
use crate::state::row::{FALLOUT, StrikeRow, TerritoryRow};
use crate::state::{State, Structure};

/// How many territories are looked at for targets and interceptors in range.
const SEARCH_MAX: usize = 4096;
/// How many dice are thrown against one strike.
const THROWS_MAX: u64 = 64;
/// How many neighbours of a target are hit.
const NEIGHBOURS_MAX: usize = 32;

/// Whether a strike reaches so far. O(territories in range).
pub(crate) fn in_range(state: &State, from: TerritoryId, target: TerritoryId) -> bool {
    let range = state.setting.rules.strike.range;
    range == 0 || within(state, from, range).contains(&target)
}

fn within(state: &State, from: TerritoryId, borders: u32) -> Vec<TerritoryId> {
    search::within(&state.setting.map, from, borders, SEARCH_MAX)
}

/// A strike sets out and arrives at once. The silo reloads, whatever becomes of it.
pub(crate) fn launch(state: &mut State, by: PlayerId, from: TerritoryId, target: TerritoryId) {
    let rules = state.setting.rules.strike.clone();
    let ticks = rules.reload_ticks / u32::from(state.territory(from).level().max(1));
    let reload = state.tick.after(ticks.max(1)).0;
    state.set_strike(from, StrikeRow { reload, ..state.strike(from) });
    let holder = state.owner(target);
    let stopped = holder.and_then(|holder| interceptor(state, holder, from, target));
    if let Some(territory) = stopped {
        return state.emit(Event::StrikeIntercepted { by, target, territory });
    }
    state.emit(Event::Struck { by, target, from: holder });
    hit(state, target, rules.kill);
    let map = state.setting.map.clone();
    for edge in map.edges(target).iter().take(NEIGHBOURS_MAX) {
        if !is_spared(state, by, edge.to) {
            hit(state, edge.to, rules.splash);
        }
    }
}

/// Whether a strike spares what lies beside its target: allies' land, and other players'
/// while they are safe.
fn is_spared(state: &State, by: PlayerId, at: TerritoryId) -> bool {
    let other = state.owner(at).filter(|owner| *owner != by);
    other.is_some_and(|owner| state.allied(by, owner) || state.immunity().is_some())
}

/// The interceptor of the holder's or of an ally's that stops a strike, if one does: each in
/// range throws once for each of its levels, the nearest first.
fn interceptor(
    state: &State,
    holder: PlayerId,
    from: TerritoryId,
    target: TerritoryId,
) -> Option<TerritoryId> {
    let rules = &state.setting.rules.strike;
    let mut k = 0;
    for at in within(state, target, rules.intercept_range) {
        let friend = state.owner(at).is_some_and(|owner| state.friendly(owner, holder));
        let level = state.territory(at).level();
        if !friend || !state.stands(at, Structure::Interceptor) {
            continue;
        }
        for _ in 0..level {
            let (tick, entity) = (state.tick, u64::from(from.0));
            let throw = state.setting.seed.below(tick, Purpose::Intercept, entity, k, 1000);
            k += 1;
            if throw < u64::from(rules.intercept_chance.0) {
                return Some(at);
            }
            if k == THROWS_MAX {
                return None;
            }
        }
    }
    None
}

/// A share of the garrison falls, and fallout lies there from now on.
fn hit(state: &mut State, at: TerritoryId, share: Permille) {
    let row = state.rebased(at);
    let troops = row.troops - share.of(u64::from(row.troops)) as u32;
    state.set_territory(at, TerritoryRow { troops, flags: row.flags | FALLOUT, ..row });
    let fallout = state.tick.after(state.setting.rules.strike.fallout_ticks).0;
    state.set_strike(at, StrikeRow { fallout, ..state.strike(at) });
}

/// Fallout is gone, or a silo is loaded again.
pub(crate) fn lapse(state: &mut State, at: TerritoryId) {
    let now = state.tick.0;
    let row = state.strike(at);
    let left = |until: u32| if until > now { until } else { 0 };
    if row.fallout != 0 && row.fallout <= now {
        let land = state.rebased(at);
        state.set_territory(at, TerritoryRow { flags: land.flags & !FALLOUT, ..land });
    }
    state.set_strike(at, StrikeRow { fallout: left(row.fallout), reload: left(row.reload) });
}

/// What a silo reaches. O(territories in range).
pub(crate) fn targets(state: &State, from: TerritoryId) -> Vec<TerritoryId> {
    match state.setting.rules.strike.range {
        0 => state.setting.map.territories().collect(),
        range => within(state, from, range),
    }
}
