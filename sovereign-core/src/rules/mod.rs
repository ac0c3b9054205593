//! The numbers of a game mode: a [`RulesDraft`] is anybody's file, [`Rules`] are checked.

mod draft;
mod problem;
mod section;
mod structure;
mod war;

pub use draft::{
    DiplomacyRules, GrowthBand, GrowthRules, IncomeRules, RULES_BYTES_MAX, RulesDraft, SeatRules,
    SpawnRules, TerrainRules, TerrainTable, VictoryRules,
};
pub use problem::{RulesError, RulesProblem};
pub use structure::{StructureRules, StructureTable};
pub use war::{BattleRules, CombatModel, MarchRules, StrikeRules};

use alloc::string::String;
use core::fmt;
use core::ops::Deref;

use sha2::{Digest, Sha256};

use crate::map::Terrain;
use crate::state::Structure;

/// The number that is raised when a change to the engine changes a golden hash.
/// Replays and snapshots carry it: they can be run only where it agrees.
pub const RULES_VERSION: u32 = 2;

/// The content hash of a rule set: SHA-256 of its canonical text, [`Rules::to_toml`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct RulesHash(pub [u8; 32]);

impl fmt::Display for RulesHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// Checked rules. Every number is within the range its field documents, so no
/// arithmetic of the engine can overflow and every battle comes to an end.
///
/// The fields are those of [`RulesDraft`], read through [`Deref`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    numbers: RulesDraft,
    hash: RulesHash,
}

impl Deref for Rules {
    type Target = RulesDraft;

    fn deref(&self) -> &RulesDraft {
        &self.numbers
    }
}

impl Rules {
    /// The names of the presets that ship with the engine.
    pub const PRESETS: &'static [&'static str] = &["classic"];

    /// A shipped preset by name.
    #[must_use]
    pub fn preset(name: &str) -> Option<Self> {
        let text = Self::preset_text(name)?;
        Some(Self::from_toml(text).expect("shipped rules are valid: a test reads each of them"))
    }

    /// The file of a shipped preset, with its comments: a start for rules of one's own.
    #[must_use]
    pub fn preset_text(name: &str) -> Option<&'static str> {
        match name {
            "classic" => Some(include_str!("../../../rules/classic.toml")),
            _ => None,
        }
    }

    /// Reads and checks rules in TOML.
    ///
    /// # Errors
    /// [`RulesError::Syntax`] names line and column of what could not be read,
    /// [`RulesError::Invalid`] lists every value out of its range.
    pub fn from_toml(text: &str) -> Result<Self, RulesError> {
        RulesDraft::from_toml(text)?.try_into()
    }

    /// These rules as canonical TOML, which [`Rules::from_toml`] reads back.
    #[must_use]
    pub fn to_toml(&self) -> String {
        self.numbers.to_toml()
    }

    /// The content hash, computed once when the rules were checked.
    #[must_use]
    pub const fn hash(&self) -> RulesHash {
        self.hash
    }

    /// The numbers of a terrain; `None` where nobody can stand.
    #[must_use]
    pub const fn terrain(&self, terrain: Terrain) -> Option<&TerrainRules> {
        match terrain {
            Terrain::Plains => Some(&self.numbers.terrain.plains),
            Terrain::Highland => Some(&self.numbers.terrain.highland),
            Terrain::Mountain => Some(&self.numbers.terrain.mountain),
            Terrain::Impassable => None,
        }
    }

    /// The numbers of a structure.
    #[must_use]
    pub const fn structure(&self, structure: Structure) -> &StructureRules {
        match structure {
            Structure::City => &self.numbers.structures.city,
            Structure::Fort => &self.numbers.structures.fort,
            Structure::Port => &self.numbers.structures.port,
            Structure::Barracks => &self.numbers.structures.barracks,
            Structure::Silo => &self.numbers.structures.silo,
            Structure::Interceptor => &self.numbers.structures.interceptor,
        }
    }
}

impl TryFrom<RulesDraft> for Rules {
    type Error = RulesError;

    fn try_from(numbers: RulesDraft) -> Result<Self, RulesError> {
        let problems = numbers.problems();
        if !problems.is_empty() {
            return Err(RulesError::Invalid { problems });
        }
        let hash = RulesHash(Sha256::digest(numbers.to_toml()).into());
        Ok(Self { numbers, hash })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn every_preset_is_valid_and_survives_a_round_trip() {
        for name in Rules::PRESETS {
            let rules = Rules::preset(name).expect("listed presets exist");
            assert_eq!(&rules.name, name);
            assert_eq!(Rules::from_toml(&rules.to_toml()), Ok(rules));
        }
    }

    #[test]
    fn an_unknown_key_is_refused_with_its_line() {
        let text = Rules::preset("classic").expect("shipped").to_toml() + "\n[tax]\nrate = 3\n";
        let error = Rules::from_toml(&text).expect_err("tax is no section").to_string();
        assert!(error.contains("tax") && error.contains("line"), "{error}");
    }

    #[test]
    fn every_value_out_of_range_is_named_at_once() {
        let mut draft = RulesDraft::clone(&Rules::preset("classic").expect("shipped"));
        draft.battle.round_ticks = 0;
        draft.victory.share = crate::quantity::Permille(0);
        let Err(RulesError::Invalid { problems }) = Rules::try_from(draft) else {
            panic!("both values are out of range");
        };
        let fields: alloc::vec::Vec<_> = problems.iter().map(|p| p.field.as_str()).collect();
        assert_eq!(fields, ["battle.round_ticks", "victory.share"]);
    }
}
