//! Replays of finished games, and the server's signed word for how they ended.

use serde_json::Value;
use uuid::Uuid;

use super::Pending;
use crate::log::GameId;

/// What a list of replays shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplaySummary {
    /// The game's id, which is the replay's too.
    pub id: GameId,
    /// JSON about the game: map, length, winner by seat; no names.
    pub summary: String,
    /// When it ended, in milliseconds since 1970.
    pub created_ms: i64,
}

/// The keeper of replays.
pub trait Library: Send + Sync + std::fmt::Debug {
    /// Drops all but the newest `keep` replays, and those from before `before_ms`; how many.
    fn prune_replays(&self, keep: u64, before_ms: i64) -> Pending<'_, usize>;

    /// The newest replays of public games, at most `most`.
    fn public_replays(&self, most: u32) -> Pending<'_, Vec<ReplaySummary>>;

    /// The newest replays of games that somebody played in, at most `most`.
    fn replays_of(&self, account: Uuid, most: u32) -> Pending<'_, Vec<ReplaySummary>>;

    /// The newest replays of all games, at most `most`.
    fn replays(&self, most: u32) -> Pending<'_, Vec<ReplaySummary>>;

    /// The signed result of a game, if its replay is kept and has one.
    fn result(&self, id: GameId) -> Pending<'_, Option<String>>;

    /// The public halves of all keys that have signed results, as JSON Web Keys.
    fn result_keys(&self) -> Pending<'_, Vec<Value>>;

    /// The bytes of a replay, if it is kept.
    fn replay(&self, id: GameId) -> Pending<'_, Option<Vec<u8>>>;
}
