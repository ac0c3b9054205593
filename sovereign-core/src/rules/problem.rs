//! What can be wrong with a rules file, and where.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;
use core::ops::RangeInclusive;

use super::draft::RULES_BYTES_MAX;

/// Why a text is no rule set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RulesError {
    /// The file is too long to be a rules file.
    #[error("the rules have {bytes} bytes, more than the {RULES_BYTES_MAX} allowed")]
    TooLong {
        /// The length that was found.
        bytes: usize,
    },
    /// The text is no TOML, or a key is unknown, missing or of the wrong type.
    #[error("line {line}, column {column}: {message}")]
    Syntax {
        /// From 1.
        line: usize,
        /// From 1, in characters.
        column: usize,
        /// What was wrong.
        message: String,
    },
    /// Values out of their ranges: all of them.
    #[error("{}", List(.problems))]
    Invalid {
        /// In the order of the fields.
        problems: Vec<RulesProblem>,
    },
}

/// One value out of its range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RulesProblem {
    /// The path of the field, such as `battle.round_ticks`.
    pub field: String,
    /// What was found.
    pub found: u64,
    /// What is allowed.
    pub allowed: RangeInclusive<u64>,
}

impl fmt::Display for RulesProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (low, high) = (self.allowed.start(), self.allowed.end());
        write!(f, "{} is {}, but must be {low} to {high}", self.field, self.found)
    }
}

struct List<'a>(&'a [RulesProblem]);

impl fmt::Display for List<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, problem) in self.0.iter().enumerate() {
            let separator = if i == 0 { "" } else { "; " };
            write!(f, "{separator}{problem}")?;
        }
        Ok(())
    }
}

pub(super) fn syntax_error(text: &str, error: &toml::de::Error) -> RulesError {
    let at = error.span().map_or(0, |span| span.start).min(text.len());
    let before = text.get(..at).unwrap_or_default();
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    RulesError::Syntax {
        line: before.matches('\n').count() + 1,
        column: before[line_start..].chars().count() + 1,
        message: error.message().trim().to_string(),
    }
}
