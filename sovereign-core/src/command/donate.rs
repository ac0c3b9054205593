//! `donate_gold`: help a friend.

use serde::{Deserialize, Serialize};

use super::{Act, Reject, guard};
use crate::event::Event;
use crate::id::PlayerId;
use crate::quantity::{GOLD_MAX, Tick};
use crate::state::State;
use crate::state::row::PlayerRow;

/// Gives gold to an ally or teammate. A share at most, once in a while, and only between
/// players who hold land: who is about to be out cannot leave a fortune to a friend.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DonateGold {
    /// Who receives it.
    pub to: PlayerId,
    /// How much; at least 1.
    pub amount: u64,
}

/// The most gold that a player can give at once.
pub(crate) fn givable(state: &State, player: PlayerId) -> u64 {
    state.setting.rules.diplomacy.donation_max.of(state.gold(player))
}

impl Act for DonateGold {
    fn validate(&self, state: &State, player: PlayerId) -> Result<(), Reject> {
        guard::in_play(state, player)?;
        guard::other_player(state, player, self.to)?;
        let landless = |id: &PlayerId| state.territory_count(*id) == 0;
        if let Some(player) = [player, self.to].into_iter().find(landless) {
            return Err(Reject::Landless { player });
        }
        if !state.allied(player, self.to) {
            return Err(Reject::NotAllied { player: self.to });
        }
        let from = Tick(state.player(player).gives_at);
        if state.tick < from {
            return Err(Reject::TooSoon { from });
        }
        self.affordable(givable(state, player))
    }

    fn execute(&self, state: &mut State, player: PlayerId) {
        let again = state.tick.after(state.setting.rules.diplomacy.donation_ticks).0;
        let (mine, theirs) = (state.gold(player), state.gold(self.to));
        let gold = mine - self.amount;
        state.set_player(player, PlayerRow { gold, gives_at: again, ..state.settled(player) });
        let gold = theirs.saturating_add(self.amount).min(GOLD_MAX);
        state.set_player(self.to, PlayerRow { gold, ..state.settled(self.to) });
        state.emit(Event::GoldDonated { from: player, to: self.to, amount: self.amount });
    }
}

impl DonateGold {
    fn affordable(&self, available: u64) -> Result<(), Reject> {
        match self.amount {
            0 => Err(Reject::NoGold),
            asked if asked > available => Err(Reject::TooMuchGold { asked, available }),
            _ => Ok(()),
        }
    }
}
