//! The newest snapshot of each game, for whoever takes the game up next.
//!
//! A copy that spares the database the largest read of a recovery. It may be missing, old or
//! wrong: whoever reads it checks it against the log.

use std::collections::HashMap;

use ::redis::pipe;

use super::{Key, Redis, RedisError};
use crate::config::Limits;
use crate::log::{GameId, Snapshot};
use crate::telemetry::metrics;

/// Copies that are asked for at once.
const AT_ONCE: usize = 16;

/// Copies of snapshots; cheap to clone.
#[derive(Clone, Debug)]
pub struct HotSnapshots {
    redis: Redis,
    most_bytes: usize,
    expires_s: u64,
}

impl HotSnapshots {
    /// As large, and for as long, as the limits say.
    #[must_use]
    pub fn new(redis: Redis, limits: &Limits) -> Self {
        let most_bytes = Limits::count(limits.hot_snapshot_bytes);
        Self { redis, most_bytes, expires_s: limits.hot_snapshot_s }
    }

    /// Puts a copy there, unless it is too large.
    pub async fn put(&self, snapshot: &Snapshot) {
        let key = Key::Snapshot(snapshot.game).to_string();
        let mut asked = pipe();
        match postcard::to_allocvec(snapshot) {
            Ok(bytes) if bytes.len() <= self.most_bytes => {
                asked.set_ex(key, bytes, self.expires_s).ignore();
            }
            // The one before is of no use any more.
            _ => drop(asked.del(key).ignore()),
        }
        let put: Result<(), RedisError> = self.redis.ask(&asked).await;
        metrics::hot_snapshots(if put.is_ok() { "put" } else { "failed" }, 1);
    }

    /// The copies of these games' newest snapshots, of those that there are and can be read.
    pub async fn get(&self, games: &[GameId]) -> HashMap<GameId, Snapshot> {
        let mut found = HashMap::new();
        for games in games.chunks(AT_ONCE) {
            let mut asked = pipe();
            for game in games {
                asked.get(Key::Snapshot(*game).to_string());
            }
            let answered: Result<Vec<Option<Vec<u8>>>, RedisError> = self.redis.ask(&asked).await;
            let Ok(answers) = answered else { break };
            let read = |bytes: Vec<u8>| postcard::from_bytes::<Snapshot>(&bytes).ok();
            let read = games.iter().zip(answers).map(|(game, bytes)| (*game, bytes.and_then(read)));
            let good =
                read.filter_map(|(game, held)| Some((game, held.filter(|h| h.game == game)?)));
            found.extend(good);
        }
        metrics::hot_snapshots("found", found.len());
        metrics::hot_snapshots("missing", games.len().saturating_sub(found.len()));
        found
    }

    /// The game is over.
    pub async fn forget(&self, game: GameId) {
        let mut asked = pipe();
        asked.del(Key::Snapshot(game).to_string()).ignore();
        // It expires in any case.
        let _: Result<(), RedisError> = self.redis.ask(&asked).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redis::testing::Server;
    use crate::redis::tests::{eventually, redis_at};

    fn snapshot(game: GameId, seq: u64, bytes: usize) -> Snapshot {
        Snapshot { game, seq, tick: 7, hash: 9, rules_version: 1, blob: vec![3; bytes] }
    }

    async fn one(hot: &HotSnapshots, game: GameId) -> Option<Snapshot> {
        hot.get(&[game, GameId::nil()]).await.remove(&game)
    }

    #[tokio::test]
    async fn the_newest_is_found_unless_it_is_too_large_or_damaged() {
        let server = Server::start();
        let limits = Limits { hot_snapshot_bytes: 1_000, ..Limits::default() };
        let hot = HotSnapshots::new(redis_at(server.port()), &limits);
        let (game, other) = (GameId::now_v7(), GameId::now_v7());
        eventually(async || {
            hot.put(&snapshot(game, 1, 10)).await;
            one(&hot, game).await
        })
        .await;
        hot.put(&snapshot(game, 2, 900)).await;
        assert_eq!(one(&hot, game).await, Some(snapshot(game, 2, 900)));
        assert_eq!(one(&hot, other).await, None);
        let key = Key::Snapshot(game).to_string();
        let left: u64 = server.say(&["TTL", &key]).parse().unwrap();
        assert!((1..=limits.hot_snapshot_s).contains(&left), "{left}");
        server.say(&["COPY", &key, &Key::Snapshot(other).to_string()]);
        assert_eq!(one(&hot, other).await, None, "another game's");
        hot.put(&snapshot(game, 3, 1_000)).await;
        assert_eq!(one(&hot, game).await, None, "too large, and the one before is old");
        server.say(&["SET", &key, "nonsense"]);
        assert_eq!(one(&hot, game).await, None);
        hot.put(&snapshot(game, 4, 10)).await;
        hot.forget(game).await;
        assert_eq!(one(&hot, game).await, None);
    }
}
