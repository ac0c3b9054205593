//! A log in memory, with faults that can be switched on, for tests of rooms.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use super::{CommandLog, Entry, GameId, LogError, Outcome, Position, Snapshot};

/// The durable part and the faults.
#[derive(Debug, Default)]
struct Inner {
    games: HashMap<GameId, Game>,
    failing: bool,
    failing_game: Option<GameId>,
    lose_answer: bool,
    keep_late: bool,
    late: Vec<Entry>,
    appends: usize,
}

#[derive(Debug, Default)]
struct Game {
    epoch: u64,
    entries: Vec<Entry>,
    snapshots: Vec<Snapshot>,
}

/// A [`CommandLog`] that forgets everything when it is dropped.
#[derive(Debug)]
pub struct MemoryLog {
    inner: Mutex<Inner>,
    stalled: watch::Sender<bool>,
}

impl Default for MemoryLog {
    fn default() -> Self {
        Self { inner: Mutex::default(), stalled: watch::Sender::new(false) }
    }
}

impl MemoryLog {
    /// An empty log without faults.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// From now on every append fails (or no longer).
    pub fn fail(&self, on: bool) {
        self.lock().failing = on;
    }

    /// From now on every append that holds an entry of this game fails.
    pub fn fail_game(&self, game: Option<GameId>) {
        self.lock().failing_game = game;
    }

    /// The next append is kept, but reported as failed.
    pub fn lose_next_answer(&self) {
        self.lock().lose_answer = true;
    }

    /// The next append is reported as failed, and kept when the one after it comes.
    pub fn keep_next_late(&self) {
        self.lock().keep_late = true;
    }

    /// Appends wait until this is switched off again.
    pub fn stall(&self, on: bool) {
        self.stalled.send_replace(on);
    }

    /// Changes a bit of the game's last entry, and throws its snapshots away.
    pub fn damage(&self, game: GameId) {
        let mut inner = self.lock();
        let Some(known) = inner.games.get_mut(&game) else { return };
        known.snapshots.clear();
        if let Some(last) = known.entries.last_mut() {
            last.prev_hash ^= 1;
        }
    }

    /// Cuts the game's first entry short, so that it cannot be read.
    pub fn garble(&self, game: GameId) {
        let mut inner = self.lock();
        if let Some(first) = inner.games.get_mut(&game).and_then(|g| g.entries.first_mut()) {
            first.batch.truncate(1);
        }
    }

    /// Appends so far, failed ones included.
    #[must_use]
    pub fn appends(&self) -> usize {
        self.lock().appends
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn game(&mut self, game: GameId) -> Result<&mut Game, LogError> {
        self.games.get_mut(&game).ok_or(LogError::Unknown(game))
    }

    fn append(&mut self, entries: Vec<Entry>) -> Result<Vec<Outcome>, LogError> {
        self.appends += 1;
        let hit = entries.iter().any(|e| Some(e.game) == self.failing_game);
        if self.failing || hit {
            return Err(LogError::Storage("a fault was switched on".to_owned()));
        }
        if std::mem::take(&mut self.keep_late) {
            self.late = entries;
            return Err(LogError::Storage("the append was given up".to_owned()));
        }
        for late in std::mem::take(&mut self.late) {
            self.append_one(late);
        }
        let mut fenced = Vec::new();
        let mut outcomes = Vec::with_capacity(entries.len());
        for entry in entries {
            let game = entry.game;
            // Nothing of a game may follow a refused entry.
            let refused = fenced.contains(&game) || self.append_one(entry) == Outcome::Fenced;
            if refused {
                fenced.push(game);
            }
            outcomes.push(if refused { Outcome::Fenced } else { Outcome::Durable });
        }
        if std::mem::take(&mut self.lose_answer) {
            return Err(LogError::Storage("the answer was lost".to_owned()));
        }
        Ok(outcomes)
    }

    fn append_one(&mut self, entry: Entry) -> Outcome {
        let Some(game) = self.games.get_mut(&entry.game) else { return Outcome::Fenced };
        let fenced = entry.epoch != game.epoch && !planted!(DropFence);
        let misplaced = entry.seq != game.position().seq + 1 && !planted!(DropNumber);
        if fenced || misplaced {
            return Outcome::Fenced;
        }
        game.entries.push(entry);
        Outcome::Durable
    }
}

impl Game {
    fn position(&self) -> Position {
        Position { epoch: self.epoch, seq: self.entries.last().map_or(0, |e| e.seq) }
    }
}

impl CommandLog for MemoryLog {
    async fn create(&self, game: GameId) -> Result<Position, LogError> {
        let mut inner = self.lock();
        if let Some(known) = inner.games.get(&game) {
            return Err(LogError::Taken { game, epoch: known.epoch });
        }
        let known = inner.games.entry(game).or_default();
        known.epoch = 1;
        Ok(known.position())
    }

    async fn claim(&self, game: GameId, seen: u64) -> Result<Position, LogError> {
        let mut inner = self.lock();
        let known = inner.game(game)?;
        if known.epoch != seen {
            return Err(LogError::Taken { game, epoch: known.epoch });
        }
        known.epoch += 1;
        if planted!(TakeBack) {
            known.entries.pop();
        }
        Ok(known.position())
    }

    async fn append(&self, entries: Vec<Entry>) -> Result<Vec<Outcome>, LogError> {
        let mut stalled = self.stalled.subscribe();
        // The sender lives as long as `self`, so waiting cannot fail.
        let _ = stalled.wait_for(|on| !on).await;
        self.lock().append(entries)
    }

    async fn position(&self, game: GameId) -> Result<Position, LogError> {
        self.lock().game(game).map(|known| known.position())
    }

    async fn read_from(&self, game: GameId, seq: u64) -> Result<Vec<Entry>, LogError> {
        let mut inner = self.lock();
        let known = inner.game(game)?;
        Ok(known.entries.iter().filter(|e| e.seq >= seq).cloned().collect())
    }

    async fn put_snapshot(&self, snapshot: Snapshot) -> Result<(), LogError> {
        let mut inner = self.lock();
        let known = inner.game(snapshot.game)?;
        known.snapshots.retain(|s| s.seq != snapshot.seq);
        known.snapshots.insert(0, snapshot);
        known.snapshots.sort_by_key(|s| std::cmp::Reverse(s.seq));
        known.snapshots.truncate(2);
        Ok(())
    }

    async fn snapshots(&self, game: GameId) -> Result<Vec<Snapshot>, LogError> {
        Ok(self.lock().games.get(&game).map(|g| g.snapshots.clone()).unwrap_or_default())
    }

    async fn forget(&self, game: GameId) -> Result<(), LogError> {
        self.lock().games.remove(&game);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    super::super::contract::suite!((super::MemoryLog::new(), ()));
}
