//! Stateless dice: the same question has the same answer, whatever was asked before. So
//! tasks may run in any order, and one seed makes the same faults.

use xxhash_rust::xxh3::xxh3_64_with_seed;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Dice of their own, for one purpose.
    pub(crate) fn of(self, purpose: &str) -> Self {
        Self(xxh3_64_with_seed(purpose.as_bytes(), self.0))
    }

    /// The `n`th of these dice.
    pub(crate) fn nth(self, n: u64) -> Self {
        Self(xxh3_64_with_seed(&n.to_le_bytes(), self.0))
    }

    /// A number below `below`.
    pub(crate) fn below(self, below: u64) -> u64 {
        // Mixed once more, so that dice and their children differ.
        xxh3_64_with_seed(b"throw", self.0) % below.max(1)
    }

    /// A number from `least` to `most`.
    pub(crate) fn between(self, least: u64, most: u64) -> u64 {
        least + self.below(most - least + 1)
    }

    /// True in so many of a hundred cases.
    pub(crate) fn chance(self, percent: u64) -> bool {
        self.below(100) < percent
    }
}
