//! Armies: how they leave, arrive, turn round and disperse.

use super::{battle, meet, victory, way};
use crate::id::{ArmyId, PlayerId, TerritoryId};
use crate::map::{Edge, EdgeKind};
use crate::quantity::{Permille, TROOPS_MAX};
use crate::state::State;
use crate::state::row::{ATTACK, ArmyRow, MOVE, RETURN};

/// Ticks that an army needs for an edge: at least 1.
///
/// `length * ticks_per_100 / 100`, then times the edge's kind, each rounded down.
pub(crate) fn march_ticks(state: &State, edge: Edge) -> u32 {
    let rules = &state.setting.rules.march;
    let land = u64::from(edge.length) * u64::from(rules.ticks_per_100) / 100;
    let slowness = match edge.kind {
        EdgeKind::Land => Permille::ONE,
        EdgeKind::Strait => rules.strait,
        EdgeKind::Sea => rules.sea,
    };
    slowness.of(land).max(1) as u32
}

/// A march that was found to be possible now.
#[derive(Clone, Copy, Debug)]
pub(crate) struct March {
    pub(crate) from: TerritoryId,
    pub(crate) edge: Edge,
    /// The troops at `from` now, and how many of them leave.
    pub(crate) garrison: u32,
    pub(crate) troops: u32,
    pub(crate) goal: TerritoryId,
    /// [`ATTACK`] or [`MOVE`].
    pub(crate) purpose: u8,
}

/// Sends troops on their way.
pub(crate) fn depart(state: &mut State, owner: PlayerId, march: &March) {
    let March { from, edge, garrison, troops, goal, purpose } = *march;
    let mut army = ArmyRow {
        owner: owner.0,
        purpose,
        fighting: 0,
        troops,
        origin: from.0,
        origin_taken: state.territory(from).taken,
        from: from.0,
        to: edge.to.0,
        departed: state.tick.0,
        arrives: state.tick.after(march_ticks(state, edge)).0,
        goal: goal.0,
        meets: 0,
        meets_at: 0,
    };
    let since = state.tick.0;
    state.edit_territory(from, |home| {
        (home.troops, home.since) = (garrison - troops, since);
        home.away += troops;
    });
    (army.meets_at, army.meets) = meet::ahead(state, &army);
    state.set_army(state.free_army(owner), army);
}

/// Sets an army's strength, and with it what counts as away from its origin.
/// An army without troops is gone.
pub(crate) fn set_troops(state: &mut State, id: ArmyId, troops: u32) {
    let Some(army) = state.army(id) else { return };
    let (owner, before, origin) = (army.owner, army.troops, TerritoryId(army.origin));
    let home = state.territory(origin);
    if home.taken == army.origin_taken && state.lord_is(home.owner, owner) {
        let (now, since) = (state.troops(origin), state.tick.0);
        state.edit_territory(origin, |home| {
            (home.troops, home.since) = (now, since);
            home.away = home.away - before + troops;
        });
    }
    if troops > 0 {
        return state.edit_army(id, |army| army.troops = troops);
    }
    state.set_army(id, ArmyRow::BLANK);
    victory::note_loss(state, PlayerId(owner));
}

/// Takes an army off the map, out of its battle if it fights.
pub(crate) fn disband(state: &mut State, id: ArmyId) {
    let fought_at = state.army(id).filter(|a| a.fighting == 1).map(|a| TerritoryId(a.to));
    set_troops(state, id, 0);
    if let Some(at) = fought_at {
        battle::end_if_deserted(state, at);
    }
}

/// An army reaches the end of its march.
pub(crate) fn arrive(state: &mut State, id: ArmyId) {
    let Some(army) = state.army(id).copied() else { return };
    let (me, at) = (PlayerId(army.owner), TerritoryId(army.to));
    match state.owner(at) {
        Some(owner) if owner == me => go_on(state, id, army),
        Some(owner) if state.allied(me, owner) && army.purpose == ATTACK => turn_round(state, id),
        Some(owner) if state.allied(me, owner) => go_on(state, id, army),
        Some(_) if state.immunity().is_some() && army.purpose != RETURN => turn_round(state, id),
        _ => battle::engage(state, id),
    }
}

/// An army on friendly land: a move goes on towards its goal as long as there is a way,
/// everybody else joins the garrison.
fn go_on(state: &mut State, id: ArmyId, army: ArmyRow) {
    let moves = army.purpose == MOVE;
    let [here, goal] = [army.to, army.goal].map(TerritoryId);
    let edge = moves.then(|| way::next_edge(state, PlayerId(army.owner), here, goal)).flatten();
    let Some(edge) = edge else { return join_garrison(state, id) };
    let next = ArmyRow {
        from: army.to,
        to: edge.to.0,
        departed: state.tick.0,
        arrives: state.tick.after(march_ticks(state, edge)).0,
        ..army
    };
    state.set_army(id, next);
    meet::look_ahead(state, id);
}

/// The army becomes part of the garrison where it is. What is above [`TROOPS_MAX`] is lost.
pub(crate) fn join_garrison(state: &mut State, id: ArmyId) {
    let Some(army) = state.army(id).copied() else { return };
    set_troops(state, id, 0);
    let (at, since) = (TerritoryId(army.to), state.tick.0);
    let troops = (state.troops(at) + army.troops).min(TROOPS_MAX);
    state.edit_territory(at, |row| (row.troops, row.since) = (troops, since));
}

/// An army finds that what it fights for is its owner's own: it joins the garrison.
pub(crate) fn relieve(state: &mut State, id: ArmyId) {
    let at = state.army(id).map(|army| TerritoryId(army.to));
    join_garrison(state, id);
    if let Some(at) = at {
        battle::end_if_deserted(state, at);
    }
}

/// A marching army goes back the way it has come, in the time that it took.
fn turn_round(state: &mut State, id: ArmyId) {
    if let Some(army) = state.army(id).copied() {
        send_back(state, id, army, state.tick.0 - army.departed);
    }
}

/// An army leaves its battle for home, without loss, and the battle ends if it was the last.
pub(crate) fn go_home(state: &mut State, id: ArmyId) {
    let at = state.army(id).map(|army| TerritoryId(army.to));
    send_home(state, id);
    if let Some(at) = at {
        battle::end_if_deserted(state, at);
    }
}

/// An army that fights starts for home, in the time that its march took.
pub(crate) fn send_home(state: &mut State, id: ArmyId) {
    if let Some(army) = state.army(id).copied() {
        send_back(state, id, army, army.arrives - army.departed);
    }
}

fn send_back(state: &mut State, id: ArmyId, army: ArmyRow, ticks: u32) {
    let back = ArmyRow {
        purpose: RETURN,
        fighting: 0,
        from: army.to,
        to: army.from,
        departed: state.tick.0,
        arrives: state.tick.after(ticks.max(1)).0,
        goal: army.from,
        meets: 0,
        meets_at: 0,
        ..army
    };
    state.set_army(id, back);
    meet::look_ahead(state, id);
}

/// A retreat: from a march without loss, from a battle at the stated one.
pub(crate) fn break_off(state: &mut State, id: ArmyId) {
    let Some(army) = state.army(id).copied() else { return };
    if army.fighting == 0 {
        return turn_round(state, id);
    }
    let share = state.setting.rules.battle.retreat_loss;
    let loss = share.of_rounded_up(u64::from(army.troops)) as u32;
    if loss >= army.troops {
        return disband(state, id);
    }
    set_troops(state, id, army.troops - loss);
    go_home(state, id);
}
