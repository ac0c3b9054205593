//! `retreat`: call an army back.

use serde::{Deserialize, Serialize};

use super::{Act, Reject, guard};
use crate::id::{ArmyId, PlayerId};
use crate::state::{State, row};
use crate::tick::march;

/// Calls an army back to where its march began. From a march it turns round
/// without loss; from a battle it loses the share that the rules state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retreat {
    /// An own army.
    pub army: ArmyId,
}

impl Act for Retreat {
    fn validate(&self, state: &State, player: PlayerId) -> Result<(), Reject> {
        guard::in_play(state, player)?;
        let own = state.army(self.army).filter(|army| army.owner == player.0);
        let army = own.ok_or(Reject::UnknownArmy { army: self.army })?;
        if army.purpose == row::RETURN && army.fighting == 0 {
            return Err(Reject::AlreadyReturning { army: self.army });
        }
        Ok(())
    }

    fn execute(&self, state: &mut State, _player: PlayerId) {
        march::break_off(state, self.army);
    }
}
