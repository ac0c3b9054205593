//! The numbers of turns and reserves.

use serde::{Deserialize, Serialize};

use super::problem::RulesProblem;
use super::section::{MILLION, Number, check, section};

section! {
    /// Turns, and the reserve that comes with each: see `docs/rules.md`, Turns.
    TurnRules {
        /// Ticks that a turn lasts at most; 0: there are no turns, everybody plays at once.
        ticks: u32 = 0, MILLION;
        /// Rounds after which the side that is ahead wins; 0: no limit.
        rounds_max: u32 = 0, MILLION;
        /// Troops that each player begins with, those on his land included; 0: there is no
        /// opening round.
        opening_troops: u32 = 0, MILLION;
        /// How many fewer these are for each player in the game.
        opening_less: u32 = 0, MILLION;
        /// The fewest troops that a turn brings, before bonuses.
        reserve_min: u32 = 0, MILLION;
        /// A turn brings one for so many territories.
        lands_per_troop: u32 = 1, MILLION;
        /// Moves in a turn, after which there are no attacks.
        moves_max: u32 = 0, 255;
    }
}

impl TurnRules {
    /// Whether players take turns.
    #[must_use]
    pub const fn are_on(&self) -> bool {
        self.ticks > 0
    }

    /// The troops with which each of so many players begins.
    #[must_use]
    pub const fn opening(&self, players: u32) -> u32 {
        self.opening_troops.saturating_sub(self.opening_less.saturating_mul(players))
    }
}

/// What a wholly held region brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bonus {
    /// Gold, all the time.
    Gold,
    /// Troops in the reserve: each turn, or where there are no turns all the time.
    Reserve,
}

impl Bonus {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Gold, Self::Reserve];
}

impl Number for Bonus {
    fn widen(&self) -> u64 {
        *self as u64
    }
}
