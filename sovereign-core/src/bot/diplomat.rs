//! A bot that has friends until it needs them no more.

use alloc::vec::Vec;

use super::Bot;
use super::campaign::Temper;
use super::commander::Commander;
use crate::command::Command;
use crate::quantity::Tick;
use crate::rng::Seed;
use crate::view::View;

/// Fights as the opportunist does, but one player first: whoever is about to win, a
/// traitor, or its weakest neighbour. Asks all others for an alliance and accepts theirs;
/// breaks one with an ally who is about to win, or when only allies are left.
#[derive(Clone, Debug)]
pub struct Diplomat {
    commander: Commander,
}

impl Diplomat {
    /// A bot with these dice.
    #[must_use]
    pub fn new(seed: Seed) -> Self {
        Self { commander: Commander::new(seed) }
    }
}

impl Bot for Diplomat {
    fn wake(&mut self, view: &View<'_>, wishes: &mut Vec<Command>) -> Tick {
        self.commander.wake(view, wishes, |_, prey| Temper { prey, ..Temper::default() })
    }
}
