//! Replays: a game as its orders, played again and verified.

mod format;
mod playback;

pub use format::{REPLAY_BYTES_MAX, ReplayFileError};
pub use playback::{Playback, PlaybackError, Verified, VerifyError};

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::game::Game;
use crate::map::MapHash;
use crate::rng::Seed;
use crate::rules::{RULES_VERSION, RulesHash};
use crate::session::Batch;

/// What a game was played with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplayHeader {
    /// The [`RULES_VERSION`] of the engine that played it.
    pub rules_version: u32,
    /// The map's name.
    pub map: String,
    /// The map's content hash.
    pub map_hash: MapHash,
    /// The rules, as [`crate::Rules::to_toml`] writes them.
    pub rules: String,
    /// The rules' content hash.
    pub rules_hash: RulesHash,
    /// The key of the dice.
    pub seed: Seed,
    /// How many seats there were.
    pub seats: u16,
}

/// A game as its orders: a header, and a batch for each tick in which something
/// happened. Holds seats only: no names, no chat, no accounts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replay {
    /// What it was played with.
    pub header: ReplayHeader,
    /// What happened, by rising tick.
    pub batches: Vec<Batch>,
}

impl ReplayHeader {
    /// The header of a game.
    #[must_use]
    pub fn of(game: &Game) -> Self {
        Self {
            rules_version: RULES_VERSION,
            map: game.map().name().to_string(),
            map_hash: game.map().hash(),
            rules: game.rules().to_toml(),
            rules_hash: game.rules().hash(),
            seed: game.seed(),
            seats: game.seats(),
        }
    }
}
