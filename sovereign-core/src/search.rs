//! Bounded searches on the graph.

use alloc::vec;
use alloc::vec::Vec;

use crate::id::TerritoryId;
use crate::map::{Edge, Map};

/// Borders to cross from `start` to the nearest territory that `wanted` agrees to,
/// and which it is; `None` if none is among the first `limit` territories met.
///
/// Neighbours are met in the order of their ids, so ties are decided. O(limit * degree).
pub fn nearest(
    map: &Map,
    start: TerritoryId,
    limit: usize,
    wanted: impl Fn(TerritoryId) -> bool,
) -> Option<(u32, TerritoryId)> {
    let mut met = Met::default();
    met.begin(start);
    let (mut next, mut distance, mut ring) = (0, 0, 1);
    while let Some(here) = met.at(next) {
        if next == ring {
            (distance, ring) = (distance + 1, met.order.len());
        }
        if wanted(here) {
            return Some((distance, here));
        }
        met.meet_neighbours(map, next, limit, &|_, _| true);
        next += 1;
    }
    None
}

/// The first step of a shortest way from `start` to a territory that `wanted` agrees to,
/// over edges that `passable` agrees to; `None` if none is among the first `limit`
/// territories met, or if it is `start` itself.
///
/// Neighbours are met in the order of their ids, so ties are decided. O(limit * degree).
pub fn first_step(
    map: &Map,
    start: TerritoryId,
    limit: usize,
    passable: impl Fn(TerritoryId, &Edge) -> bool,
    wanted: impl Fn(TerritoryId) -> bool,
) -> Option<TerritoryId> {
    first_step_with(&mut Met::default(), map, start, limit, passable, wanted)
}

/// The same with memory that searches before it have left.
pub(crate) fn first_step_with(
    met: &mut Met,
    map: &Map,
    start: TerritoryId,
    limit: usize,
    passable: impl Fn(TerritoryId, &Edge) -> bool,
    wanted: impl Fn(TerritoryId) -> bool,
) -> Option<TerritoryId> {
    let end = met.find(map, start, limit, passable, wanted)?;
    met.way_back(end).last()
}

/// All of that way, without `start`; `None` where [`first_step`] finds none.
pub fn way(
    map: &Map,
    start: TerritoryId,
    limit: usize,
    passable: impl Fn(TerritoryId, &Edge) -> bool,
    wanted: impl Fn(TerritoryId) -> bool,
) -> Option<Vec<TerritoryId>> {
    let mut met = Met::default();
    let end = met.find(map, start, limit, passable, wanted)?;
    let mut way: Vec<_> = met.way_back(end).collect();
    way.reverse();
    Some(way)
}

/// Every territory that a way leads to from `start` over edges that `passable` agrees to,
/// among the first `limit` met; without `start`, in the order in which they are met.
pub fn reach(
    map: &Map,
    start: TerritoryId,
    limit: usize,
    passable: impl Fn(TerritoryId, &Edge) -> bool,
) -> Vec<TerritoryId> {
    let mut met = Met::default();
    met.begin(start);
    let mut next = 0;
    while next < met.order.len() {
        met.meet_neighbours(map, next, limit, &passable);
        next += 1;
    }
    met.order.into_iter().skip(1).map(|(id, _)| id).collect()
}

/// The territories at most so many borders away from `start`, itself first, among the
/// first `limit` met; in the order in which they are met. O(limit * degree).
pub fn within(map: &Map, start: TerritoryId, borders: u32, limit: usize) -> Vec<TerritoryId> {
    let mut met = Met::default();
    met.begin(start);
    let (mut next, mut ring) = (0, 1);
    for _ in 0..borders {
        while next < ring {
            met.meet_neighbours(map, next, limit, &|_, _| true);
            next += 1;
        }
        ring = met.order.len();
    }
    met.order.into_iter().map(|(id, _)| id).collect()
}

/// What a search has met. Its memory serves the next search too.
#[derive(Debug, Default)]
pub(crate) struct Met {
    seen: Seen,
    /// In the order in which they were met, each with the place of the one it was met from.
    order: Vec<(TerritoryId, u32)>,
}

impl Met {
    /// Forgets all, and meets where a search starts.
    pub(crate) fn begin(&mut self, start: TerritoryId) {
        self.seen.clear();
        self.order.clear();
        self.meet(start);
    }

    /// The territory that was met after so many others.
    #[inline]
    pub(crate) fn at(&self, place: usize) -> Option<TerritoryId> {
        self.order.get(place).map(|(id, _)| *id)
    }

    /// How many territories were met.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.order.len()
    }

    /// Meets a territory, unless it was met before. Where from is not remembered.
    #[inline]
    pub(crate) fn meet(&mut self, id: TerritoryId) {
        if self.seen.insert(id) {
            self.order.push((id, 0));
        }
    }

    /// The place of what is wanted; none if that is `start`, or not to be found.
    fn find(
        &mut self,
        map: &Map,
        start: TerritoryId,
        limit: usize,
        passable: impl Fn(TerritoryId, &Edge) -> bool,
        wanted: impl Fn(TerritoryId) -> bool,
    ) -> Option<usize> {
        self.begin(start);
        let mut next = 0;
        while let Some(here) = self.at(next) {
            if wanted(here) {
                return (next > 0).then_some(next);
            }
            self.meet_neighbours(map, next, limit, &passable);
            next += 1;
        }
        None
    }

    fn meet_neighbours(
        &mut self,
        map: &Map,
        at: usize,
        limit: usize,
        passable: &impl Fn(TerritoryId, &Edge) -> bool,
    ) {
        let here = self.order[at].0;
        for edge in map.edges(here).iter().filter(|edge| passable(here, edge)) {
            if self.order.len() < limit && self.seen.insert(edge.to) {
                self.order.push((edge.to, at as u32));
            }
        }
    }

    /// The way from a place back to the start, without it.
    fn way_back(&self, from: usize) -> impl Iterator<Item = TerritoryId> + '_ {
        let mut at = from;
        core::iter::from_fn(move || {
            let (here, before) = self.order[at];
            let step = (at != 0).then_some(here);
            at = before as usize;
            step
        })
    }
}

/// Ids that were met: a table by hash that is only asked of one id at a time, so that its
/// order shows nowhere. Each slot holds the round in which it was filled and an id.
#[derive(Debug, Default)]
struct Seen {
    slots: Vec<u64>,
    round: u32,
    len: usize,
}

impl Seen {
    fn clear(&mut self) {
        (self.len, self.round) = (0, self.round.wrapping_add(1));
        if self.round == 0 {
            // After so many rounds some of the first may still stand there.
            self.slots.fill(0);
            self.round = 1;
        }
    }

    /// Says whether it is new.
    #[inline]
    fn insert(&mut self, id: TerritoryId) -> bool {
        if self.len * 2 >= self.slots.len() {
            self.grow();
        }
        let (mask, filled) = (self.slots.len() - 1, u64::from(self.round) << 32 | u64::from(id.0));
        // The high bits of the product depend on all bits of the id.
        let mut at = (id.0.wrapping_mul(0x9e37_79b1) >> 10) as usize & mask;
        while (self.slots[at] >> 32) as u32 == self.round {
            if self.slots[at] == filled {
                return false;
            }
            at = (at + 1) & mask;
        }
        self.slots[at] = filled;
        self.len += 1;
        true
    }

    fn grow(&mut self) {
        const FEWEST: usize = 64;
        let room = FEWEST.max(self.slots.len() * 2);
        let old = core::mem::replace(&mut self.slots, vec![0; room]);
        self.len = 0;
        let round = self.round;
        let met = old.into_iter().filter(|slot| (slot >> 32) as u32 == round);
        for slot in met {
            self.insert(TerritoryId(slot as u32));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::collections::BTreeSet;

    #[test]
    fn a_round_knows_its_own_ids_alone() {
        let mut seen = Seen { round: u32::MAX - 2, ..Seen::default() };
        for round in 0..5_u32 {
            seen.clear();
            let mut set = BTreeSet::new();
            for n in 0..3_000_u32 {
                let id = n.wrapping_mul(round * 7_919 + 1_021) % 4_099;
                assert_eq!(seen.insert(TerritoryId(id)), set.insert(id), "{id} in round {round}");
            }
        }
    }

    #[test]
    fn the_nearest_is_found_at_its_distance() {
        let map = crate::map::generate::grid(9, 9);
        let corner = TerritoryId(0);
        for (goal, borders) in [(0, 0), (1, 1), (8, 8), (80, 16)] {
            let found = nearest(&map, corner, 100, |id| id.0 == goal);
            assert_eq!(found, Some((borders, TerritoryId(goal))));
        }
        assert_eq!(nearest(&map, corner, 20, |id| id.0 == 80), None);
        let way = way(&map, corner, 100, |_, _| true, |id| id.0 == 80).expect("all is joined");
        assert_eq!((way.len(), way.last()), (16, Some(&TerritoryId(80))));
        let step = first_step(&map, corner, 100, |_, _| true, |id| id.0 == 80);
        assert_eq!(step, way.first().copied());
    }
}
