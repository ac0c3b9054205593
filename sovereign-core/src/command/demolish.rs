//! `demolish`: pull a structure down.

use serde::{Deserialize, Serialize};

use super::{Act, Reject, guard, turn};
use crate::event::Event;
use crate::id::{PlayerId, TerritoryId};
use crate::state::State;
use crate::state::row::{BUILDING, TerritoryRow};

/// Pulls down what stands or is being built on own land, at once and with all its
/// levels. Nothing is paid back, so that building and demolishing gains nothing; and
/// not in a battle, so that a besieger finds what he came for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Demolish {
    /// Own land.
    pub territory: TerritoryId,
}

impl Act for Demolish {
    fn validate(&self, state: &State, player: PlayerId) -> Result<(), Reject> {
        let territory = self.territory;
        guard::in_play(state, player)?;
        turn::is_on(state, player)?;
        guard::owned(state, player, territory)?;
        if state.territory(territory).kind().is_none() {
            return Err(Reject::NothingBuilt { territory });
        }
        if state.battle(territory).is_some() {
            return Err(Reject::Besieged { territory });
        }
        Ok(())
    }

    fn execute(&self, state: &mut State, _player: PlayerId) {
        let row = state.rebased(self.territory);
        let flags = row.flags & !BUILDING;
        state.set_territory(self.territory, TerritoryRow { structure: 0, flags, ready: 0, ..row });
        if let Some(structure) = row.kind() {
            state.emit(Event::Demolished { territory: self.territory, structure });
        }
    }
}
