//! How a section of the rules is declared: each number with its range, stated once.

use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;

use super::problem::{Fault, RulesProblem};
use crate::quantity::Permille;

pub(super) const MILLION: u64 = 1_000_000;
pub(super) const BILLION: u64 = 1_000_000_000;

/// Any number of a draft, widened so that one check serves all.
pub(super) trait Number {
    fn widen(&self) -> u64;
}

impl Number for bool {
    fn widen(&self) -> u64 {
        u64::from(*self)
    }
}

impl Number for u8 {
    fn widen(&self) -> u64 {
        u64::from(*self)
    }
}

impl Number for u32 {
    fn widen(&self) -> u64 {
        u64::from(*self)
    }
}

impl Number for u64 {
    fn widen(&self) -> u64 {
        *self
    }
}

impl Number for Permille {
    fn widen(&self) -> u64 {
        u64::from(self.0)
    }
}

/// Declares a section of the rules: each number with its range, stated once.
macro_rules! section {
    ($(#[$doc:meta])* $name:ident {
        $($(#[$field_doc:meta])* $field:ident: $type:ty = $low:expr, $high:expr;)*
    }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            $(
                $(#[$field_doc])*
                #[doc = concat!(" Allowed: `", stringify!($low), "` to `", stringify!($high), "`.")]
                pub $field: $type,
            )*
        }

        impl $name {
            /// Each field with its range.
            pub(super) const RANGES: &'static [(&'static str, u64, u64)] =
                &[$((stringify!($field), $low, $high)),*];

            pub(super) fn collect(
                &self,
                section: &str,
                problems: &mut alloc::vec::Vec<RulesProblem>,
            ) {
                $(check(problems, section, stringify!($field), self.$field.widen(), $low, $high);)*
            }
        }
    };
}

pub(super) fn check(
    problems: &mut Vec<RulesProblem>,
    section: &str,
    field: &str,
    found: u64,
    low: u64,
    high: u64,
) {
    if !(low..=high).contains(&found) {
        let field = format!("{section}.{field}");
        let fault = Fault::Range { found: found.to_string(), allowed: low..=high };
        problems.push(RulesProblem { field, place: None, fault });
    }
}

pub(super) use section;
