//! Reads GeoJSON: shapes that each have a border of their own. Two shapes are neighbours
//! where their borders run along the same line.

use serde::Deserialize;
use serde_json::{Map as Object, Value};

use super::nest::Nest;
use super::sides::sides;
use super::source::{Place, Source};
use super::{ForeignError, Hints, json, label_of, region_of};
use crate::import::geometry::Ring;

#[derive(Deserialize)]
struct Collection {
    name: Option<String>,
    features: Vec<Feature>,
}

#[derive(Deserialize)]
struct Feature {
    id: Option<Value>,
    properties: Option<Object<String, Value>>,
    geometry: Option<Geometry>,
}

#[derive(Deserialize)]
struct Geometry {
    #[serde(rename = "type")]
    kind: String,
    coordinates: Option<Nest>,
}

/// Reads a collection of features.
pub(super) fn read(text: &str, hints: &Hints) -> Result<Source, ForeignError> {
    let collection: Collection = serde_json::from_str(text).map_err(json("GeoJSON"))?;
    let mut source = Source { title: collection.name, ..Source::default() };
    for (at, feature) in collection.features.iter().enumerate() {
        let properties = feature.properties.as_ref();
        let (name, code) = label_of(properties, feature.id.as_ref(), at, hints);
        let region = region_of(properties, hints).map(|region| source.region(&region));
        let wrong = |what| ForeignError::Feature { feature: at + 1, what };
        let parts = feature.geometry.as_ref().map_or(Ok(Vec::new()), parts).map_err(wrong)?;
        source.places.push(Place { name, code, region, parts, position: None });
    }
    let uses = sides(&source.places)?;
    source.add_shared(uses);
    Ok(source)
}

fn parts(geometry: &Geometry) -> Result<Vec<Vec<Ring>>, String> {
    let polygons: Vec<&Nest> = match (geometry.kind.as_str(), &geometry.coordinates) {
        ("Polygon", Some(polygon)) => vec![polygon],
        ("MultiPolygon", Some(Nest::List(polygons))) => polygons.iter().collect(),
        (kind, _) => return Err(format!("{kind:?} is no polygon with coordinates")),
    };
    polygons.into_iter().map(part).collect()
}

fn part(polygon: &Nest) -> Result<Vec<Ring>, String> {
    let rings = polygon.list().ok_or("its coordinates are no lists")?;
    rings.iter().map(ring).collect()
}

/// A ring's corners, without the first one again at the end.
fn ring(corners: &Nest) -> Result<Ring, String> {
    let corners = corners.list().ok_or("its coordinates are no lists")?;
    if corners.len() > super::RING_POINTS_MAX {
        return Err(format!("a ring has more than {} corners", super::RING_POINTS_MAX));
    }
    let point = |corner: &Nest| corner.point().ok_or("a corner is not two numbers");
    let mut ring = corners.iter().map(point).collect::<Result<Ring, _>>()?;
    if ring.len() > 1 && ring.first() == ring.last() {
        ring.pop();
    }
    Ok(ring)
}
