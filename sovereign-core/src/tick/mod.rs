//! The passing of time: what a tick does, in the order in which it does it.

pub(crate) mod battle;
mod deal;
pub(crate) mod growth;
pub(crate) mod march;
pub(crate) mod meet;
mod pocket;
pub(crate) mod stage;
mod start;
pub(crate) mod strike;
pub(crate) mod supply;
pub(crate) mod turn;
pub(crate) mod victory;
pub(crate) mod way;

use crate::id::{ArmyId, TerritoryId};
use crate::quantity::{TICK_MAX, Tick};
use crate::state::{Due, DueKind, Phase, State};

/// One tick: what falls due, then who is out and who has won.
pub(crate) fn advance(state: &mut State) {
    if !moves(state) {
        return;
    }
    state.tick = state.tick.after(1);
    while let Some(due) = due_now(state) {
        run(state, due);
    }
    stage::judge(state);
}

/// What falls due next, if its time has come. After the end nothing does, nor at the last
/// tick: what is put off from there would fall due at once, for ever.
fn due_now(state: &State) -> Option<Due> {
    state.due_now().filter(|_| moves(state))
}

/// Whether time passes at all: not in the lobby, not while paused, not after the end.
#[inline]
pub(crate) fn moves(state: &State) -> bool {
    let game = state.game();
    let runs = (Phase::Spawn.code()..=Phase::Playing.code()).contains(&game.phase);
    runs && game.paused == 0 && state.tick.0 < TICK_MAX
}

/// Skips to `to`, or to just before the tick at which something falls due on the way.
pub(crate) fn skip_idle(state: &mut State, to: Tick) {
    let due = state.next_due().map_or(u32::MAX, |due| due.tick.0);
    let idle = Tick(due.saturating_sub(1).min(to.0).min(TICK_MAX));
    if moves(state) && !state.unjudged && idle > state.tick {
        state.tick = idle;
    }
}

fn run(state: &mut State, due: Due) {
    match due.kind {
        DueKind::Phase => stage::end_phase(state),
        DueKind::Build => stage::finish_building(state, TerritoryId(due.id)),
        DueKind::Pact => stage::lapse(state, due.id as usize),
        DueKind::Meeting => meet::meet(state, ArmyId(due.id)),
        DueKind::Arrival => march::arrive(state, ArmyId(due.id)),
        DueKind::Strike => strike::lapse(state, TerritoryId(due.id)),
        DueKind::Supply => supply::send(state, TerritoryId(due.id)),
        DueKind::Round => battle::round(state, TerritoryId(due.id)),
        DueKind::Overtime => victory::lower(state),
        DueKind::Turn => turn::end(state),
    }
}
