//! A bot that does something: the yardstick for all others.

use alloc::vec::Vec;

use super::turn::{END, Stage};
use super::{Bot, BotDice, turn};
use crate::command::{AnswerAlliance, Attack, Command, Spawn};
use crate::id::{PlayerId, TerritoryId};
use crate::map::{Edge, EdgeKind, Terrain};
use crate::quantity::Tick;
use crate::rng::Seed;
use crate::state::Phase;
use crate::view::View;

/// Sends a random share of the troops of a random border territory against a random
/// neighbour, every 5 to 24 ticks.
#[derive(Clone, Debug)]
pub struct Random {
    dice: BotDice,
    /// Memory for the neighbours that can be attacked.
    prey: Vec<TerritoryId>,
}

impl Random {
    /// A bot with these dice.
    #[must_use]
    pub fn new(seed: Seed) -> Self {
        Self { dice: BotDice::new(seed), prey: Vec::new() }
    }

    /// An attack; where there are turns, in its own some, until the dice end it.
    fn play(&mut self, view: &View<'_>, me: PlayerId, wishes: &mut Vec<Command>) {
        if !view.rules().turns.are_on() {
            return wishes.extend(self.attack(view, me));
        }
        match turn::stage(view, me) {
            Some(Stage::Deploy) => {
                let place = self.front(view, me).or_else(|| view.nth_own(0));
                wishes.extend(place.map(|at| turn::deploy(view, at)));
            }
            Some(Stage::Act) if self.dice.below(3) > 0 => {
                let attack = self.attack(view, me);
                wishes.push(attack.unwrap_or(END));
            }
            Some(Stage::Act | Stage::Done) => wishes.push(END),
            Some(Stage::Wait) | None => {}
        }
    }

    fn attack(&mut self, view: &View<'_>, me: PlayerId) -> Option<Command> {
        let from = self.front(view, me)?;
        let to = self.dice.pick(&self.prey)?;
        let available = view.troops(from).saturating_sub(view.rules().march.garrison_min);
        let troops = 1 + self.dice.below(available as usize) as u32;
        (available > 0).then_some(Command::Attack(Attack { from, to, troops: troops.into() }))
    }

    /// A random territory from which an attack can be sent, with its prey: some are drawn from
    /// all land, and only if none of them will do all land is looked through.
    fn front(&mut self, view: &View<'_>, me: PlayerId) -> Option<TerritoryId> {
        let land = view.territory_count(me) as usize;
        for _ in 0..DRAWS_MAX {
            let Some(from) = view.nth_own(self.dice.below(land) as u32) else { break };
            if self.look(view, me, from) {
                return Some(from);
            }
        }
        self.front_of_all(view, me)
    }

    #[cold]
    fn front_of_all(&mut self, view: &View<'_>, me: PlayerId) -> Option<TerritoryId> {
        let border: Vec<_> = view.land_of(me).filter(|id| self.look(view, me, *id)).collect();
        let from = self.dice.pick(&border)?;
        self.look(view, me, from).then_some(from)
    }

    /// Notes what can be attacked from a territory, and says whether there is anything.
    #[inline(always)]
    fn look(&mut self, view: &View<'_>, me: PlayerId, from: TerritoryId) -> bool {
        self.prey.clear();
        for edge in view.map().edges(from) {
            if is_prey(view, me, from, &edge) {
                self.prey.push(edge.to);
            }
        }
        !self.prey.is_empty()
    }
}

/// How often a territory is drawn before all are looked through: enough where one in ten
/// lies at a border.
const DRAWS_MAX: usize = 32;

/// The neighbours that `me` can send an attack to from `from`, which is his.
pub(super) fn prey<'v>(
    view: &View<'v>,
    me: PlayerId,
    from: TerritoryId,
) -> impl Iterator<Item = TerritoryId> + use<'v> {
    let view = *view;
    let edges = view.map().edges(from).iter();
    edges.filter(move |edge| is_prey(&view, me, from, edge)).map(|edge| edge.to)
}

/// Whether an attack can be sent from own land over an edge.
#[inline(always)]
fn is_prey(view: &View<'_>, me: PlayerId, from: TerritoryId, edge: &Edge) -> bool {
    let hostile = view.owner(edge.to).is_none_or(|owner| owner != me && !view.friendly(me, owner));
    hostile && (edge.kind != EdgeKind::Sea || view.has_port(from))
}

/// The same as a list.
pub(super) fn targets(view: &View<'_>, me: PlayerId, from: TerritoryId) -> Vec<TerritoryId> {
    prey(view, me, from).collect()
}

/// A random free territory to start in.
pub(super) fn choose_start(view: &View<'_>, dice: &mut BotDice) -> Option<Command> {
    let lands = view.map().len();
    let throws = (0..32).map(|_| TerritoryId::from_index(dice.below(lands)));
    let free = |id: &TerritoryId| {
        view.map().terrain(*id) != Terrain::Impassable && view.owner(*id).is_none()
    };
    throws.filter(free).last().map(|territory| Command::Spawn(Spawn { territory }))
}

impl Bot for Random {
    fn wake(&mut self, view: &View<'_>, wishes: &mut Vec<Command>) -> Tick {
        let Some(me) = view.viewer() else { return view.tick().after(u32::MAX) };
        match view.phase() {
            Phase::Spawn if view.territory_count(me) == 0 => {
                wishes.extend(choose_start(view, &mut self.dice));
            }
            Phase::Playing => {
                self.play(view, me, wishes);
                for asked in view.proposals().filter(|proposal| proposal.incoming) {
                    let (from, accept) = (asked.with, self.dice.below(2) == 0);
                    wishes.push(Command::AnswerAlliance(AnswerAlliance { from, accept }));
                }
            }
            _ => {}
        }
        let sleep = 5 + self.dice.below(20) as u32;
        turn::next_look(view, me).unwrap_or_else(|| view.tick().after(sleep))
    }
}
