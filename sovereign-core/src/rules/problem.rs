//! What can be wrong with a rules file, and where.

use alloc::string::String;
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
    /// All that is wrong with it.
    #[error("{}", List(.problems))]
    Invalid {
        /// By their places in the file, or without one in the order of the fields.
        problems: Vec<RulesProblem>,
    },
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RulesProblem {
    /// The path of the field, such as `battle.round_ticks`; empty for what is no TOML.
    pub field: String,
    /// Where in the file, if it was read from one.
    pub place: Option<Place>,
    /// What is wrong.
    pub fault: Fault,
}

/// A place in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
}

/// What can be wrong with a key or its value.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// The text is no TOML here.
    Syntax {
        /// What was wrong.
        message: String,
    },
    /// There is no such key.
    Unknown {
        /// The known key that is nearest, if one is near.
        meant: Option<String>,
    },
    /// The key is missing.
    Missing,
    /// The value is of another type.
    Type {
        /// What is expected, in the words of TOML.
        expected: &'static str,
        /// What was found.
        found: &'static str,
    },
    /// The value is none of those that there are.
    Choice {
        /// What was found.
        found: String,
        /// All that there are.
        known: Vec<String>,
    },
    /// The number is out of its range.
    Range {
        /// What was found.
        found: String,
        /// What is allowed.
        allowed: RangeInclusive<u64>,
    },
}

impl Place {
    /// The place of a byte of a text.
    pub(super) fn of(text: &str, at: usize) -> Self {
        let before = text.get(..at.min(text.len())).unwrap_or_default();
        let start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let line = before.matches('\n').count() + 1;
        Self { line, column: before[start..].chars().count() + 1 }
    }
}

impl fmt::Display for RulesProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(Place { line, column }) = self.place {
            write!(f, "line {line}, column {column}: ")?;
        }
        let field = &self.field;
        match &self.fault {
            Fault::Syntax { message } => write!(f, "{message}"),
            Fault::Unknown { meant: None } => write!(f, "there is no key {field}"),
            Fault::Unknown { meant: Some(meant) } => {
                write!(f, "there is no key {field}; perhaps {meant} is meant")
            }
            Fault::Missing => write!(f, "{field} is missing"),
            Fault::Type { expected, found } => {
                write!(f, "{field} must be of the type {expected}, not {found}")
            }
            Fault::Choice { found, known } => {
                write!(f, "{field} is {found:?}, but must be one of {}", known.join(", "))
            }
            Fault::Range { found, allowed } => {
                let (low, high) = (allowed.start(), allowed.end());
                write!(f, "{field} is {found}, but must be {low} to {high}")
            }
        }
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
