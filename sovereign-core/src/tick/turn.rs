//! Turns: who is next, what a turn brings, and how it ends.
//!
//! Time goes on in ticks; a turn says who may order what troops do. It ends by an order or
//! by itself, and passes once no army of its player is under way.

use alloc::vec::Vec;

use crate::event::Event;
use crate::id::PlayerId;
use crate::quantity::TROOPS_MAX;
use crate::rng::Purpose;
use crate::rules::TurnRules;
use crate::state::row::{GameRow, PlayerRow};
use crate::state::{Phase, Presence, State};

impl TurnRules {
    /// The troops that a turn brings to somebody with so many territories, before bonuses.
    pub(crate) fn levy(&self, lands: u32) -> u64 {
        u64::from((lands / self.lands_per_troop).max(self.reserve_min))
    }
}

/// Everybody who is in, in the order of turns that the dice choose at this tick.
pub(super) fn shuffled(state: &State) -> Vec<PlayerId> {
    let (seed, tick) = (state.setting.seed, state.tick);
    let throw = |player: &PlayerId| seed.throw(tick, Purpose::Turn, u64::from(player.0), 1);
    let mut order: Vec<_> = state.players().filter(|p| state.is_playing(*p)).collect();
    order.sort_by_key(|player| (throw(player), *player));
    order
}

/// The game begins: the order of turns is drawn, everybody has what he is to place, and the
/// first turn begins. O(players * log players + land).
pub(super) fn begin(state: &mut State) {
    if !state.setting.rules.turns.are_on() {
        return;
    }
    let order = shuffled(state);
    let opening = state.setting.rules.turns.opening(order.len() as u32);
    for (player, place) in order.into_iter().zip(1..) {
        let stands = state.territory_count(player).saturating_mul(state.setting.rules.spawn.troops);
        let reserve = opening.saturating_sub(stands);
        state.set_player(player, PlayerRow { order: place, reserve, ..*state.player(player) });
    }
    pass(state);
}

/// The turn ends: nothing more is ordered in it. It passes when this tick, or the next, is
/// judged and no army of its player is under way.
pub(crate) fn end(state: &mut State) {
    state.set_game(GameRow { turn_until: 0, ..*state.game() });
    state.unjudged = true;
}

/// Passes a turn that has ended, and that of a player who is out.
pub(super) fn judge(state: &mut State) {
    let Some(player) = PlayerId::from_raw(state.game().turn) else { return };
    let done = state.game().turn_until == 0 && state.army_count(player) == 0;
    let over = state.phase() != Phase::Playing || state.rounds_are_over();
    if !over && (done || !state.is_playing(player)) {
        pass(state);
    }
}

/// The next player's turn begins. After the last round nobody's does, and the game is over
/// with the next tick. O(players).
fn pass(state: &mut State) {
    let Some((player, round)) = next(state) else { return };
    let TurnRules { ticks, rounds_max, .. } = state.setting.rules.turns;
    let row = GameRow { round, turn_until: 0, moves: 0, ..*state.game() };
    if rounds_max > 0 && round > rounds_max {
        return state.set_game(GameRow { until: state.tick.after(1).0, ..row });
    }
    let turn_until = state.tick.after(ticks).0;
    state.set_game(GameRow { turn: player.0, turn_until, ..row });
    if round > 0 {
        levy(state, player);
    }
    state.emit(Event::TurnBegan { player, round });
}

/// Who comes next, and in which round: those who are away are passed over, unless all are;
/// in the opening round so is who has nothing to place. `None` if nobody is in.
fn next(state: &State) -> Option<(PlayerId, u32)> {
    let GameRow { turn, round, .. } = *state.game();
    let order = |player: &PlayerId| state.player(*player).order;
    let last = PlayerId::from_raw(turn).map_or(0, |player| order(&player));
    let here = |player: &PlayerId| state.player(*player).presence != Presence::Away.code();
    let mut ready: Vec<_> = state.players().filter(|p| state.is_playing(*p)).collect();
    if ready.iter().any(here) {
        ready.retain(here);
    }
    ready.sort_by_key(order);
    let places = |player: &PlayerId| round > 0 || state.reserve(*player) > 0;
    let later = ready.iter().find(|player| order(player) > last && places(player));
    later.map(|player| (*player, round)).or_else(|| Some((*ready.first()?, round + 1)))
}

/// What a turn brings to the reserve.
fn levy(state: &mut State, player: PlayerId) {
    let lands = state.territory_count(player);
    let brought = state.setting.rules.turns.levy(lands) + state.bonus_points(player);
    let row = state.settled(player);
    let reserve = (u64::from(row.reserve) + brought).min(u64::from(TROOPS_MAX)) as u32;
    state.set_player(player, PlayerRow { reserve, ..row });
}
