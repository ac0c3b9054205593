//! Ranked games: ladders, who waits for a game, who plays whom, and what a result changes.
//!
//! Invariant: a person waits in one search at most, and is matched once for each search.

mod entry;
mod ladder;
pub mod matching;
mod queue;
pub mod rating;

pub use entry::{Entrant, QueueInfo};
pub use ladder::{Ladder, LadderError, Ladders};
pub use queue::Queue;
