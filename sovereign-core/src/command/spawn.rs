//! `spawn`: choose where to start.

use serde::{Deserialize, Serialize};

use super::{Act, Reject, guard};
use crate::event::Event;
use crate::id::{PlayerId, TerritoryId};
use crate::state::row::{STILL, TerritoryRow};
use crate::state::{Phase, State};

/// Chooses where to start. May be repeated until the phase ends: the earlier
/// choice becomes neutral again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spawn {
    /// Free land.
    pub territory: TerritoryId,
}

impl Act for Spawn {
    fn validate(&self, state: &State, player: PlayerId) -> Result<(), Reject> {
        let territory = self.territory;
        guard::in_phase(state, Phase::Spawn)?;
        guard::playing(state, player)?;
        guard::passable(state, territory)?;
        if state.owner(territory).is_some() {
            return Err(Reject::TerritoryTaken { territory });
        }
        Ok(())
    }

    fn execute(&self, state: &mut State, player: PlayerId) {
        settle(state, player, self.territory);
    }
}

/// Gives a player a start, and the earlier one back.
pub(crate) fn settle(state: &mut State, player: PlayerId, territory: TerritoryId) {
    let earlier = state.owned(player).next();
    if let Some(earlier) = earlier {
        let untouched = State::untouched(&state.setting, earlier);
        state.set_territory(earlier, TerritoryRow { since: state.tick.0, ..untouched });
    }
    let start = TerritoryRow {
        owner: player.0,
        flags: STILL,
        troops: state.setting.rules.spawn.troops,
        since: state.tick.0,
        taken: state.tick.0,
        ..TerritoryRow::BLANK
    };
    state.set_territory(territory, start);
    state.emit(Event::Spawned { player, territory });
    state.unjudged = true;
}
