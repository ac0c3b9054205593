//! `attack`: send troops against a neighbour.

use serde::{Deserialize, Serialize};

use super::amount::{Amount, Sending, sent};
use super::draw::withdraw;
use super::{Act, Reject, guard};
use crate::id::{PlayerId, TerritoryId};
use crate::state::{State, row};
use crate::tick::march;

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

impl Act for Attack {
    fn validate(&self, state: &State, player: PlayerId) -> Result<(), Reject> {
        guard::in_play(state, player)?;
        guard::route(state, player, self.from, self.to)?;
        guard::may_hit(state, player, self.to)?;
        guard::can_send(state, player, self.from, self.troops)
    }

    fn execute(&self, state: &mut State, player: PlayerId) {
        withdraw(state, player);
        let troops = self.troops.of(guard::sendable(state, self.from));
        march::depart(state, player, self.from, self.to, self.to, troops, row::ATTACK);
    }
}
