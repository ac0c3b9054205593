//! `strike`: hit land from afar.

use serde::{Deserialize, Serialize};

use super::{Act, Reject, guard, turn};
use crate::id::{PlayerId, TerritoryId};
use crate::state::row::PlayerRow;
use crate::state::{State, Structure};
use crate::tick::strike;

/// Hits a territory from an own silo, at once: a share of its garrison falls, of its
/// neighbours' a smaller one, and fallout slows their growth for a while. Interceptors of
/// its holder and of his allies may stop it; it is paid all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Strike {
    /// Own land with a silo.
    pub from: TerritoryId,
    /// Land that is neither own nor an ally's.
    pub target: TerritoryId,
}

impl Act for Strike {
    fn validate(&self, state: &State, player: PlayerId) -> Result<(), Reject> {
        let rules = &state.setting.rules.strike;
        guard::in_play(state, player)?;
        turn::is_on(state, player)?;
        guard::owned(state, player, self.from)?;
        if !state.stands(self.from, Structure::Silo) {
            return Err(Reject::NeedsSilo { territory: self.from });
        }
        guard::passable(state, self.target)?;
        guard::may_hit(state, player, self.target)?;
        if !strike::in_range(state, self.from, self.target) {
            return Err(Reject::OutOfRange { range: rules.range });
        }
        if let Some(until) = state.reloads(self.from) {
            return Err(Reject::Reloading { until });
        }
        let (needed, available) = (rules.cost, state.gold(player));
        if needed > available { Err(Reject::NotEnoughGold { needed, available }) } else { Ok(()) }
    }

    fn execute(&self, state: &mut State, player: PlayerId) {
        let gold = state.gold(player) - state.setting.rules.strike.cost;
        let paid = PlayerRow { gold, ..state.settled(player) };
        state.set_player(player, paid);
        strike::launch(state, player, self.from, self.target);
    }
}
