//! The numbers of a game mode: a [`RulesDraft`] is anybody's file, [`Rules`] are checked.

mod draft;
mod nearest;
mod problem;
mod reader;
mod section;
mod structure;
mod turns;
mod war;

pub use draft::{
    DiplomacyRules, GrowthBand, GrowthRules, IncomeRules, RULES_BYTES_MAX, RulesDraft, SeatRules,
    SpawnMode, SpawnRules, TerrainRules, TerrainTable, VictoryRules,
};
pub use problem::{Fault, Place, RulesError, RulesProblem};
pub use structure::{StructureRules, StructureTable};
pub use turns::{Bonus, TurnRules};
pub use war::{BattleRules, CombatModel, MarchRules, StrikeRules, SupplyRules};

use alloc::string::String;
use core::fmt;
use core::ops::Deref;

use sha2::{Digest, Sha256};

use crate::map::Terrain;
use crate::state::Structure;

/// The number that is raised when a change to the engine changes a golden hash.
/// Replays and snapshots carry it: they can be run only where it agrees.
pub const RULES_VERSION: u32 = 3;

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
    pub const PRESETS: &'static [&'static str] =
        &["classic", "blitz", "teams", "fog", "generals", "dice"];

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
            "blitz" => Some(include_str!("../../../rules/blitz.toml")),
            "teams" => Some(include_str!("../../../rules/teams.toml")),
            "fog" => Some(include_str!("../../../rules/fog.toml")),
            "generals" => Some(include_str!("../../../rules/generals.toml")),
            "dice" => Some(include_str!("../../../rules/dice.toml")),
            _ => None,
        }
    }

    /// Reads and checks rules in TOML.
    ///
    /// # Errors
    /// [`RulesError::Invalid`] with line and column of all that is wrong: keys that are
    /// unknown (with the nearest known one) or missing, values of another type or out of
    /// their ranges.
    pub fn from_toml(text: &str) -> Result<Self, RulesError> {
        let reading = draft::read(text)?;
        if reading.problems.is_empty() && reading.draft.problems().is_empty() {
            return reading.draft.try_into();
        }
        Err(RulesError::Invalid { problems: reading.all_problems() })
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

    /// What is said of the classic rules after some changes of their text.
    fn said(changes: &[(&str, &str)]) -> alloc::vec::Vec<String> {
        let mut text = Rules::preset_text("classic").expect("shipped").to_string();
        for (from, to) in changes {
            assert!(text.contains(from), "the rules no longer have {from}");
            text = text.replacen(from, to, 1);
        }
        match Rules::from_toml(&text) {
            Err(RulesError::Invalid { problems }) => {
                problems.iter().map(ToString::to_string).collect()
            }
            other => panic!("{other:?}"),
        }
    }

    /// The place of a line of the classic rules, and of what comes `after` its beginning.
    fn place(start: &str, after: usize) -> String {
        let shipped = Rules::preset_text("classic").expect("shipped");
        let line = shipped.lines().position(|line| line.starts_with(start)).expect("a line");
        alloc::format!("line {}, column {}: ", line + 1, after + 1)
    }

    #[test]
    fn all_that_is_wrong_is_named_at_once_with_its_place() {
        let said = said(&[
            ("lethality =", "lethalty ="),
            ("round_ticks = 8", "round_ticks = 0"),
            ("garrison_min = 1", "garrison_min = \"one\""),
            ("model = \"ratio\"", "model = \"chess\""),
            ("share = 600", "share = 60.0"),
            ("decay = 200000", "decay = -1"),
        ]);
        let expected = [
            place("decay", 8) + "growth.decay is -1, but must be 0 to 4294967295",
            place("garrison_min", 15)
                + "march.garrison_min must be of the type integer, not string",
            place("[battle]", 0) + "battle.lethality is missing",
            place("model", 8)
                + "battle.model is \"chess\", but must be one of ratio, kill_rate, dice, subtraction",
            place("round_ticks", 14) + "battle.round_ticks is 0, but must be 1 to 10000",
            place("lethality", 0)
                + "there is no key battle.lethalty; perhaps battle.lethality is meant",
            place("share", 8) + "victory.share must be of the type integer, not float",
        ];
        assert_eq!(said, expected);
    }

    #[test]
    fn what_does_not_fit_together_and_whole_sections_are_named_too() {
        let said = said(&[("below = 500", "below = 90"), ("[march]", "[tax]")]);
        assert_eq!(said.len(), 3, "{said:#?}");
        assert_eq!(said[0], "march is missing");
        assert!(said[1].ends_with("growth.bands[1].below is 90, but must be 101 to 1000"));
        assert_eq!(said[2], place("[march]", 1) + "there is no key tax");
    }

    #[test]
    fn what_is_no_toml_is_named_with_its_place() {
        let error = Rules::from_toml("version = 3\nname = \n").expect_err("no value");
        assert!(error.to_string().starts_with("line 2, column "), "{error}");
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
