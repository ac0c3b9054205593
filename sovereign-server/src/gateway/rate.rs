//! Rates: by address, by account and by socket.

use std::hash::Hash;
use std::net::IpAddr;
use std::sync::{Arc, PoisonError, RwLock};

use governor::clock::{Clock as _, MonotonicClock};
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::HashMapStateStore;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use uuid::Uuid;

use crate::config::Limits;
use crate::telemetry::metrics;

type Instant = <MonotonicClock as governor::clock::Clock>::Instant;
type Keyed<K> = RateLimiter<K, HashMapStateStore<K>, MonotonicClock, NoOpMiddleware<Instant>>;
type Single = RateLimiter<NotKeyed, InMemoryState, MonotonicClock, NoOpMiddleware<Instant>>;

/// The rates of the whole server; cheap to clone, and every clone sees a reload.
#[derive(Clone, Debug)]
pub struct Rates(Arc<RwLock<Arc<Buckets>>>);

#[derive(Debug)]
struct Buckets {
    requests: Keyed<IpAddr>,
    guests: Keyed<IpAddr>,
    registrations: Keyed<IpAddr>,
    logins: Keyed<IpAddr>,
    names: Keyed<String>,
    refreshes: Keyed<IpAddr>,
    games: Keyed<Uuid>,
    acts: Keyed<Uuid>,
    messages: Keyed<Uuid>,
    chat: Keyed<Uuid>,
    reports: Keyed<Uuid>,
}

/// Something that may happen now and then.
#[derive(Debug)]
pub struct Trickle(Single);

impl Trickle {
    /// So often a minute.
    #[must_use]
    pub fn new(per_minute: u64) -> Self {
        let quota = Quota::per_minute(Limits::rate(per_minute));
        Self(RateLimiter::direct_with_clock(quota, MonotonicClock))
    }

    /// May it happen now?
    #[must_use]
    pub fn allow(&self) -> bool {
        self.0.check().is_ok()
    }
}

/// The rate of one socket.
#[derive(Debug)]
pub struct SocketRate(Single);

impl Buckets {
    fn new(limits: &Limits) -> Self {
        let requests = Quota::per_second(Limits::rate(limits.requests_per_second))
            .allow_burst(Limits::rate(limits.requests_burst));
        let account = Limits::rate(limits.account_messages_per_second);
        let account_burst = account.saturating_mul(std::num::NonZeroU32::MIN.saturating_add(2));
        let chat = Quota::per_minute(Limits::rate(limits.chat_per_minute))
            .allow_burst(Limits::rate(limits.chat_burst));
        Self {
            chat: keyed(chat),
            reports: keyed(per_minute(limits.reports_per_minute)),
            requests: keyed(requests),
            guests: keyed(Quota::per_minute(Limits::rate(limits.guests_per_minute))),
            registrations: keyed(per_minute(limits.registrations_per_minute)),
            logins: keyed(per_minute(limits.logins_per_minute)),
            names: keyed(per_minute(limits.logins_per_name_per_minute)),
            refreshes: keyed(per_minute(limits.refreshes_per_minute)),
            games: keyed(Quota::per_minute(Limits::rate(limits.games_per_minute))),
            acts: keyed(per_minute(limits.acts_per_minute)),
            messages: keyed(Quota::per_second(account).allow_burst(account_burst)),
        }
    }
}

impl Rates {
    /// Rates with these limits.
    #[must_use]
    pub fn new(limits: &Limits) -> Self {
        Self(Arc::new(RwLock::new(Arc::new(Buckets::new(limits)))))
    }

    /// Takes other limits; what was counted so far is forgotten.
    pub fn reload(&self, limits: &Limits) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(Buckets::new(limits));
    }

    fn buckets(&self) -> Arc<Buckets> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// May this address make a request?
    #[must_use]
    pub fn request(&self, network: IpAddr) -> bool {
        check(&self.buckets().requests, &network, "requests_per_second")
    }

    /// May this address have another guest?
    #[must_use]
    pub fn guest(&self, network: IpAddr) -> bool {
        check(&self.buckets().guests, &network, "guests_per_minute")
    }

    /// May this address have another account with a password?
    ///
    /// # Errors
    /// The seconds until it may.
    pub fn registration(&self, network: IpAddr) -> Result<(), u64> {
        wait(&self.buckets().registrations, &network, "registrations_per_minute")
    }

    /// May this address try another password, for this login name? A name that nobody has
    /// counts like any other.
    ///
    /// # Errors
    /// The seconds until it may.
    pub fn login(&self, network: IpAddr, name: &str) -> Result<(), u64> {
        let buckets = self.buckets();
        wait(&buckets.logins, &network, "logins_per_minute")?;
        wait(&buckets.names, &name.to_owned(), "logins_per_name_per_minute")
    }

    /// May this address renew another token?
    ///
    /// # Errors
    /// The seconds until it may.
    pub fn refresh(&self, network: IpAddr) -> Result<(), u64> {
        wait(&self.buckets().refreshes, &network, "refreshes_per_minute")
    }

    /// May this account make another game?
    #[must_use]
    pub fn game(&self, account: Uuid) -> bool {
        check(&self.buckets().games, &account, "games_per_minute")
    }

    /// May this account change something again that others see?
    ///
    /// # Errors
    /// The seconds until it may.
    pub fn act(&self, account: Uuid) -> Result<(), u64> {
        wait(&self.buckets().acts, &account, "acts_per_minute")
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

    /// May this account complain of somebody?
    #[must_use]
    pub fn report(&self, account: Uuid) -> bool {
        check(&self.buckets().reports, &account, "reports_per_minute")
    }

    /// Forgets who has been quiet, so that memory follows the active ones. Call it now and then.
    pub fn forget_quiet(&self) {
        let buckets = self.buckets();
        buckets.requests.retain_recent();
        buckets.guests.retain_recent();
        buckets.registrations.retain_recent();
        buckets.logins.retain_recent();
        buckets.names.retain_recent();
        buckets.refreshes.retain_recent();
        buckets.games.retain_recent();
        buckets.acts.retain_recent();
        buckets.messages.retain_recent();
        buckets.chat.retain_recent();
        buckets.reports.retain_recent();
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

fn per_minute(limit: u64) -> Quota {
    Quota::per_minute(Limits::rate(limit))
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

/// Like [`check`], with the seconds to wait, rounded up.
fn wait<K: Hash + Eq + Clone>(rate: &Keyed<K>, key: &K, name: &'static str) -> Result<(), u64> {
    rate.check_key(key).map_err(|not_until| {
        metrics::limit_hit(name);
        let left = not_until.wait_time_from(MonotonicClock.now());
        left.as_secs() + u64::from(left.subsec_nanos() > 0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_is_refused_and_others_are_not() {
        let limits = Limits { guests_per_minute: 3, ..Limits::default() };
        let rates = Rates::new(&limits);
        let (a, b) = ("127.0.0.1".parse().unwrap(), "127.0.0.2".parse().unwrap());
        let allowed = (0..10).filter(|_| rates.guest(a)).count();
        assert_eq!(allowed, 3);
        assert!(rates.guest(b));
        rates.forget_quiet();
        assert!(!rates.guest(a), "forgetting the quiet does not pardon the loud");
        let clone = rates.clone();
        rates.reload(&Limits { guests_per_minute: 1, ..Limits::default() });
        assert!(clone.guest(b) && !clone.guest(b), "a reload reaches every clone");
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
