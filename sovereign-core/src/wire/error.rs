//! What is wrong with a frame, and where.

use alloc::string::String;

use super::codec::{Codec, DEPTH_MAX};
use super::frame::INFLATED_BYTES_MAX;

/// Why a frame cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// It is too long.
    #[error("the frame has {bytes} bytes, at most {max} are read")]
    TooLong {
        /// How long it is.
        bytes: usize,
        /// How long it may be.
        max: usize,
    },
    /// A text frame where a binary one belongs, or the other way round.
    #[error("{codec:?} travels in {} frames", codec.frame_kind())]
    WrongKind {
        /// What was agreed on.
        codec: Codec,
    },
    /// Its first byte says neither that it is plain nor that it is compressed.
    #[error("the first byte is {found}, not 0 (plain) or 1 (gzip)")]
    Flag {
        /// What it is.
        found: u8,
    },
    /// It has no byte at all.
    #[error("the frame is empty")]
    Empty,
    /// It says that it is compressed, but cannot be decompressed.
    #[error("the frame is no whole gzip member")]
    Gzip,
    /// It would decompress to too much.
    #[error("the frame decompresses to more than {INFLATED_BYTES_MAX} bytes")]
    Inflated,
    /// It is nested too deeply.
    #[error("byte {at}: nested more than {DEPTH_MAX} deep")]
    TooDeep {
        /// Where.
        at: usize,
    },
    /// A message ends, and there is more.
    #[error("byte {at}: the message is over, but the frame goes on")]
    Trailing {
        /// Where.
        at: usize,
    },
    /// It is no message, or a field is missing, unknown or of the wrong kind.
    #[error("byte {at}: {what}")]
    Shape {
        /// Where, in bytes from the frame's start.
        at: usize,
        /// What is wrong there.
        what: String,
    },
    /// A number that is out of its range.
    #[error("{field} is {found}, at most {max} is allowed")]
    Range {
        /// Which.
        field: &'static str,
        /// What it is.
        found: u32,
        /// The most that it may be.
        max: u32,
    },
}

impl DecodeError {
    /// The error's name on the wire and in metrics.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooLong { .. } => "too_long",
            Self::WrongKind { .. } => "wrong_kind",
            Self::Flag { .. } => "flag",
            Self::Empty => "empty",
            Self::Gzip => "gzip",
            Self::Inflated => "inflated",
            Self::TooDeep { .. } => "too_deep",
            Self::Trailing { .. } => "trailing",
            Self::Shape { .. } => "shape",
            Self::Range { .. } => "range",
        }
    }
}
