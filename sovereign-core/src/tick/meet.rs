//! Armies of enemies that meet on an edge fight there.
//!
//! Every army on an edge needs the same ticks for it, so the tick at which two meet follows
//! from their rows. Each army notes the first meeting that lies ahead when it sets out;
//! armies that set out later note theirs with it.

use crate::event::Event;
use crate::id::{ArmyId, PlayerId, TerritoryId};
use crate::state::State;
use crate::state::row::ArmyRow;
use crate::tick::march;

/// Notes with whom an army that has set out will meet first, if with anybody: of equals the
/// lower number. Looks at `march.meetings_max` armies that come from where it goes.
pub(crate) fn look_ahead(state: &mut State, id: ArmyId) {
    let Some(army) = state.army(id).copied() else { return };
    let (meets_at, meets) = ahead(state, &army);
    if (army.meets_at, army.meets) != (meets_at, meets) {
        state.set_army(id, ArmyRow { meets_at, meets, ..army });
    }
}

/// The meeting that lies ahead of an army, as its row tells of it: when, and with whom.
pub(super) fn ahead(state: &State, army: &ArmyRow) -> (u32, u32) {
    let max = state.setting.rules.march.meetings_max as usize;
    let mut first = None;
    for other in state.marchers(TerritoryId(army.to)).take(max) {
        let tick = state.army(other).and_then(|row| meeting(state, army, row));
        if let Some(tick) = tick.filter(|tick| *tick > state.tick.0) {
            let this = (tick, other.0 + 1);
            first = Some(first.map_or(this, |first| this.min(first)));
        }
    }
    first.unwrap_or((0, 0))
}

/// The tick at which two enemies that march towards each other are at the same place. Each
/// has `arrives - t` ticks to go: they are when these add up to the ticks of the edge.
fn meeting(state: &State, one: &ArmyRow, other: &ArmyRow) -> Option<u32> {
    let (from, to) = (TerritoryId(one.from), TerritoryId(one.to));
    let opposed = other.fighting == 0 && (other.from, other.to) == (one.to, one.from);
    if !opposed || state.friendly(PlayerId(one.owner), PlayerId(other.owner)) {
        return None;
    }
    let map = &state.setting.map;
    let edge = map.edge(from, to).or_else(|| map.edge(to, from))?;
    let whole = march::march_ticks(state, edge);
    Some((one.arrives + other.arrives).saturating_sub(whole).div_ceil(2))
}

/// The noted meeting is due: they fight if they still come together as enemies, and whoever
/// noted it looks ahead again. Players who are safe from each other pass by.
pub(crate) fn meet(state: &mut State, id: ArmyId) {
    let Some(army) = state.army(id).copied() else { return };
    let other = ArmyId(army.meets.saturating_sub(1));
    let comes = |other: &ArmyRow| meeting(state, &army, other) == Some(army.meets_at);
    let foe = state.army(other).copied().filter(|foe| army.fighting == 0 && comes(foe));
    if let Some(foe) = foe.filter(|_| state.immunity().is_none()) {
        fight(state, (id, army), (other, foe));
    }
    look_ahead(state, id);
}

/// Lanchester's square law: the weaker falls, and the stronger keeps the root of the
/// difference of the squares, rounded down. Of equals both fall.
fn fight(state: &mut State, one: (ArmyId, ArmyRow), other: (ArmyId, ArmyRow)) {
    let ((strong, winner), (weak, loser)) =
        if one.1.troops < other.1.troops { (other, one) } else { (one, other) };
    let square = |army: ArmyRow| u64::from(army.troops) * u64::from(army.troops);
    let left = (square(winner) - square(loser)).isqrt() as u32;
    let event = Event::ArmiesMet {
        from: TerritoryId(winner.from),
        to: TerritoryId(winner.to),
        winner: PlayerId(winner.owner),
        loser: PlayerId(loser.owner),
        left,
    };
    march::set_troops(state, weak, 0);
    march::set_troops(state, strong, left);
    state.emit(event);
}
