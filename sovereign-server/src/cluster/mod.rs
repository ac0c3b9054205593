//! Nodes that know each other: who lives, which of them has a game, and how a request gets there.
//!
//! Invariant: nothing here decides who may write to a game. That is the log's epoch; whatever is
//! wrong here costs a detour or a move, never an order.

pub mod member;
pub mod placement;

pub use member::{Load, Member};
pub use placement::{place, place_job};
