//! Makes a map of countries from an atlas: a TopoJSON file, whose shared arcs tell who is
//! whose neighbour.

pub(super) mod crossing;
mod recipe;
pub(super) mod topology;

use std::collections::BTreeMap;

use sovereign_core::map::{EdgeDraft, EdgeKind, FORMAT, MapDraft, RegionDraft, TerritoryDraft};

use super::ImportError;
use super::geometry::{Point, Ring, area, bounds, distance_km, natural_earth, place, rounded};
use super::label::label_point;
use crossing::Links;
use topology::{Country, Topology};

pub(crate) use recipe::{AtlasRecipe, Lengths};

/// Makes the map that a recipe describes from the text of its atlas.
pub(super) fn draft(recipe: &AtlasRecipe, atlas: &str) -> Result<MapDraft, ImportError> {
    let topology: Topology = serde_json::from_str(atlas)
        .map_err(|error| ImportError::Atlas { file: recipe.input.clone(), error })?;
    let countries = pick(recipe, topology.countries(&recipe.object, recipe.west)?)?;
    let frame = Frame::new(recipe, &countries)?;
    let shapes: Vec<Shape> = countries.iter().map(|country| frame.shape(country)).collect();
    let edges = edges(recipe, &countries)?;
    let region = |r: &recipe::RegionRecipe| RegionDraft { name: r.name.clone(), bonus: r.bonus };
    Ok(MapDraft {
        format: FORMAT.to_owned(),
        name: recipe.name.clone(),
        title: recipe.title.clone(),
        source: recipe.source.clone(),
        licence: recipe.licence.clone(),
        width: u32::from(recipe.width),
        height: frame.height,
        regions: recipe.regions.iter().map(region).collect(),
        territories: territories(recipe, shapes),
        edges,
    })
}

/// The countries in the recipe's order, under their shown names. Every country of the atlas
/// must be in exactly one region or left out, and every name must be one of the atlas's.
fn pick(recipe: &AtlasRecipe, atlas: Vec<Country>) -> Result<Vec<Country>, ImportError> {
    let mut found = BTreeMap::new();
    for mut country in atlas {
        if recipe.leave_out.contains(&country.name) {
            continue;
        }
        if let Some(shown) = recipe.rename.get(&country.name) {
            country.name.clone_from(shown);
        }
        found.insert(country.name.clone(), country);
    }
    let unknown = |name: &str| ImportError::NotInAtlas { name: name.to_owned() };
    let take = |(name, _): (&str, u16)| found.remove(name).ok_or_else(|| unknown(name));
    let picked = recipe.members().map(take).collect::<Result<_, _>>()?;
    match found.into_keys().next() {
        Some(name) => Err(ImportError::NotInRecipe { name }),
        None => Ok(picked),
    }
}

/// From degrees to drawing units.
struct Frame {
    scale: f64,
    left: f64,
    top: f64,
    margin: f64,
    middle: f64,
    height: u32,
}

/// A country as it is drawn.
struct Shape {
    label: [i32; 2],
    outline: Vec<Vec<i32>>,
}

impl Frame {
    /// Fits all countries into the recipe's width.
    fn new(recipe: &AtlasRecipe, countries: &[Country]) -> Result<Self, ImportError> {
        let middle = recipe.west + 180.0;
        let project = |&[lon, lat]: &Point| natural_earth([lon - middle, lat]);
        let rings = countries.iter().flat_map(|country| country.parts.iter().flatten());
        let points: Vec<Point> = rings.flatten().map(project).collect();
        let [left, top, right, bottom] = bounds(&points).ok_or(ImportError::NoCountries)?;
        let margin = f64::from(recipe.margin);
        let scale = (f64::from(recipe.width) - 2.0 * margin) / (right - left);
        let height = ((bottom - top) * scale + 2.0 * margin).ceil() as u32;
        Ok(Self { scale, left, top, margin, middle, height })
    }

    fn point(&self, [lon, lat]: Point) -> Point {
        let [x, y] = natural_earth([lon - self.middle, lat]);
        [(x - self.left) * self.scale + self.margin, (y - self.top) * self.scale + self.margin]
    }

    /// Projects a country; its label goes into its largest part.
    fn shape(&self, country: &Country) -> Shape {
        let part = |rings: &Vec<Ring>| -> Vec<Ring> {
            let ring = |ring: &Ring| ring.iter().map(|&point| self.point(point)).collect();
            rings.iter().map(ring).collect()
        };
        let parts: Vec<Vec<Ring>> = country.parts.iter().map(part).collect();
        let [x, y] = largest(&parts).and_then(|rings| label_point(rings)).unwrap_or_default();
        let outline = parts.iter().flatten().filter_map(|ring| rounded(ring)).collect();
        Shape { label: [x.round() as i32, y.round() as i32], outline }
    }
}

/// The part with the largest outer ring.
fn largest(parts: &[Vec<Ring>]) -> Option<&Vec<Ring>> {
    let size = |rings: &&Vec<Ring>| rings.first().map_or(0.0, |ring| area(ring).abs());
    parts.iter().max_by(|a, b| size(a).total_cmp(&size(b)))
}

fn territories(recipe: &AtlasRecipe, shapes: Vec<Shape>) -> Vec<TerritoryDraft> {
    let territory = |((name, region), shape): ((&str, u16), Shape)| TerritoryDraft {
        name: name.to_owned(),
        terrain: recipe.terrain_of(name),
        region: Some(region),
        x: shape.label[0],
        y: shape.label[1],
        outline: shape.outline,
    };
    recipe.members().zip(shapes).map(territory).collect()
}

/// Land borders from shared arcs, then straits, then sea routes; in ascending order.
fn edges(recipe: &AtlasRecipe, countries: &[Country]) -> Result<Vec<EdgeDraft>, ImportError> {
    let borders = borders(countries);
    let mut links = Links(vec![Vec::new(); countries.len()]);
    borders.iter().for_each(|&(a, b, _)| links.join(a, b));
    let gaps = crossing::gaps(countries, recipe.crossings.sea_km);
    let mut all = borders;
    let apart = numbered(&recipe.apart, countries)?;
    all.extend(crossing::cross(&recipe.crossings, &gaps, &apart, &mut links));
    all.extend(routes(recipe, countries, &links)?);
    all.sort_unstable();
    let labels: Vec<_> = countries.iter().map(middle_of).collect();
    let length = |a: usize, b: usize, kind| {
        paces(&recipe.lengths, distance_km(place(labels[a]), place(labels[b])), kind)
    };
    let edge = |&(a, b, kind): &(usize, usize, EdgeKind)| EdgeDraft {
        a: a as u32,
        b: b as u32,
        kind,
        length: length(a, b, kind),
        one_way: false,
    };
    Ok(all.iter().map(edge).collect())
}

/// Pairs of countries that share an arc, lower number first, in ascending order.
pub(super) fn borders(countries: &[Country]) -> Vec<(usize, usize, EdgeKind)> {
    let mut users: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (number, country) in countries.iter().enumerate() {
        for &arc in &country.arcs {
            users.entry(arc).or_default().push(number);
        }
    }
    let mut borders = Vec::new();
    for users in users.values() {
        for (at, &a) in users.iter().enumerate() {
            borders.extend(users[at + 1..].iter().map(|&b| (a, b, EdgeKind::Land)));
        }
    }
    borders.sort_unstable();
    borders.dedup();
    borders
}

/// The recipe's own sea routes.
fn routes(
    recipe: &AtlasRecipe,
    countries: &[Country],
    links: &Links,
) -> Result<Vec<(usize, usize, EdgeKind)>, ImportError> {
    let mut routes = Vec::new();
    for (a, b) in numbered(&recipe.routes, countries)? {
        if a == b || links.joined(a, b) {
            let [from, to] = [a, b].map(|at| countries[at].name.clone());
            return Err(ImportError::RouteNotNeeded { from, to });
        }
        routes.push((a, b, EdgeKind::Sea));
    }
    Ok(routes)
}

/// Pairs of names as pairs of numbers, lower number first.
pub(super) fn numbered(
    pairs: &[[String; 2]],
    countries: &[Country],
) -> Result<Vec<(usize, usize)>, ImportError> {
    let find = |name: &String| {
        let at = countries.iter().position(|country| country.name == *name);
        at.ok_or_else(|| ImportError::NotInAtlas { name: name.clone() })
    };
    let pair = |[from, to]: &[String; 2]| {
        let (a, b) = (find(from)?, find(to)?);
        Ok((a.min(b), a.max(b)))
    };
    pairs.iter().map(pair).collect()
}

/// Where a country's armies start from: the place of its label, in degrees.
pub(super) fn middle_of(country: &Country) -> Point {
    largest(&country.parts).and_then(|rings| label_point(rings)).unwrap_or_default()
}

pub(super) fn paces(lengths: &Lengths, km: f64, kind: EdgeKind) -> u16 {
    let most = if kind == EdgeKind::Sea { lengths.most_by_sea } else { lengths.most };
    let paces = (km * 100.0 / lengths.ordinary_km).round();
    paces.clamp(f64::from(lengths.least), f64::from(most.max(lengths.least))) as u16
}
