//! The binary map: small and quick to read, for maps of millions of territories.
//!
//! A head, then columns, then a checksum; `docs/maps.md` describes every byte. What is read
//! is checked as a map file is: whoever holds a [`Map`] holds a sound one.

mod bytes;
mod read;
mod sound;
mod write;

use super::{Map, MapDefects, MapDraft};

/// The first bytes of a binary map.
pub const BINARY_MAGIC: [u8; 6] = *b"SOVMAP";
/// The version of the binary map that is written and read.
pub const BINARY_VERSION: u8 = 1;
/// The longest binary map that is read, in bytes.
pub const BINARY_BYTES_MAX: usize = 256 << 20;

/// The bit of the head that says that territories have names of their own.
const HAS_NAMES: u8 = 1;
/// The bit of the head that says that territories have outlines.
const HAS_OUTLINES: u8 = 2;
/// The bytes before the first number: magic, version, flags.
const HEAD_BYTES: usize = 8;
/// The bytes of the checksum at the end.
const CHECKSUM_BYTES: usize = 8;

/// What a binary map keeps besides what the rules can see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BinaryParts {
    /// The names of territories. Without them they are called `1`, `2`, ...
    pub names: bool,
    /// The outlines of territories.
    pub outlines: bool,
}

impl BinaryParts {
    /// Everything that the map has.
    pub const ALL: Self = Self { names: true, outlines: true };
    /// Only what the rules can see.
    pub const LEAST: Self = Self { names: false, outlines: false };
}

/// Why bytes did not become a map.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BinaryError {
    /// The file is longer than [`BINARY_BYTES_MAX`].
    #[error("the binary map has {bytes} bytes; at most {BINARY_BYTES_MAX} are read")]
    TooLong {
        /// How long it is.
        bytes: usize,
    },
    /// It does not start as a binary map does.
    #[error("this is no binary map: it does not start with \"SOVMAP\"")]
    NoMap,
    /// It was written by a newer version.
    #[error("the binary map has version {found}; this program reads {BINARY_VERSION}")]
    Version {
        /// Its version.
        found: u8,
    },
    /// The bytes are not those that were written.
    #[error("the checksum at the end does not fit: the file was cut short or changed")]
    Checksum,
    /// The checksum fits, but a part is not written as the format says.
    #[error("byte {at}: the part \"{column}\" is not written as the format says")]
    Damaged {
        /// Which part.
        column: &'static str,
        /// Where it goes wrong, in bytes from the start of the file.
        at: usize,
    },
    /// The file could be read, but what it describes is no sound map.
    #[error(transparent)]
    Defects(#[from] MapDefects),
}

impl Map {
    /// Writes a binary map: the same map gives the same bytes, always. O(edges log edges of
    /// a territory), and outlines.
    #[must_use]
    pub fn to_binary(&self, keep: BinaryParts) -> alloc::vec::Vec<u8> {
        write::write(self, keep)
    }

    /// Reads and checks a binary map. O(territories log territories + edges) where it has
    /// names, else O(territories + edges). Memory is in proportion to the bytes.
    ///
    /// # Errors
    /// [`BinaryError`] says what is not as it should be, and where.
    pub fn from_binary(bytes: &[u8]) -> Result<Self, BinaryError> {
        let found = read::read(bytes)?;
        if sound::is_sound(&found) {
            return Ok(found.map);
        }
        // The quick look says only that something is wrong; the slow one says what.
        match MapDefects::new(MapDraft::from(&found.map).check()) {
            Some(defects) => Err(defects.into()),
            None => Ok(found.map),
        }
    }
}

/// The checksum of the bytes before it.
fn checksum(bytes: &[u8]) -> [u8; CHECKSUM_BYTES] {
    xxhash_rust::xxh3::xxh3_64(bytes).to_le_bytes()
}
