//! The model without luck: losses by the ratio of strengths, within bounds.

use super::Party;
use crate::quantity::mul_div;
use crate::rules::BattleRules;

/// The pressure on a party over its own strength, held between the rules' bounds, times
/// lethality is the share of its troops that fall: rounded down, at least 1.
pub(super) fn loss(party: &Party, pressure: u128, rules: &BattleRules) -> u64 {
    let odds = mul_div(pressure, 1000, party.strength.max(1));
    let odds = odds.clamp(u128::from(rules.ratio_min.0), u128::from(rules.ratio_max.0));
    let share = odds * u128::from(rules.lethality.0);
    mul_div(share, party.troops, 1_000_000).max(1) as u64
}
