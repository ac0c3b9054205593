//! What must be true of a round in every model.

use alloc::vec::Vec;

use proptest::prelude::*;

use super::*;
use crate::rules::Rules;

fn party(attacker: Option<u16>, troops: u64, per_troop: u64) -> Party {
    let (attacker, strength) = (attacker.map(PlayerId), troops * per_troop);
    Party { attacker, troops, strength, fallen: 0 }
}

fn losses(
    parties: &[Party],
    rules: &BattleRules,
    luck: Luck,
    allied: impl Fn(PlayerId, PlayerId) -> bool + Copy,
) -> Vec<u64> {
    let mut parties = parties.to_vec();
    fight(&mut parties, rules, luck, allied);
    parties.iter().map(|party| party.fallen).collect()
}

fn rules(model: CombatModel) -> BattleRules {
    let rules = Rules::preset("classic").expect("shipped");
    BattleRules { model, ..rules.battle.clone() }
}

/// A garrison, perhaps, and some attackers.
fn parties() -> impl Strategy<Value = Vec<Party>> {
    let force = || (1_u64..3000, 1_u64..4000);
    (proptest::option::of(force()), proptest::collection::vec(force(), 1..6)).prop_map(
        |(garrison, attackers)| {
            let garrison = garrison.map(|(troops, per_troop)| party(None, troops, per_troop));
            let attackers = attackers.into_iter().enumerate();
            let attackers =
                attackers.map(|(seat, (troops, each))| party(Some(seat as u16), troops, each));
            garrison.into_iter().chain(attackers).collect()
        },
    )
}

fn luck(tick: u32) -> Luck {
    Luck { seed: Seed::from(1), tick: Tick(tick), at: TerritoryId(3) }
}

/// Seats 0 and 1 are allies.
fn allied(a: PlayerId, b: PlayerId) -> bool {
    a.0.max(b.0) == 1
}

fn enemies(parties: &[Party]) -> bool {
    parties.iter().any(|a| parties.iter().any(|b| hostile(a, b, allied)))
}

proptest! {
    #[test]
    fn every_battle_ends(
        mut parties in parties(),
        model in proptest::sample::select(CombatModel::ALL.to_vec()),
    ) {
        let rules = rules(model);
        let before: u64 = parties.iter().map(|party| party.troops).sum();
        for round in 0.. {
            if !enemies(&parties) {
                break;
            }
            prop_assert!(u64::from(round) <= before, "each round costs troops");
            let losses = losses(&parties, &rules, luck(round), allied);
            prop_assert!(losses.iter().sum::<u64>() > 0);
            for (party, loss) in parties.iter_mut().zip(losses) {
                prop_assert!(loss <= party.troops);
                let each = party.strength / party.troops;
                party.troops -= loss;
                party.strength = party.troops * each;
            }
            parties.retain(|party| party.troops > 0);
        }
    }

    /// Nobody loses in a round in which he has no enemy, and allies do not hurt each other.
    #[test]
    fn friends_lose_nothing(
        (a, b) in (1_u64..3000, 1_u64..3000),
        model in proptest::sample::select(CombatModel::ALL.to_vec()),
    ) {
        let friends = [party(Some(0), a, 1000), party(Some(1), b, 850)];
        prop_assert_eq!(losses(&friends, &rules(model), luck(0), allied), [0, 0]);
    }
}

proptest! {
    /// While a side is outnumbered by more than counts, it kills no more than it loses; so
    /// an attack kills at most as many as it brings, or as it could by what a defender is
    /// worth: `ratio_max / defence` times as many.
    #[test]
    fn an_attack_kills_in_proportion_to_what_it_brings(
        (few, landing) in (1_u64..500, 100_u64..=1000),
        (host, defence) in (1_u64..100_000, 100_u64..6000),
    ) {
        let rules = rules(CombatModel::Ratio);
        let (mut attackers, mut garrison) = (few, host);
        while attackers > 0 && garrison > 0 {
            let sides = [party(None, garrison, defence), party(Some(2), attackers, landing)];
            let losses = losses(&sides, &rules, luck(0), allied);
            let outnumbered = sides[0].strength >= sides[1].strength * 3;
            prop_assert!(!outnumbered || losses[0] <= losses[1]);
            garrison -= losses[0];
            attackers -= losses[1];
        }
        let most = few * u64::from(rules.ratio_max.0) / defence;
        prop_assert!(host - garrison <= most.max(few), "{} fell", host - garrison);
    }
}

#[test]
fn subtraction_leaves_the_difference() {
    let rules = rules(CombatModel::Subtraction);
    let fight = |garrison, attacker| losses(&[garrison, attacker], &rules, luck(0), allied);
    assert_eq!(fight(party(None, 30, 1000), party(Some(2), 100, 1000)), [30, 30]);
    // Behind walls each of 30 counts for two: 60 of the attackers fall.
    assert_eq!(fight(party(None, 30, 2000), party(Some(2), 100, 1000)), [30, 60]);
    assert_eq!(fight(party(None, 60, 2000), party(Some(2), 100, 1000)), [50, 100]);
    assert_eq!(fight(party(None, 70, 1000), party(Some(2), 70, 1000)), [70, 70]);
}

#[test]
fn kill_rates_vary_by_luck_within_the_spread() {
    let rules = rules(CombatModel::KillRate);
    let mean = rules.kill_rate.of(1000);
    let (low, high) =
        (mean * (1000 - u64::from(rules.luck.0)), mean * (1000 + u64::from(rules.luck.0)));
    let mut kills: Vec<_> = (0..200)
        .map(|round| {
            let sides = [party(None, 1000, 1000), party(Some(0), 1000, 1000)];
            losses(&sides, &rules, luck(round), allied)[0]
        })
        .collect();
    kills.sort_unstable();
    kills.dedup();
    assert!(kills.len() > 20, "luck has a say");
    assert!(kills.iter().all(|kill| (low / 1000..=high / 1000).contains(kill)));
}

/// Three dice against two, troop by troop: the known odds are 2890 : 2611 : 2275 of 7776
/// that the defender loses two, each loses one, the attacker loses two.
#[test]
fn dice_have_the_odds_of_the_board_game() {
    let rules = BattleRules { dice_rolls: 1, dice_stake: Permille(0), ..rules(CombatModel::Dice) };
    let mut outcomes = [0_u32; 3];
    for round in 0..20_000 {
        let sides = [party(None, 10, 1000), party(Some(0), 10, 1000)];
        let losses = losses(&sides, &rules, luck(round), allied);
        assert_eq!(losses.iter().sum::<u64>(), 2);
        outcomes[losses[1] as usize] += 1;
    }
    for (found, of_7776) in outcomes.into_iter().zip([2890, 2611, 2275]) {
        let expected = 20_000 * of_7776 / 7776;
        assert!(found.abs_diff(expected) < 300, "{outcomes:?}");
    }
}
