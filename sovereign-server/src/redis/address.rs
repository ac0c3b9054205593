//! Where Redis is: at one address, or wherever its Sentinels say that the master is.

use std::fmt;
use std::sync::Arc;

use ::redis::sentinel::{Sentinel, SentinelNodeConnectionInfo};
use ::redis::{Client, ConnectionAddr, ConnectionInfo, IntoConnectionInfo, TlsMode};
use tokio::sync::Mutex;

use super::RedisError;
use crate::config::RedisConfig;

/// Where Redis is; cheap to clone.
#[derive(Clone)]
pub(super) enum Address {
    /// There.
    Fixed(Arc<Client>),
    /// Where the Sentinels say.
    Watched(Arc<Watched>),
}

/// A master that others watch over.
pub(super) struct Watched {
    sentinels: Mutex<Sentinel>,
    master: String,
    node: SentinelNodeConnectionInfo,
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // An address may hold a password.
        f.write_str(match self {
            Self::Fixed(_) => "Address(fixed)",
            Self::Watched(_) => "Address(watched)",
        })
    }
}

impl Address {
    /// The one that the settings name.
    pub(super) fn new(config: &RedisConfig) -> Result<Self, RedisError> {
        let wrong = |setting| move |source| RedisError::Address { setting, source };
        if config.sentinels.is_empty() {
            let client = Client::open(config.url.expose()).map_err(wrong("url"))?;
            return Ok(Self::Fixed(Arc::new(client)));
        }
        let sentinels: Vec<&str> = config.sentinels.expose().split(',').map(str::trim).collect();
        let sentinels = Mutex::new(Sentinel::build(sentinels).map_err(wrong("sentinels"))?);
        let node = node(config).map_err(wrong("url"))?;
        Ok(Self::Watched(Arc::new(Watched { sentinels, master: config.master.clone(), node })))
    }

    /// Where it is now.
    pub(super) async fn client(&self) -> Result<Client, ::redis::RedisError> {
        match self {
            Self::Fixed(client) => Ok(Client::clone(client)),
            Self::Watched(watched) => {
                let mut sentinels = watched.sentinels.lock().await;
                sentinels.async_master_for(&watched.master, Some(&watched.node)).await
            }
        }
    }
}

/// How to speak to the master: as `redis.url` says, wherever it is.
fn node(config: &RedisConfig) -> Result<SentinelNodeConnectionInfo, ::redis::RedisError> {
    let node = SentinelNodeConnectionInfo::default();
    if config.url.is_empty() {
        return Ok(node);
    }
    let info: ConnectionInfo = config.url.expose().into_connection_info()?;
    let node = node.set_redis_connection_info(info.redis_settings().clone());
    Ok(match info.addr() {
        ConnectionAddr::TcpTls { .. } => node.set_tls_mode(TlsMode::Secure),
        _ => node,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Secret;

    #[test]
    fn an_address_that_is_none_is_named_by_its_setting() {
        let of = |url: &str, sentinels: &str| {
            let (url, sentinels) = (Secret::new(url), Secret::new(sentinels));
            Address::new(&RedisConfig { url, sentinels, ..RedisConfig::default() })
        };
        assert!(of("nonsense", "").unwrap_err().to_string().contains("redis.url"));
        let two = "redis://a:26379/, nonsense";
        assert!(of("", two).unwrap_err().to_string().contains("redis.sentinels"));
        assert!(of("redis://:hidden@a/", "").is_ok());
        let watched = of("rediss://:hidden@any/", "redis://a:26379/, redis://b:26379/").unwrap();
        assert!(!format!("{watched:?}").contains("hidden"));
    }
}
