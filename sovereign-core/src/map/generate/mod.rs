//! Maps made by arithmetic: plain grids of any size, and random ones for tests.
//!
//! The same arguments give the same map on every machine.

mod random;
mod shape;

use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;
use core::fmt::Write;

use super::adjacency::Adjacency;
use super::draft::ORDINARY_LENGTH;
use super::names::Names;
use super::{About, EdgeDraft, EdgeKind, Map, NO_REGION, Parts, TERRITORIES_MAX, Terrain};
use shape::Shape;

pub use random::{RANDOM_MIN, random};

/// The most columns or rows of a grid: its square is the most territories of a map.
pub const GRID_SIDE_MAX: u32 = 2_048;

/// The sides of a grid's regions, in cells.
const GRID_BLOCK: u32 = 10;

const _: () = assert!((GRID_SIDE_MAX as usize).pow(2) == TERRITORIES_MAX);

/// A rectangle of open land, each cell joined by land to the cells above, below, left and
/// right of it, in regions of ten by ten cells. A million territories take well under a
/// second.
///
/// Both sides are held to at most [`GRID_SIDE_MAX`] and at least 1, the width to at least 2.
#[must_use]
pub fn grid(width: u32, height: u32) -> Map {
    let shape = Shape::full(width.clamp(2, GRID_SIDE_MAX), height.clamp(1, GRID_SIDE_MAX));
    let edges = shape.borders().map(|(a, b)| two_way(a, b, EdgeKind::Land, ORDINARY_LENGTH));
    let region = shape.cells().map(|cell| shape.block(cell, GRID_BLOCK) as u16).collect();
    let terrain = vec![Terrain::Plains; shape.count() as usize];
    let name = format!("grid-{}x{}", shape.width(), shape.height());
    assemble(name, shape, terrain, region, &edges.collect::<Vec<_>>())
}

fn two_way(a: u32, b: u32, kind: EdgeKind, length: u16) -> EdgeDraft {
    EdgeDraft { a, b, kind, length, one_way: false }
}

/// Puts a sound map together. Regions are numbered without gaps.
fn assemble(
    name: String,
    shape: Shape,
    terrain: Vec<Terrain>,
    region: Vec<u16>,
    edges: &[EdgeDraft],
) -> Map {
    let directed: Vec<_> = edges.iter().flat_map(|edge| edge.directed()).collect();
    let regions = region.iter().filter(|&&raw| raw != NO_REGION).max().map_or(0, |most| most + 1);
    Map::assemble(Parts {
        about: about(name, shape),
        adjacency: Adjacency::new(terrain.len(), &directed),
        position: shape.cells().map(|cell| shape.middle(cell)).collect(),
        names: Names::write(shape.cells(), |cell, text| shape.put_name(cell, text)),
        outlines: Vec::new(),
        regions: (0..regions).map(named_region).collect(),
        terrain,
        region,
    })
}

fn about(name: String, shape: Shape) -> About {
    About {
        title: name.clone(),
        name,
        source: "generated".to_string(),
        licence: "none needed: made by arithmetic".to_string(),
        width: shape.frame_width(),
        height: shape.frame_height(),
    }
}

/// A generated region and its bonus: 2 to 7 points, in turn.
fn named_region(at: u16) -> (Box<str>, u16) {
    let mut name = String::new();
    write!(name, "Region {}", at + 1).expect("a string takes all text");
    (name.into(), 2 + at % 6)
}
