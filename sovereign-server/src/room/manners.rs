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

/// How others may watch a game while it is played.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Watching {
    /// How much later than the players they see it, in seconds of the game's time.
    #[serde(default)]
    pub delay_s: u32,
    /// What they see.
    #[serde(default)]
    pub view: WatchView,
}

/// What those see who watch a game.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WatchView {
    /// Everything, or what one player sees, as they like.
    #[default]
    All,
    /// What one player sees, whom they choose.
    Side,
    /// Nothing: nobody watches.
    None,
}

impl Watching {
    /// What holds unless the maker says something: everybody may watch a game without
    /// secrets as it is played, nobody one with fog, and a ranked one is shown later.
    #[must_use]
    pub fn usual(fog: bool) -> Self {
        let view = if fog { WatchView::None } else { WatchView::All };
        Self { delay_s: 0, view }
    }

    /// The same with at least the delay that a game with secrets must have.
    #[must_use]
    pub fn fitting(self, secrets: bool, least_s: u64) -> Self {
        let least = if secrets { u32::try_from(least_s).unwrap_or(u32::MAX) } else { 0 };
        Self { delay_s: self.delay_s.max(least), ..self }
    }

    /// Whether anybody may watch.
    #[must_use]
    pub fn is_open(self) -> bool {
        self.view != WatchView::None
    }
}
