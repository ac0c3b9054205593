//! What this node remembers of its own games, by which it notices a database that has
//! forgotten: a copy that lagged behind and was promoted, or a backup put back.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::super::{Entry, GameId, Outcome, Position};

/// The last acknowledged position of each game of this node, and on which of its server's
/// timelines the database is: a new one begins when a copy is promoted.
#[derive(Debug, Default)]
pub(super) struct Guard {
    games: Mutex<HashMap<GameId, Position>>,
    timeline: Mutex<Option<String>>,
}

impl Guard {
    /// The database is on this timeline; the one before, if that was another.
    pub(super) fn moved(&self, timeline: &str) -> Option<String> {
        let mut known = self.timeline.lock().unwrap_or_else(PoisonError::into_inner);
        let before = known.replace(timeline.to_owned());
        before.filter(|before| before != timeline)
    }

    /// From now on this node is the owner.
    pub(super) fn own(&self, game: GameId, position: Position) {
        remember(&mut self.lock(), game, position);
    }

    /// The game is over.
    pub(super) fn disown(&self, game: GameId) {
        self.lock().remove(&game);
    }

    /// The game is somebody else's, unless this node has gone on with it since.
    pub(super) fn lose(&self, game: GameId, known: Position) {
        let mut games = self.lock();
        if games.get(&game) == Some(&known) {
            games.remove(&game);
        }
    }

    /// Of these games those that this node had, and how far their logs had come.
    pub(super) fn owned(&self, games: &[GameId]) -> Vec<(GameId, Position)> {
        let known = self.lock();
        games.iter().filter_map(|game| Some((*game, *known.get(game)?))).collect()
    }

    /// Remembers what was acknowledged.
    pub(super) fn appended(&self, entries: &[Entry], outcomes: &[Outcome]) {
        let mut games = self.lock();
        let durable = entries.iter().zip(outcomes).filter(|(_, is)| **is == Outcome::Durable);
        for (Entry { game, epoch, seq, .. }, _) in durable {
            remember(&mut games, *game, Position { epoch: *epoch, seq: *seq });
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<GameId, Position>> {
        self.games.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is known never falls: two owners in turn on one node may tell of it in either order.
fn remember(games: &mut HashMap<GameId, Position>, game: GameId, position: Position) {
    let known = games.entry(game).or_insert(position);
    known.epoch = known.epoch.max(position.epoch);
    known.seq = known.seq.max(position.seq);
}

/// Whether what is stored of a game is less than what was known before it was read.
pub(super) const fn is_behind(stored: Position, known: Position) -> bool {
    stored.epoch < known.epoch || stored.seq < known.seq
}
