//! `surrender`: give up.

use serde::{Deserialize, Serialize};

use super::{Act, Reject, guard};
use crate::event::Event;
use crate::id::PlayerId;
use crate::state::row::{PactRow, PlayerRow};
use crate::state::{Phase, Standing, State};
use crate::tick::march;

/// Gives up. The land becomes neutral and stands still, the armies disperse.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Surrender {}

impl Act for Surrender {
    fn validate(&self, state: &State, player: PlayerId) -> Result<(), Reject> {
        let phase = state.phase();
        if phase != Phase::Spawn && phase != Phase::Playing {
            return Err(Reject::WrongPhase { phase, needed: Phase::Playing });
        }
        guard::playing(state, player)
    }

    fn execute(&self, state: &mut State, player: PlayerId) {
        leave_game(state, player, Standing::Surrendered);
    }
}

/// Takes a player out: armies disperse, pacts end, and one row says that the land
/// is nobody's. O(armies + players), however much land there is.
pub(crate) fn leave_game(state: &mut State, player: PlayerId, standing: Standing) {
    let mut armies = state.armies_of(player).next();
    while let Some(army) = armies {
        march::disband(state, army);
        armies = state.armies_of(player).next();
    }
    end_pacts(state, player);
    let place = state.players().filter(|other| state.is_playing(*other)).count() as u16;
    let gold = state.gold(player);
    let now = state.tick.0;
    let out = PlayerRow {
        standing: standing.code(),
        place,
        gold,
        gold_since: now,
        ended: now,
        ..*state.player(player)
    };
    state.set_player(player, out);
    let surrendered = standing == Standing::Surrendered;
    state.emit(Event::PlayerOut { player, place, surrendered });
    state.unjudged = true;
}

/// Ends all pacts of a player. One trading partner less changes what is left of the
/// trade of those under an embargo, so their gold is settled first.
fn end_pacts(state: &mut State, player: PlayerId) {
    for other in state.players().filter(|other| *other != player) {
        if *state.pact(player, other) != PactRow::BLANK {
            state.set_pact(player, other, PactRow::BLANK);
        }
        if state.embargoes(other) > 0 {
            state.settle_gold(Some(other));
        }
    }
}
