//! Rates: by address, by account and by socket.
//!
//! What somebody could get more of by asking several nodes is counted once for all of them in
//! Redis, after this node has counted it too: a flood ends here. While Redis is down, a node gives
//! the share of it that is its own. What a game's own node sees alone is counted there alone.

use std::hash::Hash;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use governor::clock::{Clock as _, MonotonicClock};
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::HashMapStateStore;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use uuid::Uuid;

use crate::cluster::Roster;
use crate::config::Limits;
use crate::redis::SharedRates;
use crate::telemetry::metrics;

type Instant = <MonotonicClock as governor::clock::Clock>::Instant;
type Keyed<K> = RateLimiter<K, HashMapStateStore<K>, MonotonicClock, NoOpMiddleware<Instant>>;
type Single = RateLimiter<NotKeyed, InMemoryState, MonotonicClock, NoOpMiddleware<Instant>>;

/// The rates of the whole server; cheap to clone, and every clone sees a reload.
#[derive(Clone, Debug)]
pub struct Rates {
    buckets: Arc<RwLock<Arc<Buckets>>>,
    fleet: Option<FleetRates>,
}

/// Where a node counts together with the others.
#[derive(Clone, Debug)]
pub struct FleetRates {
    /// What is counted once for all.
    pub shared: SharedRates,
    /// Who lives, so that a node knows its share.
    pub roster: Roster,
}

#[derive(Debug)]
struct Buckets {
    connections: Keyed<IpAddr>,
    requests: Keyed<IpAddr>,
    messages: Keyed<Uuid>,
    chat: Keyed<Uuid>,
    connects: Bucket<IpAddr>,
    guests: Bucket<IpAddr>,
    registrations: Bucket<IpAddr>,
    logins: Bucket<IpAddr>,
    names: Bucket<String>,
    refreshes: Bucket<IpAddr>,
    games: Bucket<Uuid>,
    acts: Bucket<Uuid>,
    reports: Bucket<Uuid>,
}

/// So many a minute of something, for each who wants it.
#[derive(Debug)]
struct Bucket<K: Hash + Eq + Clone> {
    limit: &'static str,
    per_minute: NonZeroU32,
    local: Keyed<K>,
}

/// Something that may happen now and then.
#[derive(Debug)]
pub struct Trickle(Single);

impl Trickle {
    /// So often a minute, and as often at once.
    #[must_use]
    pub fn per_minute(times: u64) -> Self {
        Self::new(Quota::per_minute(Limits::rate(times)))
    }

    /// So often a second, and as often at once.
    #[must_use]
    pub fn per_second(times: u64) -> Self {
        Self::new(Quota::per_second(Limits::rate(times)))
    }

    fn new(quota: Quota) -> Self {
        Self(RateLimiter::direct_with_clock(quota, MonotonicClock))
    }

    /// May it happen now?
    #[must_use]
    pub fn allow(&self) -> bool {
        self.0.check().is_ok()
    }

    /// Waits until it may.
    pub async fn turn(&self) {
        while let Err(until) = self.0.check() {
            tokio::time::sleep(until.wait_time_from(MonotonicClock.now())).await;
        }
    }
}

/// The rate of one socket.
#[derive(Debug)]
pub struct SocketRate(Single);

impl Buckets {
    fn new(limits: &Limits) -> Self {
        let requests = Quota::per_second(Limits::rate(limits.requests_per_second))
            .allow_burst(Limits::rate(limits.requests_burst));
        let chat = Quota::per_minute(Limits::rate(limits.chat_per_minute))
            .allow_burst(Limits::rate(limits.chat_burst));
        Self {
            connections: keyed(with_burst(limits.connections_per_address_per_second, 4)),
            requests: keyed(requests),
            messages: keyed(with_burst(limits.account_messages_per_second, 3)),
            chat: keyed(chat),
            connects: Bucket::new("connects_per_minute", limits.connects_per_minute),
            guests: Bucket::new("guests_per_minute", limits.guests_per_minute),
            registrations: Bucket::new("registrations_per_minute", limits.registrations_per_minute),
            logins: Bucket::new("logins_per_minute", limits.logins_per_minute),
            names: Bucket::new("logins_per_name_per_minute", limits.logins_per_name_per_minute),
            refreshes: Bucket::new("refreshes_per_minute", limits.refreshes_per_minute),
            games: Bucket::new("games_per_minute", limits.games_per_minute),
            acts: Bucket::new("acts_per_minute", limits.acts_per_minute),
            reports: Bucket::new("reports_per_minute", limits.reports_per_minute),
        }
    }
}

impl Rates {
    /// Rates with these limits, counted by this server alone.
    #[must_use]
    pub fn new(limits: &Limits) -> Self {
        let buckets = Arc::new(Buckets::new(limits));
        Self { buckets: Arc::new(RwLock::new(buckets)), fleet: None }
    }

    /// The same, counted together with other nodes if there are any.
    #[must_use]
    pub fn counted_with(self, fleet: Option<FleetRates>) -> Self {
        Self { fleet, ..self }
    }

    /// Takes other limits; what was counted here so far is forgotten.
    pub fn reload(&self, limits: &Limits) {
        let buckets = Arc::new(Buckets::new(limits));
        *self.buckets.write().unwrap_or_else(PoisonError::into_inner) = buckets;
    }

    fn buckets(&self) -> Arc<Buckets> {
        Arc::clone(&self.buckets.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// May this address have another connection to this server?
    #[must_use]
    pub fn connection(&self, network: IpAddr) -> bool {
        check(&self.buckets().connections, &network, "connections_per_address_per_second")
    }

    /// May this address make a request of this server?
    #[must_use]
    pub fn request(&self, network: IpAddr) -> bool {
        check(&self.buckets().requests, &network, "requests_per_second")
    }

    /// May this account send another message, on whatever socket?
    #[must_use]
    pub fn message(&self, account: Uuid) -> bool {
        check(&self.buckets().messages, &account, "account_messages_per_second")
    }

    /// May this account say something in words of its own?
    #[must_use]
    pub fn chat(&self, account: Uuid) -> bool {
        check(&self.buckets().chat, &account, "chat_per_minute")
    }

    /// May this address open another socket?
    ///
    /// # Errors
    /// The seconds until it may; so for all that follow.
    pub async fn connect(&self, network: IpAddr) -> Result<(), u64> {
        self.take(&self.buckets().connects, &network).await
    }

    /// May this address have another guest?
    pub async fn guest(&self, network: IpAddr) -> Result<(), u64> {
        self.take(&self.buckets().guests, &network).await
    }

    /// May this address have another account with a password?
    pub async fn registration(&self, network: IpAddr) -> Result<(), u64> {
        self.take(&self.buckets().registrations, &network).await
    }

    /// May this address try another password, for this login name? A name that nobody has
    /// counts like any other.
    pub async fn login(&self, network: IpAddr, name: &str) -> Result<(), u64> {
        let buckets = self.buckets();
        self.take(&buckets.logins, &network).await?;
        self.take(&buckets.names, &name.to_owned()).await
    }

    /// May this address renew another token?
    pub async fn refresh(&self, network: IpAddr) -> Result<(), u64> {
        self.take(&self.buckets().refreshes, &network).await
    }

    /// May this account make another game?
    pub async fn game(&self, account: Uuid) -> Result<(), u64> {
        self.take(&self.buckets().games, &account).await
    }

    /// May this account change something again that others see?
    pub async fn act(&self, account: Uuid) -> Result<(), u64> {
        self.take(&self.buckets().acts, &account).await
    }

    /// May this account complain of somebody?
    pub async fn report(&self, account: Uuid) -> Result<(), u64> {
        self.take(&self.buckets().reports, &account).await
    }

    async fn take<K>(&self, bucket: &Bucket<K>, who: &K) -> Result<(), u64>
    where
        K: Hash + Eq + Clone + ToString + Sync,
    {
        bucket.take(who, NonZeroU32::MIN)?;
        let Some(FleetRates { shared, roster }) = &self.fleet else { return Ok(()) };
        let per_minute = bucket.per_minute.get().into();
        match shared.take(bucket.limit, &who.to_string(), per_minute).await {
            Ok(taken) => taken.map_err(|wait| refused(bucket.limit, wait)),
            Err(_) => bucket.take_share(who, roster.living().len()),
        }
    }

    /// Forgets who has been quiet, so that memory follows the active ones. Call it now and then.
    pub fn forget_quiet(&self) {
        let buckets = self.buckets();
        buckets.connections.retain_recent();
        buckets.requests.retain_recent();
        buckets.messages.retain_recent();
        buckets.chat.retain_recent();
        buckets.connects.local.retain_recent();
        buckets.guests.local.retain_recent();
        buckets.registrations.local.retain_recent();
        buckets.logins.local.retain_recent();
        buckets.names.local.retain_recent();
        buckets.refreshes.local.retain_recent();
        buckets.games.local.retain_recent();
        buckets.acts.local.retain_recent();
        buckets.reports.local.retain_recent();
    }
}

impl SocketRate {
    /// A socket's own rate.
    #[must_use]
    pub fn new(limits: &Limits) -> Self {
        let quota = Quota::per_second(Limits::rate(limits.messages_per_second))
            .allow_burst(Limits::rate(limits.messages_burst));
        Self(RateLimiter::direct_with_clock(quota, MonotonicClock))
    }

    /// May another message come?
    #[must_use]
    pub fn message(&self) -> bool {
        let allowed = self.0.check().is_ok();
        if !allowed {
            metrics::limit_hit("messages_per_second");
        }
        allowed
    }
}

impl<K: Hash + Eq + Clone> Bucket<K> {
    fn new(limit: &'static str, per_minute: u64) -> Self {
        let per_minute = Limits::rate(per_minute);
        Self { limit, per_minute, local: keyed(Quota::per_minute(per_minute)) }
    }

    /// Takes so many at once; the seconds until there are.
    fn take(&self, who: &K, count: NonZeroU32) -> Result<(), u64> {
        match self.local.check_key_n(who, count) {
            Ok(Ok(())) => Ok(()),
            Ok(Err(until)) => Err(refused(self.limit, until.wait_time_from(MonotonicClock.now()))),
            // More than there ever are.
            Err(_) => Err(refused(self.limit, Duration::from_secs(60))),
        }
    }

    /// Takes what other nodes would have had of it, so that all together give no more than one
    /// alone; one has been taken already, and of few each node gives at least one.
    fn take_share(&self, who: &K, nodes: usize) -> Result<(), u64> {
        let others = u32::try_from(nodes.saturating_sub(1)).unwrap_or(u32::MAX);
        match NonZeroU32::new(others.min(self.per_minute.get() - 1)) {
            Some(count) => self.take(who, count),
            None => Ok(()),
        }
    }
}

/// Counts a refusal; the whole seconds to wait.
fn refused(limit: &'static str, wait: Duration) -> u64 {
    metrics::limit_hit(limit);
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}

/// So many a second, and those of some seconds at once.
fn with_burst(per_second: u64, seconds: u64) -> Quota {
    Quota::per_second(Limits::rate(per_second))
        .allow_burst(Limits::rate(per_second.saturating_mul(seconds)))
}

fn keyed<K: Hash + Eq + Clone>(quota: Quota) -> Keyed<K> {
    RateLimiter::new(quota, HashMapStateStore::default(), MonotonicClock)
}

fn check<K: Hash + Eq + Clone>(rate: &Keyed<K>, key: &K, name: &'static str) -> bool {
    let allowed = rate.check_key(key).is_ok();
    if !allowed {
        metrics::limit_hit(name);
    }
    allowed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::Beat;
    use crate::cluster::member::tests::node as node_of;
    use crate::redis::testing::Server;
    use crate::redis::tests::{eventually, redis_at};

    #[tokio::test]
    async fn a_flood_is_refused_and_others_are_not() {
        let limits = Limits { guests_per_minute: 3, ..Limits::default() };
        let rates = Rates::new(&limits);
        let (a, b) = ("127.0.0.1".parse().unwrap(), "127.0.0.2".parse().unwrap());
        let mut allowed = 0;
        for _ in 0..10 {
            allowed += u32::from(rates.guest(a).await.is_ok());
        }
        assert_eq!(allowed, 3);
        assert!(rates.guest(b).await.is_ok());
        rates.forget_quiet();
        let wait = rates.guest(a).await.unwrap_err();
        assert!((1..=20).contains(&wait), "forgetting the quiet does not pardon the loud: {wait}");
        let clone = rates.clone();
        rates.reload(&Limits { guests_per_minute: 1, ..Limits::default() });
        let again = [clone.guest(b).await.is_ok(), clone.guest(b).await.is_ok()];
        assert_eq!(again, [true, false], "a reload reaches every clone");
    }

    /// A node that knows of so many, itself included, and counts in Redis at this port.
    fn node(limits: &Limits, port: u16, nodes: u32) -> Rates {
        let roster = Roster::new(node_of("n1"), Duration::from_secs(60));
        let others = (2..=nodes).map(|n| Beat { member: node_of(&format!("n{n}")), number: 1 });
        roster.hear(others.collect());
        let shared = SharedRates::new(redis_at(port));
        Rates::new(limits).counted_with(Some(FleetRates { shared, roster }))
    }

    #[tokio::test]
    async fn all_nodes_together_give_what_one_gives_and_without_redis_no_more() {
        let limits = Limits { games_per_minute: 9, ..Limits::default() };
        let mut server = Server::start();
        let nodes = [(); 3].map(|()| node(&limits, server.port(), 3));
        let gives = async |ada: Uuid| {
            let mut given = 0;
            for _ in 0..9 {
                for node in &nodes {
                    given += u32::from(node.game(ada).await.is_ok());
                }
            }
            given
        };
        let shared = SharedRates::new(redis_at(server.port()));
        let _ = eventually(async || shared.take("test", "", 9).await.ok()).await;
        assert_eq!(gives(Uuid::new_v4()).await, 9);
        server.kill();
        assert_eq!(gives(Uuid::new_v4()).await, 9, "three of each");
        let few = Limits { games_per_minute: 2, ..Limits::default() };
        let lonely = node(&few, 1, 10);
        assert!(lonely.game(Uuid::new_v4()).await.is_ok(), "of few each node gives one");
    }

    #[test]
    fn words_have_a_burst_and_a_rate_of_their_own() {
        let limits = Limits { chat_per_minute: 1, chat_burst: 4, ..Limits::default() };
        let rates = Rates::new(&limits);
        let (ada, bob) = (Uuid::new_v4(), Uuid::new_v4());
        assert_eq!((0..10).filter(|_| rates.chat(ada)).count(), 4);
        assert!(rates.chat(bob) && rates.message(ada), "others, and orders, are not affected");
    }

    #[test]
    fn a_socket_has_a_burst() {
        let limits = Limits { messages_per_second: 1, messages_burst: 5, ..Limits::default() };
        let rate = SocketRate::new(&limits);
        assert_eq!((0..10).filter(|_| rate.message()).count(), 5);
    }
}
