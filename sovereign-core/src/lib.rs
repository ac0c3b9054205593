//! The deterministic rules-and-command engine of Sovereign Lines.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(any(test, feature = "wire"))]
extern crate std;

pub mod bot;
pub mod command;
pub mod event;
mod game;
mod hash;
pub mod id;
pub mod map;
mod mirror;
pub mod quantity;
pub mod replay;
mod rng;
pub mod rules;
pub mod search;
pub mod session;
mod state;
#[cfg(feature = "testing")]
pub mod testing;
mod tick;
pub mod view;
#[cfg(feature = "wire")]
pub mod wire;

pub use command::{Command, Order, Reject, SystemOrder};
pub use event::{Delta, Event};
pub use game::{Game, Prepared, SEATS_MAX, SetupError};
pub use hash::mirror_row_hash;
pub use map::Map;
pub use mirror::{Mirror, MirrorError};
pub use replay::{Playback, Replay, ReplayHeader};
pub use rng::{Purpose, Seed};
pub use rules::Rules;
pub use session::{Answer, Batch, Session, Step};
pub use state::{DeadMark, Mark, Phase, Presence, Seat, SnapshotError, Standing, Structure};
pub use tick::growth::Growth;
pub use view::View;
