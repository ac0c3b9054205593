//! `embargo`: refuse to trade with somebody.

use serde::{Deserialize, Serialize};

use super::{Act, Reject, guard};
use crate::event::Event;
use crate::id::PlayerId;
use crate::state::State;
use crate::state::row::{EMBARGO_BY_HIGHER, EMBARGO_BY_LOWER, PactRow};

/// Begins or ends an embargo. As long as one of two players keeps it up, the ports of
/// neither trade with the other. Friends keep none: an alliance ends both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Embargo {
    /// Against whom.
    pub with: PlayerId,
    /// Whether it shall stand.
    pub on: bool,
}

fn embargo_by(by: PlayerId, against: PlayerId) -> u8 {
    if by < against { EMBARGO_BY_LOWER } else { EMBARGO_BY_HIGHER }
}

pub(crate) fn has_embargo(state: &State, by: PlayerId, against: PlayerId) -> bool {
    by != against && state.pact(by, against).embargo & embargo_by(by, against) != 0
}

impl Act for Embargo {
    fn validate(&self, state: &State, player: PlayerId) -> Result<(), Reject> {
        guard::in_play(state, player)?;
        guard::stranger(state, player, self.with)?;
        if state.allied(player, self.with) {
            return Err(Reject::Ally { player: self.with });
        }
        if has_embargo(state, player, self.with) == self.on {
            return Err(Reject::EmbargoUnchanged { player: self.with });
        }
        Ok(())
    }

    fn execute(&self, state: &mut State, player: PlayerId) {
        let pact = *state.pact(player, self.with);
        let embargo = pact.embargo ^ embargo_by(player, self.with);
        state.set_pact(player, self.with, PactRow { embargo, ..pact });
        state.emit(Event::EmbargoChanged { by: player, with: self.with, on: self.on });
    }
}
