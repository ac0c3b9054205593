//! What this node remembers of its own games, by which it notices a database that has
//! forgotten: a copy that lagged behind and was promoted, or a backup put back.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::super::{Entry, GameId, Outcome, Position};

/// The last acknowledged position of each game of this node.
#[derive(Debug, Default)]
pub(super) struct Guard(Mutex<HashMap<GameId, Position>>);

impl Guard {
    /// From now on this node is the owner.
    pub(super) fn own(&self, game: GameId, position: Position) {
        self.lock().insert(game, position);
    }

    /// The game is over, or no longer this node's.
    pub(super) fn disown(&self, game: GameId) {
        self.lock().remove(&game);
    }

    /// Of these games, those that this node had.
    pub(super) fn owned(&self, games: &[GameId]) -> Vec<GameId> {
        let known = self.lock();
        games.iter().filter(|game| known.contains_key(game)).copied().collect()
    }

    /// Remembers what was acknowledged.
    pub(super) fn appended(&self, entries: &[Entry], outcomes: &[Outcome]) {
        let mut known = self.lock();
        let durable = entries.iter().zip(outcomes).filter(|(_, is)| **is == Outcome::Durable);
        for (Entry { game, epoch, seq, .. }, _) in durable {
            known.insert(*game, Position { epoch: *epoch, seq: *seq });
        }
    }

    /// How far the log of a game had come, if what is stored of it is behind that.
    pub(super) fn missing(&self, game: GameId, stored: Position) -> Option<Position> {
        let known = self.lock().get(&game).copied()?;
        let behind = stored.epoch < known.epoch || stored.seq < known.seq;
        behind.then_some(known)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<GameId, Position>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
