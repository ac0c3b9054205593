//! Battles: any number of parties, in rounds, by the `ratio` model.
//!
//! Every round is computed from the strengths before it. `docs/rules.md` states
//! the formulas; [`losses`] is where they are.

use alloc::vec::Vec;

use super::march;
use crate::event::Event;
use crate::id::{ArmyId, PlayerId, TerritoryId};
use crate::map::EdgeKind;
use crate::quantity::{Permille, TROOPS_MAX};
use crate::rules::BattleRules;
use crate::state::State;
use crate::state::row::{BattleRow, STILL, TerritoryRow};

/// One side of a battle: the garrison, or all armies of one attacker.
pub(crate) struct Party {
    /// The attacker; `None` is the garrison.
    pub(crate) attacker: Option<PlayerId>,
    troops: u64,
    /// Thousandths of a troop.
    strength: u64,
}

/// An army arrives where it is not welcome: it fights, or takes what nobody defends.
pub(crate) fn engage(state: &mut State, id: ArmyId) {
    let Some(army) = state.army(id).copied() else { return };
    let at = TerritoryId(army.to);
    let attacker = PlayerId(army.owner);
    state.set_army(id, crate::state::row::ArmyRow { fighting: 1, ..army });
    if state.battle(at).is_some() {
        return;
    }
    begin(state, at, attacker);
    if state.troops(at) == 0 {
        decide(state, at);
    }
}

fn begin(state: &mut State, at: TerritoryId, attacker: PlayerId) {
    let row = state.rebased(at);
    state.set_territory(at, TerritoryRow { flags: row.flags | STILL, ..row });
    let due = next_round(state);
    state.set_battle(at, BattleRow { began: state.tick.0, due });
    state.emit(Event::BattleBegan { territory: at, attacker });
}

fn next_round(state: &State) -> u32 {
    state.tick.after(state.setting.rules.battle.round_ticks).0
}

/// One round: everybody loses by what stood against him before it.
pub(crate) fn round(state: &mut State, at: TerritoryId) {
    let parties = parties(state, at);
    let losses = losses(&parties, &state.setting.rules.battle, |a, b| state.allied(a, b));
    for (party, loss) in parties.iter().zip(losses) {
        match party.attacker {
            None => bleed_garrison(state, at, loss),
            Some(attacker) => bleed_armies(state, at, attacker, loss),
        }
    }
    let due = next_round(state);
    if let Some(battle) = state.battle(at).copied() {
        state.set_battle(at, BattleRow { due, ..battle });
    }
    decide(state, at);
}

fn parties(state: &State, at: TerritoryId) -> Vec<Party> {
    let garrison = state.troops(at);
    let armies = state.fighters(at).filter_map(|id| state.army(id)).map(|army| {
        let landing = landing(state, TerritoryId(army.from), TerritoryId(army.to));
        (PlayerId(army.owner), army.troops, landing)
    });
    sides((garrison > 0).then(|| (garrison, state.defence(at))), armies)
}

/// The garrison if it has troops, with its defence; then the attackers by rising number,
/// each with all armies and their strength by the way they came.
pub(crate) fn sides(
    garrison: Option<(u32, Permille)>,
    armies: impl Iterator<Item = (PlayerId, u32, Permille)>,
) -> Vec<Party> {
    let side = |attacker, troops: u32, strength: Permille| {
        let troops = u64::from(troops);
        Party { attacker, troops, strength: strength.of(troops * 1000) }
    };
    let mut parties = Vec::new();
    parties.extend(garrison.map(|(troops, defence)| side(None, troops, defence)));
    for (attacker, troops, landing) in armies {
        let army = side(Some(attacker), troops, landing);
        match parties.iter_mut().find(|party| party.attacker == Some(attacker)) {
            Some(party) => {
                party.troops += army.troops;
                party.strength += army.strength;
            }
            None => parties.push(army),
        }
    }
    parties.sort_by_key(|party| party.attacker);
    parties
}

/// The strength of an army by the way it came.
pub(crate) fn landing(state: &State, from: TerritoryId, to: TerritoryId) -> Permille {
    match state.setting.map.edge(from, to).map(|edge| edge.kind) {
        Some(EdgeKind::Strait | EdgeKind::Sea) => state.setting.rules.battle.landing,
        Some(EdgeKind::Land) | None => Permille::ONE,
    }
}

fn hostile(a: &Party, b: &Party, allied: impl Fn(PlayerId, PlayerId) -> bool) -> bool {
    match (a.attacker, b.attacker) {
        (Some(a), Some(b)) => a != b && !allied(a, b),
        (None, None) => false,
        _ => true,
    }
}

/// What each party loses in a round.
///
/// Each party's strength bears on its enemies in proportion to their troops. The
/// pressure on a party over its own strength, held between the rules' bounds, times
/// lethality is the share of its troops that fall: rounded down, at least 1.
pub(crate) fn losses(
    parties: &[Party],
    rules: &BattleRules,
    allied: impl Fn(PlayerId, PlayerId) -> bool + Copy,
) -> Vec<u64> {
    let enemies_of = |party: &Party| {
        parties.iter().filter(|p| hostile(party, p, allied)).map(|p| p.troops).sum()
    };
    let targets: Vec<u64> = parties.iter().map(enemies_of).collect();
    let loss = |party: &Party| {
        let foes = parties.iter().zip(&targets).filter(|(foe, _)| hostile(party, foe, allied));
        let pressure: u128 = foes
            .map(|(foe, targets)| {
                u128::from(foe.strength) * u128::from(party.troops) / u128::from(*targets)
            })
            .sum();
        if pressure == 0 {
            return 0;
        }
        let odds = pressure * 1000 / u128::from(party.strength.max(1));
        let odds = odds.clamp(u128::from(rules.ratio_min.0), u128::from(rules.ratio_max.0));
        let share = odds * u128::from(rules.lethality.0);
        (u128::from(party.troops) * share / 1_000_000).max(1).min(u128::from(party.troops)) as u64
    };
    parties.iter().map(loss).collect()
}

fn bleed_garrison(state: &mut State, at: TerritoryId, loss: u64) {
    let row = state.rebased(at);
    let troops = row.troops.saturating_sub(loss as u32);
    state.set_territory(at, TerritoryRow { troops, ..row });
}

/// Takes an attacker's losses from his armies, the lowest number first.
fn bleed_armies(state: &mut State, at: TerritoryId, attacker: PlayerId, mut loss: u64) {
    while loss > 0 {
        let mine = |id: &ArmyId| state.army(*id).is_some_and(|a| a.owner == attacker.0);
        let Some(id) = state.fighters(at).find(mine) else { return };
        let troops = state.army(id).map_or(0, |army| army.troops);
        let fallen = loss.min(u64::from(troops)) as u32;
        march::set_troops(state, id, troops - fallen);
        loss -= u64::from(fallen);
    }
}

fn first_fighter(state: &State, at: TerritoryId) -> Option<ArmyId> {
    state.fighters(at).next()
}

/// Ends a battle that nobody attacks any more.
pub(crate) fn end_if_deserted(state: &mut State, at: TerritoryId) {
    if state.battle(at).is_some() && first_fighter(state, at).is_none() {
        make_peace(state, at);
        state.emit(Event::AttackRepelled { territory: at });
    }
}

fn make_peace(state: &mut State, at: TerritoryId) {
    state.set_battle(at, BattleRow::BLANK);
    let row = state.rebased(at);
    state.set_territory(at, TerritoryRow { flags: row.flags & !STILL, ..row });
}

/// Ends the battle if it is over: for the defender if all attackers fell, for the
/// attackers if the garrison fell and those left are one side.
fn decide(state: &mut State, at: TerritoryId) {
    end_if_deserted(state, at);
    if state.battle(at).is_none() || state.troops(at) > 0 {
        return;
    }
    let parties = parties(state, at);
    if let Some((winner, _)) = winner(&parties, |a, b| state.allied(a, b)) {
        capture(state, at, winner);
    }
}

/// Who takes a place without garrison, and with how many troops: the strongest attacker,
/// once no two of them are enemies; of equals the lower number.
pub(crate) fn winner(
    parties: &[Party],
    allied: impl Fn(PlayerId, PlayerId) -> bool + Copy,
) -> Option<(PlayerId, u64)> {
    let mut pairs = parties.iter().flat_map(|a| parties.iter().map(move |b| (a, b)));
    if pairs.any(|(a, b)| hostile(a, b, allied)) {
        return None;
    }
    let strongest = parties.iter().max_by_key(|p| (p.troops, core::cmp::Reverse(p.attacker)))?;
    strongest.attacker.map(|attacker| (attacker, strongest.troops))
}

/// The winner's armies become the garrison; his allies' armies go home. What was
/// being built is lost, what stands is taken.
fn capture(state: &mut State, at: TerritoryId, by: PlayerId) {
    let from = state.owner(at);
    let mut troops = 0_u64;
    while let Some(id) = first_fighter(state, at) {
        let Some(army) = state.army(id).copied() else { break };
        if army.owner == by.0 {
            troops += u64::from(army.troops);
            march::set_troops(state, id, 0);
        } else {
            march::send_home(state, id);
        }
    }
    state.set_battle(at, BattleRow::BLANK);
    let row = state.rebased(at);
    let taken = TerritoryRow {
        owner: by.0,
        structure: row.unfinished_lost(),
        flags: 0,
        troops: troops.min(u64::from(TROOPS_MAX)) as u32,
        since: state.tick.0,
        away: 0,
        taken: state.tick.0,
        ready: 0,
    };
    state.set_territory(at, taken);
    state.emit(Event::Captured { territory: at, by, from });
    state.unjudged = true;
}
