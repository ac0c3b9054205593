//! Putting reloaded settings in force where they are not read anew each time.

use tracing::warn;

use crate::auth::Keys;
use crate::config::{Config, ConfigError, Live, Reloaded};
use crate::gateway::connections::Connections;
use crate::gateway::origin::OriginRule;
use crate::gateway::proxies::Proxies;
use crate::gateway::rate::Rates;
use crate::gateway::tls::Tls;
use crate::telemetry::logs;

/// All that a reload reaches.
#[derive(Clone, Debug)]
pub struct Reloading {
    /// The settings themselves.
    pub settings: Live,
    /// Which pages may call.
    pub origins: OriginRule,
    /// Whose word of an address is taken.
    pub proxies: Proxies,
    /// Rates by address and account.
    pub rates: Rates,
    /// How many connections there may be.
    pub connections: Connections,
    /// The certificate, if there is one.
    pub tls: Option<Tls>,
    /// The keys that sign tokens.
    pub keys: Keys,
}

impl Reloading {
    /// Puts what can be changed in force; it holds when this returns.
    ///
    /// # Errors
    /// As [`Live::reload`].
    pub fn reload(&self, wanted: &Config) -> Result<Reloaded, ConfigError> {
        let before = self.settings.now();
        let reloaded = self.settings.reload(wanted)?;
        let config = self.settings.now();
        self.origins.reload(&config.server);
        self.proxies.reload(&config.server);
        self.connections.reload(&config.limits);
        if before.limits != config.limits {
            self.rates.reload(&config.limits);
        }
        if let Err(error) = logs::reload(&config.telemetry.log) {
            warn!(%error, "the log filter is wrong; the old one stays");
        }
        if let Err(error) = self.keys.reload() {
            warn!(%error, "the signing keys stay as they were");
        }
        if let Some(Err(error)) = self.tls.as_ref().map(Tls::reload) {
            warn!(%error, "the certificate is wrong; the old one stays");
        }
        Ok(reloaded)
    }
}
