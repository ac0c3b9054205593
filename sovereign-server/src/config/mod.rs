//! Settings: flags, then `SOVEREIGN_SECTION__KEY`, then a file, then defaults.
//!
//! Invariant: an unknown or ill-typed setting is an error that names the setting,
//! whatever layer it came from; nothing is ignored in silence.

mod flags;
mod layer;
mod limits;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

pub use flags::Flags;
pub use layer::ConfigError;
pub use limits::{LimitDoc, Limits};

/// All settings of one server process.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Listeners and the data folder.
    pub server: ServerConfig,
    /// Tokens.
    pub auth: AuthConfig,
    /// Logs.
    pub telemetry: TelemetryConfig,
    /// Every bound, each with its unit in its name.
    pub limits: Limits,
}

/// Listeners and the data folder.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ServerConfig {
    /// Address of the public listener; loopback unless set.
    pub bind: IpAddr,
    /// Port of the public listener; 0 lets the system choose.
    pub port: u16,
    /// Address of the operations listener.
    pub ops_bind: IpAddr,
    /// Port of the operations listener; 0 lets the system choose.
    pub ops_port: u16,
    /// Folder of the databases and the signing key; made if missing.
    pub data_dir: PathBuf,
    /// Folder of further map files (`*.json`), beside those built in.
    pub maps_dir: Option<PathBuf>,
    /// Origins, besides the server's own, whose pages may open a socket or call the API.
    pub origins: Vec<String>,
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            bind: IpAddr::V4(Ipv4Addr::LOCALHOST),
            port: 8080,
            ops_bind: IpAddr::V4(Ipv4Addr::LOCALHOST),
            ops_port: 9464,
            data_dir: PathBuf::from("./data"),
            maps_dir: None,
            origins: Vec::new(),
        }
    }
}

impl ServerConfig {
    /// Where players connect.
    #[must_use]
    pub fn public_address(&self) -> SocketAddr {
        SocketAddr::new(self.bind, self.port)
    }

    /// Where the operator's tools connect.
    #[must_use]
    pub fn ops_address(&self) -> SocketAddr {
        SocketAddr::new(self.ops_bind, self.ops_port)
    }
}

/// Tokens.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AuthConfig {
    /// `iss` of issued tokens.
    pub issuer: String,
    /// `aud` of issued tokens.
    pub audience: String,
    /// Lifetime of a guest's token in seconds. Half a day, and renewable while it
    /// lasts, so that a page that is reloaded never loses its seat.
    pub guest_token_s: u64,
    /// Tolerated difference of clocks in seconds, at most 60.
    pub leeway_s: u64,
}

impl Default for AuthConfig {
    fn default() -> Self {
        Self {
            issuer: "sovereign".to_owned(),
            audience: "sovereign-players".to_owned(),
            guest_token_s: 12 * 60 * 60,
            leeway_s: 30,
        }
    }
}

/// Logs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TelemetryConfig {
    /// A filter such as `info` or `sovereign_server=debug,info`.
    pub log: String,
}

impl Default for TelemetryConfig {
    fn default() -> Self {
        Self { log: "info".to_owned() }
    }
}

impl Config {
    /// Merges flags, the given environment, the file the flags name and the defaults.
    ///
    /// # Errors
    /// The first setting that is unknown, ill-typed or out of bounds, with its source.
    pub fn load(
        flags: &Flags,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let mut table = layer::file(flags.config.as_deref())?;
        layer::environment(&mut table, environment)?;
        flags.overlay(&mut table)?;
        let config: Self = layer::typed(table)?;
        config.checked()
    }

    fn checked(self) -> Result<Self, ConfigError> {
        if self.auth.leeway_s > 60 {
            return Err(ConfigError::bounds("auth.leeway_s", "at most 60 seconds"));
        }
        if self.auth.guest_token_s < 60 {
            return Err(ConfigError::bounds("auth.guest_token_s", "at least 60 seconds"));
        }
        self.limits.check()?;
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(args: &[&str], env: &[(&str, &str)]) -> Result<Config, ConfigError> {
        let flags = Flags::from_args(args);
        Config::load(&flags, env.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())))
    }

    #[test]
    fn defaults_serve_this_machine_only() {
        let config = load(&[], &[]).unwrap();
        assert_eq!(config, Config::default());
        assert!(config.server.bind.is_loopback());
        assert_eq!(config.server.port, 8080);
    }

    #[test]
    fn flags_win_over_environment_over_file_over_defaults() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("s.toml");
        std::fs::write(&file, "[server]\nport = 1\nops_port = 2\n[limits]\nrooms = 3\n").unwrap();
        let env = [("SOVEREIGN_SERVER__PORT", "11"), ("SOVEREIGN_SERVER__OPS_PORT", "12")];
        let config = load(&["--port", "21", "--config", file.to_str().unwrap()], &env).unwrap();
        assert_eq!((config.server.port, config.server.ops_port, config.limits.rooms), (21, 12, 3));
    }

    #[test]
    fn an_unknown_key_is_named_in_every_layer() {
        let env = load(&[], &[("SOVEREIGN_SERVER__PROT", "1")]).unwrap_err();
        assert!(env.to_string().contains("prot"), "{env}");
        let section = load(&[], &[("SOVEREIGN_SERVR__PORT", "1")]).unwrap_err();
        assert!(section.to_string().contains("servr"), "{section}");
        let set = load(&["--set", "limits.romms=1"], &[]).unwrap_err();
        assert!(set.to_string().contains("romms"), "{set}");
    }

    #[test]
    fn a_value_of_the_wrong_type_is_refused() {
        let error = load(&[], &[("SOVEREIGN_SERVER__PORT", "eighty")]).unwrap_err();
        assert!(error.to_string().contains("SOVEREIGN_SERVER__PORT"), "{error}");
        let error = load(&["--set", "limits.rooms=-1"], &[]).unwrap_err();
        assert!(error.to_string().contains("--set limits.rooms=-1"), "{error}");
    }

    #[test]
    fn a_setting_without_its_section_is_explained() {
        let error = load(&[], &[("SOVEREIGN_PORT", "1")]).unwrap_err();
        assert!(error.to_string().contains("SOVEREIGN_SERVER__PORT"), "{error}");
    }

    #[test]
    fn lists_and_texts_can_come_from_the_environment() {
        let env = [
            ("SOVEREIGN_SERVER__ORIGINS", "[\"https://a.example\", \"https://b.example\"]"),
            ("SOVEREIGN_SERVER__BIND", "0.0.0.0"),
        ];
        let config = load(&[], &env).unwrap();
        assert_eq!(config.server.origins, ["https://a.example", "https://b.example"]);
        assert!(config.server.bind.is_unspecified());
    }

    #[test]
    fn bounds_are_checked() {
        assert!(load(&["--set", "auth.leeway_s=61"], &[]).is_err());
        assert!(load(&["--set", "limits.run_ahead_ticks=0"], &[]).is_err());
    }
}
