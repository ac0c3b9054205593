//! Nodes that know each other: who lives, which of them has a game, and how a request gets there.
//!
//! Invariant: nothing here decides who may write to a game. That is the log's epoch; whatever is
//! wrong here costs a detour or a move, never an order.

mod asking;
pub mod directory;
pub mod door;
pub mod duty;
pub mod fleet;
mod handover;
mod link;
mod list;
pub mod member;
pub mod members;
mod passing;
pub mod peers;
pub mod people;
pub mod placement;
pub mod postgres;
mod presence;
pub mod proof;
mod ranked;
pub mod relay;
pub mod roster;
pub mod running;
mod takeover;

pub use directory::{Directory, FleetError, GameName, Located};
pub use duty::Duty;
pub use fleet::{Fleet, Games, Route, Subject};
pub use handover::Line;
pub use member::{Load, Member};
pub use members::Members;
pub use peers::{PeerService, Relayed};
pub use people::{Companies, Gathered};
pub use placement::{place, place_job};
pub use roster::{Beat, Roster};
pub use running::{JoinError, Node};

#[cfg(test)]
mod tests;
