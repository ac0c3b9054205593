//! Which pages may use this server.
//!
//! No cookie authorises anything here, so a foreign page gains little; yet a browser's
//! request must come from our own page, from a page the operator named, or from none.

use std::net::IpAddr;
use std::sync::{Arc, PoisonError, RwLock};

use http::Uri;
use http::header::{HOST, HeaderMap, ORIGIN};

use crate::config::ServerConfig;

/// The rule, made from the settings; cheap to clone, and every clone sees a reload.
#[derive(Clone, Debug)]
pub struct OriginRule {
    listed: Arc<RwLock<Vec<String>>>,
    local: bool,
}

/// What the rule says of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// No browser, or our own page.
    Same,
    /// A page that the operator named: its origin, for the answer's headers.
    Listed(String),
    /// Anybody else.
    Foreign,
}

impl OriginRule {
    /// The rule for these settings.
    #[must_use]
    pub fn new(config: &ServerConfig) -> Self {
        let rule = Self { listed: Arc::default(), local: config.bind.is_loopback() };
        rule.reload(config);
        rule
    }

    /// Takes another list.
    pub fn reload(&self, config: &ServerConfig) {
        let normal = |origin: &String| origin.trim_end_matches('/').to_ascii_lowercase();
        let listed = config.origins.iter().map(normal).collect();
        *self.listed.write().unwrap_or_else(PoisonError::into_inner) = listed;
    }

    /// Judges a request by its headers.
    #[must_use]
    pub fn judge(&self, headers: &HeaderMap) -> Verdict {
        let mut origins = headers.get_all(ORIGIN).iter();
        let Some(origin) = origins.next() else { return Verdict::Same };
        let text = origin.to_str().unwrap_or_default().to_ascii_lowercase();
        if origins.next().is_some() {
            return Verdict::Foreign;
        }
        if self.listed.read().unwrap_or_else(PoisonError::into_inner).contains(&text) {
            return Verdict::Listed(text);
        }
        if self.is_own(&text, headers) { Verdict::Same } else { Verdict::Foreign }
    }

    fn is_own(&self, origin: &str, headers: &HeaderMap) -> bool {
        // A server that others reach names its own page too.
        if !self.local {
            return false;
        }
        let host = headers.get(HOST).and_then(|h| h.to_str().ok()).unwrap_or_default();
        let Some(authority) =
            origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"))
        else {
            return false;
        };
        // A name that an attacker points at 127.0.0.1 must not pass for our own page.
        authority == host.to_ascii_lowercase() && is_local(authority)
    }
}

fn is_local(authority: &str) -> bool {
    let Ok(uri) = format!("http://{authority}/").parse::<Uri>() else { return false };
    let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(config: &ServerConfig, host: &str, origin: Option<&str>) -> Verdict {
        let mut headers = HeaderMap::new();
        headers.insert(HOST, host.parse().unwrap());
        if let Some(origin) = origin {
            headers.insert(ORIGIN, origin.parse().unwrap());
        }
        OriginRule::new(config).judge(&headers)
    }

    #[test]
    fn own_pages_and_programs_pass() {
        let config = ServerConfig::default();
        for (host, origin) in [
            ("localhost:8080", None),
            ("localhost:8080", Some("http://localhost:8080")),
            ("127.0.0.1:8080", Some("http://127.0.0.1:8080")),
            ("[::1]:8080", Some("http://[::1]:8080")),
        ] {
            assert_eq!(judge(&config, host, origin), Verdict::Same, "{origin:?}");
        }
    }

    #[test]
    fn h1_foreign_pages_do_not() {
        let config = ServerConfig::default();
        for origin in [
            "null",
            "",
            "http://evil.example",
            "http://localhost:8080.evil.example",
            "http://localhost:8081",
            "http://localhost",
            "ftp://localhost:8080",
            "localhost:8080",
        ] {
            assert_eq!(
                judge(&config, "localhost:8080", Some(origin)),
                Verdict::Foreign,
                "{origin}"
            );
        }
    }

    #[test]
    fn a_name_pointed_at_this_machine_is_foreign() {
        let config = ServerConfig::default();
        let rebound = judge(&config, "evil.example:8080", Some("http://evil.example:8080"));
        assert_eq!(rebound, Verdict::Foreign);
    }

    #[test]
    fn a_public_server_serves_the_names_that_were_listed() {
        let config = ServerConfig {
            bind: "0.0.0.0".parse().unwrap(),
            origins: vec!["https://Friend.example/".to_owned()],
            ..ServerConfig::default()
        };
        let own = judge(&config, "play.example", Some("https://play.example"));
        assert_eq!(own, Verdict::Foreign, "a name that was pointed at the server is not listed");
        let listed = judge(&config, "play.example", Some("https://friend.example"));
        assert_eq!(listed, Verdict::Listed("https://friend.example".to_owned()));
        let http = judge(&config, "play.example", Some("http://friend.example"));
        assert_eq!(http, Verdict::Foreign);
    }

    #[test]
    fn two_origins_are_foreign() {
        let mut headers = HeaderMap::new();
        headers.insert(HOST, "localhost:8080".parse().unwrap());
        headers.append(ORIGIN, "http://localhost:8080".parse().unwrap());
        headers.append(ORIGIN, "http://evil.example".parse().unwrap());
        let verdict = OriginRule::new(&ServerConfig::default()).judge(&headers);
        assert_eq!(verdict, Verdict::Foreign);
    }
}
