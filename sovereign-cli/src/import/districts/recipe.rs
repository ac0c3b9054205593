//! What the atlas of a country's districts does not say: how they are drawn, and how far is
//! far.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::IgnoredAny;
use sovereign_core::map::Terrain;

use crate::import::atlas::Lengths;
use crate::import::geometry::Point;

/// How to make a map of districts in groups, such as counties in states.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DistrictsRecipe {
    /// The kind of recipe, which has been looked at before.
    #[serde(rename = "recipe")]
    _recipe: IgnoredAny,
    /// The TopoJSON file, beside the recipe.
    pub(crate) input: String,
    /// The objects in it that hold the districts, and their groups. A district belongs to
    /// the group whose id its own id starts with.
    pub(super) districts: String,
    pub(super) groups: String,
    pub(super) name: String,
    pub(super) title: String,
    pub(super) source: String,
    pub(super) licence: String,
    /// The frame in drawing units.
    pub(super) width: u32,
    pub(super) height: u32,
    /// The meridian at which the globe is cut, in degrees.
    pub(super) west: f64,
    /// How far a drawn line may be off, in drawing units.
    pub(super) detail: f64,
    /// The smallest islet that is drawn beside a larger part, in square drawing units.
    pub(super) least_area: f64,
    /// From this number on, the last three digits of an id are those of a city that may have
    /// the same name as a district.
    pub(super) cities_from: u32,
    pub(super) crossings: Straits,
    pub(super) lengths: Lengths,
    /// The first sheet that names a group has it; one that names none has all others.
    pub(super) sheets: Vec<Sheet>,
    /// The short form of each group's name, for districts whose name others have too.
    pub(super) short: BTreeMap<String, String>,
    /// From the atlas's name of a group to the shown one, by which the recipe calls it.
    #[serde(default)]
    pub(super) rename: BTreeMap<String, String>,
    /// Stretches of rough land; what lies in none is plains. The first that fits counts.
    #[serde(default)]
    pub(super) ranges: Vec<Range>,
    /// Pairs of districts that are joined by sea whatever the distance.
    #[serde(default)]
    pub(super) routes: Vec<[String; 2]>,
}

/// Which coasts are joined by straits, narrowest gaps first.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Straits {
    /// The widest gap that is a strait, in kilometres.
    pub(super) strait_km: f64,
    /// A strait is added if the edges so far need more steps than this to get across.
    pub(super) strait_steps: u32,
}

/// A part of the frame with a projection of its own: Albers' conic one, in which equal
/// areas look equal.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sheet {
    /// Left, top, width and height, in drawing units: what is on it is fitted in.
    pub(super) frame: [f64; 4],
    /// The two parallels that are drawn true, in degrees.
    pub(super) parallels: [f64; 2],
    /// The meridian that is upright, in degrees.
    pub(super) meridian: f64,
    /// The groups on it.
    #[serde(default)]
    pub(super) groups: Vec<String>,
}

/// Rough land.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Range {
    pub(super) terrain: Terrain,
    /// A polygon of longitudes and latitudes.
    pub(super) corners: Vec<Point>,
}
