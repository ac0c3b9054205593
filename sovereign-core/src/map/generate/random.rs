//! Random maps that have a bit of everything.

use alloc::format;
use alloc::vec;
use alloc::vec::Vec;

use super::super::{EdgeDraft, EdgeKind, Map, NO_REGION, TERRITORIES_MAX, Terrain};
use super::shape::Shape;
use super::{assemble, two_way};

/// The fewest territories of a random map: fewer cannot have an edge of each kind.
pub const RANDOM_MIN: u32 = 4;

/// A connected map of `territories` territories, held to [`RANDOM_MIN`] to
/// [`TERRITORIES_MAX`]. It has a land, a strait and a sea edge, a region, and the larger it
/// is the more of all else: rough and impassable land, one-way edges, land outside of any
/// region.
#[must_use]
pub fn random(seed: u64, territories: u32) -> Map {
    let shape = Shape::square(territories.clamp(RANDOM_MIN, TERRITORIES_MAX as u32));
    let mut dice = Dice(seed);
    let terrain = random_terrain(&mut dice, shape);
    let edges = random_edges(&mut dice, shape, &terrain);
    let region = random_regions(&mut dice, shape, &terrain);
    let name = format!("random-{}-{seed}", shape.count());
    assemble(name, shape, terrain, region, &edges)
}

/// A sequence of numbers that look random: SplitMix64.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`, which is not 0. Near enough to even for making maps.
    fn below(&mut self, end: u32) -> u32 {
        ((u128::from(self.next()) * u128::from(end)) >> 64) as u32
    }

    fn one_in(&mut self, chances: u32) -> bool {
        self.below(chances) == 0
    }

    /// A length of half to one and a half of an ordinary border crossing.
    fn length(&mut self) -> u16 {
        50 + self.below(101) as u16
    }

    fn pick(&mut self, from: &[u32]) -> u32 {
        from[self.below(from.len() as u32) as usize]
    }
}

/// One cell in 32 is impassable, but none of those that [`corner`] joins.
fn random_terrain(dice: &mut Dice, shape: Shape) -> Vec<Terrain> {
    let fixed = [0, 1, shape.width()];
    let mut roll = |cell| match dice.below(32) {
        0 if !fixed.contains(&cell) => Terrain::Impassable,
        1..=6 => Terrain::Highland,
        7..=9 => Terrain::Mountain,
        _ => Terrain::Plains,
    };
    shape.cells().map(&mut roll).collect()
}

/// Edges in ascending order, at most one between two territories. Where two steps below
/// join the same pair, the earlier one counts; the first three are enough to connect all.
fn random_edges(dice: &mut Dice, shape: Shape, terrain: &[Terrain]) -> Vec<EdgeDraft> {
    let passable = |cell: &u32| terrain[*cell as usize] != Terrain::Impassable;
    let playable: Vec<u32> = shape.cells().filter(passable).collect();
    let mut edges = corner(dice, shape).to_vec();
    let inside = shape.borders().filter(|(a, b)| passable(a) && passable(b));
    edges.extend(inside.filter_map(|(a, b)| random_border(dice, a, b)));
    join_parts(dice, &playable, shape.count(), &mut edges);
    for _ in 0..playable.len() / 16 {
        let (a, b) = (dice.pick(&playable), dice.pick(&playable));
        edges.push(two_way(a, b, EdgeKind::Sea, dice.length() * 3));
    }
    for _ in 0..playable.len() / 32 {
        let (a, b) = (dice.pick(&playable), dice.pick(&playable));
        let way = two_way(a, b, EdgeKind::Strait, dice.length());
        edges.push(EdgeDraft { one_way: true, ..way });
    }
    first_of_each_pair(edges)
}

/// One edge of each kind around the first cell.
fn corner(dice: &mut Dice, shape: Shape) -> [EdgeDraft; 3] {
    [
        two_way(0, 1, EdgeKind::Land, dice.length()),
        two_way(0, shape.width(), EdgeKind::Strait, dice.length()),
        two_way(1, shape.width(), EdgeKind::Sea, dice.length() * 2),
    ]
}

/// Five borders in six can be crossed, an eighth of them by a strait.
fn random_border(dice: &mut Dice, a: u32, b: u32) -> Option<EdgeDraft> {
    let kind = if dice.one_in(8) { EdgeKind::Strait } else { EdgeKind::Land };
    let length = dice.length();
    (!dice.one_in(6)).then(|| two_way(a, b, kind, length))
}

/// Joins by sea what the edges leave apart.
fn join_parts(dice: &mut Dice, playable: &[u32], count: u32, edges: &mut Vec<EdgeDraft>) {
    let mut parts = Parts((0..count).collect());
    for edge in edges.iter() {
        parts.unite(edge.a, edge.b);
    }
    for pair in playable.windows(2) {
        if parts.unite(pair[0], pair[1]) {
            edges.push(two_way(pair[0], pair[1], EdgeKind::Sea, dice.length() * 2));
        }
    }
}

/// Which part each cell belongs to: a union-find forest.
struct Parts(Vec<u32>);

impl Parts {
    fn root(&mut self, mut cell: u32) -> u32 {
        while self.0[cell as usize] != cell {
            let above = self.0[cell as usize];
            self.0[cell as usize] = self.0[above as usize];
            cell = above;
        }
        cell
    }

    /// Whether the two were apart until now.
    fn unite(&mut self, a: u32, b: u32) -> bool {
        let (a, b) = (self.root(a), self.root(b));
        self.0[a as usize] = b;
        a != b
    }
}

fn first_of_each_pair(mut edges: Vec<EdgeDraft>) -> Vec<EdgeDraft> {
    edges.retain(|edge| edge.a != edge.b);
    let pair = |edge: &EdgeDraft| (edge.a.min(edge.b), edge.a.max(edge.b));
    edges.sort_by_key(pair);
    edges.dedup_by_key(|edge| pair(edge));
    edges
}

/// Squares of a few cells; one square in eight is left without a region.
fn random_regions(dice: &mut Dice, shape: Shape, terrain: &[Terrain]) -> Vec<u16> {
    let side = if shape.count() <= 1 << 18 { 3 } else { 10 };
    let blocks = shape.block(shape.count() - 1, side) as usize + shape.width() as usize;
    let none: Vec<bool> = (0..blocks).map(|block| block > 0 && dice.one_in(8)).collect();
    let mut numbers = vec![NO_REGION; blocks];
    let mut next = 0;
    let mut number = |cell: u32| {
        let block = shape.block(cell, side) as usize;
        if none[block] || terrain[cell as usize] == Terrain::Impassable {
            return NO_REGION;
        }
        if numbers[block] == NO_REGION {
            numbers[block] = next;
            next += 1;
        }
        numbers[block]
    };
    shape.cells().map(&mut number).collect()
}
