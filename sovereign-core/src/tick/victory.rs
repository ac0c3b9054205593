//! The end of a game: who is out, which side has won, and everybody's place.
//!
//! A side is a team, or a player without one. Sides are ranked by land, then by gold,
//! then by their lowest seat.

use core::cmp::{Ordering, Reverse};

use super::stage;
use crate::command::leave_game;
use crate::event::{EndReason, Event};
use crate::id::PlayerId;
use crate::quantity::{Permille, Tick};
use crate::rules::{Rules, VictoryRules};
use crate::state::row::{GameRow, PlayerRow};
use crate::state::{Phase, Standing, State};

/// Players without land and armies go out.
pub(super) fn eliminate(state: &mut State) {
    for player in state.players() {
        let lost = state.territory_count(player) == 0 && state.army_count(player) == 0;
        if state.is_playing(player) && lost {
            leave_game(state, player, Standing::Eliminated);
        }
    }
}

/// A player lost an army or land: if it was his last, he is to be judged; so is his turn, if
/// it has ended and waited for that army.
pub(super) fn note_loss(state: &mut State, player: PlayerId) {
    let game = state.game();
    let turn_waits = game.turn == player.0 && game.turn_until == 0;
    let armyless = state.army_count(player) == 0;
    state.unjudged |= armyless && (turn_waits || state.territory_count(player) == 0);
}

/// A player took land: if that may end somebody or the game, it is to be judged.
pub(super) fn note_capture(state: &mut State, by: PlayerId, from: Option<PlayerId>) {
    if let Some(loser) = from {
        note_loss(state, loser);
    }
    state.unjudged |= side_land(state, by) >= land_to_win(state);
}

/// How many territories of one side win the game.
pub(crate) fn land_to_win(state: &State) -> u32 {
    let playable = u64::from(state.setting.map.playable_count());
    bar(&state.setting.rules, state.game().lowered).of_rounded_up(playable).max(1) as u32
}

/// The share that wins after overtime has lowered it so often.
fn bar(rules: &Rules, lowered: u16) -> Permille {
    let VictoryRules { share, overtime_step, overtime_floor, .. } = &rules.victory;
    let fallen = share.0.saturating_sub(overtime_step.0 * u32::from(lowered));
    Permille(fallen.max(overtime_floor.0.min(share.0)))
}

/// When overtime lowers the share next. A function of the game's row, so that nothing has
/// to count.
pub(crate) fn next_lowering(rules: &Rules, row: &GameRow) -> Option<u32> {
    let VictoryRules { overtime_ticks, overtime_every, .. } = rules.victory;
    let playing = row.phase == Phase::Playing.code() && overtime_ticks > 0;
    let falls = bar(rules, row.lowered) > bar(rules, row.lowered.saturating_add(1));
    let wait = overtime_ticks + overtime_every * u32::from(row.lowered);
    (playing && falls).then(|| Tick(row.started).after(wait).0)
}

/// Overtime lowers the share that wins by a step.
pub(super) fn lower(state: &mut State) {
    let row = *state.game();
    let lowered = row.lowered + 1;
    state.set_game(GameRow { lowered, ..row });
    state.emit(Event::BarLowered { share: bar(&state.setting.rules, lowered) });
    state.unjudged = true;
}

/// The time limit: the side that is ahead wins.
pub(super) fn time_is_up(state: &mut State) {
    let winner = leader(state);
    finish(state, winner, EndReason::Time);
}

fn playing(state: &State) -> impl Iterator<Item = PlayerId> + '_ {
    state.players().filter(|player| state.is_playing(*player))
}

/// Those of a player's side who are in.
fn members(state: &State, player: PlayerId) -> impl Iterator<Item = PlayerId> + '_ {
    let team = state.player(player).team;
    let alone = (team == 0).then_some(player).filter(|player| state.is_playing(*player));
    let mates = move |other: &PlayerId| team != 0 && state.player(*other).team == team;
    alone.into_iter().chain(playing(state).filter(mates))
}

/// The territories of a player's side. O(players) with teams, else O(1).
pub(crate) fn side_land(state: &State, player: PlayerId) -> u32 {
    members(state, player).map(|member| state.territory_count(member)).sum()
}

/// Compares the sides of two players who are in: the greater is ahead.
fn rank(state: &State, a: PlayerId, b: PlayerId) -> Ordering {
    let gold = |player| members(state, player).map(|member| state.gold(member)).sum::<u64>();
    let seat = |player| Reverse(members(state, player).next());
    let land = side_land(state, a).cmp(&side_land(state, b));
    land.then_with(|| gold(a).cmp(&gold(b))).then_with(|| seat(a).cmp(&seat(b)))
}

/// The player with the most land of the side that is ahead; of equals the lower seat.
fn leader(state: &State) -> Option<PlayerId> {
    let within = |p: &PlayerId| (state.territory_count(*p), Reverse(*p));
    playing(state).max_by(|a, b| rank(state, *a, *b).then_with(|| within(a).cmp(&within(b))))
}

/// Ends the game if it is decided.
pub(super) fn declare(state: &mut State) {
    if let Some((winner, reason)) = decided(state) {
        finish(state, winner, reason);
    }
}

fn decided(state: &State) -> Option<(Option<PlayerId>, EndReason)> {
    let Some(leader) = leader(state) else { return Some((None, EndReason::Nobody)) };
    if playing(state).all(|player| state.same_side(leader, player)) {
        return Some((Some(leader), EndReason::LastStanding));
    }
    if state.phase() != Phase::Playing {
        return None;
    }
    if playing(state).all(|player| state.player(player).draw_until > state.tick.0) {
        return Some((None, EndReason::Draw));
    }
    let enough = side_land(state, leader) >= land_to_win(state);
    enough.then_some((Some(leader), EndReason::Land))
}

/// One more than the players who are in and whose side is ahead.
fn place(state: &State, player: PlayerId) -> u16 {
    let ahead = |p: &PlayerId| rank(state, *p, player) == Ordering::Greater;
    playing(state).filter(ahead).count() as u16 + 1
}

/// Everybody who is in gets a place, in a draw all the first; those of the winner's team who were eliminated
/// share the first.
fn finish(state: &mut State, winner: Option<PlayerId>, reason: EndReason) {
    let shares = |state: &State, player| {
        let eliminated = state.player(player).standing == Standing::Eliminated.code();
        eliminated && winner.is_some_and(|winner| state.teammates(winner, player))
    };
    for player in state.players() {
        let place = match state.is_playing(player) {
            true if reason == EndReason::Draw => 1,
            true => place(state, player),
            false if shares(state, player) => 1,
            false => continue,
        };
        state.set_player(player, PlayerRow { place, ..*state.player(player) });
    }
    let (end, winner_raw) = (reason as u8 + 1, PlayerId::raw(winner));
    let row = GameRow { end, winner: winner_raw, until: 0, turn_until: 0, ..*state.game() };
    stage::begin(state, Phase::Finished, row);
    state.emit(Event::GameEnded { winner, reason });
}
