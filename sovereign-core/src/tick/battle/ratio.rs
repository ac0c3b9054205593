//! The model without luck: losses by the ratio of strengths, within bounds.

use super::Party;
use crate::quantity::mul_div;
use crate::rules::BattleRules;

/// The pressure on a party over its own strength, held between the rules' bounds, times
/// lethality is the share of its troops that fall: rounded down, at least 1. But however
/// many they are, no more fall than its enemies can kill at the greatest odds: so a few
/// that attack a host are not worth more than the host's own dead.
#[inline(always)]
pub(super) fn loss(party: &Party, pressure: u128, rules: &BattleRules) -> u64 {
    let odds = mul_div(pressure, 1000, party.strength.max(1));
    let odds = odds.clamp(rules.ratio_min.0.into(), rules.ratio_max.0.into());
    let share = odds * u64::from(rules.lethality.0);
    let fallen = mul_div(share.into(), party.troops, 1_000_000);
    fallen.min(killed_at_most(pressure, rules)).max(1)
}

fn killed_at_most(pressure: u128, rules: &BattleRules) -> u64 {
    let each = rules.ratio_max.of(rules.lethality.0.into());
    mul_div(pressure, each, 1_000_000)
}
