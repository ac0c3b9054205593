//! What a game's end is to those who played it.

use sovereign_core::event::EndReason;
use sovereign_core::id::PlayerId;
use sovereign_core::{Game, View};

use super::Start;
use super::task::Task;
use crate::log::CommandLog;
use crate::store::SeatResult;

/// Sides of players without a team begin here: above all teams.
const ALONE: u16 = 1_000;

impl<L: CommandLog> Task<L> {
    /// Who is in a ranked game still, as a bit set; of others nobody asks.
    pub(super) fn inside(&self) -> u64 {
        if !self.start.is_ranked() {
            return u64::MAX;
        }
        let view = self.session.game().view(None);
        let seats = self.start.seats.iter().map(|seat| seat.seat);
        let inside = seats.filter(|seat| seat.0 < 64 && view.is_playing(*seat));
        inside.fold(0, |set, seat| set | 1 << seat.0)
    }
}

/// What each seat's side reached: the first side is at 1, and so on; sides that are equal share
/// a place. 0 for all if the game was broken off.
pub(super) fn of(start: &Start, game: &Game) -> Vec<SeatResult> {
    let (state, view) = (game.state(), game.view(None));
    let sides: Vec<(PlayerId, u16)> =
        start.seats.iter().map(|seat| (seat.seat, side(&view, seat.seat))).collect();
    let best = |side: u16| {
        let members = sides.iter().filter(|(_, other)| *other == side);
        members.map(|(seat, _)| view.player(*seat).place).min().unwrap_or(0)
    };
    let mut reached: Vec<u16> = sides.iter().map(|(_, side)| best(*side)).collect();
    reached.sort_unstable();
    reached.dedup();
    let result = |(seat, side): &(PlayerId, u16)| {
        let rank = reached.iter().position(|place| *place == best(*side)).unwrap_or(0) as u16 + 1;
        let place = if state.reason.is_some() { rank } else { 0 };
        let drawn = state.reason == Some(EndReason::Draw) && place == 1;
        SeatResult { seat: seat.0, side: *side, place, drawn }
    };
    sides.iter().map(result).collect()
}

fn side(view: &View<'_>, seat: PlayerId) -> u16 {
    match view.player(seat).team {
        0 => ALONE + seat.0,
        team => u16::from(team),
    }
}
