//! What can be wrong with a draft, each in one sentence that says where and what to do.

use core::fmt;

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::{
    EDGES_PER_TERRITORY_MAX, FORMAT, FRAME_MAX, OUTLINE_POINTS_MAX, PLAYABLE_MIN, REGIONS_MAX,
    RINGS_MAX, TERRITORIES_MAX,
};

/// How many defects [`MapDefects`] lists before it only counts them.
const LISTED_MAX: usize = 100;

/// The thing whose text is at fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The name of the map.
    Name,
    /// The title of the map.
    Title,
    /// The note on its source.
    Source,
    /// The note on its licence.
    Licence,
    /// The name of a region.
    Region(u32),
    /// The name of a territory.
    Territory(u32),
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name => f.write_str("the map's name"),
            Self::Title => f.write_str("the map's title"),
            Self::Source => f.write_str("the map's source"),
            Self::Licence => f.write_str("the map's licence"),
            Self::Region(region) => write!(f, "the name of region {region}"),
            Self::Territory(territory) => write!(f, "the name of territory {territory}"),
        }
    }
}

/// What is wrong with a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextFault {
    /// There is nothing to read.
    #[error("is empty")]
    Empty,
    /// It is longer than allowed.
    #[error("has {bytes} bytes; at most {most} are allowed")]
    TooLong {
        /// How long it is.
        bytes: usize,
        /// How long it may be.
        most: usize,
    },
    /// It holds line breaks or other control characters.
    #[error("holds a control character; remove it")]
    Control,
    /// It starts or ends with white space.
    #[error("starts or ends with white space; remove it")]
    Untrimmed,
    /// A map is asked for by its name, so the name is kept simple.
    #[error("may hold only lower-case letters a to z, digits and hyphens")]
    NotSimple,
}

/// One thing that is wrong with a [`MapDraft`](super::MapDraft). Territories, regions,
/// edges and rings are named by their position in their list, from 0.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs, reason = "each message says what the fields mean")]
pub enum MapDefect {
    #[error("the format is {found:?}; this version reads {FORMAT:?}")]
    Format { found: String },
    #[error("{part} {fault}")]
    Text { part: Part, fault: TextFault },
    #[error("{part} is already that of number {first}; names are unique")]
    DuplicateName { part: Part, first: u32 },
    #[error("the frame is {width} by {height}; each side must be 1 to {FRAME_MAX}")]
    Frame { width: u32, height: u32 },
    #[error("there are {count} territories; at most {TERRITORIES_MAX} are allowed")]
    TooManyTerritories { count: usize },
    #[error("there are {count} regions; at most {REGIONS_MAX} are allowed")]
    TooManyRegions { count: usize },
    #[error("only {playable} territories can be played on; at least {PLAYABLE_MIN} are needed")]
    TooFewPlayable { playable: u32 },
    #[error("region {region} has no territory; give it one or remove it")]
    EmptyRegion { region: u32 },
    #[error("territory {territory} names region {region}, but there are only {regions}")]
    UnknownRegion { territory: u32, region: u16, regions: usize },
    #[error(
        "territory {territory} is impassable, so nobody could ever hold region {region}; \
         take it out of the region"
    )]
    ImpassableInRegion { territory: u32, region: u16 },
    #[error("territory {territory} is at ({x}, {y}), outside of the frame")]
    OutOfFrame { territory: u32, x: i32, y: i32 },
    #[error(
        "the outline of territory {territory} has {rings} rings and {points} points; \
         at most {RINGS_MAX} and {OUTLINE_POINTS_MAX} are allowed"
    )]
    OutlineTooLarge { territory: u32, rings: usize, points: usize },
    #[error(
        "ring {ring} of territory {territory} has {numbers} numbers; \
         a ring is x, y, x, y, ... for at least three corners"
    )]
    BadRing { territory: u32, ring: usize, numbers: usize },
    #[error("ring {ring} of territory {territory} leaves the frame at ({x}, {y})")]
    RingOutOfFrame { territory: u32, ring: usize, x: i32, y: i32 },
    #[error("edge {edge} leads to territory {end}, but there are only {territories}")]
    DanglingEdge { edge: usize, end: u32, territories: usize },
    #[error("edge {edge} leads from territory {territory} to itself; remove it")]
    SelfEdge { edge: usize, territory: u32 },
    #[error("edge {edge} joins what edge {first} already joins; keep one of them")]
    DuplicateEdge { edge: usize, first: usize },
    #[error("edge {edge} has length 0; an ordinary border crossing is 100")]
    ZeroLength { edge: usize },
    #[error("edge {edge} touches territory {territory}, which is impassable; remove it")]
    ImpassableEdge { edge: usize, territory: u32 },
    #[error(
        "territory {territory} has {edges} edges out; at most {EDGES_PER_TERRITORY_MAX} are allowed"
    )]
    TooManyEdges { territory: u32, edges: usize },
    #[error("territory {territory} has no edge; join it to a neighbour or make it impassable")]
    Isolated { territory: u32 },
    #[error(
        "territory {territory}{} apart from the rest; join it by an edge",
        alone_or_not(.others, " is", " are")
    )]
    Apart { territory: u32, others: usize },
    #[error(
        "there is no way from territory {from} to territory {territory}{}; \
         every playable territory must be reachable from every other",
        alone_or_not(.others, "", "")
    )]
    Unreachable { territory: u32, from: u32, others: usize },
    #[error(
        "there is no way back to territory {to} from territory {territory}{}; \
         every playable territory must be reachable from every other",
        alone_or_not(.others, "", "")
    )]
    NoWayBack { territory: u32, to: u32, others: usize },
}

/// How a sentence goes on that is true of a territory and of so many others.
fn alone_or_not(others: &usize, one: &str, more: &str) -> String {
    match others {
        0 => one.to_string(),
        1 => format!(" and another{more}"),
        _ => format!(" and {others} others{more}"),
    }
}

/// Everything that is wrong with a draft: at least one defect, the first hundred in full.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MapDefects {
    listed: Vec<MapDefect>,
    more: usize,
}

impl MapDefects {
    /// `None` if there is no defect.
    pub(super) fn new(mut found: Vec<MapDefect>) -> Option<Self> {
        let more = found.len().saturating_sub(LISTED_MAX);
        found.truncate(LISTED_MAX);
        (!found.is_empty()).then_some(Self { listed: found, more })
    }

    /// The defects, in the order of the file; at most a hundred.
    #[must_use]
    pub fn listed(&self) -> &[MapDefect] {
        &self.listed
    }

    /// How many defects there are besides those listed.
    #[must_use]
    pub fn more(&self) -> usize {
        self.more
    }
}

impl core::error::Error for MapDefects {}

impl fmt::Display for MapDefects {
    /// One defect to a line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (first, rest) = self.listed.split_first().ok_or(fmt::Error)?;
        write!(f, "{first}")?;
        rest.iter().try_for_each(|defect| write!(f, "\n{defect}"))?;
        if self.more > 0 {
            write!(f, "\nand {} more", self.more)?;
        }
        Ok(())
    }
}
