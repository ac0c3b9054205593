//! A turn of a bot that thinks: where its reserve goes, which attacks pay, and its last move.

use alloc::vec::Vec;
use core::cmp::Reverse;

use super::Campaign;
use crate::bot::turn::{END, Stage, deploy, stage};
use crate::command::{Command, Move};
use crate::id::TerritoryId;
use crate::map::Edge;
use crate::quantity::Permille;
use crate::search;

/// How many troops are wanted for an attack, for those of the defender.
const FORCE: Permille = Permille(1200);
/// And how many more.
const MARGIN: u64 = 2;
/// The least odds at which it attacks.
const ODDS_MIN: Permille = Permille(600);
/// How many attacks are tried out before one is chosen.
const TRIED_MAX: usize = 6;
/// Losses that even an attack which costs nothing is taken to have.
const LOSSES_MIN: u64 = 6;
/// How far the front is looked for, in territories.
const FRONT_MAX: usize = 1024;

/// An attack that could be made.
#[derive(Clone, Copy, Debug)]
struct Chance {
    from: TerritoryId,
    to: TerritoryId,
    /// Troops that would have to be deployed first.
    missing: u64,
    /// What it is worth for what it costs.
    score: u64,
}

impl Campaign<'_, '_> {
    /// The orders of one wake in one's turn: nothing if it is another's.
    pub(super) fn take_turn(mut self) -> Vec<Command> {
        match stage(self.view, self.me) {
            Some(Stage::Deploy) => self.place(),
            Some(Stage::Wait) => self.break_off(),
            Some(Stage::Act) => self.act(),
            Some(Stage::Done) => self.wishes.push(END),
            None => {}
        }
        self.wishes
    }

    /// All of the reserve to where the best attack can then be made; where there is none, to
    /// the border that is pressed most.
    fn place(&mut self) {
        let (view, reserve) = (self.view, u64::from(self.view.reserve()));
        let open = |at: TerritoryId| view.validate(deploy(view, at)).is_ok();
        let mut chances = self.chances();
        chances.retain(|chance| chance.missing <= reserve && open(chance.from));
        let best = best(&chances).map(|chance| chance.from);
        let pressed =
            |at: &TerritoryId| (self.threat(*at).saturating_sub(view.troops(*at)), Reverse(*at));
        let border = || view.land_of(self.me).filter(|at| open(*at)).max_by_key(pressed);
        let place = best.or_else(border);
        self.wishes.extend(place.map(|at| deploy(view, at)));
    }

    fn chances(&self) -> Vec<Chance> {
        let land = self.view.land_of(self.me);
        let pairs = land.flat_map(|from| self.prey(from).into_iter().map(move |to| (from, to)));
        pairs.map(|(from, to)| self.chance(from, to)).collect()
    }

    fn chance(&self, from: TerritoryId, to: TerritoryId) -> Chance {
        let (have, foes) = (u64::from(self.sendable(from)), u64::from(self.view.troops(to)));
        let wanted = FORCE.of(foes) + MARGIN;
        let missing = wanted.saturating_sub(have);
        let left = (have + missing).saturating_sub(foes).min(u32::MAX.into()) as u32;
        let score = self.value(to, left) * 1000 / (foes + missing + LOSSES_MIN);
        Chance { from, to, missing, score }
    }

    /// The best attack; or if none pays, a structure and a move to the front, and the end.
    fn act(&mut self) {
        let mut chances = self.chances();
        chances.retain(|chance| chance.missing == 0);
        chances.sort_by_key(|chance| (Reverse(chance.score), chance.from, chance.to));
        chances.truncate(TRIED_MAX);
        let tried: Vec<_> = chances.into_iter().filter_map(|chance| self.tried(chance)).collect();
        if let Some(Chance { from, to, .. }) = best(&tried).copied() {
            return self.strike(from, to, self.force(from, to));
        }
        let land: Vec<_> = self.view.land_of(self.me).collect();
        self.build(&land);
        self.wishes.extend(self.regroup(&land));
        self.wishes.push(END);
    }

    /// The attack with what it is worth by its odds, if they are good.
    fn tried(&self, chance: Chance) -> Option<Chance> {
        let Chance { from, to, .. } = chance;
        let outcome = self.outcome(to, &[(from, self.force(from, to))])?;
        let worth = self.value(to, outcome.garrison) * u64::from(outcome.odds.0);
        let score = worth / (LOSSES_MIN + u64::from(outcome.losses));
        (outcome.odds >= ODDS_MIN).then_some(Chance { score, ..chance })
    }

    /// All that can go where nobody else is near, else twice the defender's troops.
    fn force(&self, from: TerritoryId, to: TerritoryId) -> u32 {
        let (have, foes) = (self.sendable(from), self.view.troops(to));
        let alone = self.prey(from).iter().all(|prey| *prey == to);
        if alone { have } else { have.min(foes.saturating_mul(2).saturating_add(3)) }
    }

    /// A move of the most troops that stand inside the land to the border next to them.
    fn regroup(&self, land: &[TerritoryId]) -> Option<Command> {
        let (view, me) = (self.view, self.me);
        let inside = land.iter().copied().filter(|at| self.prey(*at).is_empty());
        let from = inside.max_by_key(|at| (self.sendable(*at), Reverse(*at)))?;
        let own = |at, edge: &Edge| view.owner(edge.to) == Some(me) && self.can_cross(at, edge);
        let front = |at| !self.prey(at).is_empty();
        let to = *search::way(view.map(), from, FRONT_MAX, own, front)?.last()?;
        let troops = self.sendable(from).into();
        let wish = Command::Move(Move { from, to, troops });
        view.validate(wish).is_ok().then_some(wish)
    }
}

/// The one with the highest score; of equals the first by its places.
fn best(chances: &[Chance]) -> Option<&Chance> {
    chances.iter().max_by_key(|chance| (chance.score, Reverse((chance.from, chance.to))))
}
