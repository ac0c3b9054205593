//! Messages to frames and back.

use alloc::borrow::ToOwned;
use alloc::string::{String, ToString};
use std::io::Cursor;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::error::DecodeError;
use super::frame::{Frame, FrameRef, flagged, unflagged};
use super::message::{FromClient, SPEED_MAX, ToClient};
use super::social::{EMOJI, QUICK_CHAT};

/// The longest frame of a client that is read, in bytes: a `hello` with a long token.
pub const CLIENT_FRAME_BYTES_MAX: usize = 8 * 1024;
/// The longest frame of a server that is read, in bytes, before and after
/// decompression: a snapshot of two million territories.
pub const SERVER_FRAME_BYTES_MAX: usize = 16 * 1024 * 1024;
/// How deep lists and maps may be nested; no message needs more than nine.
pub const DEPTH_MAX: usize = 16;
/// The longest complaint of a reader that is passed on, in bytes: it may quote the frame.
const COMPLAINT_BYTES_MAX: usize = 200;
/// How the subprotocols of all versions begin.
const FAMILY: &str = "sovereign.v";

/// How messages are written: the subprotocol that client and server agree on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Codec {
    /// Compact, in binary frames.
    Msgpack,
    /// Readable, in text frames.
    Json,
}

impl Codec {
    /// Both, the better one first.
    pub const ALL: [Self; 2] = [Self::Msgpack, Self::Json];

    /// The subprotocol's name in `Sec-WebSocket-Protocol`.
    #[must_use]
    pub const fn subprotocol(self) -> &'static str {
        match self {
            Self::Msgpack => "sovereign.v1.msgpack",
            Self::Json => "sovereign.v1.json",
        }
    }

    /// The codec of a subprotocol.
    #[must_use]
    pub fn from_subprotocol(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|codec| codec.subprotocol() == name)
    }

    /// Whether a name is that of a subprotocol of any version, spoken here or not.
    #[must_use]
    pub fn is_of_family(name: &str) -> bool {
        let rest = name.strip_prefix(FAMILY).unwrap_or_default();
        rest.split_once('.').is_some_and(|(version, codec)| {
            !version.is_empty() && version.bytes().all(|b| b.is_ascii_digit()) && !codec.is_empty()
        })
    }

    pub(super) const fn frame_kind(self) -> &'static str {
        match self {
            Self::Msgpack => "binary",
            Self::Json => "text",
        }
    }
}

const WRITABLE: &str = "messages are plain numbers, strings and lists, written to memory";

fn msgpack(message: &impl Serialize) -> alloc::vec::Vec<u8> {
    rmp_serde::to_vec(message).expect(WRITABLE)
}

fn json(message: &impl Serialize) -> String {
    serde_json::to_string(message).expect(WRITABLE)
}

impl ToClient {
    /// This message as a frame. Equal messages give equal frames, so that one can be
    /// shared by all who may read it.
    #[must_use]
    pub fn encode(&self, codec: Codec) -> Frame {
        match codec {
            Codec::Msgpack => Frame::Binary(flagged(&msgpack(self))),
            Codec::Json => Frame::Text(json(self)),
        }
    }

    /// The message in a server's frame. No frame makes it panic, and it takes no more
    /// memory than a small multiple of [`SERVER_FRAME_BYTES_MAX`].
    ///
    /// # Errors
    /// What is wrong with the frame, and where.
    pub fn decode(frame: FrameRef<'_>, codec: Codec) -> Result<Self, DecodeError> {
        match (codec, frame) {
            (Codec::Msgpack, FrameRef::Binary(bytes)) => {
                bounded(bytes.len(), SERVER_FRAME_BYTES_MAX)?;
                from_msgpack(&unflagged(bytes)?)
            }
            (Codec::Json, FrameRef::Text(text)) => {
                bounded(text.len(), SERVER_FRAME_BYTES_MAX)?;
                from_json(text)
            }
            _ => Err(DecodeError::WrongKind { codec }),
        }
    }
}

impl FromClient {
    /// This message as a frame.
    #[must_use]
    pub fn encode(&self, codec: Codec) -> Frame {
        match codec {
            Codec::Msgpack => Frame::Binary(msgpack(self)),
            Codec::Json => Frame::Text(json(self)),
        }
    }

    /// The message in a client's frame. No frame makes it panic, and it takes no more
    /// memory than a small multiple of [`CLIENT_FRAME_BYTES_MAX`].
    ///
    /// # Errors
    /// What is wrong with the frame, and where.
    pub fn decode(frame: FrameRef<'_>, codec: Codec) -> Result<Self, DecodeError> {
        let message: Self = match (codec, frame) {
            (Codec::Msgpack, FrameRef::Binary(bytes)) => {
                bounded(bytes.len(), CLIENT_FRAME_BYTES_MAX)?;
                from_msgpack(bytes)?
            }
            (Codec::Json, FrameRef::Text(text)) => {
                bounded(text.len(), CLIENT_FRAME_BYTES_MAX)?;
                from_json(text)?
            }
            _ => return Err(DecodeError::WrongKind { codec }),
        };
        message.in_range()?;
        Ok(message)
    }

    /// Checks what the types alone do not.
    fn in_range(&self) -> Result<(), DecodeError> {
        match *self {
            Self::QuickChat { phrase, .. } => range("phrase", phrase, QUICK_CHAT.len() - 1),
            Self::Emoji { emoji, .. } => range("emoji", emoji, EMOJI.len() - 1),
            Self::Watch { speed, .. } => range("speed", speed, usize::from(SPEED_MAX)),
            Self::Hello { .. }
            | Self::Order { .. }
            | Self::Mark { .. }
            | Self::Chat { .. }
            | Self::Mute { .. }
            | Self::Ping { .. }
            | Self::Renew { .. } => Ok(()),
        }
    }
}

fn range(field: &'static str, found: impl Into<u32>, max: usize) -> Result<(), DecodeError> {
    let (found, max) = (found.into(), max as u32);
    if found <= max { Ok(()) } else { Err(DecodeError::Range { field, found, max }) }
}

fn bounded(bytes: usize, max: usize) -> Result<(), DecodeError> {
    if bytes <= max { Ok(()) } else { Err(DecodeError::TooLong { bytes, max }) }
}

fn from_msgpack<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, DecodeError> {
    let mut reader = rmp_serde::Deserializer::new(Cursor::new(bytes));
    reader.set_max_depth(DEPTH_MAX);
    let message = T::deserialize(&mut reader);
    let at = reader.position() as usize;
    match message {
        Ok(message) if at == bytes.len() => Ok(message),
        Ok(_) => Err(DecodeError::Trailing { at }),
        Err(rmp_serde::decode::Error::DepthLimitExceeded) => Err(DecodeError::TooDeep { at }),
        Err(error) => Err(DecodeError::Shape { at, what: clip(&error.to_string()) }),
    }
}

fn from_json<T: DeserializeOwned>(text: &str) -> Result<T, DecodeError> {
    if let Some(at) = too_deep(text) {
        return Err(DecodeError::TooDeep { at });
    }
    let mut reader = serde_json::Deserializer::from_str(text);
    let message = T::deserialize(&mut reader).map_err(|error| json_error(text, &error))?;
    reader.end().map_err(|error| DecodeError::Trailing { at: offset(text, &error) })?;
    Ok(message)
}

fn json_error(text: &str, error: &serde_json::Error) -> DecodeError {
    let place = alloc::format!(" at line {} column {}", error.line(), error.column());
    let what = error.to_string();
    let what = clip(what.strip_suffix(place.as_str()).unwrap_or(&what));
    DecodeError::Shape { at: offset(text, error), what }
}

fn clip(text: &str) -> String {
    text[..text.floor_char_boundary(COMPLAINT_BYTES_MAX)].to_owned()
}

/// Where the reader stopped, in bytes from the start: it counts lines and columns.
fn offset(text: &str, error: &serde_json::Error) -> usize {
    let before = text.split_inclusive('\n').take(error.line().saturating_sub(1));
    let at = before.map(str::len).sum::<usize>() + error.column();
    at.min(text.len())
}

/// Where a JSON text becomes nested too deeply, if it does.
fn too_deep(text: &str) -> Option<usize> {
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'{' | b'[' if !quoted => depth += 1,
            b'}' | b']' if !quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEPTH_MAX {
            return Some(at);
        }
    }
    None
}
