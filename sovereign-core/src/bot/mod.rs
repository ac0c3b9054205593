//! Players made of code. They see a [`View`], wish for [`Command`]s, and say when
//! they want to wake.

mod alarm;
mod campaign;
mod commander;
mod diplomat;
mod expander;
mod opportunist;
mod random;
mod searcher;
mod statecraft;
mod table;
mod turn;

pub use alarm::Alarm;
pub use diplomat::Diplomat;
pub use expander::Expander;
pub use opportunist::Opportunist;
pub use random::Random;
pub use searcher::{NODES, Searcher};
pub use table::{Table, TableError};

use alloc::boxed::Box;
use alloc::vec::Vec;

use crate::command::Command;
use rand_pcg::Pcg32;
use rand_pcg::rand_core::{Rng, SeedableRng};

use crate::quantity::Tick;
use crate::rng::Seed;
use crate::view::View;

/// A player made of code.
///
/// Whoever hosts it calls [`Bot::wake`] at the tick that it named, and when its turn begins
/// where there are turns ([`Alarm`]), with what its seat may know. The commands are validated
/// like anybody's; a refused one is just refused.
pub trait Bot: Send {
    /// Looks, appends what it wishes for, and names the tick at which to wake next.
    fn wake(&mut self, view: &View<'_>, wishes: &mut Vec<Command>) -> Tick;
}

/// The names of the bots that ship with the engine, weakest first.
pub const NAMES: &[&str] = &["random", "expander", "opportunist", "diplomat", "searcher"];

/// A shipped bot by name. Equal seeds play equally.
#[must_use]
pub fn by_name(name: &str, seed: Seed) -> Option<Box<dyn Bot>> {
    match name {
        "random" => Some(Box::new(Random::new(seed))),
        "expander" => Some(Box::new(Expander::new(seed))),
        "opportunist" => Some(Box::new(Opportunist::new(seed))),
        "diplomat" => Some(Box::new(Diplomat::new(seed))),
        "searcher" => Some(Box::new(Searcher::new(seed, NODES))),
        _ => None,
    }
}

/// A bot's own dice: PCG XSH RR 64/32 (O'Neill, 2014), the same on every machine. A game's
/// dice need no order and cost more; what a bot does is logged, so its dice may have one.
#[derive(Clone, Debug)]
pub(crate) struct BotDice(Pcg32);

impl BotDice {
    pub(crate) fn new(seed: Seed) -> Self {
        Self(Pcg32::from_seed(seed.0))
    }

    /// A throw from 0 to `sides - 1`: the 32-bit throw times `sides`, shifted right by 32.
    pub(crate) fn below(&mut self, sides: usize) -> usize {
        ((u64::from(self.0.next_u32()) * sides as u64) >> 32) as usize
    }

    pub(crate) fn pick<T: Copy>(&mut self, choices: &[T]) -> Option<T> {
        let index = self.below(choices.len());
        choices.get(index).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bots_dice_are_pcg32() {
        // The published demonstration of PCG32: state 42, stream 54.
        let published = [0xa15c_02b7_u32, 0x7b47_f409, 0xba1d_3330, 0x83d2_f293, 0xbfa4_784b];
        let mut dice = BotDice(Pcg32::new(42, 54));
        assert_eq!(published.map(|_| dice.0.next_u32()), published);
        let mut sides = BotDice(Pcg32::new(42, 54));
        assert_eq!(
            published.map(|_| sides.below(6)),
            published.map(|n| ((u64::from(n) * 6) >> 32) as usize)
        );
    }
}
