//! The identity of a map.

use core::fmt;
use core::str::FromStr;

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Map, NO_REGION};
use crate::id::TerritoryId;

/// SHA-256 over the canonical bytes of what the rules can see of a map.
///
/// Two maps with the same hash play alike. Names, title, source, licence and outlines
/// are left out: mending a spelling or a coast line does not orphan a replay.
///
/// The canonical bytes, all integers little-endian:
///
/// 1. the 15 bytes `sovereign-map/1` and a zero byte;
/// 2. width, height, the number of territories, the number of regions: 32 bits each;
/// 3. each region's bonus: 16 bits;
/// 4. for each territory: terrain (8 bits), region (16 bits, 65535 for none), x and y
///    (32 bits each), the number of its edges (16 bits), and for each edge, in ascending
///    order of where it leads: target (32 bits), length (16 bits), kind (8 bits).
///
/// Terrains and kinds are numbered in the order of their declaration, from 0. Shown and
/// serialised for people as 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MapHash(pub [u8; 32]);

impl MapHash {
    /// Hashes everything that the rules can see of `map`. O(territories + edges).
    pub(super) fn of(map: &Map) -> Self {
        let mut sha = Sha256::new();
        sha.update(b"sovereign-map/1\0");
        let counts = [map.width(), map.height(), map.len() as u32, map.regions().len() as u32];
        counts.iter().for_each(|count| sha.update(count.to_le_bytes()));
        map.regions().iter().for_each(|region| sha.update(region.bonus.to_le_bytes()));
        let mut block = Vec::with_capacity(2 * BLOCK_BYTES);
        for territory in map.territories() {
            put_territory(&mut block, map, territory);
            if block.len() >= BLOCK_BYTES {
                sha.update(&block);
                block.clear();
            }
        }
        sha.update(&block);
        Self(sha.finalize().into())
    }
}

/// How many bytes are hashed at a time: many small bites take several times as long.
const BLOCK_BYTES: usize = 1 << 14;

fn put_territory(out: &mut Vec<u8>, map: &Map, territory: TerritoryId) {
    let [x, y] = map.position(territory).map(i32::to_le_bytes);
    let edges = map.edges(territory);
    let region = map.region_of(territory).map_or(NO_REGION, |region| region.0).to_le_bytes();
    let count = (edges.len() as u16).to_le_bytes();
    let mut row = [0; 13];
    row[0] = map.terrain(territory) as u8;
    row[1..3].copy_from_slice(&region);
    row[3..7].copy_from_slice(&x);
    row[7..11].copy_from_slice(&y);
    row[11..13].copy_from_slice(&count);
    out.extend_from_slice(&row);
    for edge in edges {
        let [a, b, c, d] = edge.to.0.to_le_bytes();
        let [e, f] = edge.length.to_le_bytes();
        out.extend_from_slice(&[a, b, c, d, e, f, edge.kind as u8]);
    }
}

impl fmt::Display for MapHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for MapHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A text that is not the hash of a map.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a map hash is 64 hexadecimal digits")]
pub struct MapHashError;

impl FromStr for MapHash {
    type Err = MapHashError;

    fn from_str(text: &str) -> Result<Self, MapHashError> {
        if text.len() != 64 {
            return Err(MapHashError);
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
            *byte = digit(pair[0])? << 4 | digit(pair[1])?;
        }
        Ok(Self(bytes))
    }
}

fn digit(byte: u8) -> Result<u8, MapHashError> {
    let digit = char::from(byte).to_digit(16).ok_or(MapHashError)?;
    Ok(digit as u8)
}

impl TryFrom<String> for MapHash {
    type Error = MapHashError;

    fn try_from(text: String) -> Result<Self, MapHashError> {
        text.parse()
    }
}

impl From<MapHash> for String {
    fn from(hash: MapHash) -> Self {
        hash.to_string()
    }
}
