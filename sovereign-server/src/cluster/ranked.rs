//! Ranked games: the node that has the queue makes them, and they are played all over the fleet.

use sovereign_core::rules::RULES_VERSION;
use tracing::warn;

use super::{Fleet, Located};
use crate::log::GameId;

impl Fleet {
    /// Whether a node that lives has room for one more game.
    #[must_use]
    pub fn has_room(&self) -> bool {
        !self.inner.games.is_full() || self.emptiest().is_some()
    }

    /// Begins a game that was just stored as this node's, where its name places it among those
    /// that have room.
    pub async fn begin(&self, game: GameId) {
        let (node, load) = (self.name(), self.load());
        self.inner.roster.change_me(|me| me.load = load);
        let living = self.inner.roster.living();
        let rules = Some(RULES_VERSION);
        let made = Located { game, node, finished: false, rules };
        match made.place(&living) {
            Some(target) if target.name != made.node => {
                if let Err(error) = self.give(vec![game], target).await {
                    // It is begun here when its first player comes.
                    warn!(%game, %error, "a game was not given to another node");
                }
            }
            _ => self.inner.games.adopt(&[game]).await,
        }
    }
}
