//! Makes a map from a sketch: rough coasts become land, seeds grow into territories, and
//! the lines between them are smoothed without leaving gaps.

pub(super) mod noise;
pub(super) mod outline;
pub(super) mod raster;
mod recipe;
mod smooth;
pub(super) mod trace;

use std::collections::BTreeSet;

use sovereign_core::map::{EdgeDraft, EdgeKind, FORMAT, MapDraft, RegionDraft, TerritoryDraft};

use super::ImportError;
use super::geometry::{Point, Ring};
use super::label::depth;
use outline::{Outline, Smooth, label, rings, twice_area};
use raster::{Raster, SEA};
use trace::lines;

pub(crate) use recipe::SketchRecipe;
use recipe::{Stroke, TerritorySketch};
pub(super) use smooth::simplified;

/// The step in which a coast is made to wander, in cells.
const COAST_STEP: f64 = 2.0;

/// Makes the map that a sketch describes.
pub(super) fn draft(sketch: &SketchRecipe) -> Result<MapDraft, ImportError> {
    sketch.check()?;
    let raster = grow(sketch)?;
    let scale = f64::from(sketch.sheet.scale);
    let lines: Vec<Smooth> = lines(&raster).iter().map(|line| Smooth::new(line, scale)).collect();
    let shapes = shapes(&lines, sketch)?;
    let edges = edges(sketch, &lines, &shapes)?;
    let scale = u32::from(sketch.sheet.scale);
    let region = |r: &recipe::RegionSketch| RegionDraft { name: r.name.clone(), bonus: r.bonus };
    let territories = sketch.territories.iter().zip(&shapes);
    Ok(MapDraft {
        format: FORMAT.to_owned(),
        name: sketch.name.clone(),
        title: sketch.title.clone(),
        source: sketch.source.clone(),
        licence: sketch.licence.clone(),
        width: u32::from(sketch.sheet.width) * scale,
        height: u32::from(sketch.sheet.height) * scale,
        regions: sketch.regions.iter().map(region).collect(),
        territories: territories
            .map(|(t, shape)| territory(sketch, t, shape))
            .collect::<Result<_, _>>()?,
        edges,
    })
}

/// Fills the coasts, then gives each cell to the nearest seed on its piece of land.
fn grow(sketch: &SketchRecipe) -> Result<Raster, ImportError> {
    let sheet = &sketch.sheet;
    let mut raster = Raster::new(sheet.width.into(), sheet.height.into());
    let coast = |stroke: &Stroke| coast(sketch, stroke);
    let coasts: Vec<Ring> = sketch.lands.iter().map(coast).collect();
    for (ring, label) in coasts.iter().zip(1..) {
        raster.fill(ring, label);
    }
    for stroke in &sketch.waters {
        raster.fill(&coast(stroke), SEA);
    }
    let seeds = seeds(sketch, &coasts)?;
    raster.relabel(|land, point| {
        let point = noise::wander(point, sheet.border_wander, 7);
        nearest(&seeds[usize::from(land) - 1], point)
    });
    raster.swallow(sheet.least_cells);
    raster.untangle();
    Ok(raster)
}

/// A stroke as a wandering coast, in cells.
fn coast(sketch: &SketchRecipe, stroke: &Stroke) -> Ring {
    let placed: Ring = stroke.points.iter().map(|&point| sketch.sheet.place(point)).collect();
    let dense = smooth::dense(&smooth::closed(&placed), COAST_STEP);
    dense.into_iter().map(|point| noise::wander(point, sketch.sheet.coast_wander, 3)).collect()
}

/// For each piece of land the seeds on it, each with the label of its territory.
fn seeds(sketch: &SketchRecipe, coasts: &[Ring]) -> Result<Vec<Vec<(Point, u16)>>, ImportError> {
    let mut seeds = vec![Vec::new(); coasts.len()];
    let mut lost = Vec::new();
    for (territory, label) in sketch.territories.iter().zip(1..) {
        for &seed in &territory.seeds {
            let at = sketch.sheet.place(seed);
            let inside = |coast: &Ring| depth(at, std::slice::from_ref(coast)) > 0.0;
            // The land drawn last covers the others.
            match coasts.iter().rposition(inside) {
                Some(land) => seeds[land].push((at, label)),
                None => lost.push(format!("{} at {seed:?}", territory.name)),
            }
        }
    }
    if !lost.is_empty() {
        return Err(ImportError::SeedsInWater { seeds: lost.join(", ") });
    }
    let bare = seeds.iter().zip(&sketch.lands).find(|(seeds, _)| seeds.is_empty());
    match bare {
        Some((_, land)) => Err(ImportError::NoSeed { name: land.name.clone() }),
        None => Ok(seeds),
    }
}

fn nearest(seeds: &[(Point, u16)], [x, y]: Point) -> u16 {
    let far = |&([sx, sy], _): &(Point, u16)| (sx - x) * (sx - x) + (sy - y) * (sy - y);
    let best = seeds.iter().min_by(|a, b| far(a).total_cmp(&far(b)));
    best.map_or(SEA, |&(_, label)| label)
}

/// Puts the lines around each territory together.
fn shapes(lines: &[Smooth], sketch: &SketchRecipe) -> Result<Vec<Outline>, ImportError> {
    let labelled = sketch.territories.iter().zip(1..);
    let shape = |(territory, label): (&TerritorySketch, u16)| {
        let mut rings = rings(lines, label);
        rings.sort_by_key(|ring| std::cmp::Reverse(twice_area(ring)));
        let name = || territory.name.clone();
        if rings.is_empty() { Err(ImportError::NothingGrew { name: name() }) } else { Ok(rings) }
    };
    labelled.map(shape).collect()
}

fn territory(
    sketch: &SketchRecipe,
    territory: &TerritorySketch,
    outline: &[Vec<[i32; 2]>],
) -> Result<TerritoryDraft, ImportError> {
    let region = sketch.regions.iter().position(|region| region.name == territory.region);
    let unknown = || ImportError::NoRegion { name: territory.region.clone() };
    let [x, y] = label(outline).map(|part| part.round() as i32);
    Ok(TerritoryDraft {
        name: territory.name.clone(),
        terrain: territory.terrain,
        region: Some(region.ok_or_else(unknown)? as u16),
        x,
        y,
        outline: outline.iter().map(|ring| ring.concat()).collect(),
    })
}

/// The sketch's edges in ascending order, its land edges compared with the drawing.
fn edges(
    sketch: &SketchRecipe,
    lines: &[Smooth],
    shapes: &[Outline],
) -> Result<Vec<EdgeDraft>, ImportError> {
    let labels: Vec<Point> = shapes.iter().map(|outline| label(outline)).collect();
    let mut edges = Vec::new();
    for line in &sketch.edges {
        for (to, kind) in line.ends() {
            let (from, to) = (number(sketch, &line.from)?, number(sketch, to)?);
            let (a, b) = (from.min(to), from.max(to));
            let length = paces(sketch, labels[a], labels[b]);
            edges.push(EdgeDraft { a: a as u32, b: b as u32, kind, length, one_way: false });
        }
    }
    edges.sort_by_key(|edge| (edge.a, edge.b));
    compare(sketch, lines, &edges)?;
    Ok(edges)
}

fn number(sketch: &SketchRecipe, name: &str) -> Result<usize, ImportError> {
    let at = sketch.territories.iter().position(|territory| territory.name == name);
    at.ok_or_else(|| ImportError::NoTerritory { name: name.to_owned() })
}

fn paces(sketch: &SketchRecipe, [ax, ay]: Point, [bx, by]: Point) -> u16 {
    let sheet = &sketch.sheet;
    let (dx, dy) = (ax - bx, ay - by);
    let ordinary = sheet.ordinary_cells * f64::from(sheet.scale);
    let paces = ((dx * dx + dy * dy).sqrt() * 100.0 / ordinary).round();
    paces.clamp(f64::from(sheet.least_paces), f64::from(sheet.most_paces)) as u16
}

/// Fails unless the typed land edges are the borders that can be seen.
fn compare(
    sketch: &SketchRecipe,
    lines: &[Smooth],
    edges: &[EdgeDraft],
) -> Result<(), ImportError> {
    let land = lines.iter().filter(|line| line.left != SEA && line.right != SEA);
    let pair = |a: u16, b: u16| (u32::from(a.min(b)) - 1, u32::from(a.max(b)) - 1);
    let drawn: BTreeSet<_> = land.map(|line| pair(line.left, line.right)).collect();
    let by_land = edges.iter().filter(|edge| edge.kind == EdgeKind::Land);
    let typed: BTreeSet<_> = by_land.map(|edge| (edge.a, edge.b)).collect();
    let names = |pairs: Vec<&(u32, u32)>| {
        let name = |at: u32| sketch.territories[at as usize].name.as_str();
        let pair = |&(a, b): &(u32, u32)| format!("{} and {}", name(a), name(b));
        pairs.into_iter().map(pair).collect::<Vec<_>>().join(", ")
    };
    let (only_drawn, only_typed) = (drawn.difference(&typed), typed.difference(&drawn));
    let (only_drawn, only_typed) = (names(only_drawn.collect()), names(only_typed.collect()));
    if only_drawn.is_empty() && only_typed.is_empty() {
        return Ok(());
    }
    Err(ImportError::Borders { only_drawn, only_typed })
}
