//! Maps as people write them: untrusted until checked.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::adjacency::Adjacency;
use super::format::FORMAT;
use super::names::Names;
use super::{About, Edge, EdgeKind, Map, MapDefects, NO_REGION, Parts, Ring, Terrain};
use crate::id::TerritoryId;

/// A map file's content: any nonsense that has the right shape.
///
/// A border that can be crossed both ways is written as *one* edge, in either order of its
/// ends; there is no way to write it twice, so it cannot be lopsided. An edge that leads
/// one way only is marked `one_way`; two of those, in opposite directions, may differ in
/// length and kind.
///
/// [`MapDraft::check`] lists what is wrong with it; `Map::try_from` builds the map.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MapDraft {
    /// Must be [`FORMAT`].
    pub format: String,
    /// See [`Map::name`].
    pub name: String,
    /// See [`Map::title`].
    pub title: String,
    /// See [`Map::source`].
    pub source: String,
    /// See [`Map::licence`].
    pub licence: String,
    /// See [`Map::width`].
    pub width: u32,
    /// See [`Map::height`].
    pub height: u32,
    /// The regions; a [`RegionId`](crate::id::RegionId) is a position in this list.
    #[serde(default)]
    pub regions: Vec<RegionDraft>,
    /// The territories; a [`TerritoryId`] is a position in this list.
    pub territories: Vec<TerritoryDraft>,
    /// The edges, in any order.
    pub edges: Vec<EdgeDraft>,
}

/// A region of a draft.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegionDraft {
    /// Its name, unique among regions.
    pub name: String,
    /// What holding all of it is worth, in points.
    pub bonus: u16,
}

/// A territory of a draft.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TerritoryDraft {
    /// Its name, unique among territories.
    pub name: String,
    /// What the land is like; plains if not said.
    #[serde(default)]
    pub terrain: Terrain,
    /// The position of its region in the list of regions, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<u16>,
    /// Where its label is drawn, from the left.
    pub x: i32,
    /// Where its label is drawn, from the top.
    pub y: i32,
    /// Its rings, each a flat list x, y, x, y, ... of at least three corners.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outline: Vec<Vec<i32>>,
}

/// An edge of a draft. Both ways, unless marked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EdgeDraft {
    /// One end: a position in the list of territories.
    pub a: u32,
    /// The other end.
    pub b: u32,
    /// How it is crossed; by land if not said.
    #[serde(default)]
    pub kind: EdgeKind,
    /// Its length in paces; 100, an ordinary border crossing, if not said.
    #[serde(default = "ordinary_length")]
    pub length: u16,
    /// Whether it leads from `a` to `b` only.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub one_way: bool,
}

/// The length of an ordinary border crossing, in paces.
pub(super) const ORDINARY_LENGTH: u16 = 100;

fn ordinary_length() -> u16 {
    ORDINARY_LENGTH
}

impl EdgeDraft {
    /// The directed edges it stands for: one, or one each way.
    pub(super) fn directed(self) -> impl Iterator<Item = (TerritoryId, Edge)> {
        let Self { a, b, kind, length, one_way } = self;
        let there = (TerritoryId(a), Edge { to: TerritoryId(b), length, kind });
        let back = (TerritoryId(b), Edge { to: TerritoryId(a), length, kind });
        core::iter::once(there).chain((!one_way).then_some(back))
    }
}

impl MapDraft {
    /// What the draft says about itself.
    pub(super) fn about(&self) -> About {
        About {
            name: self.name.clone(),
            title: self.title.clone(),
            source: self.source.clone(),
            licence: self.licence.clone(),
            width: self.width,
            height: self.height,
        }
    }
}

impl TryFrom<MapDraft> for Map {
    type Error = MapDefects;

    /// Checks the draft and builds the map. O((territories + edges) log edges).
    ///
    /// # Errors
    /// Everything that [`MapDraft::check`] finds, at once.
    fn try_from(draft: MapDraft) -> Result<Self, MapDefects> {
        match MapDefects::new(draft.check()) {
            Some(defects) => Err(defects),
            None => Ok(Self::assemble(parts(&draft))),
        }
    }
}

/// Takes a sound draft apart into a map's columns.
fn parts(draft: &MapDraft) -> Parts {
    let directed: Vec<_> = draft.edges.iter().flat_map(|edge| edge.directed()).collect();
    let territories = &draft.territories;
    let drawn = territories.iter().any(|territory| !territory.outline.is_empty());
    let rings = |territory: &TerritoryDraft| territory.outline.iter().map(|r| ring(r)).collect();
    Parts {
        terrain: territories.iter().map(|territory| territory.terrain).collect(),
        region: territories.iter().map(|t| t.region.unwrap_or(NO_REGION)).collect(),
        position: territories.iter().map(|territory| [territory.x, territory.y]).collect(),
        names: Names::write(territories.iter(), |territory, text| text.push_str(&territory.name)),
        outlines: if drawn { territories.iter().map(rings).collect() } else { Vec::new() },
        regions: draft.regions.iter().map(|r| (r.name.as_str().into(), r.bonus)).collect(),
        adjacency: Adjacency::new(territories.len(), &directed),
        about: draft.about(),
    }
}

fn ring(flat: &[i32]) -> Ring {
    flat.chunks_exact(2).map(|point| [point[0], point[1]]).collect()
}

impl From<&Map> for MapDraft {
    /// The canonical draft of a map: edges in ascending order, lower end first, both
    /// directions of a border in one.
    fn from(map: &Map) -> Self {
        let region = |r: &super::Region| RegionDraft { name: r.name.to_string(), bonus: r.bonus };
        Self {
            format: FORMAT.to_string(),
            name: map.name().to_string(),
            title: map.title().to_string(),
            source: map.source().to_string(),
            licence: map.licence().to_string(),
            width: map.width(),
            height: map.height(),
            regions: map.regions().iter().map(region).collect(),
            territories: map.territories().map(|id| territory_draft(map, id)).collect(),
            edges: map.territories().flat_map(|id| edge_drafts(map, id)).collect(),
        }
    }
}

fn territory_draft(map: &Map, id: TerritoryId) -> TerritoryDraft {
    let [x, y] = map.position(id);
    TerritoryDraft {
        name: map.territory_name(id).to_string(),
        terrain: map.terrain(id),
        region: map.region_of(id).map(|region| region.0),
        x,
        y,
        outline: map.outline(id).iter().map(|ring| ring.concat()).collect(),
    }
}

/// The edges written in `from`'s place: those to higher ids, and those one-way edges to
/// lower ids that have no equal twin.
pub(super) fn edge_drafts(map: &Map, from: TerritoryId) -> impl Iterator<Item = EdgeDraft> {
    map.edges(from).iter().filter_map(move |edge| {
        let twin = Edge { to: from, ..edge };
        let one_way = map.edge(edge.to, from) != Some(twin);
        let written = one_way || from < edge.to;
        let Edge { to, length, kind } = edge;
        written.then_some(EdgeDraft { a: from.0, b: to.0, kind, length, one_way })
    })
}
