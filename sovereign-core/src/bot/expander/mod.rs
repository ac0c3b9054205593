//! A bot that grows: it takes what it surely can, builds, and moves troops forward.

mod march;
mod plan;

use alloc::vec::Vec;

use super::random::{choose_start, targets};
use super::{Bot, BotDice, turn};
use crate::command::{AnswerAlliance, Build, Command};
use crate::id::{PlayerId, TerritoryId};
use crate::map::EdgeKind;
use crate::quantity::Tick;
use crate::rng::Seed;
use crate::state::{Phase, Structure};
use crate::view::View;
use plan::Plan;

/// How much of its land it looks at in one go, so that a large realm costs no more.
const LANDS_PER_WAKE: usize = 64;

/// Attacks wherever it is clearly stronger, the weakest neighbour first and from several
/// sides if it must; sends troops from inside towards the front; builds ports where the
/// sea leads to others, and cities elsewhere.
#[derive(Clone, Debug)]
pub struct Expander {
    dice: BotDice,
    /// Where the next look begins, for realms larger than one look.
    next: usize,
}

impl Expander {
    /// A bot with these dice.
    #[must_use]
    pub fn new(seed: Seed) -> Self {
        Self { dice: BotDice::new(seed), next: 0 }
    }

    fn play(&mut self, view: &View<'_>, me: PlayerId, wishes: &mut Vec<Command>) {
        if view.rules().turns.are_on() {
            wishes.extend(march::take_turn(view, me));
            return self.answer(view, me, wishes);
        }
        let land = self.lands_to_look_at(view, me);
        let mut plan = Plan::new(view, me);
        for from in &land {
            plan.use_troops_of(*from);
        }
        wishes.append(&mut plan.into_wishes());
        wishes.extend(self.build(view, me, &land));
        self.answer(view, me, wishes);
    }

    /// A window of the own land that moves on with every wake.
    fn lands_to_look_at(&mut self, view: &View<'_>, me: PlayerId) -> Vec<TerritoryId> {
        let land: Vec<_> = view.land_of(me).collect();
        let start = if land.is_empty() { 0 } else { self.next % land.len() };
        self.next = start + LANDS_PER_WAKE.min(land.len());
        land.iter().cycle().skip(start).take(LANDS_PER_WAKE.min(land.len())).copied().collect()
    }

    /// Something on one of these sites, if there is gold for it. Where no land border is
    /// left to cross, only ports help.
    fn build(&mut self, view: &View<'_>, me: PlayerId, land: &[TerritoryId]) -> Option<Command> {
        let landlocked = land.iter().all(|id| targets(view, me, *id).is_empty());
        let free = |id: &&TerritoryId| view.territory(**id).structure.is_none();
        let useful = |id: &&TerritoryId| !landlocked || sea_leads_on(view, me, **id);
        let sites: Vec<_> = land.iter().filter(free).filter(useful).copied().collect();
        let territory = self.dice.pick(&sites)?;
        let port = sea_leads_on(view, me, territory);
        let structure = if port { Structure::Port } else { Structure::City };
        let affordable = view.cost(structure).is_some_and(|cost| cost <= view.gold());
        affordable.then_some(Command::Build(Build { territory, structure }))
    }

    /// Accepts alliances of players who are stronger, or by a throw.
    fn answer(&mut self, view: &View<'_>, me: PlayerId, wishes: &mut Vec<Command>) {
        for proposal in view.proposals().filter(|proposal| proposal.incoming) {
            let stronger = view.territory_count(proposal.with) > view.territory_count(me);
            let accept = stronger || self.dice.below(2) == 0;
            wishes.push(Command::AnswerAlliance(AnswerAlliance { from: proposal.with, accept }));
        }
    }
}

/// Whether a port here would open a way to land that is not `me`'s.
fn sea_leads_on(view: &View<'_>, me: PlayerId, id: TerritoryId) -> bool {
    let mut edges = view.map().edges(id).iter();
    edges.any(|edge| edge.kind == EdgeKind::Sea && view.owner(edge.to) != Some(me))
}

impl Bot for Expander {
    fn wake(&mut self, view: &View<'_>, wishes: &mut Vec<Command>) -> Tick {
        let Some(me) = view.viewer() else { return view.tick().after(u32::MAX) };
        match view.phase() {
            Phase::Spawn if view.territory_count(me) == 0 => {
                wishes.extend(choose_start(view, &mut self.dice));
            }
            Phase::Playing => self.play(view, me, wishes),
            _ => {}
        }
        if let Some(look) = turn::next_look(view, me) {
            return look;
        }
        view.tick().after(15 + self.dice.below(10) as u32)
    }
}
