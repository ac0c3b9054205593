//! The sides of a battle, and what bears on each.

use smallvec::SmallVec;

use crate::id::PlayerId;
use crate::quantity::{Permille, mul_div};

/// One side of a battle: the garrison, or all armies of one attacker.
#[derive(Debug)]
pub(crate) struct Party {
    /// The attacker; `None` is the garrison.
    pub(crate) attacker: Option<PlayerId>,
    pub(super) troops: u64,
    /// In thousandths of a troop.
    pub(super) strength: u64,
}

/// One value for each party. A battle of up to eight asks for no memory.
pub(crate) type PerParty<T> = SmallVec<[T; 8]>;

/// The garrison if it has troops, with its defence; then the attackers by rising number,
/// each with all armies and their strength by the way they came.
pub(crate) fn sides(
    garrison: Option<(u32, Permille)>,
    armies: impl Iterator<Item = (PlayerId, u32, Permille)>,
) -> PerParty<Party> {
    let side = |attacker, troops: u32, strength: Permille| {
        let troops = u64::from(troops);
        Party { attacker, troops, strength: strength.of(troops * 1000) }
    };
    let mut parties = PerParty::new();
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
    parties.sort_unstable_by_key(|party| party.attacker);
    parties
}

pub(super) fn hostile(a: &Party, b: &Party, allied: impl Fn(PlayerId, PlayerId) -> bool) -> bool {
    match (a.attacker, b.attacker) {
        (Some(a), Some(b)) => a != b && !allied(a, b),
        (None, None) => false,
        _ => true,
    }
}

/// What bears on each party: each party's strength bears on its enemies in proportion to
/// their troops. `None` for a party without enemies.
pub(super) fn pressures(
    parties: &[Party],
    allied: impl Fn(PlayerId, PlayerId) -> bool + Copy,
) -> PerParty<Option<u128>> {
    let enemies_of = |party: &Party| {
        parties.iter().filter(|p| hostile(party, p, allied)).map(|p| p.troops).sum()
    };
    let targets: PerParty<u64> = parties.iter().map(enemies_of).collect();
    let pressure = |party: &Party| {
        let foes = parties.iter().zip(&targets).filter(|(foe, _)| hostile(party, foe, allied));
        let share =
            |(foe, targets): (&Party, &u64)| mul_div(foe.strength.into(), party.troops, *targets);
        foes.map(share).reduce(|sum, more| sum + more)
    };
    parties.iter().map(pressure).collect()
}
