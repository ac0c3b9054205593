//! The model of the classic board game: up to three dice against two, compared in pairs.

use smallvec::{SmallVec, smallvec};

use super::party::{PerParty, hostile};
use super::{Luck, Party};
use crate::id::PlayerId;
use crate::rules::BattleRules;

const ATTACK_DICE: usize = 3;
const DEFENCE_DICE: usize = 2;
const SIDES: u64 = 6;

/// Every attacker duels once: with the garrison, or where there is none with the next
/// enemy by seat. O(parties^2), and a few throws for each.
pub(super) fn fight(
    parties: &mut [Party],
    rules: &BattleRules,
    luck: Luck,
    allied: impl Fn(PlayerId, PlayerId) -> bool + Copy,
) {
    let mut losses: PerParty<u64> = smallvec![0; parties.len()];
    for (one, party) in parties.iter().enumerate() {
        let Some(seat) = party.attacker else { continue };
        let Some(other) = opponent(parties, one, allied) else { continue };
        let duel = Duel::new(party, &parties[other], rules, luck, seat);
        let (fallen, killed) = duel.fight();
        losses[one] += fallen;
        losses[other] += killed;
    }
    for (party, loss) in parties.iter_mut().zip(losses) {
        party.fallen = loss.min(party.troops);
    }
}

/// The garrison, which comes first; else the first enemy after `one`, around the table.
fn opponent(
    parties: &[Party],
    one: usize,
    allied: impl Fn(PlayerId, PlayerId) -> bool + Copy,
) -> Option<usize> {
    if parties[0].attacker.is_none() {
        return Some(0);
    }
    let others = (one + 1..parties.len()).chain(0..one);
    others.into_iter().find(|other| hostile(&parties[one], &parties[*other], allied))
}

/// One attacker against one defender for a round.
struct Duel<'r> {
    troops: [u64; 2],
    /// What is added to the highest die of each.
    bonus: [u64; 2],
    /// Troops that a pair of dice decides about.
    stake: u64,
    rules: &'r BattleRules,
    luck: Luck,
    seat: PlayerId,
}

impl<'r> Duel<'r> {
    fn new(
        attacker: &Party,
        defender: &Party,
        rules: &'r BattleRules,
        luck: Luck,
        seat: PlayerId,
    ) -> Self {
        let troops = [attacker.troops, defender.troops];
        let [a, b] = [attacker, defender].map(|party| party.strength / party.troops.max(1));
        let pip = u64::from(rules.dice_pip);
        let bonus = [a.saturating_sub(b) / pip, b.saturating_sub(a) / pip];
        let stake = rules.dice_stake.of(troops[0].min(troops[1])).max(1);
        Self { troops, bonus, stake, rules, luck, seat }
    }

    /// What attacker and defender lose.
    fn fight(mut self) -> (u64, u64) {
        let [a, b] = self.troops;
        for roll in 0..u64::from(self.rules.dice_rolls) {
            if self.troops.contains(&0) {
                break;
            }
            self.roll(roll);
        }
        (a - self.troops[0], b - self.troops[1])
    }

    /// One throw of all dice. Highest against highest, then second against second; the
    /// higher wins, and the defender where they are equal.
    fn roll(&mut self, roll: u64) {
        let attack = self.hand(roll, 0, ATTACK_DICE);
        let defence = self.hand(roll, 1, DEFENCE_DICE);
        for (attack, defence) in attack.iter().zip(&defence) {
            let loser = if attack > defence { 1 } else { 0 };
            self.troops[loser] = self.troops[loser].saturating_sub(self.stake);
        }
    }

    /// The dice of one side, highest first: as many as it has troops, up to `most`.
    fn hand(&self, roll: u64, side: usize, most: usize) -> SmallVec<[u64; ATTACK_DICE]> {
        let count = self.troops[side].min(most as u64);
        let name = |die| (u64::from(self.seat.0) + 1) << 16 | roll << 8 | (side as u64) << 4 | die;
        let mut dice: SmallVec<[u64; ATTACK_DICE]> =
            (0..count).map(|die| self.luck.below(name(die), SIDES) + 1).collect();
        dice.sort_unstable_by(|a, b| b.cmp(a));
        if let Some(highest) = dice.first_mut() {
            *highest += self.bonus[side];
        }
        dice
    }
}
