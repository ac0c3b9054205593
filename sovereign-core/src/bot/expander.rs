//! A bot that grows: it takes what it surely can, builds, and moves troops forward.

use alloc::vec::Vec;

use super::random::{choose_start, targets};
use super::{Bot, BotDice};
use crate::command::{AnswerAlliance, Attack, Build, Command, Move};
use crate::id::{PlayerId, TerritoryId};
use crate::map::EdgeKind;
use crate::quantity::{Permille, Tick};
use crate::rng::Seed;
use crate::search::nearest;
use crate::state::{Phase, Structure};
use crate::view::View;

/// How much stronger than the defender an attack must be.
const MARGIN: Permille = Permille(1400);
/// The share of its cap that a territory inside the land keeps when it sends troops on.
const RESERVE: Permille = Permille(250);
/// How far it looks for the front, in territories.
const FRONT_SEARCH_MAX: usize = 256;
/// How much of its land it looks at in one go, so that a large realm costs no more.
const LANDS_PER_WAKE: usize = 64;

/// Attacks wherever it is clearly stronger, the weakest neighbour first; sends troops
/// from inside towards the front; builds cities inside and forts at the front.
#[derive(Clone, Debug)]
pub struct Expander {
    dice: BotDice,
    /// Where the next look begins, for realms larger than one look.
    next: usize,
}

impl Expander {
    /// A bot with these dice.
    #[must_use]
    pub const fn new(seed: Seed) -> Self {
        Self { dice: BotDice::new(seed), next: 0 }
    }

    fn play(&mut self, view: &View<'_>, me: PlayerId, wishes: &mut Vec<Command>) {
        let mut armies = view.armies_left(me);
        for from in self.lands_to_look_at(view, me) {
            if armies == 0 {
                break;
            }
            if let Some(order) = advance(view, me, from) {
                wishes.push(order);
                armies -= 1;
            }
        }
        wishes.extend(build(view, me, &mut self.dice));
        self.answer(view, me, wishes);
    }

    /// A window of the own land that moves on with every wake.
    fn lands_to_look_at(&mut self, view: &View<'_>, me: PlayerId) -> Vec<TerritoryId> {
        let land: Vec<_> = view.land_of(me).collect();
        let start = if land.is_empty() { 0 } else { self.next % land.len() };
        self.next = start + LANDS_PER_WAKE.min(land.len());
        land.iter().cycle().skip(start).take(LANDS_PER_WAKE.min(land.len())).copied().collect()
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

/// The troops that an attack must have to win clearly.
fn needed(view: &View<'_>, to: TerritoryId) -> u32 {
    let target = view.territory(to);
    let strength = target.defence.of(u64::from(target.troops));
    (MARGIN.of(strength) + 2).min(u64::from(u32::MAX)) as u32
}

/// The best thing to do with the troops of one territory: attack, or send them forward.
fn advance(view: &View<'_>, me: PlayerId, from: TerritoryId) -> Option<Command> {
    let troops = view.troops(from);
    let available = troops.saturating_sub(view.rules().march.garrison_min);
    let immune = view.immune_until().is_some();
    let may_hit = |id: &TerritoryId| !immune || view.owner(*id).is_none();
    let enemies = targets(view, me, from);
    if enemies.is_empty() {
        return send_forward(view, me, from, troops);
    }
    let weakest = enemies.into_iter().filter(may_hit).min_by_key(|to| (needed(view, *to), *to))?;
    let needed = needed(view, weakest);
    let underway = view.armies_of(me).any(|(_, army)| army.to == weakest);
    if needed > available || underway {
        return None;
    }
    // Against players all that can be spared goes: what is left would only be overrun.
    let spare = if view.owner(weakest).is_some() { available } else { needed };
    Some(Command::Attack(Attack { from, to: weakest, troops: spare }))
}

/// Troops inside the land go towards the nearest border, once there are enough.
fn send_forward(view: &View<'_>, me: PlayerId, from: TerritoryId, troops: u32) -> Option<Command> {
    let keep = RESERVE.of(u64::from(view.territory(from).cap)) as u32;
    let spare = troops.saturating_sub(keep.max(view.rules().march.garrison_min));
    if spare < keep.max(1) {
        return None;
    }
    let edges = view.map().edges(from).iter();
    let own = edges.filter(|e| e.kind != EdgeKind::Sea && view.owner(e.to) == Some(me));
    let front = |id| !targets(view, me, id).is_empty();
    let way = |to: TerritoryId| {
        let own_front = |id| view.owner(id) == Some(me) && front(id);
        nearest(view.map(), to, FRONT_SEARCH_MAX, own_front).map(|(distance, _)| (distance, to))
    };
    let (_, to) = own.filter_map(|edge| way(edge.to)).min()?;
    Some(Command::Move(Move { from, to, troops: spare }))
}

/// A city where it is safe, if there is gold for one; a port where only the sea leads on.
fn build(view: &View<'_>, me: PlayerId, dice: &mut BotDice) -> Option<Command> {
    let gold = view.gold();
    let affordable = |structure| view.cost(structure).is_some_and(|cost| cost <= gold);
    let empty = |id: &TerritoryId| view.territory(*id).structure.is_none();
    let has_sea = |id: &TerritoryId| {
        let mut edges = view.map().edges(*id).iter();
        edges.any(|edge| edge.kind == EdgeKind::Sea && view.owner(edge.to) != Some(me))
    };
    let free: Vec<_> = view.land_of(me).filter(empty).collect();
    let at_front = free.iter().any(|id| !targets(view, me, *id).is_empty());
    let landlocked = !at_front && view.land_of(me).all(|id| targets(view, me, id).is_empty());
    let (structure, sites): (_, Vec<_>) = if landlocked {
        (Structure::Port, free.into_iter().filter(has_sea).collect())
    } else {
        (Structure::City, free)
    };
    if !affordable(structure) {
        return None;
    }
    let territory = dice.pick(&sites)?;
    Some(Command::Build(Build { territory, structure }))
}

impl Bot for Expander {
    fn wake(&mut self, view: &View<'_>, wishes: &mut Vec<Command>) -> Tick {
        let Some(me) = view.viewer() else { return view.tick().after(u32::MAX) };
        match view.game().phase {
            Phase::Spawn if view.territory_count(me) == 0 => {
                wishes.extend(choose_start(view, &mut self.dice));
            }
            Phase::Playing => self.play(view, me, wishes),
            _ => {}
        }
        view.tick().after(15 + self.dice.below(10) as u32)
    }
}
