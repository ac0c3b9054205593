//! The settings in force, which a reload replaces while the server runs.

use std::sync::Arc;

use tokio::sync::watch;
use toml::Table;

use super::schema::{self, Effect};
use super::{Config, ConfigError};

/// The settings in force; cheap to clone, and every clone sees a reload.
#[derive(Clone, Debug)]
pub struct Live {
    current: watch::Receiver<Arc<Config>>,
    replace: Arc<watch::Sender<Arc<Config>>>,
}

/// What a reload did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reloaded {
    /// Settings that have changed and are in force, as `section.key`.
    pub applied: Vec<String>,
    /// Settings that have changed and need a restart; their old values stay in force.
    pub waiting: Vec<String>,
}

impl Live {
    /// These settings, until a reload.
    #[must_use]
    pub fn new(config: Config) -> Self {
        let (replace, current) = watch::channel(Arc::new(config));
        Self { current, replace: Arc::new(replace) }
    }

    /// The settings in force now.
    #[must_use]
    pub fn now(&self) -> Arc<Config> {
        Arc::clone(&self.current.borrow())
    }

    /// Waits for the next reload; never returns once nobody can reload any more.
    pub async fn changed(&mut self) -> Arc<Config> {
        if self.current.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
        Arc::clone(&self.current.borrow_and_update())
    }

    /// Puts what can be changed of `wanted` in force. Secrets are compared too.
    ///
    /// # Errors
    /// When the settings cannot be compared, which no setting causes.
    pub fn reload(&self, wanted: &Config) -> Result<Reloaded, ConfigError> {
        let old = self.now();
        let (mut merged, new) = (table(&old)?, table(wanted)?);
        let mut reloaded = Reloaded::default();
        for (section, key) in schema::differing(&merged, &new) {
            let name = format!("{section}.{key}");
            match schema::effect(&section, &key) {
                Effect::Restart => reloaded.waiting.push(name),
                Effect::Reload => {
                    take(&mut merged, &new, &section, &key);
                    reloaded.applied.push(name);
                }
            }
        }
        let mut config: Config = super::layer::typed(merged)
            .map_err(|reason| ConfigError::setting("a reloaded setting", reason))?;
        // The table held their stand-ins.
        config.take_secrets(&old);
        reloaded.applied.extend(config.take_secrets(wanted));
        self.replace.send_replace(Arc::new(config));
        Ok(reloaded)
    }
}

fn table(config: &Config) -> Result<Table, ConfigError> {
    Table::try_from(config).map_err(|e| ConfigError::setting("the settings", e))
}

fn take(merged: &mut Table, new: &Table, section: &str, key: &str) {
    let value = new.get(section).and_then(|s| s.get(key)).cloned();
    let Some(merged) = merged.get_mut(section).and_then(toml::Value::as_table_mut) else { return };
    match value {
        Some(value) => merged.insert(key.to_owned(), value),
        None => merged.remove(key),
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Secret;

    #[tokio::test]
    async fn a_reload_changes_what_can_be_changed_and_names_the_rest() {
        let live = Live::new(Config::default());
        let mut other = live.clone();
        let mut wanted = Config::default();
        wanted.server.port = 99;
        wanted.limits.rooms = 7;
        wanted.telemetry.log = "debug".to_owned();
        wanted.admin.token = Secret::new("another");
        let reloaded = live.reload(&wanted).unwrap();
        assert_eq!(reloaded.waiting, ["server.port"]);
        assert_eq!(reloaded.applied, ["telemetry.log", "limits.rooms", "admin.token"]);
        let now = other.changed().await;
        assert_eq!((now.server.port, now.limits.rooms), (8080, 7));
        assert_eq!(now.admin.token.expose(), "another");
    }

    #[test]
    fn an_option_can_be_taken_back() {
        let mut config = Config::default();
        config.server.origins = vec!["https://a.example".to_owned()];
        config.tls.certificate = Some("a.pem".into());
        let live = Live::new(config);
        let reloaded = live.reload(&Config::default()).unwrap();
        assert_eq!(reloaded.applied, ["server.origins"]);
        assert_eq!(reloaded.waiting, ["tls.certificate"]);
        assert!(live.now().server.origins.is_empty());
    }
}
