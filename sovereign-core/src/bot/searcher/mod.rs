//! A bot that tries its plans out in games that it imagines.

mod plan;
mod search;
mod start;

use alloc::vec::Vec;

use super::campaign::Temper;
use super::commander::Commander;
use super::{Bot, BotDice};
use crate::command::Command;
use crate::id::PlayerId;
use crate::quantity::Tick;
use crate::rng::Seed;
use crate::state::Phase;
use crate::view::View;
use plan::{plans, present};
use search::Search;

/// How many times somebody may be asked for orders in imagined games, for one decision.
pub const NODES: u32 = 600;
/// Ticks between two decisions; between them it goes on with the plan.
const DECISION_TICKS: u32 = 120;

/// Starts where most land is nearer to it than to anybody else. From then on it searches
/// among plans: in a game that it imagines it follows each for a while, everybody else
/// playing as the diplomat would, then the best of them for much longer, as far as its
/// budget of [`NODES`] reaches. It changes its plan only for one that leads to where it is
/// clearly stronger. Makes, keeps and breaks alliances as the diplomat does.
/// Counts in integers only, and never looks at a clock.
#[derive(Clone, Debug)]
pub struct Searcher {
    dice: BotDice,
    commander: Commander,
    mind: Mind,
}

/// The plan, and when and with what it is thought over.
#[derive(Clone, Debug)]
struct Mind {
    seed: Seed,
    nodes: u32,
    plan: Temper,
    /// When the plan is to be thought over.
    decide: Tick,
}

impl Searcher {
    /// A bot with these dice, which may ask for orders `nodes` times a decision: [`NODES`]
    /// is what the shipped one does.
    #[must_use]
    pub fn new(seed: Seed, nodes: u32) -> Self {
        let mind = Mind { seed, nodes, plan: Temper::default(), decide: Tick(0) };
        Self { dice: BotDice::new(seed), commander: Commander::new(seed), mind }
    }
}

impl Bot for Searcher {
    fn wake(&mut self, view: &View<'_>, wishes: &mut Vec<Command>) -> Tick {
        let Self { dice, commander, mind } = self;
        match view.viewer() {
            Some(me) if view.phase() == Phase::Spawn => start::choose(view, me, dice, wishes),
            _ => commander.wake(view, wishes, |me, prey| mind.lean(view, me, prey)),
        }
    }
}

impl Mind {
    /// The plan, thought over if it is time; `prey` is who is fought first by one that does
    /// not say.
    fn lean(&mut self, view: &View<'_>, me: PlayerId, prey: Option<PlayerId>) -> Temper {
        // Where there are turns, once in each of its own: while there is something to place.
        let idle = view.rules().turns.are_on() && (!view.may_order() || view.reserve() == 0);
        if view.tick() >= self.decide && !idle {
            self.decide = view.tick().after(DECISION_TICKS);
            let mut plans = plans(view, me, &self.plan);
            let game = view.imagine(self.seed.child(view.tick().0.into()));
            let best = Search::new(game, me, self.nodes).best(&plans);
            self.plan = plans.swap_remove(best);
        }
        let plan = present(view, me, &self.plan);
        Temper { prey: plan.prey.or(prey), ..plan }
    }
}
