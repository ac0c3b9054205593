//! The reserve: troops that wait to be deployed.

use super::row::{GameRow, PlayerRow};
use super::{Phase, State};
use crate::id::PlayerId;
use crate::quantity::{RATE_MAX, TROOPS_MAX, Tick, phase};

impl State {
    /// What comes to a player's reserve all the time, in millionths of a troop a tick: the
    /// bonuses of his regions, if the rules say so and there are no turns. O(1).
    pub(crate) fn levy(&self, id: PlayerId) -> u32 {
        let rules = &self.setting.rules;
        if rules.turns.are_on() || !self.is_playing(id) || self.phase() < Phase::Playing {
            return 0;
        }
        let levy = self.bonus_points(id) * u64::from(rules.income.region);
        levy.min(u64::from(RATE_MAX)) as u32
    }

    /// The bonuses of all regions that a player wholly holds, where these bring a reserve. O(1).
    pub(crate) fn bonus_points(&self, id: PlayerId) -> u64 {
        self.index.players[id.index()].levy
    }

    /// The troops in a player's reserve now. O(1).
    pub(crate) fn reserve(&self, id: PlayerId) -> u32 {
        let row = self.player(id);
        let (levy, since, now) = (self.levy(id), Tick(row.gold_since), self.effective_tick(row));
        if levy == 0 || now <= since {
            return row.reserve;
        }
        let brought = phase(levy, now) - phase(levy, since);
        (u64::from(row.reserve) + brought).min(u64::from(TROOPS_MAX)) as u32
    }

    /// A player's row with gold and reserve made true of the current tick, or of the one at
    /// which he went out.
    pub(crate) fn settled(&self, id: PlayerId) -> PlayerRow {
        let row = *self.player(id);
        let gold_since = self.effective_tick(&row).0;
        PlayerRow { gold: self.gold(id), reserve: self.reserve(id), gold_since, ..row }
    }

    /// Whose turn it is, in which it may still be ordered.
    pub(crate) fn turn(&self) -> Option<PlayerId> {
        let GameRow { turn, turn_until, .. } = *self.game();
        PlayerId::from_raw(turn).filter(|_| turn_until != 0)
    }

    /// Whether the last round has been played, and the game is about to end.
    pub(crate) fn rounds_are_over(&self) -> bool {
        let max = self.setting.rules.turns.rounds_max;
        self.phase() == Phase::Playing && max > 0 && self.game().round > max
    }
}
