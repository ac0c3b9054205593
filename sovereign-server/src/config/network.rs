//! Addresses that settings name several of at once.

use std::net::IpAddr;
use std::str::FromStr;

use ipnet::{AddrParseError, IpNet};
use serde::{Deserialize, Serialize};

/// One address, such as `10.0.0.7`, or all of a network, such as `10.0.0.0/8`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Network(IpNet);

impl Network {
    /// Whether an address is in it. One of IPv4 that is written as one of IPv6 is the former.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.contains(&address.to_canonical())
    }
}

impl FromStr for Network {
    type Err = AddrParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let alone = |address: IpAddr| Self(address.to_canonical().into());
        text.parse().map(alone).or_else(|_| text.parse().map(Self))
    }
}

impl TryFrom<String> for Network {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse().map_err(|_| format!("{text} is no address, such as 10.0.0.7 or 10.0.0.0/8"))
    }
}

impl From<Network> for String {
    fn from(network: Network) -> Self {
        network.to_string()
    }
}

impl std::fmt::Display for Network {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // As it was given: an address alone, not a network of one.
        if self.0.prefix_len() == self.0.max_prefix_len() {
            self.0.addr().fmt(f)
        } else {
            self.0.fmt(f)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn has(network: &str, address: &str) -> bool {
        network.parse::<Network>().unwrap().contains(address.parse().unwrap())
    }

    #[test]
    fn a_network_has_its_addresses_and_no_others() {
        assert!(has("10.0.0.7", "10.0.0.7") && !has("10.0.0.7", "10.0.0.8"));
        assert!(has("10.0.0.0/8", "10.255.0.1") && !has("10.0.0.0/8", "11.0.0.1"));
        assert!(has("2001:db8::/32", "2001:db8:1::1") && !has("2001:db8::/32", "2001:db9::1"));
        assert!(has("10.0.0.0/8", "::ffff:10.0.0.1"), "the same address, written as one of IPv6");
        assert!(has("::ffff:10.0.0.7", "10.0.0.7"));
        assert!(!has("::/0", "10.0.0.1") && has("0.0.0.0/0", "10.0.0.1"));
    }

    #[test]
    fn what_is_no_network_is_refused_and_what_is_one_is_shown_as_it_was_given() {
        for text in ["", "10.0.0", "10.0.0.0/33", "10.0.0.0/", "play.example", "10.0.0.0/8/8"] {
            assert!(Network::try_from(text.to_owned()).unwrap_err().contains("no address"));
        }
        for text in ["10.0.0.7", "10.0.0.0/8", "2001:db8::1", "2001:db8::/32"] {
            assert_eq!(text.parse::<Network>().unwrap().to_string(), text);
        }
    }
}
