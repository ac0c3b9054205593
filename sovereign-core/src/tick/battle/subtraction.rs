//! The model of subtraction: strength is set against strength, and one round decides.

use super::Party;

/// As large a share of a party falls as the pressure on it is of its strength: rounded up.
/// So of two the weaker falls, and the stronger keeps what its strength is above.
#[inline(never)]
pub(super) fn loss(party: &Party, pressure: u128) -> u64 {
    let fallen = u128::from(party.troops) * pressure;
    let fallen = fallen.div_ceil(u128::from(party.strength.max(1)));
    u64::try_from(fallen).unwrap_or(u64::MAX).max(1)
}
