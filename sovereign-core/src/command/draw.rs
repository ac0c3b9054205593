//! `offer_draw`: agree that nobody wins.

use serde::{Deserialize, Serialize};

use super::{Act, Reject, guard};
use crate::event::Event;
use crate::id::PlayerId;
use crate::quantity::Tick;
use crate::state::State;
use crate::state::row::PlayerRow;

/// Offers a draw. The game ends without a winner once all who are in offer one at the same
/// time. An offer lapses after a while, and whoever attacks takes his own back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfferDraw {}

impl Act for OfferDraw {
    fn validate(&self, state: &State, player: PlayerId) -> Result<(), Reject> {
        guard::in_play(state, player)?;
        if state.setting.rules.diplomacy.draw_ticks == 0 {
            return Err(Reject::NoDraws);
        }
        let until = Tick(state.player(player).draw_until);
        if state.tick < until { Err(Reject::AlreadyOffered { until }) } else { Ok(()) }
    }

    fn execute(&self, state: &mut State, player: PlayerId) {
        let draw_until = state.tick.after(state.setting.rules.diplomacy.draw_ticks).0;
        state.set_player(player, PlayerRow { draw_until, ..*state.player(player) });
        state.emit(Event::DrawOffered { player });
        state.unjudged = true;
    }
}

/// Takes back the offer of a player who fights on.
pub(super) fn withdraw(state: &mut State, player: PlayerId) {
    let row = *state.player(player);
    if row.draw_until > state.tick.0 {
        state.set_player(player, PlayerRow { draw_until: 0, ..row });
    }
}
