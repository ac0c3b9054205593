//! The log of record: what a room did, durable before anybody hears of it.
//!
//! Invariant: an entry that was reported [`Outcome::Durable`] is in every later
//! [`CommandLog::read_from`] of its game, once, in order, with the same bytes;
//! and of two owners of one game only the one with the higher epoch can append.

mod committer;
#[cfg(test)]
pub(crate) mod contract;
pub mod memory;
pub mod postgres;
mod row;
pub mod sqlite;

use std::future::Future;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use committer::{CommitNotice, Committer, LogHandle, LogHealth};

/// Names a game everywhere: in addresses, in the log, in the databases.
pub type GameId = Uuid;

/// One tick of one game: what executed in it, and where it belongs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The game.
    pub game: GameId,
    /// The owner's epoch; an entry of an older epoch is fenced.
    pub epoch: u64,
    /// One more than the game's entry before; the first is 1.
    pub seq: u64,
    /// The tick that this entry closes.
    pub tick: u32,
    /// The executed orders, encoded; empty where only time passed.
    pub batch: Bytes,
    /// Hash of the game before this entry: the chain by which corruption shows.
    pub prev_hash: u64,
}

/// Where a game's log stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// Epoch of the present owner.
    pub epoch: u64,
    /// Number of the last durable entry, 0 before the first.
    pub seq: u64,
}

/// A plain snapshot of one session, from which recovery starts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// The game.
    pub game: GameId,
    /// The last entry that it holds.
    pub seq: u64,
    /// The tick that it shows.
    pub tick: u32,
    /// Hash of the game that it holds.
    pub hash: u64,
    /// Version of the engine's rules that wrote it.
    pub rules_version: u32,
    /// The session, encoded.
    pub blob: Vec<u8>,
}

/// What a game is recovered from, read once it was taken over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recovery {
    /// Where its log stands, in the new owner's epoch.
    pub position: Position,
    /// The newest snapshot, if there is one.
    pub snapshot: Option<Snapshot>,
    /// All entries after it.
    pub entries: Vec<Entry>,
}

/// What became of an append.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The entry is in the log and stays there.
    Durable,
    /// Another owner has the game, or the number has a gap: the room must stop.
    Fenced,
    /// The log no longer holds what it had acknowledged of this game: it must be frozen.
    Lost,
}

/// Why the log did not do what it was asked.
#[derive(Clone, Debug, thiserror::Error)]
pub enum LogError {
    /// The storage failed; whether the append was kept is unknown.
    #[error(
        "the order log cannot be written or read: {0}; check the disk of the data folder, or PostgreSQL"
    )]
    Storage(String),
    /// A stored entry or snapshot is not what was written.
    #[error("the order log is damaged at {0}; that game is frozen, others go on")]
    Corrupt(String),
    /// The claim named an epoch that is not the present one.
    #[error("the game {game} belongs to epoch {epoch}; its owner has changed")]
    Taken {
        /// The game.
        game: GameId,
        /// The present epoch.
        epoch: u64,
    },
    /// The game is not in the log.
    #[error("the log knows no game {0}")]
    Unknown(GameId),
    /// The log has been shut down.
    #[error("the order log has been closed")]
    Closed,
}

/// A store of entries and snapshots with one owner per game.
///
/// Every implementation passes the same contract suite.
pub trait CommandLog: Send + Sync + 'static {
    /// Starts a game's log at epoch 1, owned by the caller.
    ///
    /// # Errors
    /// [`LogError::Taken`] when the game exists, [`LogError::Storage`].
    fn create(&self, game: GameId) -> impl Future<Output = Result<Position, LogError>> + Send;

    /// Takes a game over from the owner of epoch `seen`: its epoch rises by one.
    ///
    /// # Errors
    /// [`LogError::Taken`] when somebody else was faster, [`LogError::Unknown`], [`LogError::Storage`].
    fn claim(
        &self,
        game: GameId,
        seen: u64,
    ) -> impl Future<Output = Result<Position, LogError>> + Send;

    /// Takes games over from whoever has them, and reads what they are recovered from, all at
    /// once where the storage can. Games that cannot be taken or read are left out, though their
    /// epochs may have risen: tried alone, each says why.
    ///
    /// # Errors
    /// [`LogError::Storage`].
    fn take_over(
        &self,
        games: &[GameId],
    ) -> impl Future<Output = Result<Vec<(GameId, Recovery)>, LogError>> + Send {
        async move {
            let mut taken = Vec::with_capacity(games.len());
            for game in games {
                match recovery(self, *game).await {
                    Ok(recovery) => taken.push((*game, recovery)),
                    Err(error @ (LogError::Storage(_) | LogError::Closed)) => return Err(error),
                    Err(_) => {}
                }
            }
            Ok(taken)
        }
    }

    /// Appends entries of any number of games in one commit. Several entries of one game
    /// stand in order and rise by one; where one is refused, so is what follows of its game.
    /// Returns one outcome per entry, in order.
    ///
    /// # Errors
    /// [`LogError::Storage`]: the outcome is in doubt, ask [`Self::position`].
    fn append(
        &self,
        entries: Vec<Entry>,
    ) -> impl Future<Output = Result<Vec<Outcome>, LogError>> + Send;

    /// Where the game's log stands now, read back from what is durable.
    ///
    /// # Errors
    /// [`LogError::Unknown`], [`LogError::Storage`].
    fn position(&self, game: GameId) -> impl Future<Output = Result<Position, LogError>> + Send;

    /// The durable entries of `game` from number `seq` on, in order.
    ///
    /// # Errors
    /// [`LogError::Corrupt`] at the first entry whose bytes changed, [`LogError::Unknown`],
    /// [`LogError::Storage`].
    fn read_from(
        &self,
        game: GameId,
        seq: u64,
    ) -> impl Future<Output = Result<Vec<Entry>, LogError>> + Send;

    /// Keeps a snapshot, and of older ones the newest. Entries before both may move to where
    /// they cost less; [`Self::read_from`] finds them as before.
    ///
    /// # Errors
    /// [`LogError::Unknown`], [`LogError::Corrupt`] where entries that would move are
    /// damaged, [`LogError::Storage`].
    fn put_snapshot(&self, snapshot: Snapshot)
    -> impl Future<Output = Result<(), LogError>> + Send;

    /// The kept snapshots of `game`, newest first, at most two.
    ///
    /// # Errors
    /// [`LogError::Storage`].
    fn snapshots(
        &self,
        game: GameId,
    ) -> impl Future<Output = Result<Vec<Snapshot>, LogError>> + Send;

    /// Drops a game's entries and snapshots: it has ended and its replay is stored.
    ///
    /// # Errors
    /// [`LogError::Storage`].
    fn forget(&self, game: GameId) -> impl Future<Output = Result<(), LogError>> + Send;
}

/// Takes one game over, and reads what it is recovered from.
async fn recovery<L: CommandLog + ?Sized>(log: &L, game: GameId) -> Result<Recovery, LogError> {
    let seen = log.position(game).await?.epoch;
    let position = log.claim(game, seen).await?;
    let snapshot = log.snapshots(game).await?.into_iter().next();
    let entries = log.read_from(game, snapshot.as_ref().map_or(0, |held| held.seq) + 1).await?;
    Ok(Recovery { position, snapshot, entries })
}
