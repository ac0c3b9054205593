//! Who stands where at a moment of a game.

use serde::Serialize;
use sovereign_core::id::PlayerId;
use sovereign_core::{Game, Seat, Standing};

use crate::ui::table;

/// How a seat stands.
#[derive(Debug, Serialize)]
pub(super) struct SeatStanding {
    seat: u16,
    kind: Seat,
    standing: Standing,
    /// From 1; 0 while the game goes on for this seat.
    place: u16,
    territories: u32,
    /// Garrisons, without the armies under way.
    troops: u64,
    armies: usize,
}

/// How every seat stands, best first.
pub(super) fn standings(game: &Game) -> Vec<SeatStanding> {
    let mut seats: Vec<_> = game.view(None).players().map(|id| standing(game, id)).collect();
    let rank = |place: u16| if place == 0 { u16::MAX } else { place };
    seats.sort_by_key(|s| (rank(s.place), std::cmp::Reverse(s.territories), s.seat));
    seats
}

fn standing(game: &Game, id: PlayerId) -> SeatStanding {
    let view = game.view(None);
    let player = view.player(id);
    SeatStanding {
        seat: id.0,
        kind: player.seat,
        standing: player.standing,
        place: player.place,
        territories: view.territory_count(id),
        troops: view.land_of(id).map(|land| u64::from(view.troops(land))).sum(),
        armies: view.armies_of(id).count(),
    }
}

/// The standings as a table.
pub(super) fn standings_table(seats: &[SeatStanding]) -> String {
    let row = |s: &SeatStanding| {
        let place = if s.place == 0 { String::new() } else { s.place.to_string() };
        let counts = [u64::from(s.territories), s.troops, s.armies as u64];
        let words = [s.seat.to_string(), word(&s.kind), word(&s.standing), place];
        words.into_iter().chain(counts.map(|n| n.to_string())).collect()
    };
    let rows: Vec<Vec<String>> = seats.iter().map(row).collect();
    table(&["seat", "kind", "standing", "place", "territories", "troops", "armies"], &rows)
}

/// The word that stands for a kind in JSON.
fn word(kind: &impl Serialize) -> String {
    let value = serde_json::to_value(kind).unwrap_or_default();
    value.as_str().unwrap_or("?").replace('_', " ")
}
