//! How many connections there may be, and how fast they may come, in all and from one address.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::proxies::Proxies;
use super::rate::{Rates, Trickle};
use crate::config::Limits;
use crate::telemetry::metrics;

/// Counts open connections; cheap to clone.
#[derive(Clone, Debug)]
pub struct Connections {
    total: Arc<Semaphore>,
    most: usize,
    per_network: Arc<Mutex<HashMap<IpAddr, usize>>>,
    most_per_network: Arc<AtomicUsize>,
    /// Opening a connection costs more than a tick of a game: a flood of them may not take the
    /// processor from those who play.
    pace: Arc<Trickle>,
    /// How fast those of one address may come; none where only operators come.
    rates: Option<Rates>,
    proxies: Proxies,
}

/// One counted connection; it ends when the last clone is dropped, so that an upgraded
/// socket counts for as long as it lives.
#[derive(Debug)]
pub struct Connection {
    network: IpAddr,
    per_network: Arc<Mutex<HashMap<IpAddr, usize>>>,
    _permit: OwnedSemaphorePermit,
}

/// Who is at the other end of a request's connection.
#[derive(Clone, Debug)]
pub struct Peer {
    /// The address of the connection itself, which may be a proxy's.
    pub address: IpAddr,
    /// What limits count by, see [`network_of`].
    pub network: IpAddr,
    /// Keeps the connection counted.
    pub connection: Arc<Connection>,
}

impl Connections {
    /// Counters with these limits.
    #[must_use]
    pub fn new(limits: &Limits, proxies: Proxies) -> Self {
        let most = Limits::count(limits.connections).min(Semaphore::MAX_PERMITS);
        Self {
            total: Arc::new(Semaphore::new(most)),
            most,
            per_network: Arc::default(),
            most_per_network: Arc::new(Limits::count(limits.connections_per_address).into()),
            pace: Arc::new(Trickle::per_second(limits.connections_per_second)),
            rates: None,
            proxies,
        }
    }

    /// The same, which come from one address no faster than this allows.
    #[must_use]
    pub fn with_rates(self, rates: Rates) -> Self {
        Self { rates: Some(rates), ..self }
    }

    /// The share of those there may be that is open.
    #[must_use]
    pub fn used(&self) -> f64 {
        let open = self.most.saturating_sub(self.total.available_permits());
        // Exact up to 2^53.
        open as f64 / self.most.max(1) as f64
    }

    /// Takes another limit for one address; who is over it stays.
    pub fn reload(&self, limits: &Limits) {
        let most = Limits::count(limits.connections_per_address);
        self.most_per_network.store(most, Ordering::Relaxed);
    }

    /// Waits until one more connection may be accepted.
    pub async fn room(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.total).acquire_owned().await.ok()
    }

    /// Waits until the next one that was admitted may be served.
    pub async fn turn(&self) {
        self.pace.turn().await;
    }

    /// Counts a connection from `address`, or refuses it.
    #[must_use]
    pub fn admit(&self, permit: OwnedSemaphorePermit, address: IpAddr) -> Option<Peer> {
        let network = network_of(address);
        // A proxy has one address for everybody who comes through it.
        let is_proxy = self.proxies.trusts(address);
        if !is_proxy && self.rates.as_ref().is_some_and(|rates| !rates.connection(network)) {
            return None;
        }
        let mut counts = self.per_network.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(network).or_default();
        let full = *count >= self.most_per_network.load(Ordering::Relaxed);
        if full && !is_proxy {
            metrics::limit_hit("connections_per_address");
            return None;
        }
        *count += 1;
        metrics::connection_open(1);
        let per_network = Arc::clone(&self.per_network);
        let connection = Arc::new(Connection { network, per_network, _permit: permit });
        Some(Peer { address, network, connection })
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        metrics::connection_open(-1);
        let mut counts = self.per_network.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.network) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.network);
            }
        }
    }
}

/// What limits count an address by: itself, or of IPv6 the first 64 bits, since one
/// customer commonly has all of the others.
#[must_use]
pub fn network_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(v4) => IpAddr::V4(v4),
        IpAddr::V6(v6) => {
            let network = u128::from(v6) & !u128::from(u64::MAX);
            IpAddr::V6(Ipv6Addr::from(network))
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    fn connections(total: u64, per_address: u64) -> Connections {
        let limits = Limits {
            connections: total,
            connections_per_address: per_address,
            ..Limits::default()
        };
        Connections::new(&limits, Proxies::default())
    }

    #[tokio::test]
    async fn one_address_gets_its_share_and_no_more() {
        let all = connections(100, 2);
        let address: IpAddr = "127.0.0.1".parse().unwrap();
        let first = all.admit(all.room().await.unwrap(), address).unwrap();
        let _second = all.admit(all.room().await.unwrap(), address).unwrap();
        assert!(all.admit(all.room().await.unwrap(), address).is_none());
        let other = "127.0.0.2".parse().unwrap();
        assert!(all.admit(all.room().await.unwrap(), other).is_some());
        drop(first);
        assert!(all.admit(all.room().await.unwrap(), address).is_some());
    }

    #[tokio::test]
    async fn a1_one_address_comes_no_faster_than_it_may() {
        let limits = Limits { connections_per_address_per_second: 1, ..Limits::default() };
        let all = connections(1_000, 1_000).with_rates(Rates::new(&limits));
        let mut admitted = 0;
        while all.admit(all.room().await.unwrap(), "127.0.0.1".parse().unwrap()).is_some() {
            admitted += 1;
            assert!(admitted < 500, "it is never cut");
        }
        assert!(admitted >= 4, "{admitted}");
        assert!(all.admit(all.room().await.unwrap(), "127.0.0.2".parse().unwrap()).is_some());
    }

    #[tokio::test]
    async fn a1_all_together_are_served_one_after_the_other() {
        let mut all = connections(10, 10);
        all.pace = Arc::new(Trickle::per_minute(2));
        assert!(all.turn().now_or_never().is_some());
        assert!(all.turn().now_or_never().is_some());
        assert!(all.turn().now_or_never().is_none(), "the next one waits");
    }

    #[tokio::test]
    async fn a_clone_keeps_the_connection_counted() {
        let all = connections(1, 10);
        let peer = all.admit(all.room().await.unwrap(), "127.0.0.1".parse().unwrap()).unwrap();
        let clone = peer.clone();
        drop(peer);
        assert_eq!(all.total.available_permits(), 0);
        drop(clone);
        assert_eq!(all.total.available_permits(), 1);
    }

    #[test]
    fn a_v6_customer_is_one_network_and_a_mapped_v4_is_itself() {
        let parse = |text: &str| text.parse::<IpAddr>().unwrap();
        assert_eq!(network_of(parse("2001:db8:1:2:3::4")), network_of(parse("2001:db8:1:2:9::9")));
        assert_ne!(network_of(parse("2001:db8:1:2::")), network_of(parse("2001:db8:1:3::")));
        assert_eq!(network_of(parse("::ffff:127.0.0.1")), parse("127.0.0.1"));
    }
}
