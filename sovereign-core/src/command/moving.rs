//! `move`: send troops to own or allied land.

use serde::{Deserialize, Serialize};

use super::amount::{Amount, Sending, sent};
use super::{Act, Reject, guard};
use crate::id::{PlayerId, TerritoryId};
use crate::state::{State, row};
use crate::tick::march;

/// Sends troops from own land to a neighbouring territory that is own or an
/// ally's. On allied land they join the ally's garrison.
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

impl Act for Move {
    fn validate(&self, state: &State, player: PlayerId) -> Result<(), Reject> {
        guard::in_play(state, player)?;
        guard::route(state, player, self.from, self.to)?;
        let friendly = state.owner(self.to).is_some_and(|owner| state.friendly(player, owner));
        if !friendly {
            return Err(Reject::NotFriendly { territory: self.to });
        }
        guard::can_send(state, player, self.from, self.troops)
    }

    fn execute(&self, state: &mut State, player: PlayerId) {
        let troops = self.troops.of(guard::sendable(state, self.from));
        march::depart(state, player, self.from, self.to, troops, row::MOVE);
    }
}
