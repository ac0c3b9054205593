//! Bounded searches on the graph.

use alloc::collections::{BTreeSet, VecDeque};

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
    let mut seen = BTreeSet::from([start]);
    let mut queue = VecDeque::from([(start, None)]);
    while let Some((here, step)) = queue.pop_front() {
        if wanted(here) {
            return step;
        }
        for edge in map.edges(here).iter().filter(|edge| passable(here, edge)) {
            if seen.len() < limit && seen.insert(edge.to) {
                queue.push_back((edge.to, step.or(Some(edge.to))));
            }
        }
    }
    None
}
