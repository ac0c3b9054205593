//! What the players of a game did and were told, word for word as far as it can be judged.

use std::time::Duration;

use serde::Serialize;
use sovereign_core::{Answer, Command};

/// Something that a player did or was told.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Record {
    /// Since the run began.
    pub(crate) at: Duration,
    pub(crate) seat: u16,
    /// How often the player has loaded the page: what he knew before is then forgotten.
    pub(crate) page: u32,
    pub(crate) what: What,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) enum What {
    /// An order went out, for the first time or again.
    Sent { seq: u32, command: Command },
    /// An answer came: the tick at which the order ran, or why it did not.
    Told { seq: u32, result: Result<u32, String> },
    /// An order of this page has its answer, which was awaited since `sent`.
    Answered { seq: u32, command: Command, ran: Option<u32>, sent: Duration },
    /// A body came: the owner's epoch, the tick, the mirror's hash, and what it shows of the map.
    Saw { epoch: u64, tick: u32, check: u32, shows: u64 },
    /// The connection ended, and how.
    Lost(String),
    /// What was heard does not fit what was heard before.
    Broken(String),
}

impl What {
    /// An answer, as it is kept.
    pub(crate) fn told(answer: &Answer) -> Self {
        let result = answer.result.map(|tick| tick.0).map_err(|reject| format!("{reject:?}"));
        Self::Told { seq: answer.seq, result }
    }
}

/// Everything of one game.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct History {
    pub(crate) game: String,
    /// Seats of the players whose records these are.
    pub(crate) seats: u16,
    /// By time.
    pub(crate) records: Vec<Record>,
    /// From when on orders were welcome, and until when.
    pub(crate) open: (Duration, Duration),
}
