//! The sides of a battle, and what bears on each.

use smallvec::SmallVec;

use crate::id::PlayerId;
use crate::quantity::{Permille, mul_div};

/// One side of a battle: the garrison, or all armies of one attacker.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Party {
    /// The attacker; `None` is the garrison.
    pub(crate) attacker: Option<PlayerId>,
    pub(crate) troops: u64,
    /// In thousandths of a troop.
    pub(super) strength: u64,
    /// How many fall in this round.
    pub(crate) fallen: u64,
}

/// One value for each party. A battle of up to eight asks for no memory.
pub(crate) type PerParty<T> = SmallVec<[T; 8]>;

/// The garrison if it has troops, with its defence; then the attackers by rising number,
/// each with all armies and their strength by the way they came. The list is filled where it
/// is: it is too long to be moved about.
pub(crate) fn line_up(
    parties: &mut PerParty<Party>,
    garrison: Option<(u32, Permille)>,
    armies: impl Iterator<Item = (PlayerId, u32, Permille)>,
) {
    let side = |attacker, troops: u32, strength: Permille| {
        let troops = u64::from(troops);
        Party { attacker, troops, strength: strength.of(troops * 1000), fallen: 0 }
    };
    if let Some((troops, defence)) = garrison {
        parties.push(side(None, troops, defence));
    }
    for (attacker, troops, landing) in armies {
        add(parties, side(Some(attacker), troops, landing));
    }
}

/// Adds an army to its attacker's party, or a party in the place of its number.
#[inline]
fn add(parties: &mut PerParty<Party>, army: Party) {
    match parties.last_mut() {
        Some(last) if last.attacker == army.attacker => last.join(&army),
        Some(last) if last.attacker > army.attacker => add_among(parties, army),
        _ => parties.push(army),
    }
}

/// The same where parties of higher numbers are there already.
#[cold]
fn add_among(parties: &mut PerParty<Party>, army: Party) {
    let at = parties.partition_point(|party| party.attacker < army.attacker);
    match parties.get_mut(at) {
        Some(party) if party.attacker == army.attacker => party.join(&army),
        _ => parties.insert(at, army),
    }
}

impl Party {
    fn join(&mut self, army: &Self) {
        self.troops += army.troops;
        self.strength += army.strength;
    }
}

pub(super) fn hostile(a: &Party, b: &Party, allied: impl Fn(PlayerId, PlayerId) -> bool) -> bool {
    match (a.attacker, b.attacker) {
        (Some(a), Some(b)) => a != b && !allied(a, b),
        (None, None) => false,
        _ => true,
    }
}

/// What bears on each party: each party's strength bears on its enemies in proportion to their
/// troops. `None` for a party without enemies.
pub(super) fn pressures(
    parties: &[Party],
    allied: impl Fn(PlayerId, PlayerId) -> bool + Copy,
) -> PerParty<Option<u128>> {
    let enemies = |party: &Party| {
        parties.iter().filter(|p| hostile(party, p, allied)).map(|p| p.troops).sum::<u64>()
    };
    let targets: PerParty<u64> = parties.iter().map(enemies).collect();
    let pressure = |party: &Party| {
        let foes = parties.iter().zip(&targets).filter(|(foe, _)| hostile(party, foe, allied));
        // No more than the foe's strength: his targets are at least the party's troops.
        let share = |(foe, targets): (&Party, &u64)| {
            u128::from(mul_div(foe.strength.into(), party.troops, *targets))
        };
        foes.map(share).reduce(|sum, more| sum + more)
    };
    parties.iter().map(pressure).collect()
}
