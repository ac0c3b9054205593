//! What the maker of a game allows: to players when they talk, and to those who watch.

use serde::{Deserialize, Serialize};

/// What players may say to each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Chat {
    /// Phrases, signs and marks, in which nobody can be insulted.
    #[default]
    Phrases,
    /// Words of their own too.
    Free,
}
