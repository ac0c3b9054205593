//! Finds what a command line names: a shipped thing by its name, or a file by its path.

use std::io::Read;
use std::path::PathBuf;

use sovereign_core::map::{FILE_BYTES_MAX, Map, MapDraft, MapError, MapFileError};
use thiserror::Error;

/// Why a map that was named cannot be had.
#[derive(Debug, Error)]
pub(crate) enum MapSourceError {
    #[error(
        "there is no shipped map and no readable file {name:?} ({error}); shipped: {}",
        Map::SHIPPED.join(", ")
    )]
    Read { name: String, error: std::io::Error },
    #[error("{name} is no map file: {error}")]
    File { name: String, error: MapFileError },
    #[error("{name} is no sound map; `sovereign map check` lists all that is wrong:\n{error}")]
    Unsound { name: String, error: MapError },
}

/// The draft of the map with this name or path, unchecked.
pub(crate) fn map_draft(name: &str) -> Result<MapDraft, MapSourceError> {
    if let Some(map) = Map::shipped(name) {
        return Ok(MapDraft::from(&map));
    }
    let text = read(name).map_err(|error| MapSourceError::Read { name: name.to_owned(), error })?;
    MapDraft::from_json(&text)
        .map_err(|error| MapSourceError::File { name: name.to_owned(), error })
}

/// The map with this name or path.
pub(crate) fn map(name: &str) -> Result<Map, MapSourceError> {
    if let Some(map) = Map::shipped(name) {
        return Ok(map);
    }
    let unsound = |defects| MapSourceError::Unsound {
        name: name.to_owned(),
        error: MapError::Defects(defects),
    };
    Map::try_from(map_draft(name)?).map_err(unsound)
}

/// Reads a text file, but little more than a map file may hold: the reader of the text
/// refuses what is longer.
fn read(path: &str) -> std::io::Result<String> {
    let mut text = String::new();
    let most = FILE_BYTES_MAX as u64 + 1;
    std::fs::File::open(PathBuf::from(path))?.take(most).read_to_string(&mut text)?;
    Ok(text)
}
