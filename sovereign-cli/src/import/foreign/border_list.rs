//! Reads lists of records that name their neighbours by code, as the npm package
//! `world-countries` has them.

use serde::Deserialize;
use serde_json::{Map as Object, Value};

use super::source::{At, Listing, Place, Source};
use super::{ForeignError, Hints, json, region_of, text_of};
use crate::import::geometry::Point;

/// The fields that may hold a record's code, best first.
const CODES: [&str; 6] = ["cca3", "code", "id", "iso_a3", "alpha3Code", "cca2"];

#[derive(Deserialize)]
struct Record {
    #[serde(default)]
    borders: Vec<String>,
    latlng: Option<Vec<f64>>,
    #[serde(flatten)]
    other: Object<String, Value>,
}

/// Reads a list of records.
pub(super) fn read(text: &str, hints: &Hints) -> Result<Source, ForeignError> {
    let records: Vec<Record> = serde_json::from_str(text).map_err(json("a list of borders"))?;
    let mut source = Source { globe: true, ..Source::default() };
    let mut listings = Vec::new();
    for (from, record) in records.into_iter().enumerate() {
        let at = At::Record(from + 1);
        let code = code(&record.other, hints).ok_or(ForeignError::NoCode { at })?;
        let region = region_of(Some(&record.other), hints).map(|region| source.region(&region));
        let name = name(&record.other, hints).unwrap_or_else(|| code.clone());
        let position = record.latlng.as_deref().and_then(place);
        source.places.push(Place { name, code, region, position, parts: Vec::new() });
        listings.push(Listing { at, from, to: record.borders });
    }
    source.add_listings(&listings, |place| At::Record(place + 1));
    Ok(source)
}

fn code(record: &Object<String, Value>, hints: &Hints) -> Option<String> {
    let key = hints.code.as_deref().into_iter().chain(CODES);
    key.filter_map(|key| record.get(key)).find_map(text_of)
}

/// The name, which may be an object of names of several kinds.
fn name(record: &Object<String, Value>, hints: &Hints) -> Option<String> {
    let value = record.get(hints.name.as_deref().unwrap_or("name"))?;
    text_of(value.get("common").unwrap_or(value))
}

/// Latitude before longitude, as these lists have it.
fn place(latlng: &[f64]) -> Option<Point> {
    let &[lat, lon, ..] = latlng else { return None };
    (lat.abs() <= 90.0 && lon.abs() <= 360.0).then_some([lon, lat])
}
