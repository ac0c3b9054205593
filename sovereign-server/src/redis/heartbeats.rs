//! Heartbeats in Redis, which come and stop faster than those in PostgreSQL.

use std::time::Duration;

use ::redis::pipe;

use super::{Key, Redis, RedisError};

/// The keys of the nodes; each expires soon after its node's last heartbeat.
#[derive(Clone, Debug)]
pub struct Heartbeats {
    redis: Redis,
    expires: Duration,
}

impl Heartbeats {
    /// Of nodes whose keys expire after so long.
    #[must_use]
    pub const fn new(redis: Redis, expires: Duration) -> Self {
        Self { redis, expires }
    }

    /// Sets this node's key; which of the others have one.
    ///
    /// # Errors
    /// [`RedisError`].
    pub async fn beat(&self, me: &str, others: &[String]) -> Result<Vec<bool>, RedisError> {
        let expires = u64::try_from(self.expires.as_millis()).unwrap_or(u64::MAX);
        let mut asked = pipe();
        asked.pset_ex(Key::Node(me).to_string(), "1", expires).ignore();
        for other in others {
            asked.exists(Key::Node(other).to_string());
        }
        self.redis.probe(&asked).await
    }

    /// Takes this node's key away.
    ///
    /// # Errors
    /// [`RedisError`].
    pub async fn leave(&self, me: &str) -> Result<(), RedisError> {
        let mut asked = pipe();
        asked.del(Key::Node(me).to_string()).ignore();
        self.redis.ask(&asked).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redis::testing::Server;
    use crate::redis::tests::{eventually, redis_at};

    fn heartbeats(port: u16, expires_ms: u64) -> Heartbeats {
        Heartbeats::new(redis_at(port), Duration::from_millis(expires_ms))
    }

    async fn beat(beats: &Heartbeats, me: &str, others: &[&str]) -> Vec<bool> {
        let others: Vec<String> = others.iter().map(|&name| name.to_owned()).collect();
        eventually(async || beats.beat(me, &others).await.ok()).await
    }

    #[tokio::test]
    async fn a_key_is_there_until_it_expires_or_its_node_leaves() {
        let server = Server::start();
        let (long, short) = (heartbeats(server.port(), 60_000), heartbeats(server.port(), 200));
        assert_eq!(beat(&long, "a", &["b", "a"]).await, [false, true]);
        assert_eq!(beat(&long, "b", &["a"]).await, [true]);
        long.leave("a").await.unwrap();
        assert_eq!(beat(&long, "b", &["a"]).await, [false]);
        beat(&short, "c", &[]).await;
        eventually(async || (beat(&long, "b", &["c"]).await == [false]).then_some(())).await;
    }

    #[tokio::test]
    async fn a_redis_that_is_not_there_is_an_error_in_time_and_its_coming_is_noticed() {
        let mut server = Server::start();
        let beats = heartbeats(server.port(), 60_000);
        beat(&beats, "a", &[]).await;
        server.kill();
        eventually(async || beats.beat("a", &[]).await.is_err().then_some(())).await;
        assert!(matches!(beats.leave("a").await, Err(RedisError::Down)), "nobody waits for it");
        server.start_again();
        beat(&beats, "a", &[]).await;
        beats.leave("a").await.unwrap();
    }
}
