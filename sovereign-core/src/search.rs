//! Bounded searches on the graph.

use alloc::collections::{BTreeSet, VecDeque};
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
    let mut seen = BTreeSet::from([start]);
    let mut queue = VecDeque::from([(0, start)]);
    while let Some((distance, here)) = queue.pop_front() {
        if wanted(here) {
            return Some((distance, here));
        }
        for edge in map.edges(here) {
            if seen.len() < limit && seen.insert(edge.to) {
                queue.push_back((distance + 1, edge.to));
            }
        }
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
    way(map, start, limit, passable, wanted)?.first().copied()
}

/// All of that way, without `start`; `None` where [`first_step`] finds none.
pub fn way(
    map: &Map,
    start: TerritoryId,
    limit: usize,
    passable: impl Fn(TerritoryId, &Edge) -> bool,
    wanted: impl Fn(TerritoryId) -> bool,
) -> Option<Vec<TerritoryId>> {
    if wanted(start) {
        return None;
    }
    let mut met = Met::new(start);
    let mut next = 0;
    while let Some((here, _)) = met.order.get(next).copied() {
        if wanted(here) {
            return Some(met.way_to(next));
        }
        met.meet_neighbours(map, next, limit, &passable);
        next += 1;
    }
    None
}

/// Every territory that a way leads to from `start` over edges that `passable` agrees to,
/// among the first `limit` met; without `start`, in the order in which they are met.
pub fn reach(
    map: &Map,
    start: TerritoryId,
    limit: usize,
    passable: impl Fn(TerritoryId, &Edge) -> bool,
) -> Vec<TerritoryId> {
    let mut met = Met::new(start);
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
    let mut met = Met::new(start);
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

/// What a search has met, in order, each with the place of the one that it was met from.
struct Met {
    seen: BTreeSet<TerritoryId>,
    order: Vec<(TerritoryId, usize)>,
}

impl Met {
    fn new(start: TerritoryId) -> Self {
        Self { seen: BTreeSet::from([start]), order: Vec::from([(start, 0)]) }
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
            if self.seen.len() < limit && self.seen.insert(edge.to) {
                self.order.push((edge.to, at));
            }
        }
    }

    fn way_to(&self, mut at: usize) -> Vec<TerritoryId> {
        let mut way = Vec::new();
        while at != 0 {
            let (here, before) = self.order[at];
            way.push(here);
            at = before;
        }
        way.reverse();
        way
    }
}
