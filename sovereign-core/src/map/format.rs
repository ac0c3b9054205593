//! The map file: JSON, one territory and one edge to a line.

use alloc::string::{String, ToString};

use serde::Serialize;

use super::{FILE_BYTES_MAX, Map, MapDefects, MapDraft};

/// The format that this version reads and writes.
pub const FORMAT: &str = "sovereign-map/1";

/// The longest complaint of the JSON reader that is passed on, in bytes: it may quote
/// the file.
const COMPLAINT_BYTES_MAX: usize = 200;

/// A text that has not the shape of a map file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MapFileError {
    /// The file is longer than [`FILE_BYTES_MAX`].
    #[error("the map file has {bytes} bytes; at most {FILE_BYTES_MAX} are read")]
    TooLong {
        /// How long it is.
        bytes: usize,
    },
    /// It is not JSON, or a field is missing, unknown or of the wrong kind.
    #[error("line {line}, column {column}: {what}")]
    Syntax {
        /// From 1; 0 if the reader cannot tell.
        line: usize,
        /// From 1, in bytes; 0 if the reader cannot tell.
        column: usize,
        /// What is wrong there.
        what: String,
    },
}

impl From<serde_json::Error> for MapFileError {
    fn from(error: serde_json::Error) -> Self {
        let (line, column) = (error.line(), error.column());
        let text = error.to_string();
        let place = alloc::format!(" at line {line} column {column}");
        let what = clip(text.strip_suffix(&place).unwrap_or(&text));
        Self::Syntax { line, column, what }
    }
}

fn clip(text: &str) -> String {
    let end = text.floor_char_boundary(COMPLAINT_BYTES_MAX);
    let mark = if end < text.len() { "..." } else { "" };
    alloc::format!("{}{mark}", &text[..end])
}

/// Why a text did not become a map.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MapError {
    /// The text has not the shape of a map file.
    #[error(transparent)]
    File(#[from] MapFileError),
    /// The file could be read, but what it describes is no sound map.
    #[error(transparent)]
    Defects(#[from] MapDefects),
}

impl MapDraft {
    /// Reads a map file. Memory is bounded by the text's length, which is bounded by
    /// [`FILE_BYTES_MAX`].
    ///
    /// # Errors
    /// Where the text stops having the shape of a map file. What it describes is not
    /// checked here: see [`MapDraft::check`].
    pub fn from_json(text: &str) -> Result<Self, MapFileError> {
        if text.len() > FILE_BYTES_MAX {
            return Err(MapFileError::TooLong { bytes: text.len() });
        }
        Ok(serde_json::from_str(text)?)
    }

    /// Writes a map file: the same draft gives the same bytes, always. Regions,
    /// territories and edges stand on a line each, so that changes read well.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut out = String::from("{\n");
        put_field(&mut out, "format", &self.format);
        put_field(&mut out, "name", &self.name);
        put_field(&mut out, "title", &self.title);
        put_field(&mut out, "source", &self.source);
        put_field(&mut out, "licence", &self.licence);
        put_field(&mut out, "width", &self.width);
        put_field(&mut out, "height", &self.height);
        put_list(&mut out, "regions", &self.regions, ",\n");
        put_list(&mut out, "territories", &self.territories, ",\n");
        put_list(&mut out, "edges", &self.edges, "\n}\n");
        out
    }
}

fn put_field(out: &mut String, key: &str, value: &impl Serialize) {
    out.push_str(&alloc::format!("\"{key}\":{},\n", json(value)));
}

fn put_list(out: &mut String, key: &str, items: &[impl Serialize], end: &str) {
    out.push_str(&alloc::format!("\"{key}\":["));
    for (at, item) in items.iter().enumerate() {
        out.push_str(if at == 0 { "\n" } else { ",\n" });
        out.push_str(&json(item));
    }
    out.push_str(if items.is_empty() { "]" } else { "\n]" });
    out.push_str(end);
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("drafts hold only strings, integers, lists and names")
}

impl Map {
    /// Reads and checks a map file.
    ///
    /// # Errors
    /// Where the text is no map file, or everything that is wrong with the map.
    pub fn from_json(text: &str) -> Result<Self, MapError> {
        Ok(Self::try_from(MapDraft::from_json(text)?)?)
    }
}
