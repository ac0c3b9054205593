//! The maps that can be played: those of the engine, and those of the operator's folder.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};
use sovereign_core::Map;

/// A map and the file it came from.
#[derive(Clone, Debug)]
pub struct MapEntry {
    /// The checked map.
    pub map: Arc<Map>,
    /// The file, as sent to clients.
    pub file: Bytes,
    packed: OnceLock<Bytes>,
}

impl MapEntry {
    fn new(map: Map, file: Bytes) -> Self {
        Self { map: Arc::new(map), file, packed: OnceLock::new() }
    }

    /// The file in gzip, made when it is first asked for: about a quarter of its size.
    #[must_use]
    pub fn packed(&self) -> Bytes {
        self.packed.get_or_init(|| gzip(&self.file)).clone()
    }
}

fn gzip(bytes: &[u8]) -> Bytes {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    let written = encoder.write_all(bytes).and_then(|()| encoder.finish());
    Bytes::from(written.expect("a vector takes whatever is written to it"))
}

/// Why a map of the operator's folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum MapsError {
    /// The folder or a file cannot be read.
    #[error("the map {path} cannot be read: {source}")]
    Read {
        /// Folder or file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file is no map.
    #[error("the map {path} is wrong: {reason}")]
    Wrong {
        /// The file.
        path: PathBuf,
        /// All that is wrong with it.
        reason: String,
    },
}

/// All maps by name; cheap to clone.
#[derive(Clone, Debug)]
pub struct Maps {
    entries: Arc<BTreeMap<String, MapEntry>>,
}

impl Maps {
    /// The shipped maps, and every `*.json` of `folder`.
    ///
    /// # Errors
    /// [`MapsError`] names the first file that cannot be used, and all that is wrong with it.
    pub fn load(folder: Option<&Path>) -> Result<Self, MapsError> {
        let mut entries = BTreeMap::new();
        for name in Map::SHIPPED {
            if let (Some(map), Some(text)) = (Map::shipped(name), Map::shipped_file(name)) {
                let file = Bytes::from_static(text.as_bytes());
                entries.insert((*name).to_owned(), MapEntry::new(map, file));
            }
        }
        for path in folder.map(files).transpose()?.unwrap_or_default() {
            let entry = read(&path)?;
            entries.insert(entry.map.name().to_owned(), entry);
        }
        Ok(Self { entries: Arc::new(entries) })
    }

    /// A map by its name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&MapEntry> {
        self.entries.get(name)
    }

    /// What a list of maps shows.
    #[must_use]
    pub fn list(&self) -> Value {
        json!({ "maps": self.entries.values().map(shown).collect::<Vec<_>>() })
    }
}

fn shown(entry: &MapEntry) -> Value {
    let map = &entry.map;
    json!({
        "name": map.name(),
        "title": map.title(),
        "territories": map.len(),
        "playable": map.playable_count(),
        "regions": map.regions().len(),
        "hash": map.hash().to_string(),
        "source": map.source(),
        "licence": map.licence(),
    })
}

fn files(folder: &Path) -> Result<Vec<PathBuf>, MapsError> {
    let unreadable = |source| MapsError::Read { path: folder.to_owned(), source };
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.extension().is_some_and(|extension| extension == "json") {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

fn read(path: &Path) -> Result<MapEntry, MapsError> {
    let text = std::fs::read_to_string(path)
        .map_err(|source| MapsError::Read { path: path.to_owned(), source })?;
    let wrong = |reason: String| MapsError::Wrong { path: path.to_owned(), reason };
    let map = Map::from_json(&text).map_err(|error| wrong(error.to_string()))?;
    Ok(MapEntry::new(map, Bytes::from(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_maps_can_be_played() {
        let maps = Maps::load(None).unwrap();
        for name in ["classic", "world"] {
            let entry = maps.get(name).unwrap();
            let text = std::str::from_utf8(&entry.file).unwrap();
            assert_eq!(Map::from_json(text).unwrap().hash(), entry.map.hash());
        }
        assert!(maps.get("nowhere").is_none());
    }

    #[test]
    fn a_wrong_file_is_named() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("bad.json"), "{}").unwrap();
        let error = Maps::load(Some(folder.path())).unwrap_err().to_string();
        assert!(error.contains("bad.json"), "{error}");
    }

    #[test]
    fn the_operators_maps_join_the_shipped_ones() {
        let folder = tempfile::tempdir().unwrap();
        let text = Map::shipped_file("classic").unwrap().replacen("\"classic\"", "\"mine\"", 1);
        std::fs::write(folder.path().join("mine.json"), text).unwrap();
        let maps = Maps::load(Some(folder.path())).unwrap();
        assert!(maps.get("mine").is_some() && maps.get("classic").is_some());
    }
}
