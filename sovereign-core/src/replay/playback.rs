//! Playing a replay again.

use alloc::sync::Arc;

use super::{Replay, ReplayHeader};
use crate::event::GameState;
use crate::game::{Game, SetupError};
use crate::map::Map;
use crate::quantity::Tick;
use crate::rules::{RULES_VERSION, Rules, RulesError};
use crate::session::{BatchError, News, Session, Step};

/// Why a replay cannot be played.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlaybackError {
    /// It was played by an engine with other rules.
    #[error("the replay is of rules version {found}, but this engine runs {RULES_VERSION}")]
    Version {
        /// The version in the header.
        found: u32,
    },
    /// The map is not the one that it was played on.
    #[error("the map '{map}' is not the one that the replay was played on: its hash differs")]
    Map {
        /// The map's name in the header.
        map: alloc::string::String,
    },
    /// Its rules are no rules.
    #[error("the replay's rules: {0}")]
    Rules(#[from] RulesError),
    /// Its rules are not those of which it states the hash.
    #[error("the replay's rules do not have the hash that it states")]
    RulesHash,
    /// There can be no such game.
    #[error(transparent)]
    Setup(#[from] SetupError),
}

/// Where and why a replay does not do again what it did.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// It cannot be played at all.
    #[error(transparent)]
    Playback(#[from] PlaybackError),
    /// The first batch that differs.
    #[error("batch {index}: {error}")]
    Batch {
        /// Its position, from 0.
        index: usize,
        /// How it differs.
        error: BatchError,
    },
}

/// What a verified replay tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verified {
    /// How many batches.
    pub batches: usize,
    /// How many orders.
    pub orders: usize,
    /// The last tick.
    pub tick: Tick,
    /// The last hash.
    pub hash: u64,
    /// The state of the game after the last batch.
    pub state: GameState,
}

/// A replay being played, batch by batch.
#[derive(Clone, Debug)]
pub struct Playback<'r> {
    replay: &'r Replay,
    session: Session,
    next: usize,
}

impl<'r> Playback<'r> {
    /// A replay at its start, on the map that its header names.
    ///
    /// # Errors
    /// If map, rules or version are not those of the header.
    pub fn new(replay: &'r Replay, map: Arc<Map>) -> Result<Self, PlaybackError> {
        let session = Session::new(replay.header.game(map)?);
        Ok(Self { replay, session, next: 0 })
    }

    /// The session as it is now.
    #[must_use]
    pub const fn session(&self) -> &Session {
        &self.session
    }

    /// How many batches have been played.
    #[must_use]
    pub const fn position(&self) -> usize {
        self.next
    }

    /// The tick of the next batch, if there is one.
    #[must_use]
    pub fn next_tick(&self) -> Option<Tick> {
        self.replay.batches.get(self.next).map(|batch| batch.tick)
    }

    /// Plays the next batch; `None` at the end.
    ///
    /// # Errors
    /// If the batch does not do again what it did.
    pub fn step(&mut self) -> Option<Result<Step, BatchError>> {
        let batch = self.replay.batches.get(self.next)?;
        self.next += 1;
        Some(self.session.replay(batch))
    }

    /// What is learned of the last batch: see [`Session::news`].
    pub fn news(&mut self) -> News {
        self.session.news()
    }

    /// Plays all batches up to `tick`, from the start if it lies behind.
    ///
    /// # Errors
    /// If a batch on the way does not do again what it did.
    pub fn seek(&mut self, tick: Tick) -> Result<(), BatchError> {
        if tick < self.session.game().tick() {
            let map = self.session.game().map().clone();
            let game = self.replay.header.game(map);
            self.session = Session::new(game.expect("the same header made a game before"));
            self.next = 0;
        }
        while self.next_tick().is_some_and(|next| next <= tick) {
            if let Some(played) = self.step() {
                played?;
            }
        }
        Ok(())
    }
}

impl ReplayHeader {
    /// A fresh game of this header.
    ///
    /// # Errors
    /// If map, rules or version are not those of the header.
    pub fn game(&self, map: Arc<Map>) -> Result<Game, PlaybackError> {
        if self.rules_version != RULES_VERSION {
            return Err(PlaybackError::Version { found: self.rules_version });
        }
        if map.hash() != self.map_hash {
            return Err(PlaybackError::Map { map: self.map.clone() });
        }
        let rules = Rules::from_toml(&self.rules)?;
        if rules.hash() != self.rules_hash {
            return Err(PlaybackError::RulesHash);
        }
        Ok(Game::new(map, Arc::new(rules), self.seed, self.seats)?)
    }
}

impl Replay {
    /// Plays the whole replay again and compares every hash.
    ///
    /// # Errors
    /// [`VerifyError`] names the first batch that differs, and how.
    pub fn verify(&self, map: Arc<Map>) -> Result<Verified, VerifyError> {
        let mut playback = Playback::new(self, map)?;
        while let Some(played) = playback.step() {
            let index = playback.position() - 1;
            played.map_err(|error| VerifyError::Batch { index, error })?;
        }
        let game = playback.session().game();
        Ok(Verified {
            batches: self.batches.len(),
            orders: self.batches.iter().map(|batch| batch.orders.len()).sum(),
            tick: game.tick(),
            hash: game.hash(),
            state: game.state(),
        })
    }
}
