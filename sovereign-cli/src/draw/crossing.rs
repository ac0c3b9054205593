//! Straits and sea routes, from coast to coast.

use sovereign_core::id::TerritoryId;
use sovereign_core::map::{Edge, EdgeKind, Map, Ring};

use super::shape::{Point, nearest};
use super::svg::Short;

/// A crossing whose ends are farther apart than this share of the width goes around the
/// back of the globe.
const BACK: f64 = 0.55;
/// How far a sea route swings out, as a share of its length.
const SWING: f64 = 0.12;

/// One line on the water; around the back it is drawn twice, once at each edge.
pub(super) struct Crossing {
    pub(super) kind: EdgeKind,
    pub(super) one_way: bool,
    pub(super) ends: Vec<(Point, Point)>,
}

/// All crossings of a map. Land edges are drawn too where the map has no outlines.
pub(super) fn crossings(map: &Map, shapes: &[Vec<Ring>]) -> Vec<Crossing> {
    let bare = |id| map.outline(id).is_empty();
    let mut found = Vec::new();
    for from in map.territories() {
        for edge in map.edges(from) {
            let back = map.edge(edge.to, from);
            let one_way = back.is_none();
            let drawn = edge.kind != EdgeKind::Land || bare(from) || bare(edge.to) || one_way;
            let written = one_way || from < edge.to;
            if drawn && written {
                found.push(crossing(map, shapes, from, edge, one_way));
            }
        }
    }
    found
}

fn crossing(
    map: &Map,
    shapes: &[Vec<Ring>],
    from: TerritoryId,
    edge: Edge,
    one_way: bool,
) -> Crossing {
    let (a, b) = (&shapes[from.index()], &shapes[edge.to.index()]);
    let width = f64::from(map.width());
    let direct = nearest(a, b, 0.0);
    let across = direct.1[0] - direct.0[0];
    if across.abs() <= BACK * width {
        return Crossing { kind: edge.kind, one_way, ends: vec![direct] };
    }
    let shift = if across > 0.0 { -width } else { width };
    let (start, end) = nearest(a, b, shift);
    let moved = |[x, y]: Point| [x - shift, y];
    let ends = vec![(start, end), (moved(start), moved(end))];
    Crossing { kind: edge.kind, one_way, ends }
}

impl Crossing {
    /// Path data: a strait reaches `inland` units ashore, a sea route swings out.
    pub(super) fn path(&self, inland: f64) -> String {
        self.ends.iter().map(|&(from, to)| self.line(from, to, inland)).collect()
    }

    fn line(&self, [ax, ay]: Point, [bx, by]: Point, inland: f64) -> String {
        let (dx, dy) = (bx - ax, by - ay);
        let far = (dx * dx + dy * dy).sqrt().max(1.0);
        let (ux, uy) = (dx / far * inland, dy / far * inland);
        let [ax, ay, bx, by] = [ax - ux, ay - uy, bx + ux, by + uy].map(Short);
        if self.kind != EdgeKind::Sea {
            return format!("M{ax} {ay}L{bx} {by}");
        }
        // Out to the side that is farther from the equator, as great circles do.
        let side = if dx > 0.0 { 1.0 } else { -1.0 };
        let (mx, my) = (ax.0 + (bx.0 - ax.0) / 2.0, ay.0 + (by.0 - ay.0) / 2.0);
        let (cx, cy) = (Short(mx + side * dy * SWING), Short(my - side * dx * SWING));
        format!("M{ax} {ay}Q{cx} {cy} {bx} {by}")
    }
}
