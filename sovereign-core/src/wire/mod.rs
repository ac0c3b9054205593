//! The protocol: what clients and servers say to each other, and how it becomes bytes.
//!
//! Two subprotocols carry the same messages: MessagePack for programs, JSON for eyes
//! and scripts. `docs/protocol.md` specifies both, byte by byte, and
//! `docs/protocol-vectors.json` holds what an independent client must agree with.
//!
//! ```
//! use sovereign_core::wire::{Codec, FromClient};
//! use sovereign_core::{Command, command::Attack, id::TerritoryId};
//!
//! let attack = Attack { from: TerritoryId(3), to: TerritoryId(4), troops: 50.into() };
//! let order = FromClient::Order { seq: 7, command: Command::Attack(attack) };
//! let frame = order.encode(Codec::Json);
//! let text = r#"{"order":{"seq":7,"command":{"attack":{"from":3,"to":4,"troops":50,"share":null}}}}"#;
//! assert_eq!(frame.text(), Some(text));
//! assert_eq!(FromClient::decode(frame.as_ref(), Codec::Json)?, order);
//! # Ok::<(), sovereign_core::wire::DecodeError>(())
//! ```

mod answer;
mod close;
mod codec;
mod columns;
mod delta;
mod error;
mod frame;
mod message;
mod reader;
mod social;

pub use close::CloseCode;
pub use codec::{CLIENT_FRAME_BYTES_MAX, Codec, DEPTH_MAX, SERVER_FRAME_BYTES_MAX};
pub use columns::ColumnError;
pub use error::DecodeError;
pub use frame::{Frame, FrameRef, GZIP_BYTES_MIN};
pub use message::{
    FromClient, PauseReason, Resume, SPEED_MAX, SeatName, SocialKind, ToClient, Welcome,
};
pub use social::{EMOJI, QUICK_CHAT};
