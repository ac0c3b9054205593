//! The board: an immutable graph of territories.
//!
//! A [`Map`] is built once, from a checked [`MapDraft`] or by a [generator](generate),
//! and never changes. Share it with `Arc`. Its edges are stored in compressed rows, so
//! that a territory's neighbours are one slice.
//!
//! Only [`MapDraft`] is read from files; turning it into a [`Map`] reports every
//! [`MapDefect`] at once, so whoever holds a `Map` holds a sound one: connected, without
//! dangling edges, and within the limits named here.

mod adjacency;
mod binary;
mod check;
mod defect;
mod draft;
mod format;
pub mod generate;
mod hash;
mod names;
mod position;
mod shipped;
#[cfg(test)]
mod tests;

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::id::{RegionId, TerritoryId};
use adjacency::Adjacency;
use names::Names;
use position::Position;

pub use adjacency::Edges;
pub use binary::{BINARY_BYTES_MAX, BINARY_MAGIC, BINARY_VERSION, BinaryError, BinaryParts};
pub use defect::{MapDefect, MapDefects, Part, TextFault};
pub use draft::{EdgeDraft, MapDraft, RegionDraft, TerritoryDraft};
pub use format::{FORMAT, MapError, MapFileError};
pub use hash::{MapHash, MapHashError};

/// The most territories a map can hold.
pub const TERRITORIES_MAX: usize = 1 << 22;
/// The most regions a map can hold.
pub const REGIONS_MAX: usize = 65_534;
/// The most edges that may leave one territory.
pub const EDGES_PER_TERRITORY_MAX: usize = 1_024;
/// The longest map file that is read, in bytes.
pub const FILE_BYTES_MAX: usize = 16 << 20;
/// The longest name of a map, region or territory, and the longest title, in bytes.
pub const NAME_BYTES_MAX: usize = 64;
/// The longest source or licence note, in bytes.
pub const NOTE_BYTES_MAX: usize = 1_024;
/// The largest width or height, in drawing units.
pub const FRAME_MAX: u32 = 1 << 20;
/// The most rings that one outline may hold.
pub const RINGS_MAX: usize = 256;
/// The most points that one outline may hold in all.
pub const OUTLINE_POINTS_MAX: usize = 16_384;
/// The fewest territories that can be played on.
pub const PLAYABLE_MIN: u32 = 2;

/// What the land is like. How it matters is said by the rules.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Terrain {
    /// Open land.
    #[default]
    Plains = 0,
    /// Hills, forest, desert: harder to take.
    Highland = 1,
    /// High mountains: hardest to take.
    Mountain = 2,
    /// Nobody can own or enter it; it has no edges and no region.
    Impassable = 3,
}

impl Terrain {
    /// How many there are.
    pub(crate) const COUNT: usize = 4;

    /// All of them.
    pub(crate) const ALL: [Self; Self::COUNT] =
        [Self::Plains, Self::Highland, Self::Mountain, Self::Impassable];
}

/// How an edge is crossed.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum EdgeKind {
    /// A shared border.
    #[default]
    Land = 0,
    /// A bridge or narrow water: needs no port.
    Strait = 1,
    /// Open water: needs a port.
    Sea = 2,
}

/// One way out of a territory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Edge {
    /// Where it leads.
    pub to: TerritoryId,
    /// How long it is, in paces, at least 1. An ordinary border crossing is 100.
    pub length: u16,
    /// How it is crossed.
    pub kind: EdgeKind,
}

/// A group of territories that gives a bonus to whoever holds all of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Region {
    /// Its name, unique on the map.
    pub name: Box<str>,
    /// What holding all of it is worth, in points that the rules turn into gold.
    pub bonus: u16,
    /// Its territories in ascending order, at least one.
    pub territories: Box<[TerritoryId]>,
}

/// A polygon's corners in drawing units, without repeating the first.
pub type Ring = Vec<[i32; 2]>;

/// The stored form of "belongs to no region".
const NO_REGION: u16 = u16::MAX;

/// An immutable, sound graph of territories. Share it with `Arc`.
///
/// Built by `TryFrom<MapDraft>`, [`Map::from_json`], [`Map::shipped`] or [`generate`].
/// Methods that take a [`TerritoryId`] panic if the map does not hold it; see
/// [`Map::contains`].
pub struct Map {
    about: About,
    terrain: Box<[Terrain]>,
    region: Box<[u16]>,
    position: Box<[Position]>,
    names: Names,
    /// Empty, or one list of rings for each territory.
    outlines: Box<[Vec<Ring>]>,
    regions: Box<[Region]>,
    adjacency: Adjacency,
    playable: u32,
    hash: MapHash,
}

/// What a map says about itself.
#[derive(Clone, Debug, Default)]
struct About {
    name: String,
    title: String,
    source: String,
    licence: String,
    width: u32,
    height: u32,
}

/// The columns a map is assembled from. They must be sound: this is for code that has
/// checked a draft or generates sound maps.
struct Parts {
    about: About,
    terrain: Vec<Terrain>,
    region: Vec<u16>,
    position: Vec<[i32; 2]>,
    names: Names,
    outlines: Vec<Vec<Ring>>,
    regions: Vec<(Box<str>, u16)>,
    adjacency: Adjacency,
}

impl Map {
    fn assemble(parts: Parts) -> Self {
        let playable = parts.terrain.iter().filter(|&&t| t != Terrain::Impassable).count();
        let mut map = Self {
            about: parts.about,
            regions: gather_regions(parts.regions, &parts.region),
            terrain: parts.terrain.into(),
            region: parts.region.into(),
            position: parts.position.into_iter().map(Position::new).collect(),
            names: parts.names,
            outlines: parts.outlines.into(),
            adjacency: parts.adjacency,
            playable: playable as u32,
            hash: MapHash([0; 32]),
        };
        map.hash = MapHash::of(&map);
        map
    }

    /// The name by which the map is asked for, such as `world`: lower-case letters,
    /// digits and hyphens.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.about.name
    }

    /// The name shown to people, such as `The World`.
    #[must_use]
    pub fn title(&self) -> &str {
        &self.about.title
    }

    /// Where its data comes from.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.about.source
    }

    /// The licence of its data.
    #[must_use]
    pub fn licence(&self) -> &str {
        &self.about.licence
    }

    /// The frame's width in drawing units; x runs from 0, left, to this.
    #[must_use]
    pub fn width(&self) -> u32 {
        self.about.width
    }

    /// The frame's height in drawing units; y runs from 0, top, to this.
    #[must_use]
    pub fn height(&self) -> u32 {
        self.about.height
    }

    /// How many territories there are, impassable ones included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.terrain.len()
    }

    /// Whether there is no territory. Never true of a checked map.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.terrain.is_empty()
    }

    /// All territories, in ascending order.
    pub fn territories(
        &self,
    ) -> impl ExactSizeIterator<Item = TerritoryId> + DoubleEndedIterator + use<> {
        (0..self.len()).map(TerritoryId::from_index)
    }

    /// Whether the map holds this territory.
    #[must_use]
    pub fn contains(&self, territory: TerritoryId) -> bool {
        territory.index() < self.len()
    }

    /// How many territories can be owned: all but the impassable ones.
    #[must_use]
    pub fn playable_count(&self) -> u32 {
        self.playable
    }

    /// What the land is like there.
    #[must_use]
    #[inline]
    pub fn terrain(&self, territory: TerritoryId) -> Terrain {
        self.terrain[territory.index()]
    }

    /// The region it belongs to, if any.
    #[must_use]
    pub fn region_of(&self, territory: TerritoryId) -> Option<RegionId> {
        let raw = self.region[territory.index()];
        (raw != NO_REGION).then_some(RegionId(raw))
    }

    /// All regions, indexed by [`RegionId`].
    #[must_use]
    pub fn regions(&self) -> &[Region] {
        &self.regions
    }

    /// The edges that leave a territory, sorted by where they lead. O(1).
    #[must_use]
    #[inline]
    pub fn edges(&self, territory: TerritoryId) -> Edges<'_> {
        self.adjacency.row(territory)
    }

    /// How many edges there are in all; a border that can be crossed both ways counts twice.
    #[must_use]
    pub fn edge_count(&self) -> usize {
        self.adjacency.len()
    }

    /// The edge from one territory to another, if they are neighbours. O(log edges).
    #[must_use]
    #[inline]
    pub fn edge(&self, from: TerritoryId, to: TerritoryId) -> Option<Edge> {
        self.edges(from).to(to)
    }

    /// The territory's name, unique on the map.
    #[must_use]
    pub fn territory_name(&self, territory: TerritoryId) -> &str {
        self.names.get(territory.index())
    }

    /// Where its label and troops are drawn, in drawing units.
    #[must_use]
    pub fn position(&self, territory: TerritoryId) -> [i32; 2] {
        self.position[territory.index()].get()
    }

    /// Its shape in drawing units: rings filled by the even-odd rule. Empty if the map has none.
    #[must_use]
    pub fn outline(&self, territory: TerritoryId) -> &[Ring] {
        self.outlines.get(territory.index()).map_or(&[], Vec::as_slice)
    }

    /// The identity of everything the rules can see. Computed once, when the map is built.
    #[must_use]
    pub fn hash(&self) -> MapHash {
        self.hash
    }
}

impl core::fmt::Debug for Map {
    /// One line: a map can hold millions of territories.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Map")
            .field("name", &self.about.name)
            .field("territories", &self.len())
            .field("regions", &self.regions.len())
            .field("edges", &self.edge_count())
            .field("hash", &self.hash)
            .finish_non_exhaustive()
    }
}

/// Lists each region's territories, in ascending order.
fn gather_regions(regions: Vec<(Box<str>, u16)>, region: &[u16]) -> Box<[Region]> {
    let mut members: Vec<Vec<TerritoryId>> = regions.iter().map(|_| Vec::new()).collect();
    for (index, &raw) in region.iter().enumerate() {
        if raw != NO_REGION {
            members[usize::from(raw)].push(TerritoryId::from_index(index));
        }
    }
    let rows = regions.into_iter().zip(members);
    rows.map(|((name, bonus), list)| Region { name, bonus, territories: list.into() }).collect()
}
