//! `attack`: send troops against a neighbour.

use serde::{Deserialize, Serialize};

use super::amount::{Amount, Sending, sent};
use super::{Reject, Send, guard, turn};
use crate::id::{PlayerId, TerritoryId};
use crate::search::Met;
use crate::state::{State, row};
use crate::tick::march::March;

/// Sends troops from own land against a neighbouring territory that is neither
/// own nor an ally's. They leave at once and march.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Sending", into = "Sending")]
pub struct Attack {
    /// Own land.
    pub from: TerritoryId,
    /// The target.
    pub to: TerritoryId,
    /// How many, as a number or a share; at least 1, and the minimum garrison stays.
    pub troops: Amount,
}

sent!(Attack);

impl Send for Attack {
    fn plan(&self, state: &State, _: &mut Met, player: PlayerId) -> Result<March, Reject> {
        guard::in_play(state, player)?;
        turn::may_attack(state, player)?;
        let edge = guard::route(state, player, self.from, self.to)?;
        guard::may_hit(state, player, self.to)?;
        let (garrison, troops) = guard::can_send(state, player, self.from, self.troops)?;
        let (from, goal, purpose) = (self.from, self.to, row::ATTACK);
        Ok(March { from, edge, garrison, troops, goal, purpose })
    }
}
