//! Frames: what goes into one WebSocket message.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;
use std::io::{Read, Write};

use flate2::Compression;
use flate2::bufread::GzDecoder;
use flate2::write::GzEncoder;

use super::codec::SERVER_FRAME_BYTES_MAX;
use super::error::DecodeError;

/// Messages of fewer bytes are never compressed: they fit into one packet as they are.
pub const GZIP_BYTES_MIN: usize = 1_400;
/// The most that a compressed frame may decompress to, in bytes.
pub(super) const INFLATED_BYTES_MAX: usize = SERVER_FRAME_BYTES_MAX;
/// How hard to compress, from 1 to 9: beyond this it costs more time than it saves bytes.
const GZIP_LEVEL: u32 = 4;
/// The first byte of a frame that is not compressed.
const PLAIN: u8 = 0;
/// The first byte of a frame whose rest is a gzip member.
const GZIP: u8 = 1;

/// The payload of one WebSocket message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Frame {
    /// Of a text message: JSON.
    Text(String),
    /// Of a binary message: MessagePack.
    Binary(Vec<u8>),
}

/// A borrowed [`Frame`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameRef<'f> {
    /// Of a text message: JSON.
    Text(&'f str),
    /// Of a binary message: MessagePack.
    Binary(&'f [u8]),
}

impl Frame {
    /// This frame, borrowed.
    #[must_use]
    pub fn as_ref(&self) -> FrameRef<'_> {
        match self {
            Self::Text(text) => FrameRef::Text(text),
            Self::Binary(bytes) => FrameRef::Binary(bytes),
        }
    }

    /// The text of a text frame.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Binary(_) => None,
        }
    }

    /// The bytes of the payload, of either kind.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        match self {
            Self::Text(text) => text.as_bytes(),
            Self::Binary(bytes) => bytes,
        }
    }
}

/// Puts the flag before a message, compressing the message if that makes it shorter.
pub(super) fn flagged(plain: &[u8]) -> Vec<u8> {
    if plain.len() >= GZIP_BYTES_MIN {
        let packed = gzip(plain);
        if packed.len() <= plain.len() {
            return packed;
        }
    }
    [&[PLAIN], plain].concat()
}

fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::from([GZIP]), Compression::new(GZIP_LEVEL));
    encoder.write_all(plain).expect("writing to memory does not fail");
    encoder.finish().expect("writing to memory does not fail")
}

/// Takes the flag off and undoes the compression. Takes no more memory than
/// [`INFLATED_BYTES_MAX`].
pub(super) fn unflagged(frame: &[u8]) -> Result<Cow<'_, [u8]>, DecodeError> {
    match frame.split_first() {
        None => Err(DecodeError::Empty),
        Some((&PLAIN, rest)) => Ok(Cow::Borrowed(rest)),
        Some((&GZIP, rest)) => gunzip(rest, frame.len()).map(Cow::Owned),
        Some((&found, _)) => Err(DecodeError::Flag { found }),
    }
}

fn gunzip(packed: &[u8], frame_len: usize) -> Result<Vec<u8>, DecodeError> {
    let mut decoder = GzDecoder::new(packed);
    let mut plain = Vec::new();
    let limit = INFLATED_BYTES_MAX as u64 + 1;
    decoder.by_ref().take(limit).read_to_end(&mut plain).map_err(|_| DecodeError::Gzip)?;
    if plain.len() > INFLATED_BYTES_MAX {
        return Err(DecodeError::Inflated);
    }
    let rest = decoder.into_inner().len();
    if rest == 0 { Ok(plain) } else { Err(DecodeError::Trailing { at: frame_len - rest }) }
}
