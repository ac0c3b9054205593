//! `supply`: a standing line that sends forward what a garrison can spare.

use serde::{Deserialize, Serialize};

use super::{Act, Reject, guard};
use crate::id::{PlayerId, TerritoryId};
use crate::rules::Rules;
use crate::search::Met;
use crate::state::State;
use crate::state::row::SupplyRow;
use crate::tick::way;

/// Sets a line from own land to own land, or ends the one from there. While it stands,
/// what the garrison has above its share of the cap marches to the other end, batch by
/// batch, as by [`super::Move`]. From each territory at most one line leads; one that is
/// set takes the place of the one before. It ends by itself when either end is lost, or
/// no way leads there when a batch falls due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Supply {
    /// Own land.
    pub from: TerritoryId,
    /// Other own land; nothing ends the line.
    pub to: Option<TerritoryId>,
}

impl Act for Supply {
    fn validate(&self, state: &State, player: PlayerId) -> Result<(), Reject> {
        self.validate_with(state, &mut Met::default(), player)
    }

    fn validate_with(&self, state: &State, met: &mut Met, player: PlayerId) -> Result<(), Reject> {
        let from = self.from;
        guard::in_play(state, player)?;
        guard::owned(state, player, from)?;
        let old = state.supply(from).map(|line| TerritoryId(line.to));
        let Some(to) = self.to else {
            return old.map_or(Err(Reject::SupplyUnchanged { from }), |_| Ok(()));
        };
        guard::owned(state, player, to)?;
        let way = way::next_step(state, met, player, from, to);
        way.ok_or(Reject::NoWay { from, to })?;
        if old == Some(to) {
            return Err(Reject::SupplyUnchanged { from });
        }
        let max = lines_max(&state.setting.rules);
        let room = old.is_some() || state.supply_count(player) < max;
        if room { Ok(()) } else { Err(Reject::TooManySupplies { max }) }
    }

    fn execute(&self, state: &mut State, player: PlayerId) {
        let after = state.tick.after(1).0;
        let line = |to: TerritoryId| SupplyRow { owner: player.0, to: to.0, after };
        state.set_supply(self.from, self.to.map_or(SupplyRow::BLANK, line));
    }
}

/// How many lines a player has at once. Where there are turns nothing marches by itself.
fn lines_max(rules: &Rules) -> u32 {
    if rules.turns.are_on() { 0 } else { rules.supply.lines_max }
}
