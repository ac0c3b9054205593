//! The deterministic rules-and-command engine of Sovereign Lines, a real-time game of
//! territorial conquest on a graph of territories.
//!
//! ```
//! use std::sync::Arc;
//! use sovereign_core::bot::Table;
//! use sovereign_core::quantity::Tick;
//! use sovereign_core::{Map, Phase, Rules, Seed};
//!
//! let map = Arc::new(Map::shipped("classic").unwrap());
//! let rules = Arc::new(Rules::preset("classic").unwrap());
//! let mut table = Table::named(map, rules, Seed::from(7), &["expander", "random"])?;
//! let replay = table.record(Tick(200_000));
//!
//! let game = table.session().game();
//! assert_eq!(game.state().phase, Phase::Finished);
//! let verified = replay.verify(game.map().clone())?;
//! assert_eq!(verified.hash, game.hash());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # The nouns
//!
//! The same everywhere: [`Map`] (the immutable graph), [`Rules`] (the checked numbers of a
//! mode), state (all that changes, inside of a game), [`Command`] (a wish), [`Order`] (a
//! command with its author and sequence number), [`Reject`] (why not), [`Event`] (a
//! fact), [`Delta`] (what one audience learns of what changed), [`View`] (what one viewer
//! may know), [`Mirror`] (a client's copy of it, kept up by deltas), [`Replay`] (a header
//! and orders), [`Game`] (map, rules and state: the pure machine), [`Session`] (a game with
//! its players' sequence numbers and answers: what a log holds).
//!
//! # Where to begin
//!
//! - To **embed** the game: [`Game`]. Its state moves through two doors, `execute` and
//!   `advance`; `mark` and `rollback` go back.
//! - To **write a bot**: [`bot::Bot`], and [`bot::Table`] to let bots play.
//! - To **host** a game for people: [`Session`], which makes sure that an order runs at
//!   most once, and [`wire`] for the protocol.
//! - To **watch** one: [`Mirror`] for a live game, [`Playback`] for a replay.
//! - To **play on a server**: `client::Client`, the protocol without its socket.
//!
//! # Promises
//!
//! The same map, rules, seed and orders give the same [`Game::hash`] on every machine. The
//! crate is `no_std` with `alloc`: it has no clock, input, output or float. What is wrong
//! with untrusted data ([`map::MapDraft`], [`rules::RulesDraft`], snapshots, replays,
//! frames) is a typed error; a panic is a bug.
//!
//! # Features
//!
//! - `wire` (default; needs `std`): the protocol's messages and codecs, and its client.
//! - `testing`: random games for property tests and benchmarks; with it, debug builds
//!   check every invariant of small games after each step.
#![no_std]
#![forbid(unsafe_code)]
#![deny(clippy::float_arithmetic)]

extern crate alloc;
#[cfg(any(test, feature = "wire"))]
extern crate std;

mod audience;
pub mod bot;
#[cfg(feature = "wire")]
pub mod client;
pub mod command;
pub mod event;
mod game;
mod hash;
pub mod id;
mod leb128;
mod legal;
pub mod map;
mod mirror;
pub mod perft;
mod preview;
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

pub use audience::Audience;
pub use command::{Command, Order, Reject, SystemOrder};
pub use event::{Delta, Event};
pub use game::{Game, Prepared, SEATS_MAX, SetupError};
pub use hash::mirror_row_hash;
pub use legal::Shape;
pub use map::Map;
pub use mirror::{Mirror, MirrorError};
pub use preview::{Outcome, Preview};
pub use replay::{Playback, Replay, ReplayHeader};
pub use rng::{Purpose, Seed};
pub use rules::Rules;
pub use session::{Answer, Batch, News, Session, Step};
pub use state::{
    Changes, DeadMark, LEVEL_MAX, Mark, Phase, Presence, Seat, SnapshotError, Standing, Structure,
};
pub use tick::growth::Growth;
pub use view::View;
