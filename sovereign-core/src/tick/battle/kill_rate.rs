//! The model of kill rates: everybody kills a share of his strength, more or less by luck.

use super::{Luck, Party};
use crate::rules::BattleRules;

/// The share `kill_rate` of the pressure on a party falls, times its luck: rounded down
/// to whole troops, at least 1. The dice of a round are the garrison's and each seat's.
#[inline(never)]
pub(super) fn loss(party: &Party, pressure: u128, rules: &BattleRules, luck: Luck) -> u64 {
    let spread = u64::from(rules.luck.0);
    let throw = luck.below(party.attacker.map_or(0, |seat| u64::from(seat.0) + 1), 2 * spread + 1);
    let factor = u128::from(1000 - spread + throw);
    let killed = pressure * u128::from(rules.kill_rate.0) * factor / 1_000_000_000;
    u64::try_from(killed).unwrap_or(u64::MAX).max(1)
}
