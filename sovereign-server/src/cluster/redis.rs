//! Heartbeats in Redis, which come and stop faster than those in PostgreSQL.
//!
//! Each node keeps one key, `sovereign:{node}:NAME`, which expires soon; the braces keep all of
//! them in one slot of a Redis cluster, so that one command reads them. Redis may be lost, emptied
//! or late at any moment: a key that is gone tells something only of a node whose link is silent too.

use std::collections::HashSet;
use std::time::Duration;

use bb8_redis::RedisConnectionManager;
use redis::{RedisError, pipe};
use tokio::time::{MissedTickBehavior, interval, timeout};
use tracing::{info, warn};

use super::Fleet;
use crate::config::{RedisConfig, Secret};

/// Connections: one speaks at a time, the other is being made.
const CONNECTIONS: u32 = 2;

/// Why Redis does not serve.
#[derive(Debug, thiserror::Error)]
pub enum PresenceError {
    /// The address is none.
    #[error("redis.url cannot be used: {0}; give it as redis://host:6379/ or rediss://host:6379/")]
    Address(RedisError),
    /// It refused or failed.
    #[error("Redis failed: {0}")]
    Failed(#[from] RedisError),
    /// It did not answer in time.
    #[error("Redis did not answer in time")]
    Slow,
}

/// The keys of the nodes.
#[derive(Clone, Debug)]
pub struct Presence {
    pool: bb8::Pool<RedisConnectionManager>,
    expires: Duration,
}

fn key(node: &str) -> String {
    format!("sovereign:{{node}}:{node}")
}

impl Presence {
    /// Of nodes whose keys expire after so long. Whether Redis is there is seen later.
    ///
    /// # Errors
    /// [`PresenceError::Address`].
    pub fn open(config: &RedisConfig, expires: Duration) -> Result<Self, PresenceError> {
        let url = Secret::expose(&config.url);
        let manager = RedisConnectionManager::new(url).map_err(PresenceError::Address)?;
        let pool = bb8::Pool::builder().max_size(CONNECTIONS).connection_timeout(expires);
        Ok(Self { pool: pool.build_unchecked(manager), expires })
    }

    /// Sets this node's key; which of the others have one.
    ///
    /// # Errors
    /// [`PresenceError`].
    pub async fn beat(&self, me: &str, others: &[String]) -> Result<Vec<bool>, PresenceError> {
        let answered = timeout(self.expires, self.ask(me, others)).await;
        answered.unwrap_or(Err(PresenceError::Slow))
    }

    async fn ask(&self, me: &str, others: &[String]) -> Result<Vec<bool>, PresenceError> {
        let mut connection = self.pool.get().await.map_err(|error| match error {
            bb8::RunError::User(error) => PresenceError::Failed(error),
            bb8::RunError::TimedOut => PresenceError::Slow,
        })?;
        let expires = u64::try_from(self.expires.as_millis()).unwrap_or(u64::MAX);
        let mut asked = pipe();
        asked.pset_ex(key(me), "1", expires).ignore();
        for other in others {
            asked.exists(key(other));
        }
        Ok(asked.query_async(&mut *connection).await?)
    }

    /// Takes this node's key away.
    ///
    /// # Errors
    /// [`PresenceError`].
    pub async fn leave(&self, me: &str) -> Result<(), PresenceError> {
        let gone = async {
            let mut connection = self.pool.get().await.map_err(|_| PresenceError::Slow)?;
            let mut asked = pipe();
            asked.del(key(me)).ignore();
            Ok(asked.query_async(&mut *connection).await?)
        };
        timeout(self.expires, gone).await.unwrap_or(Err(PresenceError::Slow))
    }
}

impl Fleet {
    /// Leaves heartbeats in Redis, and looks at those of others, for as long as the node runs.
    pub async fn keep_presence(self, presence: Presence) {
        let mut beats = interval(Duration::from_millis(self.inner.limits.redis_beat_ms));
        beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
        // Only who was there can be missed.
        let (mut seen, mut is_down) = (HashSet::new(), false);
        loop {
            beats.tick().await;
            let others: Vec<String> =
                self.inner.roster.known().into_iter().map(|member| member.name).collect();
            match presence.beat(&self.inner.roster.me().name, &others).await {
                Ok(present) => {
                    self.compare(&mut seen, others.into_iter().zip(present));
                    if std::mem::take(&mut is_down) {
                        info!("Redis answers again");
                    }
                }
                Err(error) => {
                    if !std::mem::replace(&mut is_down, true) {
                        warn!(%error, "nodes go on without Redis, and are slower to miss a node that hangs");
                    }
                    seen.clear();
                }
            }
        }
    }

    fn compare(&self, seen: &mut HashSet<String>, others: impl Iterator<Item = (String, bool)>) {
        let silence = Duration::from_millis(self.inner.limits.redis_silence_ms);
        for (name, is_present) in others {
            if is_present {
                seen.insert(name);
            } else if seen.contains(&name) && !self.inner.roster.heard_within(&name, silence) {
                self.inner
                    .roster
                    .suspect(&name, "its key in Redis has expired, and its link is silent");
                seen.remove(&name);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::process::{Child, Command, Stdio};

    use super::*;

    /// A Redis of one's own.
    struct Redis(Child, u16);

    impl Redis {
        fn start() -> Self {
            let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
            let port = port.local_addr().unwrap().port();
            let arguments = ["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--port"];
            let mut server = Command::new("redis-server");
            let server = server.args(arguments).arg(port.to_string()).stdout(Stdio::null());
            Self(server.spawn().expect("redis-server is installed"), port)
        }
    }

    impl Drop for Redis {
        fn drop(&mut self) {
            let _ = (self.0.kill(), self.0.wait());
        }
    }

    fn presence(port: u16, expires_ms: u64) -> Presence {
        let url = Secret::new(format!("redis://127.0.0.1:{port}/"));
        Presence::open(&RedisConfig { url }, Duration::from_millis(expires_ms)).unwrap()
    }

    async fn beat(presence: &Presence, me: &str, others: &[&str]) -> Vec<bool> {
        let others: Vec<String> = others.iter().map(|&name| name.to_owned()).collect();
        for _ in 0..200 {
            if let Ok(present) = presence.beat(me, &others).await {
                return present;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("Redis does not answer");
    }

    #[tokio::test]
    async fn a_key_is_there_until_it_expires_or_its_node_leaves() {
        let redis = Redis::start();
        let (long, short) = (presence(redis.1, 60_000), presence(redis.1, 200));
        assert_eq!(beat(&long, "a", &["b", "a"]).await, [false, true]);
        assert_eq!(beat(&long, "b", &["a"]).await, [true]);
        long.leave("a").await.unwrap();
        assert_eq!(beat(&long, "b", &["a"]).await, [false]);
        beat(&short, "c", &[]).await;
        while beat(&long, "b", &["c"]).await == [true] {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    #[tokio::test]
    async fn a_redis_that_is_not_there_is_an_error_in_time() {
        let nobody = presence(1, 200);
        assert!(nobody.beat("a", &[]).await.is_err());
        assert!(
            Presence::open(&RedisConfig { url: Secret::new("nonsense") }, Duration::ZERO).is_err()
        );
    }
}
