//! Plans tried out in an imagined game.

use alloc::vec::Vec;
use core::cmp::Reverse;

use crate::bot::campaign::{Campaign, Temper};
use crate::bot::opportunist::window;
use crate::bot::statecraft::Statecraft;
use crate::command::Order;
use crate::game::Game;
use crate::id::PlayerId;
use crate::quantity::Tick;
use crate::state::{Phase, Structure};
use crate::view::View;

/// How far plans are followed, and how often a player orders meanwhile, in ticks.
#[derive(Clone, Copy, Debug)]
struct Horizon {
    /// For the choice of those that are looked at longer.
    short: u32,
    long: u32,
    pace: u32,
}

/// Land pays for itself in some 600 ticks: a plan that takes none looks better before.
const HORIZON: Horizon = Horizon { short: 240, long: 960, pace: 60 };
/// Where there are turns, in which only one player at a time is asked.
const TURNS: Horizon = Horizon { short: 240, long: 480, pace: 10 };
/// How many of the others are followed as long as the present plan.
const BEST: usize = 3;
/// By how much another plan must be better than the present one to replace it, in
/// thousandths of all strength there is.
const CHANGE_MIN: i64 = 8;

/// A search in one imagined game.
pub(super) struct Search {
    game: Game,
    me: PlayerId,
    /// How many more times somebody may be asked for orders.
    nodes: u32,
}

impl Search {
    pub(super) const fn new(game: Game, me: PlayerId, nodes: u32) -> Self {
        Self { game, me, nodes }
    }

    /// The plan that leads to where the player is strongest; the first, unless another is
    /// clearly better. Only plans that were followed equally long are compared.
    pub(super) fn best(&mut self, plans: &[Temper]) -> usize {
        let Horizon { short, long, .. } = self.horizon();
        let soon: Vec<_> = plans.iter().map(|plan| self.follow(plan, short)).collect();
        let mut others: Vec<_> = (1..plans.len()).filter(|at| soon[*at].is_some()).collect();
        others.sort_by_key(|at| (Reverse(soon[*at]), *at));
        let Some(present) = self.follow(&plans[0], long) else { return 0 };
        let tried = others.into_iter().take(BEST);
        let late = tried.map_while(|at| Some((self.follow(&plans[at], long)?, Reverse(at))));
        let best = late.filter(|(score, _)| *score > present + CHANGE_MIN).max();
        best.map_or(0, |(_, Reverse(at))| at)
    }

    fn horizon(&self) -> Horizon {
        if self.game.rules().turns.are_on() { TURNS } else { HORIZON }
    }

    /// How strong the player is after following a plan for so many ticks. `None` if the
    /// budget does not reach. The game is as before.
    fn follow(&mut self, plan: &Temper, ticks: u32) -> Option<i64> {
        let mark = self.game.mark();
        let score = self.play(plan, ticks).then(|| strength(&self.game, self.me));
        self.game.rollback(mark).expect("nothing between here and the mark commits");
        score
    }

    /// Lets everybody play for so many ticks. `false` if the budget does not reach.
    fn play(&mut self, plan: &Temper, ticks: u32) -> bool {
        let end = self.game.tick().after(ticks);
        while self.game.tick() < end && self.game.state().phase == Phase::Playing {
            if !self.order_all(plan) {
                return false;
            }
            self.pass(end);
        }
        true
    }

    fn pass(&mut self, end: Tick) {
        let next = self.game.tick().after(self.horizon().pace);
        self.game.advance_to(next.min(end));
    }

    /// Everybody's orders, by rising seat.
    fn order_all(&mut self, plan: &Temper) -> bool {
        for player in self.game.view(None).players() {
            let view = self.game.view(Some(player));
            if view.is_playing(player) && view.may_order() && !self.order(player, plan) {
                return false;
            }
        }
        true
    }

    fn order(&mut self, player: PlayerId, plan: &Temper) -> bool {
        if self.nodes == 0 {
            return false;
        }
        self.nodes -= 1;
        let view = self.game.view(Some(player));
        let land = window(&view, player, &mut 0);
        let temper = if player == self.me { plan.clone() } else { Temper::default() };
        let first = || Statecraft::default().choose_prey(&view, player, &land);
        let temper = Temper { prey: temper.prey.or_else(first), ..temper };
        for command in Campaign::new(&view, player, &temper).fight(&land) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bot::Table;
    use crate::map::generate::grid;
    use crate::rng::Seed;
    use crate::rules::Rules;

    #[test]
    fn a_plan_is_followed_to_its_end_or_not_judged_and_leaves_the_game_as_it_was() {
        let rules = Rules::preset("classic").expect("shipped").into();
        let names = ["opportunist"; 2];
        let mut table = Table::named(grid(6, 5).into(), rules, Seed::from(1), &names).expect("fit");
        table.play(Tick(1200), |_| {});
        let game = table.session().game().view(Some(PlayerId(0))).imagine(Seed::from(2));
        let hash = game.hash();
        let mut search = Search::new(game, PlayerId(0), 8);
        let score = search.follow(&Temper::default(), 240);
        assert!(score.is_some());
        assert_eq!(search.game.hash(), hash);
        search.nodes = 1;
        assert_eq!(search.follow(&Temper::default(), 240), None);
        assert_eq!((search.nodes, search.game.hash()), (0, hash));
    }
}
