//! `move`: send troops to own or allied land.

use serde::{Deserialize, Serialize};

use super::amount::{Amount, Sending, sent};
use super::{Reject, Send, guard, turn};
use crate::id::{PlayerId, TerritoryId};
use crate::search::Met;
use crate::state::{State, row};
use crate::tick::march::March;
use crate::tick::way;

/// Sends troops from own land over own and allied land to a territory that is own or an
/// ally's, where they join the garrison. The next step is found at each arrival; where
/// there is no way any more, they stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Sending", into = "Sending")]
pub struct Move {
    /// Own land.
    pub from: TerritoryId,
    /// Own or allied land.
    pub to: TerritoryId,
    /// How many, as a number or a share; at least 1, and the minimum garrison stays.
    pub troops: Amount,
}

sent!(Move);

impl Send for Move {
    fn plan(&self, state: &State, met: &mut Met, player: PlayerId) -> Result<March, Reject> {
        guard::in_play(state, player)?;
        turn::may_move(state, player)?;
        guard::owned(state, player, self.from)?;
        guard::passable(state, self.to)?;
        let friendly = state.owner(self.to).is_some_and(|owner| state.friendly(player, owner));
        if !friendly {
            return Err(Reject::NotFriendly { territory: self.to });
        }
        let (from, to) = (self.from, self.to);
        let step = way::next_step(state, met, player, from, to);
        let edge = step.and_then(|step| state.setting.map.edge(from, step));
        let edge = edge.ok_or(Reject::NoWay { from, to })?;
        let (garrison, troops) = guard::can_send(state, player, self.from, self.troops)?;
        Ok(March { from, edge, garrison, troops, goal: to, purpose: row::MOVE })
    }
}
