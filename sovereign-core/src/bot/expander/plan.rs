//! What an expander orders in one wake, so that no troop is sent twice.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::targets;
use crate::command::{Attack, Command, Move};
use crate::id::{PlayerId, TerritoryId};
use crate::map::{Edge, EdgeKind};
use crate::quantity::Permille;
use crate::search::first_step;
use crate::state::Structure;
use crate::view::View;

/// How much stronger than the defender an attack must be.
const MARGIN: Permille = Permille(1400);
/// The same for troops that would only go to waste where they are: at the cap.
const MARGIN_AT_CAP: Permille = Permille(1000);
/// The share of its cap that a territory inside the land keeps when it sends troops on.
const RESERVE: Permille = Permille(250);
/// How far it looks for the front, in territories.
const FRONT_SEARCH_MAX: usize = 256;

/// The orders of one wake.
pub(super) struct Plan<'v, 'g> {
    view: &'v View<'g>,
    me: PlayerId,
    /// How many more armies can be sent.
    armies: u32,
    /// Troops already ordered away, by origin.
    sent: BTreeMap<TerritoryId, u32>,
    /// Own troops on their way to a target or fighting there.
    under_way: BTreeMap<TerritoryId, u64>,
    wishes: Vec<Command>,
}

impl<'v, 'g> Plan<'v, 'g> {
    pub(super) fn new(view: &'v View<'g>, me: PlayerId) -> Self {
        let mut under_way = BTreeMap::new();
        for (_, army) in view.armies_of(me) {
            *under_way.entry(army.to).or_default() += u64::from(army.troops);
        }
        let armies = view.armies_left(me);
        Self { view, me, armies, sent: BTreeMap::new(), under_way, wishes: Vec::new() }
    }

    pub(super) fn into_wishes(self) -> Vec<Command> {
        self.wishes
    }

    /// Attacks from a territory at the border; sends troops of one inside forward.
    pub(super) fn use_troops_of(&mut self, from: TerritoryId) {
        if self.armies == 0 || self.available(from) == 0 {
            return;
        }
        let targets = targets(self.view, self.me, from);
        if targets.is_empty() {
            self.send_forward(from);
        } else {
            self.attack(from, &targets);
        }
    }

    /// Troops that can still leave a territory.
    fn available(&self, from: TerritoryId) -> u32 {
        let kept = self.view.rules().march.garrison_min;
        let sent = self.sent.get(&from).copied().unwrap_or(0);
        self.view.troops(from).saturating_sub(kept).saturating_sub(sent)
    }

    /// Sends what wins against the weakest of the targets, with the help of neighbours
    /// if it takes that.
    fn attack(&mut self, from: TerritoryId, targets: &[TerritoryId]) {
        let immune = self.view.immune_until().is_some();
        let may_hit = |id: &TerritoryId| !immune || self.view.owner(*id).is_none();
        let margin = self.margin(from);
        let open = targets.iter().copied().filter(may_hit);
        let wanting = open.map(|to| (self.missing(from, to, margin), to));
        let Some((missing, to)) = wanting.filter(|(missing, _)| *missing > 0).min() else { return };
        let available = u64::from(self.available(from));
        if available >= missing {
            self.strike(from, to, missing);
        } else if available + self.help_against(to, from) >= missing {
            self.strike_together(from, to, missing);
        }
    }

    fn margin(&self, from: TerritoryId) -> Permille {
        let full = self.view.troops(from) >= self.view.territory(from).cap;
        if full { MARGIN_AT_CAP } else { MARGIN }
    }

    /// The troops that must yet be sent to win against a target; 0 if enough are under way.
    fn missing(&self, from: TerritoryId, to: TerritoryId, margin: Permille) -> u64 {
        let target = self.view.territory(to);
        let strength = margin.of(target.defence.of(u64::from(target.troops)));
        let landing = match self.view.map().edge(from, to).map(|edge| edge.kind) {
            Some(EdgeKind::Strait | EdgeKind::Sea) => self.view.rules().battle.landing,
            Some(EdgeKind::Land) | None => Permille::ONE,
        };
        let troops = strength * 1000 / u64::from(landing.0.max(1)) + 2;
        troops.saturating_sub(self.under_way.get(&to).copied().unwrap_or(0))
    }

    /// Own neighbours of a target, but for `from`, that could join an attack.
    fn helpers(&self, to: TerritoryId, from: TerritoryId) -> Vec<(u32, TerritoryId)> {
        let edges = self.view.map().edges(to).iter().map(|edge| edge.to);
        let own = edges.filter(|id| *id != from && self.view.owner(*id) == Some(self.me));
        let open = own.filter(|id| {
            self.view.map().edge(*id, to).is_some_and(|edge| self.can_cross(*id, edge))
        });
        open.map(|id| (self.available(id), id)).filter(|(troops, _)| *troops > 0).collect()
    }

    fn help_against(&self, to: TerritoryId, from: TerritoryId) -> u64 {
        self.helpers(to, from).iter().map(|(troops, _)| u64::from(*troops)).sum()
    }

    /// From `from` first, then from the strongest helpers, until it is enough.
    fn strike_together(&mut self, from: TerritoryId, to: TerritoryId, mut missing: u64) {
        let mut helpers = self.helpers(to, from);
        helpers.sort_by_key(|(troops, id)| (core::cmp::Reverse(*troops), *id));
        for (_, origin) in [(0, from)].into_iter().chain(helpers) {
            if missing > 0 {
                missing = missing.saturating_sub(self.strike(origin, to, missing));
            }
        }
    }

    /// Against players all that can be spared goes: what is left would only be overrun.
    fn strike(&mut self, from: TerritoryId, to: TerritoryId, missing: u64) -> u64 {
        let available = self.available(from);
        let all = self.view.owner(to).is_some();
        let troops = if all { available } else { missing.min(u64::from(available)) as u32 };
        let order = Command::Attack(Attack { from, to, troops: troops.into() });
        self.send(from, to, troops, order)
    }

    /// Troops inside the land go towards the nearest border, once there are enough.
    fn send_forward(&mut self, from: TerritoryId) {
        let keep = RESERVE.of(u64::from(self.view.territory(from).cap)) as u32;
        let spare = self.available(from).saturating_sub(keep);
        if spare < keep.max(1) {
            return;
        }
        let (view, me) = (self.view, self.me);
        let passable =
            |at, edge: &Edge| view.owner(edge.to) == Some(me) && self.can_cross(at, *edge);
        let front = |id| !targets(view, me, id).is_empty();
        if let Some(to) = first_step(view.map(), from, FRONT_SEARCH_MAX, passable, front) {
            self.send(from, to, spare, Command::Move(Move { from, to, troops: spare.into() }));
        }
    }

    fn can_cross(&self, from: TerritoryId, edge: Edge) -> bool {
        let port = || {
            let site = self.view.territory(from);
            site.structure == Some(Structure::Port) && site.level > 0
        };
        edge.kind != EdgeKind::Sea || port()
    }

    fn send(&mut self, from: TerritoryId, to: TerritoryId, troops: u32, order: Command) -> u64 {
        if troops == 0 || self.armies == 0 {
            return 0;
        }
        self.armies -= 1;
        *self.sent.entry(from).or_default() += troops;
        *self.under_way.entry(to).or_default() += u64::from(troops);
        self.wishes.push(order);
        u64::from(troops)
    }
}
