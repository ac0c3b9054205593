//! What bots that have friends do in every wake.

use alloc::vec::Vec;

use super::BotDice;
use super::campaign::{Campaign, Temper};
use super::opportunist::{next_look, window};
use super::random::choose_start;
use super::statecraft::Statecraft;
use crate::command::Command;
use crate::id::PlayerId;
use crate::quantity::Tick;
use crate::rng::Seed;
use crate::state::Phase;
use crate::view::View;

/// Chooses its start, confers with the others, and fights. How it leans in that is for the
/// bot to say whose commander it is.
#[derive(Clone, Debug)]
pub(super) struct Commander {
    dice: BotDice,
    /// Where the next look begins, for realms larger than one look.
    next: usize,
    statecraft: Statecraft,
}

impl Commander {
    pub(super) fn new(seed: Seed) -> Self {
        Self { dice: BotDice::new(seed), next: 0, statecraft: Statecraft::default() }
    }

    /// One wake. `lean` is asked for the temper of the campaign, given whom statecraft would
    /// fight first.
    pub(super) fn wake(
        &mut self,
        view: &View<'_>,
        wishes: &mut Vec<Command>,
        lean: impl FnOnce(PlayerId, Option<PlayerId>) -> Temper,
    ) -> Tick {
        let Some(me) = view.viewer() else { return view.tick().after(u32::MAX) };
        match view.phase() {
            Phase::Spawn if view.territory_count(me) == 0 => {
                wishes.extend(choose_start(view, &mut self.dice));
            }
            Phase::Playing => {
                let land = window(view, me, &mut self.next);
                let temper = lean(me, self.statecraft.choose_prey(view, me, &land));
                self.statecraft.confer(view, me, temper.prey, &land, wishes);
                wishes.append(&mut Campaign::new(view, me, &temper).fight(&land));
            }
            _ => {}
        }
        next_look(view, me)
    }
}
