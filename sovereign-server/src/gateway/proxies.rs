//! Whose `X-Forwarded-For` is believed.

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, PoisonError, RwLock};

use http::header::HeaderMap;

use crate::config::{Network, ServerConfig};

const FORWARDED_FOR: &str = "x-forwarded-for";

/// The proxies that the operator named; cheap to clone, and every clone sees a reload.
#[derive(Clone, Debug, Default)]
pub struct Proxies(Arc<RwLock<Vec<Network>>>);

impl Proxies {
    /// Those of the settings.
    #[must_use]
    pub fn new(config: &ServerConfig) -> Self {
        let proxies = Self::default();
        proxies.reload(config);
        proxies
    }

    /// Takes another list.
    pub fn reload(&self, config: &ServerConfig) {
        let named = config.trusted_proxies.clone();
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = named;
    }

    /// Whether this is a named proxy.
    #[must_use]
    pub fn trusts(&self, address: IpAddr) -> bool {
        let named = self.0.read().unwrap_or_else(PoisonError::into_inner);
        named.iter().any(|network| network.contains(address))
    }

    /// Who sent a request that came from `peer`: of what proxies noted, the last address
    /// that is no named proxy. All before it could have been made up.
    #[must_use]
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer.to_canonical();
        let lines: Vec<&str> =
            headers.get_all(FORWARDED_FOR).iter().filter_map(|value| value.to_str().ok()).collect();
        let mut noted = lines.iter().rev().flat_map(|line| line.rsplit(','));
        while self.trusts(client) {
            let Some(before) = noted.next().and_then(address) else { break };
            client = before;
        }
        client
    }
}

/// An address, with or without a port.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bare = text.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    let found = bare.ok().or_else(|| Some(text.parse::<SocketAddr>().ok()?.ip()));
    found.map(|ip| ip.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(peer: &str, forwarded: &[&str]) -> String {
        let config = ServerConfig {
            trusted_proxies: ["10.0.0.1", "10.0.0.2", "10.1.0.0/16"]
                .map(|network| network.parse().unwrap())
                .to_vec(),
            ..ServerConfig::default()
        };
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append(FORWARDED_FOR, line.parse().unwrap());
        }
        Proxies::new(&config).client(peer.parse().unwrap(), &headers).to_string()
    }

    #[test]
    fn h8_only_named_proxies_are_believed() {
        assert_eq!(client("192.0.2.7", &["203.0.113.9"]), "192.0.2.7");
        assert_eq!(client("10.0.0.1", &["203.0.113.9"]), "203.0.113.9");
        assert_eq!(client("::ffff:10.0.0.1", &["203.0.113.9"]), "203.0.113.9");
        assert_eq!(client("10.0.0.1", &[]), "10.0.0.1");
    }

    #[test]
    fn h8_what_a_client_made_up_is_not_believed() {
        assert_eq!(client("10.0.0.1", &["1.1.1.1, 203.0.113.9"]), "203.0.113.9");
        assert_eq!(client("10.0.0.1", &["1.1.1.1", "203.0.113.9, 10.0.0.2"]), "203.0.113.9");
        assert_eq!(client("10.0.0.1", &["203.0.113.9, nonsense"]), "10.0.0.1");
        assert_eq!(client("10.0.0.1", &["10.0.0.2, 10.0.0.2"]), "10.0.0.2");
        let through_the_network = client("10.1.2.3", &["1.1.1.1, 203.0.113.9, 10.1.9.9"]);
        assert_eq!(through_the_network, "203.0.113.9");
    }

    #[test]
    fn ports_and_brackets_are_understood() {
        assert_eq!(client("10.0.0.1", &["203.0.113.9:4711"]), "203.0.113.9");
        assert_eq!(client("10.0.0.1", &["[2001:db8::1]:4711"]), "2001:db8::1");
        assert_eq!(client("10.0.0.1", &["[2001:db8::1]"]), "2001:db8::1");
        assert_eq!(client("10.0.0.1", &["2001:db8::1"]), "2001:db8::1");
    }
}
