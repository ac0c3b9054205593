//! The expander's turn: where it is clearly stronger, it goes on.

use super::super::random::prey;
use super::super::turn::{END, Stage, deploy, stage};
use crate::command::{Attack, Command};
use crate::id::{PlayerId, TerritoryId};
use crate::view::View;

/// What one wake in a turn orders.
pub(super) fn take_turn(view: &View<'_>, me: PlayerId) -> Option<Command> {
    match stage(view, me)? {
        Stage::Deploy => place(view, me),
        Stage::Done => Some(END),
        Stage::Wait => None,
        Stage::Act => Some(attack(view, me).unwrap_or(END)),
    }
}

/// By how many troops more than its weakest neighbour a territory stands there, and which
/// neighbour that is. `None` inside the land.
fn lead(view: &View<'_>, me: PlayerId, from: TerritoryId) -> Option<(i64, TerritoryId)> {
    let troops = |at| i64::from(view.troops(at));
    let weakest = prey(view, me, from).min_by_key(|to| (troops(*to), *to))?;
    Some((troops(from) - troops(weakest), weakest))
}

/// To the border where it leads most.
fn place(view: &View<'_>, me: PlayerId) -> Option<Command> {
    let open = |at: &TerritoryId| view.validate(deploy(view, *at)).is_ok();
    let lead = |at: &TerritoryId| lead(view, me, *at).map(|(lead, _)| lead);
    let land = view.land_of(me).filter(open);
    land.max_by_key(|at| (lead(at), core::cmp::Reverse(*at))).map(|at| deploy(view, at))
}

/// All that can go from where it leads most, with half as many troops more than the other.
fn attack(view: &View<'_>, me: PlayerId) -> Option<Command> {
    let leads = view.land_of(me).filter_map(|from| Some((lead(view, me, from)?, from)));
    let ((lead, to), from) =
        leads.max_by_key(|((lead, _), from)| (*lead, core::cmp::Reverse(*from)))?;
    let troops = view.troops(from).saturating_sub(view.rules().march.garrison_min);
    let strong = 2 * lead > i64::from(view.troops(to)) && troops > 1;
    strong.then_some(Command::Attack(Attack { from, to, troops: troops.into() }))
}
