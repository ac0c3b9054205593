//! Makes maps up: cells around shaken seeds (Voronoi's), all land or in islands.
//!
//! Only whole numbers, the four basic operations and square roots are used, which are exact
//! to the last bit everywhere: the same seed gives the same map on every machine.

mod cells;
mod dice;
mod names;
mod routes;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use clap::ValueEnum;
use sovereign_core::map::{
    EdgeDraft, EdgeKind, FORMAT, MapDraft, RegionDraft, Terrain, TerritoryDraft, generate,
};
use thiserror::Error;

use super::sketch::noise;
use super::sketch::outline::{Outline, Smooth, label, rings};
use super::sketch::raster::{Raster, SEA};
use super::sketch::trace::lines;
use cells::Cells;
use dice::Dice;
use names::Names;

/// The fewest territories of a made-up map.
pub(crate) const TERRITORIES_MIN: u32 = 4;
/// The most territories of a made-up map that is drawn cell by cell.
pub(crate) const DRAWN_MAX: u32 = 20_000;
/// The side of a territory's square, in cells of the sheet it is drawn on.
const SIDE: f64 = 12.0;
/// Drawing units to a cell of that sheet.
const SCALE: f64 = 3.0;
/// How far borders wander, in cells of the sheet.
const WANDER: f64 = 4.0;
/// The smallest piece of a territory, in cells of the sheet.
const PIECE_MIN: usize = 6;
/// The side of a region's square, in territories.
const REGION_SIDE: f64 = 3.4;
/// The fewest territories of a region.
const REGION_MIN: usize = 4;

/// What kind of map.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Kind {
    /// One continent of uneven cells, with lakes.
    Voronoi,
    /// Squares in rows; the only kind for more than 20,000 territories.
    Grid,
    /// Many islands with straits and sea routes.
    Islands,
}

/// Why no map was made.
#[derive(Debug, Error)]
pub(crate) enum GenerateError {
    #[error("{territories} territories are asked for; this kind has {TERRITORIES_MIN} to {most}")]
    Count { territories: u32, most: u32 },
    #[error("territory {number} was squeezed out by its neighbours; take another seed")]
    Squeezed { number: usize },
}

/// Makes a map of so many territories; a grid may have a few less, to be a full rectangle.
pub(crate) fn generate(kind: Kind, territories: u32, seed: u64) -> Result<MapDraft, GenerateError> {
    let most = if kind == Kind::Grid { generate::GRID_SIDE_MAX.pow(2) } else { DRAWN_MAX };
    if !(TERRITORIES_MIN..=most).contains(&territories) {
        return Err(GenerateError::Count { territories, most });
    }
    match kind {
        Kind::Grid => {
            let width = territories.isqrt().min(generate::GRID_SIDE_MAX);
            Ok(MapDraft::from(&generate::grid(width, territories / width)))
        }
        Kind::Voronoi => World::new(territories as usize, seed, &CONTINENT).draft(kind, seed),
        Kind::Islands => World::new(territories as usize, seed, &ISLANDS).draft(kind, seed),
    }
}

/// How land and water lie.
struct Relief {
    /// Squares of water to a hundred of land.
    water: usize,
    /// How much lower the rim of the sheet lies than its middle.
    rim: f64,
    /// How many bays and capes there are: more, the higher it is.
    detail: f64,
}

const CONTINENT: Relief = Relief { water: 35, rim: 1.2, detail: 0.8 };
const ISLANDS: Relief = Relief { water: 170, rim: 0.6, detail: 2.4 };

/// Seeds and the land among them.
struct World {
    cells: Cells,
    columns: usize,
    rows: usize,
    /// The label of each seed: [`SEA`], or its territory's number from 1.
    labels: Vec<u16>,
    /// The seed of each territory.
    seeds: Vec<usize>,
    salt: u64,
}

impl World {
    /// Makes the highest squares of a relief land.
    fn new(territories: usize, seed: u64, relief: &Relief) -> Self {
        let mut dice = Dice::new(seed);
        let salt = dice.next();
        let squares = territories + territories * relief.water / 100;
        let rows = ((squares * 5 / 8).isqrt()).max(2);
        let columns = squares.div_ceil(rows).max(2);
        let cells = Cells::new(&mut dice, columns, rows, SIDE);
        let height = |at: &usize| relief.height(cells.seeds()[*at], [columns, rows], salt);
        let mut order: Vec<usize> = (0..columns * rows).collect();
        order.sort_by(|a, b| height(b).total_cmp(&height(a)).then(a.cmp(b)));
        let mut seeds = order[..territories].to_vec();
        seeds.sort_unstable();
        let mut labels = vec![SEA; columns * rows];
        for (&at, label) in seeds.iter().zip(1..) {
            labels[at] = label;
        }
        Self { cells, columns, rows, labels, seeds, salt }
    }

    fn draft(&self, kind: Kind, seed: u64) -> Result<MapDraft, GenerateError> {
        let lines = self.lines();
        let outlines = self.outlines(&lines)?;
        let middles: Vec<[i32; 2]> =
            outlines.iter().map(|outline| label(outline).map(|at| at.round() as i32)).collect();
        let mut names = Names::new(self.salt);
        let territory = |(at, outline): (usize, &Outline)| TerritoryDraft {
            name: names.next(),
            terrain: self.terrain(at),
            x: middles[at][0],
            y: middles[at][1],
            outline: outline.iter().map(|ring| ring.concat()).collect(),
            ..TerritoryDraft::default()
        };
        let territories: Vec<TerritoryDraft> = outlines.iter().enumerate().map(territory).collect();
        let title = format!("{kind:?} of {}, seed {seed}", territories.len());
        let side = |squares: usize| (squares as f64 * SIDE * SCALE) as u32;
        let mut draft = MapDraft {
            format: FORMAT.to_owned(),
            name: super::foreign::simple(&title),
            title,
            source: "generated".to_owned(),
            licence: "none needed: made by arithmetic".to_owned(),
            width: side(self.columns),
            height: side(self.rows),
            regions: Vec::new(),
            territories,
            edges: borders(&lines, &middles),
        };
        self.add_regions(&mut draft, &mut names);
        routes::add(&mut draft, SIDE * SCALE);
        Ok(draft)
    }

    /// The lines between territories, drawn on a sheet of cells and smoothed.
    fn lines(&self) -> Vec<Smooth> {
        let (width, height) = (self.columns as f64 * SIDE, self.rows as f64 * SIDE);
        let mut raster = Raster::of(width as usize, height as usize, |point| {
            self.labels[self.cells.nearest(noise::wander(point, WANDER, self.salt))]
        });
        raster.swallow(PIECE_MIN);
        raster.untangle();
        lines(&raster).iter().map(|line| Smooth::new(line, SCALE)).collect()
    }

    fn outlines(&self, lines: &[Smooth]) -> Result<Vec<Outline>, GenerateError> {
        let mut around = vec![Vec::new(); self.seeds.len() + 1];
        for line in lines {
            around[usize::from(line.left)].push(line);
            around[usize::from(line.right)].push(line);
        }
        let outline = |(number, lines): (usize, &Vec<&Smooth>)| {
            let mut rings = rings(lines.iter().copied(), number as u16);
            rings.sort_by_key(|ring| std::cmp::Reverse(ring.len()));
            if rings.is_empty() { Err(GenerateError::Squeezed { number }) } else { Ok(rings) }
        };
        around.iter().enumerate().skip(1).map(outline).collect()
    }

    /// Rough land lies in ranges, apart from how high it is above the water.
    fn terrain(&self, territory: usize) -> Terrain {
        let [x, y] = self.cells.seeds()[self.seeds[territory]];
        let rough = noise::field(x * 1.1, y * 1.1, self.salt ^ 0x70c5);
        match rough {
            rough if rough > 0.24 => Terrain::Mountain,
            rough if rough > 0.07 => Terrain::Highland,
            _ => Terrain::Plains,
        }
    }

    /// Puts each territory into the region of the nearest of some coarser seeds; regions that
    /// come out too small are left out of the choice.
    fn add_regions(&self, draft: &mut MapDraft, names: &mut Names) {
        let side = SIDE * REGION_SIDE;
        let squares = |count: usize| ((count as f64 / REGION_SIDE).ceil() as usize).max(1);
        let mut dice = Dice::new(self.salt ^ 0x4e61);
        let coarse = Cells::new(&mut dice, squares(self.columns), squares(self.rows), side);
        let places: Vec<_> = self.seeds.iter().map(|&at| self.cells.seeds()[at]).collect();
        let mut choice: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (territory, &place) in places.iter().enumerate() {
            choice.entry(coarse.nearest(place)).or_default().push(territory);
        }
        let (large, small): (Vec<_>, Vec<_>) =
            choice.into_iter().partition(|(_, members)| members.len() >= REGION_MIN);
        let mut regions: Vec<Vec<usize>> = large.into_iter().map(|(_, members)| members).collect();
        for (_, members) in small {
            match nearest_region(&regions, &places, places[members[0]]) {
                Some(region) => regions[region].extend(members),
                None => regions.push(members),
            }
        }
        for (number, members) in regions.iter().enumerate() {
            let bonus = (members.len() / 3 + 1) as u16;
            draft.regions.push(RegionDraft { name: names.next(), bonus });
            for &member in members {
                draft.territories[member].region = Some(number as u16);
            }
        }
    }
}

/// The region with the territory that is nearest to a place.
fn nearest_region(regions: &[Vec<usize>], places: &[[f64; 2]], [x, y]: [f64; 2]) -> Option<usize> {
    let far = |&at: &usize| {
        let [px, py] = places[at];
        (px - x) * (px - x) + (py - y) * (py - y)
    };
    let best = |members: &Vec<usize>| members.iter().map(far).fold(f64::MAX, f64::min);
    (0..regions.len()).min_by(|&a, &b| best(&regions[a]).total_cmp(&best(&regions[b])))
}

impl Relief {
    /// How high a place lies: the highest are land.
    fn height(&self, [x, y]: [f64; 2], squares: [usize; 2], salt: u64) -> f64 {
        let [width, height] = squares.map(|count| count as f64 * SIDE);
        let inland = x.min(width - x).min(y).min(height - y) / (SIDE * 2.5);
        let wavy = noise::field(x * self.detail, y * self.detail, salt ^ 0x1e7e1);
        wavy + self.rim * inland.min(1.0)
    }
}

/// Land edges where a line parts two territories; the length is the distance.
fn borders(lines: &[Smooth], middles: &[[i32; 2]]) -> Vec<EdgeDraft> {
    let land = lines.iter().filter(|line| line.left != SEA && line.right != SEA);
    let pair = |line: &Smooth| (line.left.min(line.right) - 1, line.left.max(line.right) - 1);
    let pairs: BTreeSet<(u16, u16)> = land.map(pair).collect();
    let edge = |(a, b): (u16, u16)| EdgeDraft {
        a: u32::from(a),
        b: u32::from(b),
        kind: EdgeKind::Land,
        length: paces(middles[usize::from(a)], middles[usize::from(b)], SIDE * SCALE),
        one_way: false,
    };
    pairs.into_iter().map(edge).collect()
}

/// How long a way is, if the side of a square is 100 paces.
fn paces(a: [i32; 2], b: [i32; 2], side: f64) -> u16 {
    let (dx, dy) = (f64::from(a[0] - b[0]), f64::from(a[1] - b[1]));
    ((dx * dx + dy * dy).sqrt() * 100.0 / side).round().clamp(25.0, 1_000.0) as u16
}
