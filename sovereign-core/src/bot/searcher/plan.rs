//! The plans among which the searcher chooses: how to lean in a campaign. One without prey
//! fights first whom statecraft would.

use alloc::collections::BTreeSet;
use alloc::vec;
use alloc::vec::Vec;

use crate::bot::campaign::Temper;
use crate::bot::statecraft::is_enemy;
use crate::id::PlayerId;
use crate::quantity::Permille;
use crate::view::View;

/// Against how many enemies a war is thought of.
const WARS_MAX: usize = 3;

/// The present plan first, then all others, each once.
pub(super) fn plans(view: &View<'_>, me: PlayerId, plan: &Temper) -> Vec<Temper> {
    let mut plans = vec![present(view, me, plan)];
    for plan in leanings().into_iter().chain(wars(view, me)) {
        if !plans.contains(&plan) {
            plans.push(plan);
        }
    }
    plans
}

/// The plan, unless it is a war that is over: then the usual one.
pub(super) fn present(view: &View<'_>, me: PlayerId, plan: &Temper) -> Temper {
    let over = plan.prey.is_some_and(|prey| !is_enemy(view, me, prey));
    if over { Temper::default() } else { plan.clone() }
}

/// As the diplomat fights; bolder; warier; and so that players are left in peace.
fn leanings() -> [Temper; 4] {
    let usual = Temper::default();
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
