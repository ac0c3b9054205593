//! Fog: which land a player sees. A pure function of the rows, computed where it is asked.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::{Phase, State};
use crate::id::{PlayerId, TerritoryId};
use crate::map::Map;

/// Where one-way edges come from: borders are seen across from both sides.
#[derive(Debug, Default)]
pub(crate) struct Inbound(Box<[(TerritoryId, TerritoryId)]>);

impl Inbound {
    /// The one-way edges of a map. O(edges * log degree).
    pub(crate) fn of(map: &Map) -> Self {
        let mut pairs = Vec::new();
        for from in map.territories() {
            let there = map.edges(from).iter().map(|edge| edge.to);
            let one_way = there.filter(|to| map.edge(*to, from).is_none());
            pairs.extend(one_way.map(|to| (to, from)));
        }
        pairs.sort_unstable();
        Self(pairs.into())
    }

    fn to(&self, at: TerritoryId) -> impl Iterator<Item = TerritoryId> + '_ {
        let start = self.0.partition_point(|(to, _)| *to < at);
        self.0[start..].iter().take_while(move |(to, _)| *to == at).map(|(_, from)| *from)
    }
}

impl State {
    /// Whether fog lies over the game: only while it is played.
    pub(crate) fn is_foggy(&self) -> bool {
        self.has_fog() && self.phase() == Phase::Playing
    }

    /// Whether fog lies over the game once it is played.
    pub(crate) fn has_fog(&self) -> bool {
        self.setting.rules.fog.radius > 0
    }

    /// The territories across a border, whichever way it can be crossed.
    fn across(&self, at: TerritoryId) -> impl Iterator<Item = TerritoryId> + '_ {
        let out = self.setting.map.edges(at).iter().map(|edge| edge.to);
        out.chain(self.setting.inbound.to(at))
    }

    /// Whether `wanted` agrees to a territory within the fog's radius. O(degree ^ radius).
    fn any_near(&self, at: TerritoryId, wanted: impl Fn(TerritoryId) -> bool + Copy) -> bool {
        let wide = self.setting.rules.fog.radius > 1;
        wanted(at)
            || self.across(at).any(wanted)
            || (wide && self.across(at).any(|near| self.across(near).any(wanted)))
    }

    /// Adds the territories within the fog's radius, some of them more than once.
    pub(crate) fn add_near(&self, at: TerritoryId, near: &mut Vec<TerritoryId>) {
        near.push(at);
        let inner = near.len();
        near.extend(self.across(at));
        if self.setting.rules.fog.radius > 1 {
            for index in inner..near.len() {
                let next = near[index];
                near.extend(self.across(next));
            }
        }
    }

    /// Whether a player sees a territory now. O(degree ^ radius).
    pub(crate) fn sees(&self, viewer: PlayerId, at: TerritoryId) -> bool {
        self.would_see(viewer, at, |near| self.owner(near))
    }

    /// Whether a player would see a territory if land had belonged to whom `owner` says.
    pub(crate) fn would_see(
        &self,
        viewer: PlayerId,
        at: TerritoryId,
        owner: impl Fn(TerritoryId) -> Option<PlayerId>,
    ) -> bool {
        let sight = |near| owner(near).is_some_and(|owner| self.friendly(viewer, owner));
        !self.is_foggy() || self.any_near(at, sight)
    }

    /// All land that a player sees, by rising id. O(land of his side * degree ^ radius).
    pub(crate) fn seen_land(&self, viewer: PlayerId) -> Vec<TerritoryId> {
        if !self.is_foggy() {
            return self.setting.map.territories().collect();
        }
        let side = self.players().filter(|player| self.friendly(viewer, *player));
        let mut seen = Vec::new();
        for at in side.flat_map(|player| self.owned(player)) {
            self.add_near(at, &mut seen);
        }
        seen.sort_unstable();
        seen.dedup();
        seen
    }
}
