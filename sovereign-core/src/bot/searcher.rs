//! A bot that tries its plans out in games that it imagines.

use alloc::collections::BTreeSet;
use alloc::vec;
use alloc::vec::Vec;

use super::Bot;
use super::campaign::{Campaign, Temper};
use super::commander::Commander;
use super::opportunist::window;
use super::statecraft::is_enemy;
use crate::command::{Command, Order};
use crate::game::Game;
use crate::id::PlayerId;
use crate::quantity::{Permille, Tick};
use crate::rng::Seed;
use crate::state::{Phase, Structure};
use crate::view::View;

/// How many times somebody may be asked for orders in imagined games, for one decision.
pub const NODES: u32 = 600;
/// Ticks between two decisions; between them it goes on with the plan.
const DECISION_TICKS: u32 = 90;
/// Ticks that a plan is followed in an imagined game before the next is chosen.
const PLY_TICKS: u32 = 240;
/// Ticks between two orders of the same player in an imagined game.
const PACE_TICKS: u32 = 60;
/// Both where there are turns, in which only one player at a time is asked.
const TURNS_TICKS: u32 = 480;
const TURNS_PACE_TICKS: u32 = 10;
/// How many of the best plans are looked at a ply deeper.
const BEST: usize = 3;
/// Against how many enemies a war is thought of.
const WARS_MAX: usize = 3;
/// By how much another plan must be better than the present one to replace it, in
/// thousandths of all strength there is.
const CHANGE_MIN: i64 = 8;

/// Searches a tree of plans: in a game that it imagines it follows each of its plans for a
/// while, everybody else fighting like an opportunist, then each again from there, as far as
/// its budget of [`NODES`] reaches, and follows the one that leads where it is strongest.
/// Makes, keeps and breaks alliances as the diplomat does.
/// Counts in integers only, and never looks at a clock.
#[derive(Clone, Debug)]
pub struct Searcher {
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
        Self { commander: Commander::new(seed), mind }
    }
}

impl Bot for Searcher {
    fn wake(&mut self, view: &View<'_>, wishes: &mut Vec<Command>) -> Tick {
        let Self { commander, mind } = self;
        commander.wake(view, wishes, |me, prey| mind.plan(view, me, prey).clone())
    }
}

impl Mind {
    /// The plan, thought over if it is time.
    fn plan(&mut self, view: &View<'_>, me: PlayerId, prey: Option<PlayerId>) -> &Temper {
        // Where there are turns, once in each of its own: while there is something to place.
        let idle = view.rules().turns.are_on() && (!view.may_order() || view.reserve() == 0);
        if view.tick() >= self.decide && !idle {
            self.decide = view.tick().after(DECISION_TICKS);
            let mut plans = self.plans(view, me, prey);
            let game = view.imagine(self.seed.child(view.tick().0.into()));
            let mut search = Search { game, me, nodes: self.nodes };
            let best = search.best(&plans).unwrap_or(0);
            self.plan = plans.swap_remove(best);
        }
        &self.plan
    }

    /// The present plan first, then all others, each once.
    fn plans(&self, view: &View<'_>, me: PlayerId, prey: Option<PlayerId>) -> Vec<Temper> {
        let mut plans = vec![self.present(view, me, prey)];
        for plan in leanings(prey).into_iter().chain(wars(view, me)) {
            if !plans.contains(&plan) {
                plans.push(plan);
            }
        }
        plans
    }

    /// The present plan; where there is nobody left to fight by it, against whom else.
    fn present(&self, view: &View<'_>, me: PlayerId, prey: Option<PlayerId>) -> Temper {
        match self.plan.prey {
            Some(at_war) if is_enemy(view, me, at_war) => self.plan.clone(),
            _ => Temper { prey, spared: BTreeSet::new(), ..self.plan.clone() },
        }
    }
}

/// As the diplomat fights; bolder; warier; and so that players are left in peace.
fn leanings(prey: Option<PlayerId>) -> [Temper; 4] {
    let usual = Temper { prey, ..Temper::default() };
    [
        usual.clone(),
        Temper { guard: Permille(250), greed: Permille(2200), ..usual.clone() },
        Temper { guard: Permille(900), ..usual.clone() },
        Temper { greed: Permille(600), ..usual },
    ]
}

/// War on each single enemy, while all others are spared.
fn wars(view: &View<'_>, me: PlayerId) -> Vec<Temper> {
    let open = |p: &PlayerId| is_enemy(view, me, *p);
    let enemies: BTreeSet<_> = view.players().filter(open).collect();
    let war_on = |enemy: &PlayerId| {
        let spared = enemies.iter().copied().filter(|other| other != enemy).collect();
        Temper { prey: Some(*enemy), greed: Permille(1800), spared, ..Temper::default() }
    };
    enemies.iter().take(WARS_MAX).map(war_on).collect()
}

/// A search in one imagined game.
struct Search {
    game: Game,
    me: PlayerId,
    /// How many more times somebody may be asked for orders.
    nodes: u32,
}

impl Search {
    /// The plan that leads where the player is strongest; the first, unless another is
    /// clearly better. All are followed for a ply, and the best of them for two as far as
    /// the budget reaches for all of those: scores of different depth say nothing.
    fn best(&mut self, plans: &[Temper]) -> Option<usize> {
        let shallow: Vec<_> = plans.iter().map(|plan| self.follow(plan, &[], 0)).collect();
        let rank = |at: &usize| (core::cmp::Reverse(shallow[*at]), *at);
        let mut others: Vec<_> = (1..plans.len()).collect();
        others.sort_by_key(rank);
        let chosen: Vec<_> = [0].into_iter().chain(others).take(BEST).collect();
        let deep: Option<Vec<_>> =
            chosen.iter().map(|at| Some((self.follow(&plans[*at], plans, 1)?, *at))).collect();
        let known = || chosen.iter().filter_map(|at| Some((shallow[*at]?, *at))).collect();
        let scores: Vec<(i64, usize)> = deep.unwrap_or_else(known);
        let usual = scores.iter().find(|(_, at)| *at == 0)?.0;
        let better = scores.into_iter().filter(|(score, _)| *score > usual + CHANGE_MIN);
        better.max_by_key(|(score, at)| (*score, core::cmp::Reverse(*at))).map(|(_, at)| at)
    }

    /// How strong the player is after following a plan, and the best of `next` after it for
    /// as many plies more. `None` if the budget does not reach. The game is as before.
    fn follow(&mut self, plan: &Temper, next: &[Temper], plies: u32) -> Option<i64> {
        let mark = self.game.mark();
        let mut score = self.play(plan).then(|| strength(&self.game, self.me));
        if score.is_some() && plies > 0 {
            let later: Option<Vec<_>> =
                next.iter().map(|plan| self.follow(plan, next, plies - 1)).collect();
            score = later.and_then(|scores| scores.into_iter().max());
        }
        self.game.rollback(mark).expect("nothing between here and the mark commits");
        score
    }

    /// Lets everybody play for a ply. `false` if the budget does not reach.
    fn play(&mut self, plan: &Temper) -> bool {
        let usual = Temper::default();
        let turns = self.game.rules().turns.are_on();
        let (ply, pace) =
            if turns { (TURNS_TICKS, TURNS_PACE_TICKS) } else { (PLY_TICKS, PACE_TICKS) };
        let end = self.game.tick().after(ply);
        while self.game.tick() < end && self.game.state().phase == Phase::Playing {
            for player in self.game.view(None).players() {
                let view = self.game.view(Some(player));
                if !view.is_playing(player) || !view.may_order() {
                    continue;
                }
                let temper = if player == self.me { plan } else { &usual };
                if !self.order(player, temper) {
                    return false;
                }
            }
            self.game.advance_to(self.game.tick().after(pace).min(end));
        }
        true
    }

    fn order(&mut self, player: PlayerId, temper: &Temper) -> bool {
        if self.nodes == 0 {
            return false;
        }
        self.nodes -= 1;
        let view = self.game.view(Some(player));
        let land = window(&view, player, &mut 0);
        for command in Campaign::new(&view, player, temper).fight(&land) {
            // One that another makes impossible is refused, as in a real game.
            let _ = self.game.execute(&Order::Bot { player, seq: 0, command });
        }
        true
    }
}

/// A player's share of all strength there is, in thousandths, less half of the strongest
/// other's.
fn strength(game: &Game, me: PlayerId) -> i64 {
    let view = game.view(None);
    let each: Vec<_> = view.players().map(|player| (player, forces(&view, player))).collect();
    let all = each.iter().map(|(_, forces)| forces).sum::<i64>().max(1);
    let of = |player| each.iter().find(|(p, _)| *p == player).map_or(0, |(_, forces)| *forces);
    let rival = each.iter().filter(|(p, _)| *p != me).map(|(_, forces)| *forces).max().unwrap_or(0);
    (of(me) * 1000 - rival * 500) / all
}

/// Troops wherever they are, and what land and buildings will bring.
fn forces(view: &View<'_>, player: PlayerId) -> i64 {
    const LAND: i64 = 60;
    const CITY: i64 = 60;
    let land = view.land_of(player).map(|id| {
        let site = view.territory(id);
        let city = site.structure == Some(Structure::City) && site.level > 0;
        i64::from(site.troops) + LAND + if city { CITY } else { 0 }
    });
    let armies = view.armies_of(player).map(|(_, army)| i64::from(army.troops));
    land.sum::<i64>() + armies.sum::<i64>()
}
