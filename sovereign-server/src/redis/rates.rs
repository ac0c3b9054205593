//! Rates that are counted once for the whole fleet.
//!
//! The generic cell rate algorithm: of each key one instant is kept, at which all that was taken is
//! paid for. Redis looks and writes in one script, by its own clock, so that no two nodes can both
//! have the last one and no node's clock matters.

use std::sync::Arc;
use std::time::Duration;

use ::redis::Script;
use sha2::{Digest, Sha256};

use super::{Key, Redis, RedisError};

/// Takes one if there is one; else answers the microseconds until there is. `ARGV`: microseconds
/// for each, and how many there are at once.
const TAKE: &str = r"
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local each, burst = tonumber(ARGV[1]), tonumber(ARGV[2])
local paid = math.max(tonumber(redis.call('GET', KEYS[1]) or now), now) + each
local wait = paid - each * burst - now
if wait > 0 then return wait end
redis.call('SET', KEYS[1], string.format('%.0f', paid), 'PX', math.ceil((paid - now) / 1000))
return 0
";
/// Microseconds in a minute.
const MINUTE_US: u64 = 60_000_000;

/// Rates of the whole fleet; cheap to clone.
#[derive(Clone, Debug)]
pub struct SharedRates {
    redis: Redis,
    take: Arc<Script>,
}

impl SharedRates {
    /// As they are counted there.
    #[must_use]
    pub fn new(redis: Redis) -> Self {
        Self { redis, take: Arc::new(Script::new(TAKE)) }
    }

    /// Takes one of those that somebody may have of something each minute, all at once if he
    /// likes; else the time until there is one.
    ///
    /// # Errors
    /// [`RedisError`]: it was not counted.
    pub async fn take(
        &self,
        limit: &str,
        who: &str,
        per_minute: u64,
    ) -> Result<Result<(), Duration>, RedisError> {
        let who = hidden(who);
        let key = Key::Rate { limit, who: &who }.to_string();
        let each = MINUTE_US / per_minute.clamp(1, MINUTE_US);
        let mut script = self.take.prepare_invoke();
        script.key(key).arg(each).arg(per_minute.max(1));
        let wait: u64 = self.redis.run(&script).await?;
        Ok(if wait == 0 { Ok(()) } else { Err(Duration::from_micros(wait)) })
    }
}

/// Neither addresses nor login names stand in a key.
fn hidden(who: &str) -> String {
    let hash = Sha256::digest(who.as_bytes());
    hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redis::testing::Server;
    use crate::redis::tests::{eventually, redis_at};

    #[tokio::test]
    async fn all_nodes_together_have_what_there_is_and_it_comes_again() {
        let server = Server::start();
        let [one, two] = [(); 2].map(|()| SharedRates::new(redis_at(server.port())));
        let took = async |rates: &SharedRates, who: &str, most: u64| {
            eventually(async || rates.take("guests", who, most).await.ok()).await
        };
        let mut granted = 0;
        for _ in 0..10 {
            granted += u32::from(took(&one, "a", 3).await.is_ok());
            granted += u32::from(took(&two, "a", 3).await.is_ok());
        }
        assert_eq!(granted, 3);
        let wait = took(&one, "a", 3).await.unwrap_err();
        assert!(wait > Duration::ZERO && wait <= Duration::from_secs(20), "{wait:?}");
        assert!(took(&two, "b", 3).await.is_ok(), "others are not affected");
        // Of 600 a minute there is another one every 100 ms.
        let mut taken = 0;
        while took(&one, "c", 600).await.is_ok() {
            taken += 1;
        }
        assert!(taken >= 600, "{taken}");
        eventually(async || took(&two, "c", 600).await.ok()).await;
        let keys = server.say(&["KEYS", "*"]);
        assert!(!keys.contains(":a") && keys.contains("sovereign:{rate:guests:"), "{keys}");
        let key = Key::Rate { limit: "guests", who: &hidden("a") }.to_string();
        let left: i64 = server.say(&["PTTL", &key]).parse().unwrap();
        assert!(left > 0 && left <= 60_000, "what is paid for is forgotten: {left}");
    }

    #[tokio::test]
    async fn without_redis_nothing_is_counted_and_that_is_said() {
        let nobody = SharedRates::new(redis_at(1));
        assert!(nobody.take("guests", "a", 3).await.is_err());
    }
}
