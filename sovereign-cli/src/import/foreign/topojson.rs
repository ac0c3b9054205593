//! Reads TopoJSON: shapes that share their borders as numbered arcs. Two shapes that use the
//! same arc are neighbours.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map as Object, Value};

use super::nest::{Nest, Position};
use super::source::{Place, Source};
use super::{ForeignError, Hints, json, label_of, region_of};
use crate::import::geometry::{Point, Ring};

#[derive(Deserialize)]
struct Topology {
    transform: Option<Transform>,
    arcs: Vec<Vec<Position>>,
    #[serde(default)]
    objects: BTreeMap<String, Geometry>,
}

#[derive(Deserialize)]
struct Transform {
    scale: Point,
    translate: Point,
}

#[derive(Deserialize)]
struct Geometry {
    #[serde(rename = "type")]
    kind: Option<String>,
    arcs: Option<Nest>,
    geometries: Option<Vec<Self>>,
    id: Option<Value>,
    properties: Option<Object<String, Value>>,
}

impl Geometry {
    /// How many shapes an object holds.
    fn count(&self) -> usize {
        self.geometries.as_ref().map_or(1, Vec::len)
    }
}

/// Reads one object of a topology: the one that is named, else the one with most shapes.
pub(super) fn read(text: &str, hints: &Hints) -> Result<Source, ForeignError> {
    let mut topology: Topology = serde_json::from_str(text).map_err(json("TopoJSON"))?;
    let name = pick(&topology.objects, hints)?;
    let mut object = topology.objects.remove(&name).ok_or(ForeignError::NoShapes)?;
    let geometries = object.geometries.take().unwrap_or_else(|| vec![object]);
    let arcs: Vec<Vec<Point>> =
        topology.arcs.iter().map(|arc| decoded(arc, topology.transform.as_ref())).collect();
    let mut source = Source { title: Some(name), ..Source::default() };
    let mut uses = Vec::new();
    for (at, geometry) in geometries.iter().enumerate() {
        let place = place(&mut source, at, geometry, &arcs, hints, &mut uses)?;
        source.places.push(place);
    }
    source.add_shared(uses);
    Ok(source)
}

fn pick(objects: &BTreeMap<String, Geometry>, hints: &Hints) -> Result<String, ForeignError> {
    let known = || objects.keys().cloned().collect::<Vec<_>>().join(", ");
    if let Some(object) = &hints.object {
        let missing = || ForeignError::NoObject { object: object.clone(), known: known() };
        return objects.get_key_value(object).map(|(name, _)| name.clone()).ok_or_else(missing);
    }
    let most = objects.iter().max_by_key(|(_, object)| object.count());
    most.map(|(name, _)| name.clone()).ok_or(ForeignError::NoShapes)
}

/// An arc's places. In a quantised topology each is a step from the one before.
fn decoded(arc: &[Position], transform: Option<&Transform>) -> Vec<Point> {
    let Some(Transform { scale, translate }) = transform else {
        return arc.iter().map(|place| place.0).collect();
    };
    let mut at = [0.0; 2];
    let steps = arc.iter().map(|Position([dx, dy])| {
        at = [at[0] + dx, at[1] + dy];
        [at[0] * scale[0] + translate[0], at[1] * scale[1] + translate[1]]
    });
    steps.collect()
}

fn place(
    source: &mut Source,
    at: usize,
    geometry: &Geometry,
    arcs: &[Vec<Point>],
    hints: &Hints,
    uses: &mut Vec<(usize, usize)>,
) -> Result<Place, ForeignError> {
    let wrong = |what: String| ForeignError::Feature { feature: at + 1, what };
    let properties = geometry.properties.as_ref();
    let (name, code) = label_of(properties, geometry.id.as_ref(), at, hints);
    let region = region_of(properties, hints).map(|region| source.region(&region));
    let polygons: Vec<&Nest> = match (geometry.kind.as_deref(), &geometry.arcs) {
        (None, None) => Vec::new(),
        (Some("Polygon"), Some(polygon)) => vec![polygon],
        (Some("MultiPolygon"), Some(Nest::List(polygons))) => polygons.iter().collect(),
        (kind, _) => return Err(wrong(format!("{kind:?} is no polygon with arcs"))),
    };
    let mut ring = |numbers: &Nest| ring(numbers, arcs, |arc| uses.push((arc, at))).map_err(wrong);
    let mut part = |polygon: &Nest| -> Result<Vec<Ring>, ForeignError> {
        let rings = polygon.list().ok_or_else(|| wrong("its arcs are no lists".to_owned()))?;
        rings.iter().map(&mut ring).collect()
    };
    let parts = polygons.into_iter().map(&mut part).collect::<Result<_, _>>()?;
    Ok(Place { name, code, region, parts, position: None })
}

/// Joins arcs to a ring: each starts where the one before it ends. A negative number is the
/// complement of an arc that is walked backwards.
fn ring(numbers: &Nest, arcs: &[Vec<Point>], mut used: impl FnMut(usize)) -> Result<Ring, String> {
    let numbers = numbers.list().ok_or("its arcs are no lists")?;
    let mut ring = Ring::new();
    for number in numbers {
        let number = number.number().filter(|n| n.fract() == 0.0).ok_or("an arc is no number")?;
        let index = if number < 0.0 { -number - 1.0 } else { number };
        let arc = arcs.get(index as usize);
        let arc = arc.ok_or_else(|| format!("arc {number} is not in the file"))?;
        used(index as usize);
        let kept = &arc[..arc.len().saturating_sub(1)];
        match number < 0.0 {
            true => ring.extend(arc.iter().skip(1).rev()),
            false => ring.extend(kept),
        }
        if ring.len() > super::RING_POINTS_MAX {
            return Err(format!("a ring has more than {} corners", super::RING_POINTS_MAX));
        }
    }
    Ok(ring)
}
