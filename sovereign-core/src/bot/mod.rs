//! Players made of code. They see a [`View`], wish for [`Command`]s, and say when
//! they want to wake.

mod expander;
mod random;
mod table;

pub use expander::Expander;
pub use random::Random;
pub use table::{Table, TableError};

use alloc::boxed::Box;
use alloc::vec::Vec;

use crate::command::Command;
use crate::quantity::Tick;
use crate::rng::{Purpose, Seed};
use crate::view::View;

/// A player made of code.
///
/// Whoever hosts it calls [`Bot::wake`] at the tick that it named, with what its seat
/// may know. The commands are validated like anybody's; a refused one is just refused.
pub trait Bot: Send {
    /// Looks, appends what it wishes for, and names the tick at which to wake next.
    fn wake(&mut self, view: &View<'_>, wishes: &mut Vec<Command>) -> Tick;
}

/// The names of the bots that ship with the engine, weakest first.
pub const NAMES: &[&str] = &["random", "expander"];

/// A shipped bot by name. Equal seeds play equally.
#[must_use]
pub fn by_name(name: &str, seed: Seed) -> Option<Box<dyn Bot>> {
    match name {
        "random" => Some(Box::new(Random::new(seed))),
        "expander" => Some(Box::new(Expander::new(seed))),
        _ => None,
    }
}

/// A bot's own dice: a counted sequence of throws.
#[derive(Clone, Debug)]
pub(crate) struct BotDice {
    seed: Seed,
    count: u64,
}

impl BotDice {
    pub(crate) const fn new(seed: Seed) -> Self {
        Self { seed, count: 0 }
    }

    /// A throw from 0 to `sides - 1`.
    pub(crate) fn below(&mut self, sides: usize) -> usize {
        self.count += 1;
        self.seed.below(Tick(0), Purpose::Bot, 0, self.count, sides as u64) as usize
    }

    pub(crate) fn pick<T: Copy>(&mut self, choices: &[T]) -> Option<T> {
        let index = self.below(choices.len());
        choices.get(index).copied()
    }
}
