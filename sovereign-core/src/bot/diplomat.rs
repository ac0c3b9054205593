//! A bot that has friends until it needs them no more.

use alloc::vec::Vec;

use super::campaign::{Campaign, Temper};
use super::opportunist::{next_look, window};
use super::start::choose_good_start;
use super::statecraft::Statecraft;
use super::{Bot, BotDice};
use crate::command::Command;
use crate::quantity::Tick;
use crate::rng::Seed;
use crate::state::Phase;
use crate::view::View;

/// Fights as the opportunist does, but one player first: whoever is about to win, a
/// traitor, or its weakest neighbour. Asks all others for an alliance and accepts theirs;
/// breaks one with an ally who is about to win, or when only allies are left.
#[derive(Clone, Debug)]
pub struct Diplomat {
    dice: BotDice,
    next: usize,
    statecraft: Statecraft,
}

impl Diplomat {
    /// A bot with these dice.
    #[must_use]
    pub fn new(seed: Seed) -> Self {
        Self { dice: BotDice::new(seed), next: 0, statecraft: Statecraft::default() }
    }
}

impl Bot for Diplomat {
    fn wake(&mut self, view: &View<'_>, wishes: &mut Vec<Command>) -> Tick {
        let Some(me) = view.viewer() else { return view.tick().after(u32::MAX) };
        match view.game().phase {
            Phase::Spawn if view.territory_count(me) == 0 => {
                wishes.extend(choose_good_start(view, me, &mut self.dice));
            }
            Phase::Playing => {
                let land = window(view, me, &mut self.next);
                self.statecraft.confer(view, me, &land, wishes);
                let temper = Temper { prey: self.statecraft.prey(), ..Temper::default() };
                wishes.append(&mut Campaign::new(view, me, &temper).fight(&land));
            }
            _ => {}
        }
        next_look(view, me)
    }
}
