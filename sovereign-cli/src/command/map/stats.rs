//! What can be counted on a map.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;
use sovereign_core::id::TerritoryId;
use sovereign_core::map::{EdgeKind, Map, Region};

use super::graph::Graph;
use crate::ui::Report;

/// How many choke points are named to people.
const NAMED_MAX: usize = 12;

/// The measures of a map.
#[derive(Serialize)]
pub(super) struct Stats {
    name: String,
    title: String,
    hash: String,
    territories: usize,
    playable: u32,
    terrain: BTreeMap<&'static str, usize>,
    edges: Edges,
    degree: Degree,
    /// The most steps between two territories, by any edge.
    diameter: u32,
    diameter_is_exact: bool,
    /// How many parts the map has if sea edges are closed, that is without ports.
    parts_without_sea: usize,
    /// How many parts it has by land borders alone.
    parts_by_land: usize,
    /// Territories whose loss cuts others off from each other, while sea edges are closed.
    choke_points: Vec<String>,
    regions: Vec<RegionStats>,
}

/// Edges by kind; one that can be crossed both ways counts once.
#[derive(Default, Serialize)]
struct Edges {
    land: usize,
    strait: usize,
    sea: usize,
    one_way: usize,
}

/// How many edges leave a playable territory.
#[derive(Serialize)]
struct Degree {
    least: usize,
    median: usize,
    mean: f64,
    most: usize,
    /// How many territories have each number of edges.
    histogram: BTreeMap<usize, usize>,
}

#[derive(Serialize)]
struct RegionStats {
    name: String,
    bonus: u16,
    territories: usize,
    /// Its territories with a neighbour outside: those that must be guarded.
    frontier: usize,
    /// Territories outside that it can be attacked from.
    neighbours: usize,
}

impl Stats {
    pub(super) fn new(map: &Map) -> Self {
        let all = Graph::new(map, |_| true);
        let without_sea = Graph::new(map, |kind| kind != EdgeKind::Sea);
        let (diameter, diameter_is_exact) = all.diameter();
        let chokes = without_sea.choke_points();
        Self {
            name: map.name().to_owned(),
            title: map.title().to_owned(),
            hash: map.hash().to_string(),
            territories: map.len(),
            playable: map.playable_count(),
            terrain: terrain(map),
            edges: edges(map),
            degree: degree(map),
            diameter,
            diameter_is_exact,
            parts_without_sea: without_sea.parts(),
            parts_by_land: Graph::new(map, |kind| kind == EdgeKind::Land).parts(),
            choke_points: chokes.iter().map(|&id| map.territory_name(id).to_owned()).collect(),
            regions: map.regions().iter().map(|region| region_stats(map, region)).collect(),
        }
    }
}

fn terrain(map: &Map) -> BTreeMap<&'static str, usize> {
    use sovereign_core::map::Terrain;
    let mut counts = BTreeMap::new();
    for id in map.territories() {
        let name = match map.terrain(id) {
            Terrain::Plains => "plains",
            Terrain::Highland => "highland",
            Terrain::Mountain => "mountain",
            Terrain::Impassable => "impassable",
        };
        *counts.entry(name).or_insert(0) += 1;
    }
    counts
}

fn edges(map: &Map) -> Edges {
    let mut counts = Edges::default();
    for from in map.territories() {
        for edge in map.edges(from) {
            let back = map.edge(edge.to, from).is_some();
            counts.one_way += usize::from(!back);
            // A pair of one-way edges is counted at its lower end, like a border.
            if !back || from < edge.to {
                match edge.kind {
                    EdgeKind::Land => counts.land += 1,
                    EdgeKind::Strait => counts.strait += 1,
                    EdgeKind::Sea => counts.sea += 1,
                }
            }
        }
    }
    counts
}

fn degree(map: &Map) -> Degree {
    let counts = map.territories().map(|id| map.edges(id).len());
    let mut degrees: Vec<usize> = counts.filter(|&count| count > 0).collect();
    degrees.sort_unstable();
    let mut histogram = BTreeMap::new();
    for &count in &degrees {
        *histogram.entry(count).or_insert(0) += 1;
    }
    let mean = map.edge_count() as f64 / degrees.len().max(1) as f64;
    Degree {
        least: degrees.first().copied().unwrap_or(0),
        median: degrees.get(degrees.len() / 2).copied().unwrap_or(0),
        mean: (mean * 100.0).round() / 100.0,
        most: degrees.last().copied().unwrap_or(0),
        histogram,
    }
}

fn region_stats(map: &Map, region: &Region) -> RegionStats {
    let inside = |id: &TerritoryId| region.territories.binary_search(id).is_ok();
    let outward = |id: &TerritoryId| map.edges(*id).iter().any(|edge| !inside(&edge.to));
    let ends = region.territories.iter().flat_map(|&id| map.edges(id)).map(|edge| edge.to);
    let mut neighbours: Vec<TerritoryId> = ends.filter(|to| !inside(to)).collect();
    neighbours.sort_unstable();
    neighbours.dedup();
    RegionStats {
        name: region.name.to_string(),
        bonus: region.bonus,
        territories: region.territories.len(),
        frontier: region.territories.iter().filter(|id| outward(id)).count(),
        neighbours: neighbours.len(),
    }
}

impl Report for Stats {
    fn text(&self) -> String {
        self.to_string()
    }
}

impl fmt::Display for Stats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Edges { land, strait, sea, one_way } = &self.edges;
        let Degree { least, median, mean, most, .. } = &self.degree;
        let terrain: Vec<String> = self.terrain.iter().map(|(t, n)| format!("{n} {t}")).collect();
        let bound = if self.diameter_is_exact { "" } else { "at least " };
        writeln!(f, "{} ({})", self.title, self.name)?;
        writeln!(f, "hash          {}", self.hash)?;
        writeln!(f, "territories   {} ({})", self.territories, terrain.join(", "))?;
        writeln!(f, "edges         {land} land, {strait} strait, {sea} sea; {one_way} one-way")?;
        writeln!(f, "neighbours    {least} to {most}, median {median}, mean {mean}")?;
        writeln!(f, "diameter      {bound}{} steps", self.diameter)?;
        let (closed, land) = (self.parts_without_sea, self.parts_by_land);
        writeln!(f, "parts         {closed} without ports, {land} by land alone")?;
        writeln!(f, "choke points  {}", self.named_choke_points())?;
        self.regions.iter().try_for_each(|region| write!(f, "{region}"))
    }
}

impl Stats {
    fn named_choke_points(&self) -> String {
        let named = &self.choke_points[..self.choke_points.len().min(NAMED_MAX)];
        let more = self.choke_points.len() - named.len();
        let list = if named.is_empty() { "none".to_owned() } else { named.join(", ") };
        if more > 0 { format!("{list} and {more} more") } else { list }
    }
}

impl fmt::Display for RegionStats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, bonus, territories, frontier, neighbours } = self;
        writeln!(
            f,
            "  {name:<22} worth {bonus:>2}: {territories:>3} territories, {frontier:>3} to guard \
             against {neighbours:>3}"
        )
    }
}
