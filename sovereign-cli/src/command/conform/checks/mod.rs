//! The checks, in the order in which a bot's author wants to pass them.

mod end;
mod game;
mod hello;
mod kinds;
mod start;
mod wake;

use super::host::{Bench, Seen};

/// A check.
pub(super) struct Check {
    /// A short name.
    pub(super) name: &'static str,
    /// What is asked of the program.
    pub(super) needs: &'static str,
    /// Tries it: what was seen, or what was wrong.
    pub(super) look: fn(&Bench) -> Seen,
}

/// All checks.
pub(super) fn all() -> impl Iterator<Item = &'static Check> {
    let parts =
        [hello::CHECKS, start::CHECKS, wake::CHECKS, game::CHECKS, kinds::CHECKS, end::CHECKS];
    parts.into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    #[test]
    fn there_are_many_checks_and_each_has_a_name_of_its_own() {
        let names: BTreeSet<_> = super::all().map(|check| check.name).collect();
        assert_eq!(names.len(), super::all().count());
        assert!(names.len() >= 30, "{}", names.len());
    }
}
