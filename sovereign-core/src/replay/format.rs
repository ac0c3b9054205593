//! Replay files.
//!
//! # Stability
//! `SOVR`, the format's version (one byte), then header and batches in
//! [postcard](https://docs.rs/postcard)'s form. See `docs/replay-format.md`.

use alloc::vec::Vec;

use super::{Replay, ReplayHeader};
use crate::session::Batch;

/// The first bytes of every replay file.
const MAGIC: &[u8; 4] = b"SOVR";
/// The version of the form of the file; the rules' version is in the header.
const VERSION: u8 = 1;
/// The most bytes that a replay file may have.
pub const REPLAY_BYTES_MAX: usize = 64 * 1024 * 1024;

/// Why a file is no replay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReplayFileError {
    /// It does not begin like one.
    #[error("this is no replay: it does not begin with SOVR")]
    Magic,
    /// It is of a version that this engine cannot read.
    #[error("this replay has format {found}, but this engine reads format {VERSION}")]
    Version {
        /// The version that was found.
        found: u8,
    },
    /// It is too long.
    #[error("this replay has {bytes} bytes, more than the {REPLAY_BYTES_MAX} allowed")]
    TooLong {
        /// The length that was found.
        bytes: usize,
    },
    /// It is cut short, or garbage.
    #[error("this replay is damaged {part}")]
    Damaged {
        /// Where.
        part: &'static str,
    },
}

impl Replay {
    /// The replay as the bytes of a file.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.push(VERSION);
        let body = postcard::to_allocvec(&(&self.header, &self.batches));
        bytes.extend(body.expect("plain numbers and strings can always be written"));
        bytes
    }

    /// Reads the bytes of a file. No bytes make it panic, and it takes no more memory
    /// than a small multiple of their number.
    ///
    /// # Errors
    /// Why they are no replay.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ReplayFileError> {
        if bytes.len() > REPLAY_BYTES_MAX {
            return Err(ReplayFileError::TooLong { bytes: bytes.len() });
        }
        let rest = bytes.strip_prefix(MAGIC).ok_or(ReplayFileError::Magic)?;
        let (version, rest) = rest.split_first().ok_or(ReplayFileError::Magic)?;
        if *version != VERSION {
            return Err(ReplayFileError::Version { found: *version });
        }
        let (header, rest) = postcard::take_from_bytes::<ReplayHeader>(rest)
            .map_err(|_| ReplayFileError::Damaged { part: "in its header" })?;
        let (batches, rest) = postcard::take_from_bytes::<Vec<Batch>>(rest)
            .map_err(|_| ReplayFileError::Damaged { part: "in its batches" })?;
        if rest.is_empty() {
            Ok(Self { header, batches })
        } else {
            Err(ReplayFileError::Damaged { part: "after its batches: there is more" })
        }
    }
}
