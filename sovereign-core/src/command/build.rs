//! `build`: found a structure, or raise its level.

use serde::{Deserialize, Serialize};

use super::{Act, Reject, guard, turn};
use crate::id::{PlayerId, TerritoryId};
use crate::map::EdgeKind;
use crate::state::row::{BUILDING, PlayerRow, TerritoryRow};
use crate::state::{State, Structure};

/// Founds a structure on own land that holds none, or raises the level of one that
/// stands there. A level is paid at once and stands after its building time; what
/// stands works meanwhile. If the land is lost before, so is what was being built.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Build {
    /// Own land.
    pub territory: TerritoryId,
    /// What to build.
    pub structure: Structure,
}

/// What the next level of a kind costs a player, in gold: each one owned makes it
/// dearer, up to a number of steps.
pub(crate) fn cost(state: &State, player: PlayerId, structure: Structure) -> u64 {
    let rules = state.setting.rules.structure(structure);
    let steps = state.structure_count(player, structure).min(rules.cost_steps_max);
    rules.cost + rules.cost_growth * u64::from(steps)
}

impl Build {
    /// Nothing is being built there, nothing else stands there, and a level is left.
    fn has_room(&self, state: &State) -> Result<(), Reject> {
        let (territory, row) = (self.territory, state.territory(self.territory));
        let other = row.kind().is_some_and(|kind| kind != self.structure);
        if other || row.flags & BUILDING != 0 {
            return Err(Reject::AlreadyBuilt { territory });
        }
        let max = state.setting.rules.structure(self.structure).levels_max;
        if u32::from(row.level()) >= max { Err(Reject::HighestLevel { max }) } else { Ok(()) }
    }
}

impl Act for Build {
    fn validate(&self, state: &State, player: PlayerId) -> Result<(), Reject> {
        let territory = self.territory;
        guard::in_play(state, player)?;
        turn::is_on(state, player)?;
        guard::owned(state, player, territory)?;
        self.has_room(state)?;
        let edges = state.setting.map.edges(territory);
        if self.structure == Structure::Port && edges.iter().all(|e| e.kind != EdgeKind::Sea) {
            return Err(Reject::NoSeaRoute { territory });
        }
        let (needed, available) = (cost(state, player, self.structure), state.gold(player));
        if needed > available { Err(Reject::NotEnoughGold { needed, available }) } else { Ok(()) }
    }

    fn execute(&self, state: &mut State, player: PlayerId) {
        let gold = state.gold(player) - cost(state, player, self.structure);
        let paid = PlayerRow { gold, ..state.settled(player) };
        state.set_player(player, paid);
        let ready = state.tick.after(state.setting.rules.structure(self.structure).build_ticks);
        let row = state.rebased(self.territory);
        let site = TerritoryRow {
            structure: TerritoryRow::pack(self.structure, row.level()),
            flags: row.flags | BUILDING,
            ready: ready.0,
            ..row
        };
        state.set_territory(self.territory, site);
    }
}
