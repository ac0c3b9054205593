//! The public form of each row, and the row of each public form.

use super::super::row::{
    ALLIED, ArmyRow, BUILDING, BattleRow, CAPITAL, FALLOUT, GameRow, PactRow, PlayerRow, STILL,
    TerritoryRow,
};
use super::super::{Phase, Presence, Seat, Standing};
use crate::event::{
    Army, Battle, EndReason, GameState, PactChange, PlayerChange, Purpose, Site, TerritoryChange,
    Turn,
};
use crate::id::{PlayerId, TerritoryId};
use crate::quantity::Tick;

#[inline]
pub(crate) fn game_state(row: &GameRow) -> GameState {
    GameState {
        phase: Phase::from_code(row.phase).expect("only codes of phases are stored"),
        paused: row.paused != 0,
        until: (row.until != 0).then_some(Tick(row.until)),
        started: Tick(row.started),
        lowered: row.lowered,
        winner: PlayerId::from_raw(row.winner),
        reason: EndReason::from_raw(row.end),
        turn: turn(row),
    }
}

fn turn(row: &GameRow) -> Option<Turn> {
    let until = (row.turn_until != 0).then_some(Tick(row.turn_until));
    let turn = |player| Turn { player, round: row.round, until, moves: row.moves };
    PlayerId::from_raw(row.turn).map(turn)
}

pub(super) fn game_row(game: &GameState) -> GameRow {
    let turn = game.turn;
    GameRow {
        phase: game.phase.code(),
        paused: u8::from(game.paused),
        end: game.reason.map_or(0, |reason| reason as u8 + 1),
        winner: PlayerId::raw(game.winner),
        until: game.until.map_or(0, |tick| tick.0),
        started: game.started.0,
        lowered: game.lowered,
        turn: PlayerId::raw(turn.map(|turn| turn.player)),
        round: turn.map_or(0, |turn| turn.round),
        turn_until: turn.and_then(|turn| turn.until).map_or(0, |tick| tick.0),
        moves: turn.map_or(0, |turn| turn.moves),
    }
}

pub(super) fn site(row: &TerritoryRow) -> Site {
    Site {
        structure: row.kind(),
        level: row.level(),
        ready: (row.flags & BUILDING != 0).then_some(Tick(row.ready)),
        still: row.flags & STILL != 0,
        fallout: row.flags & FALLOUT != 0,
        capital: row.flags & CAPITAL != 0,
        away: row.away,
    }
}

pub(super) fn territory_row(old: &TerritoryRow, change: &TerritoryChange) -> TerritoryRow {
    let mut row = TerritoryRow { troops: change.troops, since: change.since.0, ..*old };
    if let Some(owner) = change.owner {
        row.owner = PlayerId::raw(owner);
    }
    if let Some(site) = change.site {
        let building = if site.ready.is_some() { BUILDING } else { 0 };
        let still = if site.still { STILL } else { 0 };
        row.structure = site.structure.map_or(0, |kind| TerritoryRow::pack(kind, site.level));
        let capital = if site.capital { CAPITAL } else { 0 };
        let fallout = if site.fallout { FALLOUT } else { 0 };
        row.flags = building | still | capital | fallout;
        row.ready = site.ready.map_or(0, |tick| tick.0);
        row.away = site.away;
    }
    row
}

pub(crate) fn public_player(id: PlayerId, row: &PlayerRow) -> PlayerChange {
    PlayerChange {
        id,
        seat: Seat::from_code(row.seat).expect("only codes of seats are stored"),
        standing: Standing::from_code(row.standing).expect("only codes of standings are stored"),
        presence: Presence::from_code(row.presence).expect("only codes of presences are stored"),
        team: row.team,
        place: row.place,
        ended: Tick(row.ended),
        traitor_until: Tick(row.traitor_until),
        draw_until: Tick(row.draw_until),
        heir: PlayerId::from_raw(row.heir),
        order: row.order,
    }
}

pub(super) fn player_row(old: &PlayerRow, change: &PlayerChange) -> PlayerRow {
    PlayerRow {
        seat: change.seat.code(),
        standing: change.standing.code(),
        presence: change.presence.code(),
        team: change.team,
        place: change.place,
        ended: change.ended.0,
        traitor_until: change.traitor_until.0,
        draw_until: change.draw_until.0,
        heir: PlayerId::raw(change.heir),
        order: change.order,
        ..*old
    }
}

/// What everybody may know of a pact; proposals and wishes to extend are the two's own.
pub(super) fn public_pact(a: PlayerId, b: PlayerId, row: &PactRow) -> PactChange {
    let until = (row.state >= ALLIED).then_some(Tick(row.until));
    PactChange { a, b, until, embargo: row.embargo }
}

/// A pact after a change. A wish to extend stays as long as the alliance does.
pub(super) fn pact_row(old: &PactRow, change: &PactChange) -> PactRow {
    let embargo = change.embargo;
    match change.until {
        None => PactRow { embargo, ..PactRow::BLANK },
        Some(until) if old.state >= ALLIED && old.until == until.0 => PactRow { embargo, ..*old },
        Some(until) => PactRow { state: ALLIED, embargo, until: until.0 },
    }
}

pub(crate) fn public_army(row: &ArmyRow) -> Option<Army> {
    let purpose = match row.purpose {
        1 => Purpose::Attack,
        2 => Purpose::Move,
        _ => Purpose::Return,
    };
    PlayerId::from_raw(row.owner).map(|owner| Army {
        owner,
        purpose,
        fighting: row.fighting == 1,
        troops: row.troops,
        from: TerritoryId(row.from),
        to: TerritoryId(row.to),
        departed: Tick(row.departed),
        arrives: Tick(row.arrives),
    })
}

pub(super) fn army_row(army: Option<Army>) -> ArmyRow {
    army.map_or(ArmyRow::BLANK, |army| ArmyRow {
        owner: army.owner.0,
        purpose: army.purpose as u8,
        fighting: u8::from(army.fighting),
        troops: army.troops,
        from: army.from.0,
        to: army.to.0,
        departed: army.departed.0,
        arrives: army.arrives.0,
        goal: army.to.0,
        ..ArmyRow::BLANK
    })
}

pub(crate) fn public_battle(row: &BattleRow) -> Option<Battle> {
    let battle = Battle { began: Tick(row.began), next_round: Tick(row.due) };
    (*row != BattleRow::BLANK).then_some(battle)
}
