//! Reads TopoJSON: shapes that share their borders as numbered arcs.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::super::ImportError;
use super::super::geometry::{Point, Ring, unwrapped};

/// A quantised topology, as far as countries need it.
#[derive(Deserialize)]
pub(in crate::import) struct Topology {
    transform: Transform,
    /// Each arc: its first point, then the step to each next one.
    arcs: Vec<Vec<[i64; 2]>>,
    objects: BTreeMap<String, Collection>,
}

#[derive(Deserialize)]
struct Transform {
    scale: Point,
    translate: Point,
}

#[derive(Deserialize)]
struct Collection {
    #[serde(default)]
    geometries: Vec<Geometry>,
}

#[derive(Deserialize)]
struct Geometry {
    #[serde(flatten)]
    shape: Shape,
    #[serde(default)]
    id: Option<String>,
    #[serde(default)]
    properties: Properties,
}

#[derive(Deserialize)]
#[serde(tag = "type", content = "arcs")]
enum Shape {
    Polygon(Vec<Vec<i64>>),
    MultiPolygon(Vec<Vec<Vec<i64>>>),
}

#[derive(Default, Deserialize)]
struct Properties {
    name: Option<String>,
}

/// A country as the atlas has it.
pub(in crate::import) struct Country {
    pub(in crate::import) name: String,
    /// Its parts, each an outer ring and its holes, in degrees; unwrapped, so that a ring
    /// never jumps from one edge of the world to the other.
    pub(in crate::import) parts: Vec<Vec<Ring>>,
    /// The arcs of each ring, in order, and whether each is walked backwards.
    pub(in crate::import) rings: Vec<Vec<(usize, bool)>>,
    /// The arcs it is made of; countries that share one are neighbours.
    pub(in crate::import) arcs: BTreeSet<usize>,
    /// Its arcs that are no other country's: the lines along which it meets water.
    pub(in crate::import) coasts: Vec<Vec<Point>>,
}

impl Topology {
    /// The countries of one of the topology's objects, in its order, placed on a map whose
    /// left edge is the meridian `west`.
    pub(in crate::import) fn countries(
        &self,
        object: &str,
        west: f64,
    ) -> Result<Vec<Country>, ImportError> {
        let collection = self.collection(object)?;
        let named = collection.geometries.iter().enumerate();
        let found = named.map(|(at, geometry)| self.country(at, geometry, west));
        let mut countries = found.collect::<Result<Vec<_>, _>>()?;
        self.find_coasts(&mut countries);
        Ok(countries)
    }

    fn collection(&self, object: &str) -> Result<&Collection, ImportError> {
        let known = || self.objects.keys().cloned().collect::<Vec<_>>().join(", ");
        let missing = || ImportError::NoObject { object: object.to_owned(), known: known() };
        self.objects.get(object).ok_or_else(missing)
    }

    /// The id and name of each shape of one of the topology's objects, in its order.
    pub(in crate::import) fn labels(
        &self,
        object: &str,
    ) -> Result<Vec<(String, String)>, ImportError> {
        let label = |(at, geometry): (usize, &Geometry)| {
            let label = geometry.id.clone().zip(geometry.properties.name.clone());
            label.ok_or(ImportError::NoName { at })
        };
        self.collection(object)?.geometries.iter().enumerate().map(label).collect()
    }

    /// The places along one arc, in degrees.
    pub(in crate::import) fn arc(&self, arc: usize) -> Vec<Point> {
        self.arcs.get(arc).map(|arc| self.points(arc)).unwrap_or_default()
    }

    fn find_coasts(&self, countries: &mut [Country]) {
        let mut users = vec![0_u32; self.arcs.len()];
        for &arc in countries.iter().flat_map(|country| &country.arcs) {
            users[arc] += 1;
        }
        for country in countries {
            let own = country.arcs.iter().filter(|&&arc| users[arc] == 1);
            country.coasts = own.map(|&arc| self.points(&self.arcs[arc])).collect();
        }
    }

    fn country(&self, at: usize, geometry: &Geometry, west: f64) -> Result<Country, ImportError> {
        let name = geometry.properties.name.clone().ok_or(ImportError::NoName { at })?;
        let parts: Vec<&[Vec<i64>]> = match &geometry.shape {
            Shape::Polygon(rings) => vec![rings],
            Shape::MultiPolygon(parts) => parts.iter().map(Vec::as_slice).collect(),
        };
        let arcs = parts.iter().copied().flatten().flatten().map(|&arc| arc_index(arc).0).collect();
        let rings = parts.iter().copied().flatten();
        let rings = rings.map(|arcs| arcs.iter().map(|&arc| arc_index(arc)).collect()).collect();
        let ring = |arcs: &Vec<i64>| Ok(unwrapped(self.ring(&name, arcs)?, west));
        let part = |rings: &&[Vec<i64>]| rings.iter().map(ring).collect();
        let parts = parts.iter().map(part).collect::<Result<_, ImportError>>()?;
        Ok(Country { parts, rings, arcs, name, coasts: Vec::new() })
    }

    /// Joins arcs to a ring. Each arc starts where the one before it ends.
    fn ring(&self, name: &str, arcs: &[i64]) -> Result<Ring, ImportError> {
        let mut ring = Ring::new();
        for &arc in arcs {
            let (index, backwards) = arc_index(arc);
            let missing = || ImportError::NoArc { name: name.to_owned(), arc };
            let mut points = self.points(self.arcs.get(index).ok_or_else(missing)?);
            if backwards {
                points.reverse();
            }
            points.pop();
            ring.append(&mut points);
        }
        Ok(ring)
    }

    fn points(&self, arc: &[[i64; 2]]) -> Vec<Point> {
        let mut at = [0_i64; 2];
        let Transform { scale, translate } = &self.transform;
        let steps = arc.iter().map(|step| {
            at = [at[0].saturating_add(step[0]), at[1].saturating_add(step[1])];
            [at[0] as f64 * scale[0] + translate[0], at[1] as f64 * scale[1] + translate[1]]
        });
        steps.collect()
    }
}

/// An arc's place in the list, and whether it is walked backwards: written as its
/// complement.
fn arc_index(arc: i64) -> (usize, bool) {
    let index = if arc < 0 { !arc } else { arc };
    (usize::try_from(index).unwrap_or(usize::MAX), arc < 0)
}
