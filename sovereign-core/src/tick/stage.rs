//! The stages of a game and of what lasts: spawn, play, building, pacts, the end.

use super::{deal, start, turn, victory};
use crate::event::Event;
use crate::id::{PlayerId, TerritoryId};
use crate::rules::SpawnMode;
use crate::state::row::TerritoryRow;
use crate::state::row::{
    BUILDING, CAPITAL, GameRow, PROPOSED_BY_HIGHER, PROPOSED_BY_LOWER, PlayerRow, STILL,
};
use crate::state::{Phase, Seat, Standing, State, pact_players};

pub(super) fn begin(state: &mut State, phase: Phase, row: GameRow) {
    state.set_game(GameRow { phase: phase.code(), ..row });
    state.emit(Event::PhaseBegan { phase });
}

/// Everybody who sits is in the game, and chooses where to start if the rules let him.
pub(crate) fn begin_spawn(state: &mut State) {
    for player in state.players() {
        let row = *state.player(player);
        if row.seat != Seat::Open.code() {
            let standing = Standing::Playing.code();
            state.set_player(player, PlayerRow { standing, ..row });
        }
    }
    match state.setting.rules.spawn.mode {
        SpawnMode::Pick => {}
        SpawnMode::Random => return begin_play(state),
        SpawnMode::Fair => {
            start::place_fairly(state);
            return begin_play(state);
        }
        SpawnMode::Deal => {
            deal::deal(state);
            return begin_play(state);
        }
    }
    let until = state.tick.after(state.setting.rules.spawn.ticks).0;
    begin(state, Phase::Spawn, GameRow { until, ..*state.game() });
}

/// The time of a phase is over.
pub(crate) fn end_phase(state: &mut State) {
    match state.phase() {
        Phase::Playing => victory::time_is_up(state),
        _ => begin_play(state),
    }
}

/// The undecided are placed, everybody gets troops and gold, and growth begins.
pub(crate) fn begin_play(state: &mut State) {
    for player in state.players() {
        if state.is_playing(player) && state.territory_count(player) == 0 {
            start::place(state, player);
        }
    }
    let now = state.tick.0;
    let limit = state.setting.rules.victory.time_ticks;
    let until = if limit > 0 { state.tick.after(limit).0 } else { 0 };
    begin(state, Phase::Playing, GameRow { until, started: now, ..*state.game() });
    for player in state.players() {
        if state.is_playing(player) {
            equip(state, player);
        }
    }
    turn::begin(state);
    state.unjudged = true;
}

/// Troops and gold for the start; both begin to grow now.
fn equip(state: &mut State, player: PlayerId) {
    let spawn = &state.setting.rules.spawn;
    let (troops, gold, now) = (spawn.troops, spawn.gold, state.tick.0);
    let start = state.owned(player).next();
    if let Some(start) = start {
        let row = state.rebased(start);
        let capital = if state.setting.rules.victory.capitals { CAPITAL } else { 0 };
        let flags = row.flags & !STILL | capital;
        state.set_territory(start, TerritoryRow { troops, flags, ..row });
    }
    state.set_player(player, PlayerRow { gold, gold_since: now, ..*state.player(player) });
}

/// The level that was being built now stands.
pub(crate) fn finish_building(state: &mut State, id: TerritoryId) {
    let row = state.rebased(id);
    let Some(structure) = row.kind() else { return };
    let level = row.level() + 1;
    let packed = TerritoryRow::pack(structure, level);
    let flags = row.flags & !BUILDING;
    state.set_territory(id, TerritoryRow { structure: packed, flags, ready: 0, ..row });
    state.emit(Event::Built { territory: id, structure, level });
}

/// A proposal or an alliance comes to its end.
pub(crate) fn lapse(state: &mut State, index: usize) {
    let (a, b) = pact_players(index);
    let pact = *state.pact(a, b);
    state.set_pact(a, b, pact.without_state());
    state.emit(match pact.state {
        PROPOSED_BY_LOWER => Event::ProposalEnded { from: a, to: b, refused: false },
        PROPOSED_BY_HIGHER => Event::ProposalEnded { from: b, to: a, refused: false },
        _ => Event::AllianceEnded { a, b },
    });
}

/// Ends what has been decided: the spawn phase once all have chosen, players
/// without land and armies, and the game. Looks only if something happened.
pub(crate) fn judge(state: &mut State) {
    if !core::mem::take(&mut state.unjudged) {
        return;
    }
    match state.phase() {
        Phase::Spawn => end_spawn_early(state),
        Phase::Playing => {
            victory::eliminate(state);
            victory::declare(state);
            turn::judge(state);
        }
        Phase::Lobby | Phase::Finished => {}
    }
}

fn end_spawn_early(state: &mut State) {
    victory::declare(state);
    let settled = |p: PlayerId| !state.is_playing(p) || state.territory_count(p) > 0;
    if state.phase() == Phase::Spawn && state.players().all(settled) {
        begin_play(state);
    }
}
