//! Attacks: which targets pay, and with how many troops from where.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;
use core::cmp::Reverse;

use super::Campaign;
use crate::command::{Command, Retreat};
use crate::id::TerritoryId;
use crate::preview::Outcome;
use crate::quantity::Permille;

/// How many times the defender's strength is tried, least first. More is not better: of an
/// overwhelming force too many fall.
const FORCES: [Permille; 6] = [
    Permille(1250),
    Permille(1450),
    Permille(1700),
    Permille(2100),
    Permille(2700),
    Permille(3600),
];
/// How many targets are looked at in one wake.
const TARGETS_MAX: usize = 96;
/// Losses that even a target which costs nothing is taken to have: time and risk.
const LOSSES_MIN: u64 = 12;
/// How many attacks are ordered in one wake.
const ATTACKS_MAX: usize = 24;

/// Troops from several places for one target.
#[derive(Clone, Debug)]
struct Assault {
    marches: Vec<(TerritoryId, u32)>,
    /// What it is worth for what it costs.
    score: u64,
}

impl Campaign<'_, '_> {
    /// Orders the best attack, and again as long as there is one that pays.
    pub(super) fn attack(&mut self, land: &[TerritoryId]) {
        let targets = self.targets(land).into_iter();
        let mut assaults: BTreeMap<_, _> =
            targets.filter_map(|to| Some((to, self.assault(to)?))).collect();
        for _ in 0..ATTACKS_MAX {
            let score = |(to, assault): &(&TerritoryId, &Assault)| (assault.score, Reverse(**to));
            let Some(to) = assaults.iter().max_by_key(score).map(|(to, _)| *to) else { return };
            let best = assaults.remove(&to).expect("it was found there");
            for (from, troops) in &best.marches {
                self.strike(*from, to, *troops);
            }
            self.think_again(&mut assaults, &best);
        }
    }

    /// The troops of an assault are no longer there for others.
    fn think_again(&self, assaults: &mut BTreeMap<TerritoryId, Assault>, ordered: &Assault) {
        let gone = |march: &(TerritoryId, u32)| ordered.marches.iter().any(|m| m.0 == march.0);
        let short = |assault: &Assault| assault.marches.len() > self.armies as usize;
        assaults.retain(|to, assault| {
            if assault.marches.iter().any(gone) || short(assault) {
                let Some(other) = self.assault(*to) else { return false };
                *assault = other;
            }
            true
        });
    }

    fn targets(&self, land: &[TerritoryId]) -> Vec<TerritoryId> {
        let ready = land.iter().filter(|from| self.spare(**from) > 0);
        let prey: BTreeSet<_> = ready.flat_map(|from| self.prey(*from)).collect();
        prey.into_iter().take(TARGETS_MAX).collect()
    }

    /// The cheapest way to take a target that is not being taken already.
    fn assault(&self, to: TerritoryId) -> Option<Assault> {
        let mut sources: Vec<_> =
            self.own_neighbours(to).map(|from| (self.spare(from), from)).collect();
        sources.retain(|(troops, _)| *troops > 0);
        sources.sort_by_key(|(troops, from)| (Reverse(*troops), *from));
        sources.truncate(self.armies as usize);
        let all: u64 = sources.iter().map(|(troops, _)| u64::from(*troops)).sum();
        let site = self.view.territory(to);
        let strength = site.defence.of(u64::from(site.troops)) + 2;
        if all <= strength || self.is_taken_anyway(to) {
            return None;
        }
        let forces = FORCES.iter().map(|force| force.of(strength)).filter(|force| *force <= all);
        let tried = forces.filter_map(|force| self.try_force(to, &sources, force));
        tried.max_by_key(|assault| assault.score)
    }

    /// Whether the armies that are on their way are enough.
    fn is_taken_anyway(&self, to: TerritoryId) -> bool {
        let mine = |army: crate::event::Army| army.to == to;
        let mut under_way = self.view.armies_of(self.me).map(|(_, army)| army);
        under_way.any(mine) && self.outcome(to, &[]).is_some_and(|o| o.odds > Permille(500))
    }

    pub(super) fn outcome(
        &self,
        to: TerritoryId,
        marches: &[(TerritoryId, u32)],
    ) -> Option<Outcome> {
        self.view.preview_together(to, marches).ok()?.outcome
    }

    fn try_force(
        &self,
        to: TerritoryId,
        sources: &[(u32, TerritoryId)],
        force: u64,
    ) -> Option<Assault> {
        let mut missing = force;
        let mut marches = Vec::new();
        for (troops, from) in sources {
            let share = missing.min(u64::from(*troops)) as u32;
            if share > 0 {
                marches.push((*from, share));
            }
            missing -= u64::from(share);
        }
        let outcome = self.outcome(to, &marches)?;
        let worth = self.value(to, outcome.garrison) * u64::from(outcome.odds.0);
        let score = worth / (LOSSES_MIN + u64::from(outcome.losses));
        (outcome.odds > Permille(500)).then_some(Assault { marches, score })
    }

    /// Calls back armies from battles that are lost, if something of them is left.
    pub(super) fn break_off(&mut self) {
        let view = self.view;
        for (id, army) in view.armies_of(self.me).filter(|(_, army)| army.fighting) {
            let lost = self.outcome(army.to, &[]).is_some_and(|o| o.odds < Permille(300));
            let retreat = Command::Retreat(Retreat { army: id });
            if lost && army.troops > 8 && view.owner(army.to) != Some(self.me) {
                self.wishes.push(retreat);
            }
        }
    }
}
