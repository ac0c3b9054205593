//! The numbers of what can be built.

use serde::{Deserialize, Serialize};

use super::problem::RulesProblem;
use super::section::{BILLION, MILLION, Number, check, section};
use crate::quantity::Permille;

/// The least factor that many levels can come to, in thousandths.
const FACTOR_MIN: u32 = 100;

/// The numbers of each structure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StructureTable {
    /// Raises the cap and brings gold.
    pub city: StructureRules,
    /// Helps the defender.
    pub fort: StructureRules,
    /// Opens sea routes and brings gold.
    pub port: StructureRules,
    /// Lets the garrison grow faster.
    pub barracks: StructureRules,
    /// Strikes from afar.
    pub silo: StructureRules,
    /// Stops strikes near it.
    pub interceptor: StructureRules,
}

section! {
    /// What a structure costs and does.
    StructureRules {
        /// Gold for the first level of the first.
        cost: u64 = 0, BILLION;
        /// Gold more for each level that is owned already.
        cost_growth: u64 = 0, BILLION;
        /// How many owned levels raise the cost.
        cost_steps_max: u32 = 0, 1000;
        /// Ticks until a level stands.
        build_ticks: u32 = 1, MILLION;
        /// Levels that one can have.
        levels_max: u32 = 1, 15;
        /// Troops that each level adds to the cap.
        cap: u32 = 0, MILLION;
        /// Millionths of a gold that each level brings each tick.
        gold: u32 = 0, 10 * MILLION;
        /// The defender's strength; each level adds what is above 1000.
        defence: Permille = 100, 10_000;
        /// The garrison's growth; each level adds what is above 1000.
        growth: Permille = 100, 10_000;
    }
}

impl StructureRules {
    /// Troops that `level` levels add to the cap.
    #[must_use]
    pub const fn cap_at(&self, level: u8) -> u32 {
        self.cap * level as u32
    }

    /// Millionths of a gold that `level` levels bring each tick.
    #[must_use]
    pub const fn gold_at(&self, level: u8) -> u64 {
        self.gold as u64 * level as u64
    }

    /// The defender's strength behind `level` levels.
    #[must_use]
    pub const fn defence_at(&self, level: u8) -> Permille {
        at_level(self.defence, level)
    }

    /// The garrison's growth with `level` levels.
    #[must_use]
    pub const fn growth_at(&self, level: u8) -> Permille {
        at_level(self.growth, level)
    }
}

/// What a factor comes to at a level: the first counts in full, each further one adds
/// the same again. Held at a tenth from below.
const fn at_level(factor: Permille, level: u8) -> Permille {
    let level = level as u32;
    let (gain, loss) = (factor.0.saturating_sub(1000), 1000_u32.saturating_sub(factor.0));
    let sum = (1000 + gain * level).saturating_sub(loss * level);
    Permille(if sum < FACTOR_MIN { FACTOR_MIN } else { sum })
}
