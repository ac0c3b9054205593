//! Names that can be spoken, no two the same.

use std::collections::BTreeSet;

use super::dice::Dice;

const STARTS: [&str; 24] = [
    "b", "br", "c", "d", "dr", "f", "g", "gr", "h", "k", "l", "m", "n", "p", "r", "s", "st", "t",
    "th", "tr", "v", "w", "z", "",
];
const VOWELS: [&str; 8] = ["a", "e", "i", "o", "u", "ai", "ea", "or"];
const ENDS: [&str; 14] =
    ["", "n", "l", "r", "s", "th", "nd", "m", "ra", "ton", "mar", "wick", "ia", "den"];

/// How often a name of the same length is tried again before it gets a syllable more.
const TRIES: usize = 8;

/// Gives out names.
pub(super) struct Names {
    dice: Dice,
    given: BTreeSet<String>,
}

impl Names {
    pub(super) const fn new(seed: u64) -> Self {
        Self { dice: Dice::new(seed), given: BTreeSet::new() }
    }

    /// A name that was not given before.
    pub(super) fn next(&mut self) -> String {
        for syllables in 1.. {
            for _ in 0..TRIES {
                let name = self.spell(syllables);
                if name.len() > 2 && self.given.insert(name.clone()) {
                    return name;
                }
            }
        }
        unreachable!("there are names of any length")
    }

    fn spell(&mut self, syllables: usize) -> String {
        let mut name = String::new();
        for _ in 0..syllables {
            name += STARTS[self.dice.below(STARTS.len())];
            name += VOWELS[self.dice.below(VOWELS.len())];
        }
        name += ENDS[self.dice.below(ENDS.len())];
        let first = name.remove(0).to_ascii_uppercase();
        name.insert(0, first);
        name
    }
}
