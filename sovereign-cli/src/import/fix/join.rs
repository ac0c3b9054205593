//! Joins what lies apart, and opens ways that lead in only one direction.

use sovereign_core::map::{EdgeDraft, EdgeKind, MapDraft, Terrain, TerritoryDraft};

use crate::import::parts::Parts;

/// The most parts that are joined; more are no map with islands but one without borders.
const PARTS_MAX: usize = 4_096;
/// A gap of at most this share of the map's longer side is a strait; a wider one is sea.
const STRAIT_SHARE: f64 = 0.02;
/// The shortest and longest edge that is added, in paces.
const PACES: [f64; 2] = [50.0, 1_000.0];

/// Joins each part of the map to the nearest other one, the smallest first, until there is
/// one; what was done.
pub(in crate::import) fn join_parts(draft: &mut MapDraft) -> Vec<String> {
    let mut parts = Parts::new(draft.territories.len());
    for edge in &draft.edges {
        parts.unite(edge.a as usize, edge.b as usize);
    }
    let playable = |at: &usize| draft.territories[*at].terrain != Terrain::Impassable;
    let playable: Vec<usize> = (0..draft.territories.len()).filter(playable).collect();
    let mut members = parts.members(&playable);
    if members.len() > PARTS_MAX {
        return Vec::new();
    }
    let boxes: Vec<Box> = draft.territories.iter().map(Box::new).collect();
    let scale = paces_a_unit(draft);
    let mut done = Vec::new();
    while members.len() > 1 {
        members.sort_by_key(|part| std::cmp::Reverse(part.len()));
        let Some(part) = members.pop() else { break };
        let Some((gap, a, b)) = nearest(draft, &boxes, &part, &playable, &mut parts) else { break };
        let edge = crossing(draft, gap, a, b, scale);
        let [from, to] = [a, b].map(|at| draft.territories[at].name.clone());
        let kind = if edge.kind == EdgeKind::Sea { "sea" } else { "a strait" };
        let count = part.len();
        done.push(format!("{count} apart from the rest: {from} and {to} joined by {kind}"));
        draft.edges.push(edge);
        parts.unite(a, b);
        let joined = members.iter_mut().find(|other| parts.same(other[0], b));
        if let Some(other) = joined {
            other.extend(part);
        }
    }
    done
}

/// A frame around a territory: left, top, right, bottom.
struct Box([f64; 4]);

impl Box {
    fn new(territory: &TerritoryDraft) -> Self {
        let mut frame = [territory.x, territory.y, territory.x, territory.y].map(f64::from);
        for corner in territory.outline.iter().flat_map(|ring| ring.chunks_exact(2)) {
            let [x, y] = [corner[0], corner[1]].map(f64::from);
            let [l, t, r, b] = frame;
            frame = [l.min(x), t.min(y), r.max(x), b.max(y)];
        }
        Self(frame)
    }

    /// No two corners of the territories are nearer than this, squared.
    fn squared_gap(&self, other: &Self) -> f64 {
        let apart =
            |low: usize| (self.0[low] - other.0[low + 2]).max(other.0[low] - self.0[low + 2]);
        let (dx, dy) = (apart(0).max(0.0), apart(1).max(0.0));
        dx * dx + dy * dy
    }
}

/// The pair of territories with the smallest gap, one in the part and one outside of it.
fn nearest(
    draft: &MapDraft,
    boxes: &[Box],
    part: &[usize],
    playable: &[usize],
    parts: &mut Parts,
) -> Option<(f64, usize, usize)> {
    let mut best: Option<(f64, usize, usize)> = None;
    let others: Vec<usize> =
        playable.iter().copied().filter(|&at| !parts.same(at, part[0])).collect();
    for &a in part {
        for &b in &others {
            let limit = best.map_or(f64::MAX, |(gap, ..)| gap);
            if boxes[a].squared_gap(&boxes[b]) < limit {
                let gap = squared_gap(&draft.territories[a], &draft.territories[b], limit);
                if gap < limit {
                    best = Some((gap, a, b));
                }
            }
        }
    }
    best.map(|(gap, a, b)| (gap.sqrt(), a, b))
}

/// The smallest squared distance between corners; positions stand in for missing outlines.
fn squared_gap(a: &TerritoryDraft, b: &TerritoryDraft, limit: f64) -> f64 {
    let corners = |t: &TerritoryDraft| -> Vec<[i32; 2]> {
        let corners = t.outline.iter().flat_map(|ring| ring.chunks_exact(2));
        let corners: Vec<[i32; 2]> = corners.map(|corner| [corner[0], corner[1]]).collect();
        if corners.is_empty() { vec![[t.x, t.y]] } else { corners }
    };
    let (a, b) = (corners(a), corners(b));
    let squared = |p: [i32; 2], q: [i32; 2]| {
        let (dx, dy) = (f64::from(p[0]) - f64::from(q[0]), f64::from(p[1]) - f64::from(q[1]));
        dx * dx + dy * dy
    };
    a.iter().flat_map(|&p| b.iter().map(move |&q| squared(p, q))).fold(limit, f64::min)
}

/// How many paces a drawing unit is: the median edge has 100, from label to label.
fn paces_a_unit(draft: &MapDraft) -> f64 {
    let mut all: Vec<f64> = draft.edges.iter().map(|e| label_gap(draft, e.a, e.b)).collect();
    all.retain(|&gap| gap > 0.0);
    all.sort_by(f64::total_cmp);
    100.0 / all.get(all.len() / 2).copied().unwrap_or(100.0)
}

fn label_gap(draft: &MapDraft, a: u32, b: u32) -> f64 {
    let [a, b] = [a, b].map(|at| &draft.territories[at as usize]);
    let (dx, dy) = (f64::from(a.x) - f64::from(b.x), f64::from(a.y) - f64::from(b.y));
    (dx * dx + dy * dy).sqrt()
}

fn crossing(draft: &MapDraft, gap: f64, a: usize, b: usize, scale: f64) -> EdgeDraft {
    let side = f64::from(draft.width.max(draft.height));
    let kind = if gap <= side * STRAIT_SHARE { EdgeKind::Strait } else { EdgeKind::Sea };
    let (a, b) = (a.min(b) as u32, a.max(b) as u32);
    let length = (label_gap(draft, a, b) * scale).round().clamp(PACES[0], PACES[1]) as u16;
    EdgeDraft { a, b, kind, length, one_way: false }
}

/// Where there is a way out but none back, lets one-way edges lead both ways; what was done.
pub(super) fn open_ways(draft: &mut MapDraft) -> Vec<String> {
    let mut done = Vec::new();
    for backwards in [false, true] {
        let reached = reached(draft, backwards);
        for edge in draft.edges.iter_mut().filter(|edge| edge.one_way) {
            let (a, b) = (reached[edge.a as usize], reached[edge.b as usize]);
            // Out of what is reached there is no way missing, only into it.
            if (a, b) == (backwards, !backwards) {
                edge.one_way = false;
                let [a, b] = [edge.a, edge.b].map(|at| &draft.territories[at as usize].name);
                done.push(format!("no way back: the edge from {a} to {b} now leads both ways"));
            }
        }
    }
    done
}

/// What can be reached from the first playable territory, or what can reach it.
fn reached(draft: &MapDraft, backwards: bool) -> Vec<bool> {
    let mut ways = vec![Vec::new(); draft.territories.len()];
    for edge in &draft.edges {
        let (from, to) = if backwards { (edge.b, edge.a) } else { (edge.a, edge.b) };
        ways[from as usize].push(to as usize);
        if !edge.one_way {
            ways[to as usize].push(from as usize);
        }
    }
    let mut seen = vec![false; ways.len()];
    let start = draft.territories.iter().position(|t| t.terrain != Terrain::Impassable);
    let mut todo: Vec<usize> = start.into_iter().collect();
    todo.iter().for_each(|&at| seen[at] = true);
    while let Some(at) = todo.pop() {
        for &next in &ways[at] {
            if !std::mem::replace(&mut seen[next], true) {
                todo.push(next);
            }
        }
    }
    seen
}
