//! How many sockets each account has at which node.

use std::sync::Arc;

use ::redis::{Script, pipe};
use uuid::Uuid;

use super::{Key, Redis, RedisError};
use crate::config::Limits;

/// Stores what a node has of an account's sockets, unless all nodes together have too many.
/// `KEYS`: the node's own, then the others'. `ARGV`: its count, how many there may be, and for how
/// many milliseconds that is good.
const ENTER: &str = r"
local sum = tonumber(ARGV[1])
for other = 2, #KEYS do sum = sum + tonumber(redis.call('GET', KEYS[other]) or 0) end
if sum > tonumber(ARGV[2]) then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[3])
return 1
";

/// The sockets of the whole fleet, of which each node tells its own; cheap to clone.
#[derive(Clone, Debug)]
pub struct SharedOnline {
    redis: Redis,
    me: Arc<str>,
    expires_ms: u64,
    enter: Arc<Script>,
}

impl SharedOnline {
    /// As the node of this name tells it.
    #[must_use]
    pub fn new(redis: Redis, me: &str, limits: &Limits) -> Self {
        let (me, enter) = (me.into(), Arc::new(Script::new(ENTER)));
        Self { redis, me, expires_ms: limits.online_silence_ms, enter }
    }

    /// Tells that an account has so many sockets here, unless these and those at the `others` are
    /// more than `most`; whether it was told.
    ///
    /// # Errors
    /// [`RedisError`]: nobody knows.
    pub async fn enter(
        &self,
        account: Uuid,
        (count, most): (u64, u64),
        others: &[String],
    ) -> Result<bool, RedisError> {
        let mut script = self.enter.prepare_invoke();
        for node in std::iter::once(&*self.me).chain(others.iter().map(String::as_str)) {
            script.key(Key::Online { account, node }.to_string());
        }
        script.arg(count).arg(most).arg(self.expires_ms);
        self.redis.run(&script).await
    }

    /// Tells how many sockets these accounts have here now.
    ///
    /// # Errors
    /// [`RedisError`].
    pub async fn tell(&self, counts: &[(Uuid, u64)]) -> Result<(), RedisError> {
        let mut asked = pipe();
        for (account, count) in counts {
            let key = Key::Online { account: *account, node: &self.me }.to_string();
            match count {
                0 => asked.del(key).ignore(),
                _ => asked.pset_ex(key, *count, self.expires_ms).ignore(),
            };
        }
        self.redis.ask(&asked).await
    }

    /// Which of these accounts have a socket at one of the `others`.
    ///
    /// # Errors
    /// [`RedisError`].
    pub async fn elsewhere(
        &self,
        accounts: &[Uuid],
        others: &[String],
    ) -> Result<Vec<bool>, RedisError> {
        let mut asked = pipe();
        for account in accounts {
            let keys =
                others.iter().map(|node| Key::Online { account: *account, node }.to_string());
            asked.exists(keys.collect::<Vec<_>>());
        }
        let found: Vec<u64> = self.redis.ask(&asked).await?;
        Ok(found.into_iter().map(|count| count > 0).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redis::testing::Server;
    use crate::redis::tests::{eventually, redis_at};

    const ADA: Uuid = Uuid::from_u128(1);
    const BOB: Uuid = Uuid::from_u128(2);

    fn node(port: u16, me: &str, online_silence_ms: u64) -> SharedOnline {
        let limits = Limits { online_silence_ms, ..Limits::default() };
        SharedOnline::new(redis_at(port), me, &limits)
    }

    async fn enter(at: &SharedOnline, account: Uuid, count: u64, others: &[String]) -> bool {
        eventually(async || at.enter(account, (count, 3), others).await.ok()).await
    }

    #[tokio::test]
    async fn nodes_have_so_many_together_and_what_has_ended_makes_room() {
        let server = Server::start();
        let (a, b) = (node(server.port(), "a", 60_000), node(server.port(), "b", 60_000));
        let [to_a, to_b] = ["a", "b"].map(|name| [name.to_owned()]);
        assert!(enter(&a, ADA, 1, &to_b).await && enter(&a, ADA, 2, &to_b).await);
        assert!(enter(&b, ADA, 1, &to_a).await);
        assert!(!enter(&b, ADA, 2, &to_a).await, "there are three");
        assert!(enter(&b, BOB, 3, &to_a).await, "another one's");
        assert_eq!(b.elsewhere(&[ADA, BOB], &to_a).await.unwrap(), [true, false]);
        assert_eq!(a.elsewhere(&[ADA, BOB], &to_b).await.unwrap(), [true, true]);
        a.tell(&[(ADA, 0), (BOB, 1)]).await.unwrap();
        assert!(enter(&b, ADA, 2, &to_a).await);
        assert_eq!(b.elsewhere(&[ADA, BOB], &to_a).await.unwrap(), [false, true]);
        let key = Key::Online { account: BOB, node: "a" }.to_string();
        let left: u64 = server.say(&["PTTL", &key]).parse().unwrap();
        assert!((1..=60_000).contains(&left), "{left}");
    }

    #[tokio::test]
    async fn what_a_dead_node_told_is_soon_forgotten() {
        let server = Server::start();
        let (a, b) = (node(server.port(), "a", 100), node(server.port(), "b", 60_000));
        let [to_a, to_b] = ["a", "b"].map(|name| [name.to_owned()]);
        assert!(enter(&a, ADA, 3, &to_b).await);
        eventually(async || enter(&b, ADA, 1, &to_a).await.then_some(())).await;
        assert!(node(1, "a", 100).enter(ADA, (1, 3), &to_b).await.is_err(), "no Redis");
    }
}
