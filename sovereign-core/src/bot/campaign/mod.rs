//! What a bot that thinks orders in one wake: attacks that pay, help for what is about to
//! fall, and troops brought to where they count. No troop is sent twice.

mod attack;
mod defend;
mod found;
mod turn;
mod value;

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use super::random::targets;
use crate::command::{Attack, Command, Move};
use crate::id::{PlayerId, TerritoryId};
use crate::map::{Edge, EdgeKind};
use crate::quantity::Permille;
use crate::search::first_step;
use crate::state::Structure;
use crate::view::View;

/// How far the front is looked for, in territories.
const FRONT_SEARCH_MAX: usize = 256;

/// How a bot leans: what the same campaign is fought with by different bots.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Temper {
    /// The share of the strongest foe at a border that stays there as its guard.
    pub(super) guard: Permille,
    /// How much the land of players is worth, next to that of nobody.
    pub(super) greed: Permille,
    /// Whose land is worth half as much again.
    pub(super) prey: Option<PlayerId>,
    /// Who is left alone, as if allied.
    pub(super) spared: BTreeSet<PlayerId>,
    /// The share of its cap that a territory inside the land keeps.
    pub(super) reserve: Permille,
}

impl Default for Temper {
    fn default() -> Self {
        Self {
            guard: Permille(500),
            greed: Permille(1400),
            prey: None,
            spared: BTreeSet::new(),
            reserve: Permille(100),
        }
    }
}

/// The orders of one wake.
pub(super) struct Campaign<'v, 'g> {
    view: &'v View<'g>,
    me: PlayerId,
    temper: &'v Temper,
    /// How many more armies can be sent.
    armies: u32,
    /// Troops already ordered away, by origin.
    sent: BTreeMap<TerritoryId, u32>,
    wishes: Vec<Command>,
}

impl<'v, 'g> Campaign<'v, 'g> {
    pub(super) fn new(view: &'v View<'g>, me: PlayerId, temper: &'v Temper) -> Self {
        Self {
            view,
            me,
            temper,
            armies: view.armies_left(me),
            sent: BTreeMap::new(),
            wishes: Vec::new(),
        }
    }

    /// All orders for these own lands.
    pub(super) fn fight(mut self, land: &[TerritoryId]) -> Vec<Command> {
        if self.view.rules().turns.are_on() {
            return self.take_turn();
        }
        self.break_off();
        self.rescue(land);
        self.attack(land);
        for from in land {
            self.send_forward(*from);
        }
        self.build(land);
        self.wishes
    }

    /// Whether `id` is land that may be attacked.
    fn is_prey(&self, id: TerritoryId) -> bool {
        let immune = self.view.immune_until().is_some();
        match self.view.owner(id) {
            Some(owner) => !immune && !self.temper.spared.contains(&owner),
            None => true,
        }
    }

    /// The neighbours of `from` that may be attacked from there.
    fn prey(&self, from: TerritoryId) -> Vec<TerritoryId> {
        let mut prey = targets(self.view, self.me, from);
        prey.retain(|id| self.is_prey(*id));
        prey
    }

    fn is_foe(&self, id: TerritoryId) -> bool {
        self.view.owner(id).is_some_and(|owner| !self.view.friendly(self.me, owner))
    }

    /// The troops of the strongest foe next to a territory.
    fn threat(&self, id: TerritoryId) -> u32 {
        if self.view.immune_until().is_some() {
            return 0;
        }
        let edges = self.view.map().edges(id).iter().filter(|edge| edge.kind != EdgeKind::Sea);
        let foes = edges.filter(|edge| self.is_foe(edge.to));
        foes.map(|edge| self.view.troops(edge.to)).max().unwrap_or(0)
    }

    /// What should stay at a border for the foe next to it.
    fn guard(&self, id: TerritoryId) -> u32 {
        let defence = self.view.territory(id).defence.0.max(1);
        let needed = self.temper.guard.of(u64::from(self.threat(id))) * 1000 / u64::from(defence);
        needed.min(u32::MAX.into()) as u32
    }

    /// Troops that can still leave a territory.
    fn sendable(&self, from: TerritoryId) -> u32 {
        let kept = self.view.rules().march.garrison_min;
        let sent = self.sent.get(&from).copied().unwrap_or(0);
        self.view.troops(from).saturating_sub(kept).saturating_sub(sent)
    }

    /// Troops that a territory can spare: all but its guard.
    fn spare(&self, from: TerritoryId) -> u32 {
        if self.view.territory(from).besieged {
            return 0;
        }
        let kept = self.guard(from).max(self.view.rules().march.garrison_min);
        let sent = self.sent.get(&from).copied().unwrap_or(0);
        self.view.troops(from).saturating_sub(kept).saturating_sub(sent)
    }

    fn can_cross(&self, from: TerritoryId, edge: &Edge) -> bool {
        let port = || {
            let site = self.view.territory(from);
            site.structure == Some(Structure::Port) && site.level > 0
        };
        edge.kind != EdgeKind::Sea || port()
    }

    /// Own neighbours of a place from which troops can go there.
    fn own_neighbours(&self, to: TerritoryId) -> impl Iterator<Item = TerritoryId> + '_ {
        let map = self.view.map();
        let own = map.edges(to).iter().map(|edge| edge.to);
        let own = own.filter(|id| self.view.owner(*id) == Some(self.me));
        own.filter(move |id| map.edge(*id, to).is_some_and(|edge| self.can_cross(*id, &edge)))
    }

    /// Troops inside the land go towards the nearest front.
    fn send_forward(&mut self, from: TerritoryId) {
        let (view, me) = (self.view, self.me);
        let site = view.territory(from);
        if site.besieged || !self.prey(from).is_empty() || self.threat(from) > 0 {
            return;
        }
        let keep = self.temper.reserve.of(u64::from(site.cap)) as u32;
        let spare = self.sendable(from).saturating_sub(keep);
        if spare < keep.max(1) {
            return;
        }
        let passable =
            |at, edge: &Edge| view.owner(edge.to) == Some(me) && self.can_cross(at, edge);
        let front = |id| !self.prey(id).is_empty();
        if let Some(to) = first_step(view.map(), from, FRONT_SEARCH_MAX, passable, front) {
            self.send(from, spare, Command::Move(Move { from, to, troops: spare.into() }));
        }
    }

    fn strike(&mut self, from: TerritoryId, to: TerritoryId, troops: u32) {
        self.send(from, troops, Command::Attack(Attack { from, to, troops: troops.into() }));
    }

    fn send(&mut self, from: TerritoryId, troops: u32, order: Command) {
        if troops > 0 && self.armies > 0 {
            self.armies -= 1;
            *self.sent.entry(from).or_default() += troops;
            self.wishes.push(order);
        }
    }
}
