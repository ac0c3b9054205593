//! What a territory is worth.

use super::Campaign;
use crate::id::{RegionId, TerritoryId};
use crate::state::Structure;

/// The worth of bare land of nobody's.
const LAND: u64 = 100;
/// The largest region that is counted through.
const REGION_MAX: usize = 64;

impl Campaign<'_, '_> {
    /// What it is worth to hold a territory, once `garrison` troops stand in it.
    pub(super) fn value(&self, id: TerritoryId, garrison: u32) -> u64 {
        let structure = self.view.territory(id).structure.map_or(0, worth_of);
        let mut value = LAND + structure + self.region_value(id) + self.shape_value(id);
        if let Some(owner) = self.view.owner(id) {
            value = self.temper.greed.of(value);
            if self.temper.prey == Some(owner) {
                value += value / 2;
            }
            if self.view.territory_count(owner) == 1 {
                value += 2 * LAND;
            }
        }
        if self.is_hard_to_hold(id, garrison) { value / 2 } else { value }
    }

    /// The more of its neighbours are own, and the fewer are a foe's, the better.
    fn shape_value(&self, id: TerritoryId) -> u64 {
        let neighbours = self.view.map().edges(id).iter().map(|edge| edge.to);
        let own = neighbours.filter(|id| self.view.owner(*id) == Some(self.me)).count();
        10 * own as u64
    }

    /// A region nearly held is worth its bonus; so is one that is taken from somebody.
    fn region_value(&self, id: TerritoryId) -> u64 {
        let Some(region) = self.view.map().region_of(id) else { return 0 };
        let region = &self.view.map().regions()[RegionId::index(region)];
        let whole = region.territories.len();
        if whole > REGION_MAX {
            return 0;
        }
        let held_by =
            |owner| region.territories.iter().filter(|id| self.view.owner(**id) == owner).count();
        let bonus = u64::from(region.bonus);
        let mine = held_by(Some(self.me)) as u64 + 1;
        let owner = self.view.owner(id);
        let broken = if owner.is_some() && held_by(owner) == whole { 12 * bonus } else { 0 };
        broken + 25 * bonus * mine * mine / (whole * whole) as u64
    }

    /// Whether a foe next to it could take it back at once.
    fn is_hard_to_hold(&self, id: TerritoryId, garrison: u32) -> bool {
        let defence = u64::from(self.view.territory(id).defence.0);
        u64::from(self.threat(id)) * 1000 > u64::from(garrison) * defence * 2
    }
}

fn worth_of(structure: Structure) -> u64 {
    match structure {
        Structure::City | Structure::Barracks => 80,
        Structure::Port | Structure::Fort | Structure::Silo | Structure::Interceptor => 30,
    }
}
