//! From what is named on the command line to maps, rules and replays: the name of a
//! shipped one, or the path of a file.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use sovereign_core::map::{BINARY_BYTES_MAX, BINARY_MAGIC, BinaryError, MapDefects, MapDraft};
use sovereign_core::replay::{REPLAY_BYTES_MAX, ReplayHeader};
use sovereign_core::rules::RULES_BYTES_MAX;
use sovereign_core::{Map, Replay, Rules};

use crate::error::CliError;

/// A map by shipped name or path.
pub(crate) fn map(name: &str) -> Result<Arc<Map>, CliError> {
    if let Some(map) = Map::shipped(name) {
        return Ok(Arc::new(map));
    }
    let bytes = read(existing("map", name, Map::SHIPPED)?, BINARY_BYTES_MAX)?;
    let unsound = |defects: &MapDefects| {
        CliError::input(format!(
            "{name} is no sound map; `sovereign map check` lists all that is wrong:\n{defects}"
        ))
    };
    if bytes.starts_with(&BINARY_MAGIC) {
        let map = Map::from_binary(&bytes).map_err(|error| match &error {
            BinaryError::Defects(defects) => unsound(defects),
            other => CliError::input(format!("{name}: {other}")),
        })?;
        return Ok(Arc::new(map));
    }
    let text = utf8(name, bytes)?;
    let no_map = |error| {
        CliError::input(format!(
            "{name} is no map file: {error}; `sovereign map import` reads maps of other programs"
        ))
    };
    let draft = MapDraft::from_json(&text).map_err(no_map)?;
    Ok(Arc::new(Map::try_from(draft).map_err(|defects| unsound(&defects))?))
}

/// Rules by shipped name or path.
pub(crate) fn rules(name: &str) -> Result<Arc<Rules>, CliError> {
    if let Some(rules) = Rules::preset(name) {
        return Ok(Arc::new(rules));
    }
    let text = rules_text(name)?;
    let rules = Rules::from_toml(&text).map_err(|e| CliError::input(format!("{name}: {e}")))?;
    Ok(Arc::new(rules))
}

/// The text of rules, whatever it says: of a shipped preset with its comments.
pub(crate) fn rules_text(name: &str) -> Result<String, CliError> {
    match Rules::preset_text(name) {
        Some(text) => Ok(text.to_owned()),
        None => text("rules", name, Rules::PRESETS, RULES_BYTES_MAX),
    }
}

/// A replay file.
pub(crate) fn replay(path: &Path) -> Result<Replay, CliError> {
    let bytes = read(path, REPLAY_BYTES_MAX)?;
    let named = |error| CliError::input(format!("{}: {error}", path.display()));
    Replay::from_bytes(&bytes).map_err(named)
}

/// The map of a replay: the one that is named, else the shipped one that its header names.
pub(crate) fn map_of(header: &ReplayHeader, named: Option<&str>) -> Result<Arc<Map>, CliError> {
    if let Some(name) = named {
        return map(name);
    }
    Map::shipped(&header.map).map(Arc::new).ok_or_else(|| {
        let name = &header.map;
        CliError::input(format!(
            "the replay was played on the map '{name}', which is not shipped: name its file with --map"
        ))
    })
}

fn text(kind: &str, name: &str, shipped: &[&str], bytes_max: usize) -> Result<String, CliError> {
    utf8(name, read(existing(kind, name, shipped)?, bytes_max)?)
}

/// The path that a name is, if there is such a file.
pub(crate) fn existing<'n>(
    kind: &str,
    name: &'n str,
    shipped: &[&str],
) -> Result<&'n Path, CliError> {
    let path = Path::new(name);
    if path.exists() {
        return Ok(path);
    }
    let shipped = shipped.join(", ");
    Err(CliError::input(format!(
        "there is no file '{name}', and no {kind} of that name is shipped: there are {shipped}"
    )))
}

fn utf8(name: &str, bytes: Vec<u8>) -> Result<String, CliError> {
    String::from_utf8(bytes).map_err(|_| CliError::input(format!("{name} is no text in UTF-8")))
}

/// The bytes of a file: one more than allowed if there are more, so that whoever reads
/// them says so.
fn read(path: &Path, bytes_max: usize) -> Result<Vec<u8>, CliError> {
    let mut bytes = Vec::new();
    let limit = bytes_max as u64 + 1;
    File::open(path)
        .and_then(|file| file.take(limit).read_to_end(&mut bytes))
        .map_err(CliError::file("read", path))?;
    Ok(bytes)
}

/// As a POSIX shell reads it back.
pub(crate) fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./,:=".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_where_a_shell_would_split_them() {
        assert_eq!(quoted("maps/world.json"), "maps/world.json");
        assert_eq!(quoted("my map"), "'my map'");
        assert_eq!(quoted("it's"), r"'it'\''s'");
        assert_eq!(quoted(""), "''");
    }
}
