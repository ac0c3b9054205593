//! Straits and sea routes between islands.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, VecDeque};

use sovereign_core::map::{EdgeDraft, EdgeKind, MapDraft};

use super::paces;
use crate::import::fix::join_parts;
use crate::import::parts::Parts;

/// The longest strait and the longest sea route that are added for play, from label to
/// label, in squares.
const STRAIT: f64 = 2.2;
const SEA: f64 = 6.0;
/// A crossing is added if the way round takes more steps than this.
const STEPS: u32 = 5;

/// Joins islands that lie near each other, nearest first, where the way round is long; then
/// joins what is still apart.
pub(super) fn add(draft: &mut MapDraft, side: f64) {
    let mut links = vec![Vec::new(); draft.territories.len()];
    let mut parts = Parts::new(links.len());
    for edge in &draft.edges {
        link(&mut links, edge);
        parts.unite(edge.a as usize, edge.b as usize);
    }
    for (a, b) in candidates(draft, side, &mut parts) {
        if !within(&links, a, b) {
            let edge = crossing(draft, side, a, b);
            link(&mut links, &edge);
            draft.edges.push(edge);
        }
    }
    join_parts(draft);
    draft.edges.sort_by_key(|edge| (edge.a, edge.b));
}

fn link(links: &mut [Vec<u32>], edge: &EdgeDraft) {
    links[edge.a as usize].push(edge.b);
    links[edge.b as usize].push(edge.a);
}

/// Pairs on different islands that lie near enough, nearest first.
fn candidates(draft: &MapDraft, side: f64, parts: &mut Parts) -> Vec<(u32, u32)> {
    let reach = side * SEA;
    let square = |at: i32| (f64::from(at) / reach) as i32;
    let mut squares: BTreeMap<(i32, i32), Vec<u32>> = BTreeMap::new();
    for (at, place) in (0..).zip(&draft.territories) {
        squares.entry((square(place.x), square(place.y))).or_default().push(at);
    }
    let mut found = Vec::new();
    for (a, place) in (0_u32..).zip(&draft.territories) {
        let (x, y) = (square(place.x), square(place.y));
        let around = (x - 1..=x + 1).flat_map(|x| (y - 1..=y + 1).map(move |y| (x, y)));
        let near = around.filter_map(|square| squares.get(&square)).flatten().copied();
        for b in near.filter(|&b| a < b) {
            let far = distance(draft, side, a, b);
            if f64::from(far) <= SEA * 100.0 && !parts.same(a as usize, b as usize) {
                found.push((far, a, b));
            }
        }
    }
    found.sort_unstable();
    found.into_iter().map(|(_, a, b)| (a, b)).collect()
}

fn distance(draft: &MapDraft, side: f64, a: u32, b: u32) -> u16 {
    let [a, b] = [a, b].map(|at| &draft.territories[at as usize]);
    paces([a.x, a.y], [b.x, b.y], side)
}

fn crossing(draft: &MapDraft, side: f64, a: u32, b: u32) -> EdgeDraft {
    let length = distance(draft, side, a, b);
    let near = f64::from(length) <= STRAIT * 100.0;
    let kind = if near { EdgeKind::Strait } else { EdgeKind::Sea };
    EdgeDraft { a, b, kind, length, one_way: false }
}

/// Whether one can go from `a` to `b` in at most [`STEPS`] steps.
fn within(links: &[Vec<u32>], a: u32, b: u32) -> bool {
    let mut seen = BTreeMap::from([(a, 0)]);
    let mut todo = VecDeque::from([a]);
    while let Some(at) = todo.pop_front() {
        let far = seen[&at];
        if at == b {
            return true;
        }
        for &next in links[at as usize].iter().filter(|_| far < STEPS) {
            if let Entry::Vacant(new) = seen.entry(next) {
                new.insert(far + 1);
                todo.push_back(next);
            }
        }
    }
    false
}
