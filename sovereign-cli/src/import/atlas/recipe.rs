//! What an atlas does not say: which countries to take, how they are grouped, and how far
//! is far.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::IgnoredAny;
use sovereign_core::map::Terrain;

/// How to make a map from an atlas. Countries are named as they are shown, that is after
/// `rename`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AtlasRecipe {
    /// The kind of recipe, which has been looked at before.
    #[serde(rename = "recipe")]
    _recipe: IgnoredAny,
    /// The TopoJSON file, beside the recipe.
    pub(crate) input: String,
    /// The object in it that holds the countries.
    pub(super) object: String,
    pub(super) name: String,
    pub(super) title: String,
    pub(super) source: String,
    pub(super) licence: String,
    /// Width of the frame, and the empty margin inside of it, in drawing units.
    pub(super) width: u16,
    pub(super) margin: u16,
    /// The meridian at the left edge, in degrees.
    pub(super) west: f64,
    pub(super) crossings: Crossings,
    pub(super) lengths: Lengths,
    /// Countries that are not taken, as the atlas names them.
    #[serde(default)]
    pub(super) leave_out: Vec<String>,
    /// From the atlas's name to the shown one.
    #[serde(default)]
    pub(super) rename: BTreeMap<String, String>,
    /// Countries by terrain; those not named are plains.
    #[serde(default)]
    pub(super) terrain: BTreeMap<Terrain, Vec<String>>,
    pub(super) regions: Vec<RegionRecipe>,
    /// Pairs of countries that are joined across water whatever the distance.
    #[serde(default)]
    pub(super) routes: Vec<[String; 2]>,
    /// Pairs of countries that get no strait however near they are.
    #[serde(default)]
    pub(super) apart: Vec<[String; 2]>,
}

/// Which coasts are joined across water, narrowest gaps first.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Crossings {
    /// The widest gap that is a strait, in kilometres.
    pub(super) strait_km: f64,
    /// A strait is added if the edges so far need more steps than this to get across.
    pub(super) strait_steps: u32,
    /// The widest gap that is joined by sea, in kilometres, which happens only where there
    /// is no other way across.
    pub(super) sea_km: f64,
}

/// How distances between labels become lengths of edges.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Lengths {
    /// The distance that counts as 100 paces, in kilometres.
    pub(in crate::import) ordinary_km: f64,
    /// The shortest edge, in paces.
    pub(in crate::import) least: u16,
    /// The longest edge by land or strait, in paces.
    pub(in crate::import) most: u16,
    /// The longest edge by sea, in paces.
    pub(in crate::import) most_by_sea: u16,
}

/// A region and its countries. The map lists countries in this order.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RegionRecipe {
    pub(super) name: String,
    pub(super) bonus: u16,
    pub(super) territories: Vec<String>,
}

impl AtlasRecipe {
    /// Each country with the number of its region, in the order of the map.
    pub(super) fn members(&self) -> impl Iterator<Item = (&str, u16)> {
        let numbered = self.regions.iter().zip(0_u16..);
        numbered.flat_map(|(region, at)| region.territories.iter().map(move |t| (t.as_str(), at)))
    }

    pub(super) fn terrain_of(&self, country: &str) -> Terrain {
        let named = |list: &Vec<String>| list.iter().any(|name| name == country);
        let found = self.terrain.iter().find(|(_, list)| named(list));
        found.map_or(Terrain::Plains, |(terrain, _)| *terrain)
    }
}
