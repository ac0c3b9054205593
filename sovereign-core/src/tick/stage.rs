//! The stages of a game and of what lasts: spawn, play, building, pacts, the end.

use crate::command::{leave_game, settle};
use crate::event::{EndReason, Event};
use crate::id::{PlayerId, TerritoryId};
use crate::map::Terrain;
use crate::rng::Purpose;
use crate::search::nearest;
use crate::state::row::TerritoryRow;
use crate::state::row::{ALLIED, BUILDING, GameRow, PROPOSED_BY_LOWER, PactRow, PlayerRow, STILL};
use crate::state::{Phase, Seat, Standing, State, pact_players};

/// How many territories are tried for an undecided player.
const SPAWN_TRIES: u64 = 16;
/// How many territories a search for the nearest player looks at.
const SPAWN_SEARCH_MAX: usize = 4096;

fn begin(state: &mut State, phase: Phase, row: GameRow) {
    state.set_game(GameRow { phase: phase.code(), ..row });
    state.emit(Event::PhaseBegan { phase });
}

/// Everybody who sits is in the game and chooses where to start.
pub(crate) fn begin_spawn(state: &mut State) {
    for player in state.players() {
        let row = *state.player(player);
        if row.seat != Seat::Open.code() {
            let standing = Standing::Playing.code();
            state.set_player(player, PlayerRow { standing, ..row });
        }
    }
    let until = state.tick.after(state.setting.rules.spawn.ticks).0;
    begin(state, Phase::Spawn, GameRow { until, ..*state.game() });
}

/// The undecided are placed, everybody gets troops and gold, and growth begins.
pub(crate) fn begin_play(state: &mut State) {
    for player in state.players() {
        if state.is_playing(player) && state.territory_count(player) == 0 {
            place(state, player);
        }
    }
    let now = state.tick.0;
    begin(state, Phase::Playing, GameRow { until: 0, started: now, ..*state.game() });
    for player in state.players() {
        if state.is_playing(player) {
            equip(state, player);
        }
    }
    state.unjudged = true;
}

/// Troops and gold for the start; both begin to grow now.
fn equip(state: &mut State, player: PlayerId) {
    let spawn = &state.setting.rules.spawn;
    let (troops, gold, now) = (spawn.troops, spawn.gold, state.tick.0);
    let start = state.owned(player).next();
    if let Some(start) = start {
        let row = state.rebased(start);
        state.set_territory(start, TerritoryRow { troops, flags: row.flags & !STILL, ..row });
    }
    state.set_player(player, PlayerRow { gold, gold_since: now, ..*state.player(player) });
}

/// Places an undecided player: of some territories that the dice name, the one
/// farthest from everybody else. Somebody for whom no land is left is out.
fn place(state: &mut State, player: PlayerId) {
    let lands = state.setting.map.len() as u64;
    let throw = |k| {
        let entity = u64::from(player.0);
        TerritoryId(state.setting.seed.below(state.tick, Purpose::Spawn, entity, k, lands) as u32)
    };
    let tries = (0..SPAWN_TRIES).map(throw).filter(|id| is_free(state, *id));
    let best = tries.max_by_key(|id| (distance_to_player(state, *id), core::cmp::Reverse(*id)));
    let chosen = best.or_else(|| state.setting.map.territories().find(|id| is_free(state, *id)));
    match chosen {
        Some(territory) => settle(state, player, territory),
        None => leave_game(state, player, Standing::Eliminated),
    }
}

fn is_free(state: &State, id: TerritoryId) -> bool {
    state.setting.map.terrain(id) != Terrain::Impassable && state.owner(id).is_none()
}

/// Borders to cross from `start` to the nearest land of any player, as far as
/// [`SPAWN_SEARCH_MAX`] territories tell.
fn distance_to_player(state: &State, start: TerritoryId) -> u32 {
    let taken = |id| state.owner(id).is_some();
    let found = nearest(&state.setting.map, start, SPAWN_SEARCH_MAX, taken);
    found.map_or(u32::MAX, |(distance, _)| distance)
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
    state.set_pact(a, b, PactRow::BLANK);
    let (from, to) = if pact.state == PROPOSED_BY_LOWER { (a, b) } else { (b, a) };
    state.emit(match pact.state {
        ALLIED => Event::AllianceEnded { a, b },
        _ => Event::ProposalEnded { from, to, refused: false },
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
            eliminate(state);
            declare_winner(state);
        }
        Phase::Lobby | Phase::Finished => {}
    }
}

fn end_spawn_early(state: &mut State) {
    let playing = || state.players().filter(|p| state.is_playing(*p));
    if playing().count() < 2 {
        return declare_winner(state);
    }
    if playing().all(|player| state.territory_count(player) > 0) {
        begin_play(state);
    }
}

fn eliminate(state: &mut State) {
    for player in state.players() {
        let lost = state.territory_count(player) == 0 && state.army_count(player) == 0;
        if state.is_playing(player) && lost {
            leave_game(state, player, Standing::Eliminated);
        }
    }
}

/// How many territories win the game by land.
pub(crate) fn land_to_win(state: &State) -> u32 {
    let playable = u64::from(state.setting.map.playable_count());
    state.setting.rules.victory.share.of_rounded_up(playable).max(1) as u32
}

fn declare_winner(state: &mut State) {
    let mut playing = state.players().filter(|p| state.is_playing(*p));
    let needed = land_to_win(state);
    let (first, second) = (playing.next(), playing.next());
    let (winner, reason) = match (first, second) {
        (None, _) => (None, EndReason::Nobody),
        (Some(last), None) => (Some(last), EndReason::LastStanding),
        (Some(_), Some(_)) => {
            let leader = leader(state);
            if state.territory_count(leader) < needed {
                return;
            }
            (Some(leader), EndReason::Land)
        }
    };
    finish(state, winner, reason);
}

/// Who holds most land; of equals the one with the lower number.
fn leader(state: &State) -> PlayerId {
    let most = |p: &PlayerId| (state.territory_count(*p), core::cmp::Reverse(*p));
    state.players().max_by_key(most).unwrap_or(PlayerId(0))
}

/// One more than the players who are in and hold more land.
fn place_by_land(state: &State, player: PlayerId) -> u16 {
    let land = state.territory_count(player);
    let ahead = |p: &PlayerId| state.is_playing(*p) && state.territory_count(*p) > land;
    state.players().filter(ahead).count() as u16 + 1
}

fn finish(state: &mut State, winner: Option<PlayerId>, reason: EndReason) {
    for player in state.players() {
        if state.is_playing(player) {
            let place = place_by_land(state, player);
            state.set_player(player, PlayerRow { place, ..*state.player(player) });
        }
    }
    let row =
        GameRow { end: reason as u8 + 1, winner: PlayerId::raw(winner), until: 0, ..*state.game() };
    begin(state, Phase::Finished, row);
    state.emit(Event::GameEnded { winner, reason });
}
