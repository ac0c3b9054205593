//! Battles: any number of parties, in rounds, by the model that the rules choose.
//!
//! Every round is computed from the strengths before it. `docs/rules.md` states
//! the formulas; each model has its file, and [`fight`] chooses it.

mod dice;
mod kill_rate;
mod party;
mod ratio;
mod subtraction;
#[cfg(test)]
mod tests;

pub(crate) use party::{Party, PerParty, line_up};

use super::{march, pocket, supply, victory};
use crate::command::cede;
use crate::event::Event;
use crate::id::{ArmyId, PlayerId, TerritoryId};
use crate::map::EdgeKind;
use crate::quantity::{Permille, TROOPS_MAX, Tick};
use crate::rng::{Purpose, Seed};
use crate::rules::{BattleRules, CombatModel};
use crate::state::State;
use crate::state::row::{ArmyRow, BattleRow, CAPITAL, FALLOUT, STILL, TerritoryRow};
use party::{hostile, pressures};

/// An army arrives where it is not welcome: it fights, or takes what nobody defends.
pub(crate) fn engage(state: &mut State, id: ArmyId) {
    let Some(army) = state.army(id).copied() else { return };
    let at = TerritoryId(army.to);
    let attacker = PlayerId(army.owner);
    state.set_army(id, ArmyRow { fighting: 1, meets: 0, meets_at: 0, ..army });
    if state.battle(at).is_some() {
        return;
    }
    if begin(state, at, attacker) == 0 {
        // Nobody else attacks, for there was no battle.
        conquer(state, at, attacker, army.troops.into());
    }
}

/// Says how many defend the place.
fn begin(state: &mut State, at: TerritoryId, attacker: PlayerId) -> u32 {
    let (troops, since) = (state.troops(at), state.tick.0);
    state.edit_territory(at, |row| {
        (row.troops, row.since) = (troops, since);
        row.flags |= STILL;
    });
    let due = next_round(state);
    state.set_battle(at, BattleRow { began: since, due });
    state.emit(Event::BattleBegan { territory: at, attacker });
    troops
}

fn next_round(state: &State) -> u32 {
    state.tick.after(state.setting.rules.battle.round_ticks).0
}

/// One round: everybody loses by what stood against him before it. What is left decides how
/// it goes on, so that each row is written once.
pub(crate) fn round(state: &mut State, at: TerritoryId) {
    let mut parties = PerParty::new();
    gather(state, at, &mut parties);
    let luck = Luck { seed: state.setting.seed, tick: state.tick, at };
    let parties: &mut [Party] = &mut parties;
    fight(parties, &state.setting.rules.battle, luck, |a, b| state.allied(a, b));
    parties.iter_mut().for_each(|party| party.troops -= party.fallen);
    let victor = victor(state, parties);
    for party in parties.iter() {
        // What is left of the victor's armies becomes the garrison at once.
        let bleeds = |attacker| victor.is_none_or(|(by, _)| by != attacker);
        if let Some(attacker) = party.attacker.filter(|attacker| bleeds(*attacker)) {
            bleed_armies(state, at, attacker, party.fallen);
        }
    }
    match victor {
        Some((by, troops)) => conquer(state, at, by, troops),
        None => go_on(state, at, parties),
    }
}

/// Who takes the place, and with how many troops: nobody while its garrison stands.
fn victor(state: &State, parties: &[Party]) -> Option<(PlayerId, u64)> {
    if garrison(parties) > 0 {
        return None;
    }
    winner(parties.iter().filter(|party| party.troops > 0), |a, b| state.allied(a, b))
}

fn garrison(parties: &[Party]) -> u32 {
    let first = parties.first().filter(|party| party.attacker.is_none());
    first.map_or(0, |party| party.troops as u32)
}

/// The garrison loses what fell. If attackers are left, there will be another round.
fn go_on(state: &mut State, at: TerritoryId, parties: &[Party]) {
    if parties.iter().all(|party| party.attacker.is_none() || party.troops == 0) {
        return repel(state, at, garrison(parties));
    }
    if parties.first().is_some_and(|party| party.attacker.is_none()) {
        let (troops, since) = (garrison(parties), state.tick.0);
        state.edit_territory(at, |row| (row.troops, row.since) = (troops, since));
    }
    state.put_off_round(at, next_round(state));
}

fn conquer(state: &mut State, at: TerritoryId, by: PlayerId, troops: u64) {
    seize(state, at, by, troops);
    pocket::close_in(state, at, by);
}

fn gather(state: &State, at: TerritoryId, parties: &mut PerParty<Party>) {
    // Where there is a battle, the garrison does not grow.
    let garrison = state.territory(at).troops;
    let armies = state.fighters(at).filter_map(|id| state.army(id)).map(|army| {
        let landing = landing(state, TerritoryId(army.from), TerritoryId(army.to));
        (PlayerId(army.owner), army.troops, landing)
    });
    line_up(parties, (garrison > 0).then(|| (garrison, state.defence(at))), armies);
}

/// The strength of an army by the way it came.
pub(crate) fn landing(state: &State, from: TerritoryId, to: TerritoryId) -> Permille {
    match state.setting.map.edge(from, to).map(|edge| edge.kind) {
        Some(EdgeKind::Strait | EdgeKind::Sea) => state.setting.rules.battle.landing,
        Some(EdgeKind::Land) | None => Permille::ONE,
    }
}

/// The dice of one round.
#[derive(Clone, Copy)]
pub(crate) struct Luck {
    pub(crate) seed: Seed,
    pub(crate) tick: Tick,
    pub(crate) at: TerritoryId,
}

impl Luck {
    /// The `k`-th throw of the round, from 0 to `sides - 1`.
    fn below(&self, k: u64, sides: u64) -> u64 {
        self.seed.below(self.tick, Purpose::Battle, u64::from(self.at.0), k, sides)
    }
}

/// Notes how many of each party fall in a round, at most its troops. In each model a round in
/// which two enemies stand costs troops, so every battle ends. O(parties^2).
pub(crate) fn fight(
    parties: &mut [Party],
    rules: &BattleRules,
    luck: Luck,
    allied: impl Fn(PlayerId, PlayerId) -> bool + Copy,
) {
    if rules.model == CombatModel::Dice {
        return dice::fight(parties, rules, luck, allied);
    }
    let loss = |party: &Party, pressure: u128| {
        let fallen = match rules.model {
            CombatModel::KillRate => kill_rate::loss(party, pressure, rules, luck),
            CombatModel::Subtraction => subtraction::loss(party, pressure),
            _ => ratio::loss(party, pressure, rules),
        };
        fallen.min(party.troops)
    };
    if let [one, other] = parties {
        // Nearly always: each is all that the other's strength bears on.
        if hostile(one, other, allied) {
            let pressures = [other.strength, one.strength].map(u128::from);
            (one.fallen, other.fallen) = (loss(one, pressures[0]), loss(other, pressures[1]));
        }
        return;
    }
    let pressures = pressures(parties, allied);
    for (party, pressure) in parties.iter_mut().zip(pressures) {
        party.fallen = pressure.map_or(0, |pressure| loss(party, pressure));
    }
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
        repel(state, at, state.troops(at));
    }
}

/// The battle is over: there is peace for the garrison that is left.
fn repel(state: &mut State, at: TerritoryId, garrison: u32) {
    state.set_battle(at, BattleRow::BLANK);
    let since = state.tick.0;
    state.edit_territory(at, |row| {
        (row.troops, row.since) = (garrison, since);
        row.flags &= !STILL;
    });
    state.emit(Event::AttackRepelled { territory: at });
}

/// Who takes a place without garrison, and with how many troops: the strongest attacker,
/// once no two of them are enemies; of equals the lower number.
pub(crate) fn winner<'p>(
    parties: impl Iterator<Item = &'p Party> + Clone,
    allied: impl Fn(PlayerId, PlayerId) -> bool + Copy,
) -> Option<(PlayerId, u64)> {
    let mut pairs = parties.clone().flat_map(|a| parties.clone().map(move |b| (a, b)));
    if pairs.any(|(a, b)| hostile(a, b, allied)) {
        return None;
    }
    let strongest = parties.max_by_key(|p| (p.troops, core::cmp::Reverse(p.attacker)))?;
    strongest.attacker.map(|attacker| (attacker, strongest.troops))
}

/// A player takes a place with all the troops that he has there.
pub(crate) fn take(state: &mut State, at: TerritoryId, by: PlayerId) {
    let armies = state.fighters(at).filter_map(|id| state.army(id));
    let mine = armies.filter(|army| army.owner == by.0).map(|army| u64::from(army.troops));
    let troops = mine.sum();
    seize(state, at, by, troops);
}

/// The winner's armies become the garrison, of which so many troops are left; his allies'
/// armies go home. What was being built is lost, what stands is taken.
fn seize(state: &mut State, at: TerritoryId, by: PlayerId, troops: u64) {
    let from = state.owner(at);
    while let Some(id) = first_fighter(state, at) {
        let Some(army) = state.army(id).copied() else { break };
        if army.owner == by.0 {
            march::set_troops(state, id, 0);
        } else {
            march::send_home(state, id);
        }
    }
    state.set_battle(at, BattleRow::BLANK);
    let row = *state.territory(at);
    let taken = TerritoryRow {
        owner: by.0,
        structure: row.unfinished_lost(),
        flags: row.flags & FALLOUT,
        troops: troops.min(u64::from(TROOPS_MAX)) as u32,
        since: state.tick.0,
        away: 0,
        taken: state.tick.0,
        ready: 0,
    };
    state.set_territory(at, taken);
    state.emit(Event::Captured { territory: at, by, from });
    supply::cut(state, at);
    if let Some(loser) = from.filter(|_| row.flags & CAPITAL != 0) {
        cede(state, loser, by);
    }
    victory::note_capture(state, by, from);
}
