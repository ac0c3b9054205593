//! The numbers of war: marches and battles.

use serde::{Deserialize, Serialize};

use super::problem::RulesProblem;
use super::section::{BILLION, MILLION, Number, check, section};
use crate::quantity::Permille;

section! {
    /// How armies move.
    MarchRules {
        /// Ticks for 100 paces of land.
        ticks_per_100: u32 = 1, 10_000;
        /// Time over a strait.
        strait: Permille = 100, 10_000;
        /// Time over the sea.
        sea: Permille = 100, 10_000;
        /// Troops that an order must leave behind.
        garrison_min: u32 = 0, MILLION;
        /// Armies that a player can have under way.
        armies_max: u32 = 1, 4096;
        /// Territories that the search for a way looks at.
        search_max: u32 = 2, 65_536;
        /// Armies that one that sets out looks at to find whom it will meet; 0: none meet.
        meetings_max: u32 = 0, 1024;
    }
}

section! {
    /// The rhythm and the odds of battles: see `docs/rules.md`, Battles.
    BattleRules {
        /// The combat model.
        model: CombatModel = 0, 3;
        /// Ticks from round to round.
        round_ticks: u32 = 1, 10_000;
        /// `ratio`: share of a party that falls in a round between equals.
        lethality: Permille = 1, 1000;
        /// `ratio`: the least odds that count.
        ratio_min: Permille = 1, 1000;
        /// `ratio`: the greatest odds that count.
        ratio_max: Permille = 1000, 10_000;
        /// `kill_rate`: share of its strength that a party kills in a round.
        kill_rate: Permille = 1, 1000;
        /// `kill_rate`: how far luck can make that more or less.
        luck: Permille = 0, 1000;
        /// `dice`: throws in a round.
        dice_rolls: u32 = 1, 64;
        /// `dice`: share of the smaller side that a pair of dice decides about.
        dice_stake: Permille = 0, 1000;
        /// `dice`: how many thousandths stronger a troop must be for a pip more.
        dice_pip: u32 = 1, MILLION;
        /// Strength of troops that land from a strait or the sea.
        landing: Permille = 100, 1000;
        /// Share of an army lost when it breaks off a battle.
        retreat_loss: Permille = 0, 1000;
        /// Territories that an enclosed pocket can have to surrender; 0: none does.
        pocket_max: u32 = 0, 1024;
    }
}

section! {
    /// Supply lines: see `docs/rules.md`, Supply lines.
    SupplyRules {
        /// Lines that a player can have; 0: there are none.
        lines_max: u32 = 0, 4096;
        /// A batch waits while its player has so many armies under way.
        armies_max: u32 = 1, 4096;
        /// Share of its cap that a garrison keeps.
        keep: Permille = 0, 1000;
        /// The fewest troops of a batch.
        batch_min: u32 = 1, MILLION;
        /// Ticks from one batch of a line to the next, at least.
        every: u32 = 1, MILLION;
    }
}

section! {
    /// Strikes from silos: see `docs/rules.md`, Strikes.
    StrikeRules {
        /// Gold for one.
        cost: u64 = 0, BILLION;
        /// Ticks until a silo of level 1 is loaded again; more levels share them.
        reload_ticks: u32 = 1, MILLION;
        /// Borders between silo and target; 0: any number.
        range: u32 = 0, 64;
        /// Share of the garrison that falls.
        kill: Permille = 0, 1000;
        /// Share of the neighbours' garrisons that falls.
        splash: Permille = 0, 1000;
        /// Ticks that fallout lasts.
        fallout_ticks: u32 = 1, MILLION;
        /// Share of growth that fallout leaves.
        fallout_growth: Permille = 0, 1000;
        /// Borders between an interceptor and what it protects.
        intercept_range: u32 = 0, 16;
        /// Chance that a level of an interceptor stops a strike.
        intercept_chance: Permille = 0, 1000;
    }
}

/// How losses are computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CombatModel {
    /// By the ratio of strengths, without luck.
    Ratio,
    /// Everybody kills a share of his strength, more or less by luck.
    KillRate,
    /// Dice are compared in pairs, as in the classic board game.
    Dice,
    /// Strength is subtracted from strength.
    Subtraction,
}

impl CombatModel {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Ratio, Self::KillRate, Self::Dice, Self::Subtraction];

    /// Whether the dice of the game have a say.
    #[must_use]
    pub const fn has_luck(self) -> bool {
        matches!(self, Self::KillRate | Self::Dice)
    }
}

impl Number for CombatModel {
    fn widen(&self) -> u64 {
        *self as u64
    }
}
