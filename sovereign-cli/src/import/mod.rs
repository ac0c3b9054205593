//! Makes maps from other people's data: as a recipe says, or as a file of another program
//! has it.

mod atlas;
mod districts;
pub(crate) mod fix;
pub(crate) mod foreign;
pub(crate) mod generate;
mod geometry;
mod label;
mod parts;
mod sketch;
mod tell;

use std::io::Read;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use sovereign_core::map::{BINARY_BYTES_MAX, Map, MapDefects, MapDraft};
use thiserror::Error;

use foreign::{Foreign, ForeignError, Format, Hints};
pub(crate) use tell::tell;

/// The longest file that an import reads, in bytes.
const INPUT_BYTES_MAX: u64 = 64 << 20;

/// Why no map could be made.
#[derive(Debug, Error)]
pub(crate) enum ImportError {
    #[error("cannot read {path}: {error}")]
    Read { path: PathBuf, error: std::io::Error },
    #[error("{path} is longer than the {INPUT_BYTES_MAX} bytes that are read")]
    TooLong { path: PathBuf },
    #[error("{path}: {error}")]
    Foreign { path: PathBuf, error: ForeignError },
    #[error("{path} is no recipe: {error}")]
    Recipe { path: PathBuf, error: Box<toml::de::Error> },
    #[error("{file} is no quantised TopoJSON of polygons: {error}")]
    Atlas { file: String, error: serde_json::Error },
    #[error("the atlas has no object {object:?}; it has: {known}")]
    NoObject { object: String, known: String },
    #[error("shape {at} of the atlas has no name; each needs properties.name")]
    NoName { at: usize },
    #[error("{name} is made of arc {arc}, which the atlas does not hold")]
    NoArc { name: String, arc: i64 },
    #[error("no country is left to draw")]
    NoCountries,
    #[error("the recipe names {name:?}, which the atlas does not hold (or twice)")]
    NotInAtlas { name: String },
    #[error("the recipe says nothing of {name:?}; put it in a region or leave it out")]
    NotInRecipe { name: String },
    #[error("the route from {from:?} to {to:?} joins what is joined already; remove it")]
    RouteNotNeeded { from: String, to: String },
    #[error("the sheet is {width} by {height} cells; at most {most} each way are allowed")]
    SheetTooLarge { width: u16, height: u16, most: u16 },
    #[error("the stops of {axis} must be at least two, in ascending order")]
    BadStops { axis: char },
    #[error("the stroke {name:?} needs at least three points, none of them far off the sheet")]
    BadStroke { name: String },
    #[error("seeds lie in water; move them ashore: {seeds}")]
    SeedsInWater { seeds: String },
    #[error("no seed lies on the land {name:?}; give it to a territory or remove it")]
    NoSeed { name: String },
    #[error("nothing grew from the seeds of {name:?}; move them apart from others")]
    NothingGrew { name: String },
    #[error("there is no region {name:?}")]
    NoRegion { name: String },
    #[error("there is no territory {name:?}")]
    NoTerritory { name: String },
    #[error(
        "the land edges are not the borders that are drawn; drawn, but without an edge: \
         {only_drawn}; edges without a border: {only_typed}"
    )]
    Borders { only_drawn: String, only_typed: String },
    #[error("what the recipe makes is no sound map:\n{0}")]
    Defects(#[from] MapDefects),
}

/// What a recipe starts from.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Atlas,
    Districts,
    Sketch,
}

/// The line that tells recipes apart; each kind reads its other lines itself.
#[derive(Deserialize)]
struct Head {
    recipe: Kind,
}

/// Makes the map that a recipe file describes, checked.
pub(crate) fn import(recipe: &Path) -> Result<MapDraft, ImportError> {
    let text = read(recipe)?;
    let failed = |error: toml::de::Error| {
        let path = recipe.to_owned();
        ImportError::Recipe { path, error: Box::new(error) }
    };
    let draft = match toml::from_str::<Head>(&text).map_err(failed)?.recipe {
        Kind::Atlas => {
            let parsed: atlas::AtlasRecipe = toml::from_str(&text).map_err(failed)?;
            atlas::draft(&parsed, &read(&recipe.with_file_name(&parsed.input))?)?
        }
        Kind::Districts => {
            let parsed: districts::DistrictsRecipe = toml::from_str(&text).map_err(failed)?;
            districts::draft(&parsed, &read(&recipe.with_file_name(&parsed.input))?)?
        }
        Kind::Sketch => sketch::draft(&toml::from_str(&text).map_err(failed)?)?,
    };
    Map::try_from(draft.clone())?;
    Ok(draft)
}

/// Reads a file of any format. A recipe is followed: what it makes is sound.
pub(crate) fn read_any(
    path: &Path,
    format: Option<Format>,
    hints: &Hints,
) -> Result<Foreign, ImportError> {
    let bytes = read_bytes(path)?;
    let named = |error| ImportError::Foreign { path: path.to_owned(), error };
    if format.or_else(|| Format::detect(&bytes)) == Some(Format::Recipe) {
        return Ok(Foreign { draft: import(path)?, defects: Vec::new() });
    }
    foreign::read(&bytes, format, hints).map_err(named)
}

fn read_bytes(path: &Path) -> Result<Vec<u8>, ImportError> {
    let failed = |error| ImportError::Read { path: path.to_owned(), error };
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).map_err(failed)?;
    // One byte more than is read, so that the reader says so.
    file.take(BINARY_BYTES_MAX as u64 + 1).read_to_end(&mut bytes).map_err(failed)?;
    Ok(bytes)
}

fn read(path: &Path) -> Result<String, ImportError> {
    let failed = |error| ImportError::Read { path: path.to_owned(), error };
    let length = std::fs::metadata(path).map_err(failed)?.len();
    if length > INPUT_BYTES_MAX {
        return Err(ImportError::TooLong { path: path.to_owned() });
    }
    std::fs::read_to_string(path).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The shipped file, and what its recipe makes of the vendored sources today.
    fn shipped_and_made(name: &str) -> (String, String) {
        let maps = Path::new(env!("CARGO_MANIFEST_DIR")).join("../maps");
        let made = import(&maps.join(format!("source/{name}.toml"))).expect("the recipe works");
        (read(&maps.join(format!("{name}.json"))).expect("the map is shipped"), made.to_json())
    }

    #[test]
    fn shipped_maps_are_what_their_recipes_make() {
        for &name in Map::SHIPPED {
            let (shipped, made) = shipped_and_made(name);
            assert!(shipped == made, "import maps/source/{name}.toml again");
        }
    }

    /// What is wrong with the counties as they come: the shipped map's recipe leaves out the
    /// borders of counties with themselves, and joins the parts.
    #[test]
    fn the_raw_counties_have_their_known_defects() {
        let maps = Path::new(env!("CARGO_MANIFEST_DIR")).join("../maps");
        let file = maps.join("source/us-atlas/counties-10m.json");
        let Foreign { draft, defects } =
            read_any(&file, None, &Hints::default()).expect("it can be read");
        assert_eq!((defects.len(), draft.territories.len()), (0, 3_231));
        let own = draft.edges.iter().filter(|edge| edge.a == edge.b).count();
        let borders = draft.edges.len() - own;
        assert_eq!((borders, own), (8_944, 16));
        let mut parts = parts::Parts::new(draft.territories.len());
        for edge in &draft.edges {
            parts.unite(edge.a as usize, edge.b as usize);
        }
        let everyone: Vec<usize> = (0..draft.territories.len()).collect();
        assert_eq!(parts.members(&everyone).len(), 21);
        let fixed = fix::fix(Foreign { draft, defects });
        assert_eq!(fixed.draft.check(), []);
        let joined = fixed.done.iter().filter(|what| what.contains("apart from the rest"));
        assert_eq!(joined.count(), 20);
    }
}
