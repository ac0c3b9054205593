//! Reads maps of other programs: TopoJSON, GeoJSON, Domination's `.map`, lists of borders.
//!
//! Each reader gives a [`source::Source`]: what the file says, defects and all. From it comes a
//! draft; nothing is mended on the way.

mod border_list;
mod domination;
mod geojson;
mod layout;
mod nest;
mod shape;
mod sides;
mod source;
mod topojson;

#[cfg(test)]
mod tests;

use serde_json::{Map as Object, Value};
use sovereign_core::map::{BinaryError, Map, MapDraft, MapFileError};

pub(crate) use shape::simple;
pub(crate) use source::{At, SourceDefect};

/// The longest foreign file that is read, in bytes.
pub(crate) const FOREIGN_BYTES_MAX: usize = 64 << 20;
/// The most corners of one ring.
const RING_POINTS_MAX: usize = 1 << 20;
/// How much of a wrong word is quoted, in bytes.
const QUOTE_BYTES_MAX: usize = 80;
/// The fields that may hold a feature's name, best first.
const NAMES: [&str; 6] = ["name", "NAME", "Name", "ADMIN", "admin", "title"];
/// The fields that may hold a place's region, best first.
const REGIONS: [&str; 6] = ["subregion", "region", "continent", "SUBREGION", "REGION", "CONTINENT"];

/// A form in which a map can be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// A map file of this project.
    Sovereign,
    /// A binary map of this project.
    Binary,
    /// A recipe of this project.
    Recipe,
    /// Shapes that share arcs.
    Topojson,
    /// Shapes that each have a border of their own.
    Geojson,
    /// The text of the game Domination.
    Domination,
    /// A JSON list of records with a code and a list of `borders`.
    Borders,
}

impl Format {
    /// What bytes look like, if like anything.
    #[must_use]
    pub(crate) fn detect(bytes: &[u8]) -> Option<Self> {
        if bytes.starts_with(&sovereign_core::map::BINARY_MAGIC) {
            return Some(Self::Binary);
        }
        let text = std::str::from_utf8(bytes).ok()?.trim_start();
        match text.as_bytes().first()? {
            b'[' if text.contains("\"borders\"") => Some(Self::Borders),
            b'{' => Self::detect_object(text),
            _ => Self::detect_lines(text),
        }
    }

    fn detect_object(text: &str) -> Option<Self> {
        let signs = [
            ("\"sovereign-map/", Self::Sovereign),
            ("\"Topology\"", Self::Topojson),
            ("\"FeatureCollection\"", Self::Geojson),
        ];
        let found = signs.iter().filter_map(|(sign, format)| Some((text.find(sign)?, *format)));
        let first = found.min_by_key(|(at, _)| *at).map(|(_, format)| format);
        // A map file whose format is wrong is one all the same, to be told so.
        first.or_else(|| text.contains("\"format\"").then_some(Self::Sovereign))
    }

    fn detect_lines(text: &str) -> Option<Self> {
        let mut lines = text.lines().map(str::trim);
        lines.find_map(|line| match line {
            "[continents]" | "[countries]" => Some(Self::Domination),
            _ if line.starts_with("recipe") && line.contains('=') => Some(Self::Recipe),
            _ => None,
        })
    }
}

/// What a file does not say, or says in a field of its own.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hints {
    /// The object of a topology to read.
    pub(crate) object: Option<String>,
    /// The field that holds a place's code.
    pub(crate) code: Option<String>,
    /// The field that holds a place's name.
    pub(crate) name: Option<String>,
    /// The field that holds a place's region.
    pub(crate) region: Option<String>,
}

/// Why a file could not be read at all.
#[derive(Debug, thiserror::Error)]

pub(crate) enum ForeignError {
    #[error("the file has {bytes} bytes; at most {FOREIGN_BYTES_MAX} are read")]
    TooLong { bytes: usize },
    #[error("this looks like no map that is known; say which it is with --format")]
    Unknown,
    #[error("the file is no text in UTF-8: byte {at} does not fit")]
    NoText { at: usize },
    #[error("this is not {what}: line {line}, column {column}: {problem}")]
    Json { what: &'static str, line: usize, column: usize, problem: String },
    #[error("line {line}: {what}")]
    Line { line: usize, what: String },
    #[error("feature {feature}: {what}")]
    Feature { feature: usize, what: String },
    #[error("{at} has no code by which others could name it; say which field holds it with --code")]
    NoCode { at: At },
    #[error("the topology has no object {object:?}; it has: {known}")]
    NoObject { object: String, known: String },
    #[error("there is no shape in the file")]
    NoShapes,
    #[error("the shapes' sides cross each other's corners more than {most} times")]
    TooTangled { most: usize },
    #[error("a corner or position is beyond all bounds, or no number")]
    OutOfBounds,
    #[error(transparent)]
    Own(#[from] MapFileError),
    #[error(transparent)]
    Binary(#[from] BinaryError),
}

/// A map as a file has it: a draft, and what is wrong that the draft cannot say.
#[derive(Clone, Debug)]
pub(crate) struct Foreign {
    /// What the file says, unchecked.
    pub(crate) draft: MapDraft,
    /// What is wrong besides the defects of the draft.
    pub(crate) defects: Vec<SourceDefect>,
}

/// Reads a file of any format but recipes, as the format says or as it looks.
///
/// # Errors
/// [`ForeignError`] says where the file cannot be understood. What can be, but makes no
/// sound map, is no error: see [`Foreign::defects`] and [`MapDraft::check`].
pub(crate) fn read(
    bytes: &[u8],
    format: Option<Format>,
    hints: &Hints,
) -> Result<Foreign, ForeignError> {
    if bytes.len() > FOREIGN_BYTES_MAX.max(sovereign_core::map::BINARY_BYTES_MAX) {
        return Err(ForeignError::TooLong { bytes: bytes.len() });
    }
    let format = format.or_else(|| Format::detect(bytes)).ok_or(ForeignError::Unknown)?;
    if format == Format::Binary {
        return Ok(sound(MapDraft::from(&Map::from_binary(bytes)?)));
    }
    if bytes.len() > FOREIGN_BYTES_MAX {
        return Err(ForeignError::TooLong { bytes: bytes.len() });
    }
    let text = std::str::from_utf8(bytes);
    let text = text.map_err(|error| ForeignError::NoText { at: error.valid_up_to() })?;
    let source = match format {
        Format::Sovereign => return Ok(sound(MapDraft::from_json(text)?)),
        Format::Topojson => topojson::read(text, hints)?,
        Format::Geojson => geojson::read(text, hints)?,
        Format::Domination => domination::read(text)?,
        Format::Borders => border_list::read(text, hints)?,
        Format::Recipe | Format::Binary => return Err(ForeignError::Unknown),
    };
    shape::foreign(source)
}

/// Our own formats say all that they say in the draft.
fn sound(draft: MapDraft) -> Foreign {
    Foreign { draft, defects: Vec::new() }
}

/// Where a text stops being what it should be.
fn json(what: &'static str) -> impl Fn(serde_json::Error) -> ForeignError {
    move |error| {
        let (line, column) = (error.line(), error.column());
        let text = error.to_string();
        let place = format!(" at line {line} column {column}");
        let problem = clip(text.strip_suffix(&place).unwrap_or(&text)).to_owned();
        ForeignError::Json { what, line, column, problem }
    }
}

fn clip(text: &str) -> &str {
    &text[..text.floor_char_boundary(QUOTE_BYTES_MAX)]
}

/// A text or number as a text.
fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The name and the code of a feature: its place in the file if it has neither.
fn label_of(
    properties: Option<&Object<String, Value>>,
    id: Option<&Value>,
    at: usize,
    hints: &Hints,
) -> (String, String) {
    let number = || (at + 1).to_string();
    let code = id.and_then(text_of).unwrap_or_else(number);
    let keys = hints.name.as_deref().into_iter().chain(NAMES);
    let name = properties.and_then(|p| keys.filter_map(|key| p.get(key)).find_map(text_of));
    (name.unwrap_or_else(|| code.clone()), code)
}

fn region_of(properties: Option<&Object<String, Value>>, hints: &Hints) -> Option<String> {
    let properties = properties?;
    if let Some(key) = &hints.region {
        return properties.get(key).and_then(text_of);
    }
    REGIONS.iter().filter_map(|key| properties.get(*key)).find_map(text_of)
}
