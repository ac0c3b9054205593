//! Settings: flags, then `SOVEREIGN_SECTION__KEY`, then files, then defaults.
//!
//! Invariant: an unknown or ill-typed setting is an error that names the setting,
//! whatever layer it came from; nothing is ignored in silence.

mod docs;
mod exposure;
mod flags;
mod layer;
mod limits;
mod lists;
mod live;
mod network;
mod schema;
mod secret;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use toml::Table;

use self::layer::Layer;
use self::schema::section;
pub use docs::{limits_table, metrics_table, settings_table};
pub use flags::Flags;
pub use layer::ConfigError;
pub use limits::{Answer, LimitDoc, Limits};
pub use lists::{IssuerConfig, LadderConfig};
pub use live::{Live, Reloaded};
pub use network::Network;
pub use schema::{Effect, SettingDoc};
pub use secret::Secret;

/// All settings of one server process.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The public and the operations listener, and the data folder.
    pub server: ServerConfig,
    /// TLS in this process.
    pub tls: TlsConfig,
    /// The admin listener.
    pub admin: AdminConfig,
    /// Tokens.
    pub auth: AuthConfig,
    /// The database of a fleet.
    pub postgres: PostgresConfig,
    /// What the nodes of a fleet share and may lose.
    pub redis: RedisConfig,
    /// This node among others.
    pub cluster: ClusterConfig,
    /// Ranked games.
    pub ranked: RankedConfig,
    /// Logs and traces.
    pub telemetry: TelemetryConfig,
    /// Every bound, each with its unit in its name.
    pub limits: Limits,
}

const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

section! {
    /// The public and the operations listener, and the data folder.
    ServerConfig in "server" {
        /// Address of the public listener; this machine only unless set.
        bind: IpAddr = LOOPBACK => Restart,
        /// Port of the public listener; 0 lets the system choose.
        port: u16 = 8080 => Restart,
        /// Address of the operations listener.
        ops_bind: IpAddr = LOOPBACK => Restart,
        /// Port of the operations listener; 0 lets the system choose.
        ops_port: u16 = 9464 => Restart,
        /// Folder of the databases and keys; made if missing.
        data_dir: PathBuf = PathBuf::from("./data") => Restart,
        /// Folder of further map files (`*.json`), beside those built in.
        maps_dir: Option<PathBuf> = None => Restart,
        /// Origins whose pages may open a socket or call the API: where players see the server.
        /// A server that others can reach must name at least one.
        origins: Vec<String> = Vec::new() => Reload,
        /// Proxies whose `X-Forwarded-For` is believed: addresses, or networks such as
        /// `10.0.0.0/8`; no other's is.
        trusted_proxies: Vec<Network> = Vec::new() => Reload,
        /// Folder from which the page is read at each request, in place of the embedded one;
        /// for developers, set by `--dev`.
        web_dir: Option<PathBuf> = None => Restart,
    }
}

section! {
    /// TLS in this process; without a certificate the listener is plain, for a proxy in front.
    TlsConfig in "tls" {
        /// File of the certificate and its chain (PEM). Read again when it changes.
        certificate: Option<PathBuf> = None => Restart,
        /// File of its private key (PEM). Read again when it changes.
        key: Option<PathBuf> = None => Restart,
        /// How long browsers are told to insist on TLS; 0: not told.
        hsts_s: u64 = 31_536_000 => Reload,
    }
}

section! {
    /// The admin listener.
    AdminConfig in "admin" {
        /// Address of the admin listener; always one of this machine alone.
        bind: IpAddr = LOOPBACK => Restart,
        /// Port of the admin listener; 0 lets the system choose.
        port: u16 = 9465 => Restart,
        /// What an admin's requests carry as `Authorization: Bearer`; without it one is made in
        /// the file `admin-token` of the data folder.
        token: Secret = Secret::default() => Reload secret,
    }
}

section! {
    /// Tokens.
    AuthConfig in "auth" {
        /// `iss` of issued tokens.
        issuer: String = "sovereign".to_owned() => Restart,
        /// `aud` of issued tokens.
        audience: String = "sovereign-players".to_owned() => Restart,
        /// Lifetime of an access token, at most 900; clients renew theirs in time.
        access_token_s: u64 = 900 => Restart,
        /// How long a session lasts that is not used.
        refresh_token_s: u64 = 2_592_000 => Restart,
        /// Outside issuers whose tokens are taken: a list of tables with `issuer` (their `iss`),
        /// `audience` (their `aud`), `keys` (a JSON Web Key Set: a file, an https address, or an
        /// http one of this machine) and `typ` (`at+jwt` unless said).
        issuers: Vec<IssuerConfig> = Vec::new() => Restart,
        /// Folder of the signing keys, the same on all nodes of a fleet; the data folder unless set.
        keys_dir: Option<PathBuf> = None => Restart,
        /// Tolerated difference of clocks, at most 60.
        leeway_s: u64 = 30 => Restart,
    }
}

section! {
    /// The database of a fleet.
    PostgresConfig in "postgres" {
        /// Where PostgreSQL is, such as `postgres://sovereign@db.example/sovereign?sslmode=require`;
        /// without it everything is kept in the data folder, for one node alone.
        url: Secret = Secret::default() => Restart secret,
        /// A read replica for lists that may be some seconds old; without it the first serves them.
        replica_url: Secret = Secret::default() => Restart secret,
        /// File of certificates (PEM) to trust for it; those of the public web unless set.
        ca: Option<PathBuf> = None => Restart,
    }
}

section! {
    /// What the nodes of a fleet share and may lose.
    RedisConfig in "redis" {
        /// Where Redis is, such as `rediss://cache.example:6379/`; games go on without it. With
        /// Sentinels only its user, password, database and whether TLS is spoken count.
        url: Secret = Secret::default() => Restart secret,
        /// The Sentinels that know where it is, such as
        /// `redis://10.0.0.1:26379/,redis://10.0.0.2:26379/`; none: it is always at `redis.url`.
        sentinels: Secret = Secret::default() => Restart secret,
        /// What the Sentinels call it.
        master: String = "mymaster".to_owned() => Restart,
    }
}

section! {
    /// This node among others.
    ClusterConfig in "cluster" {
        /// This node's name, unlike any other's; without it this server is alone.
        node: String = String::new() => Restart,
        /// Address of the listener for other nodes.
        bind: IpAddr = LOOPBACK => Restart,
        /// Port of the listener for other nodes; 0 lets the system choose.
        port: u16 = 9466 => Restart,
        /// Where other nodes reach that listener, such as `10.0.0.7:9466`; what it is bound to
        /// unless set.
        address: Option<SocketAddr> = None => Restart,
        /// Where players reach this node alone, such as `https://n1.play.example`. Clients that
        /// come through another node are told, and may come here; so does the page, if `server.origins`
        /// of this node names where that came from.
        public_url: Option<String> = None => Restart,
        /// What nodes know each other by, the same on all of them.
        secret: Secret = Secret::default() => Restart secret,
    }
}

section! {
    /// Ranked games.
    RankedConfig in "ranked" {
        /// Whether guests may play ranked games. They leave their ratings behind as easily as
        /// their names, so a ladder tells less where they may.
        guests: bool = false => Reload,
        /// The ladders, at most 8, each with ratings of its own: a list of tables with `name`,
        /// `map`, `rules` (a preset) and `players` (2 to 8).
        ladders: Vec<LadderConfig> = LadderConfig::shipped() => Restart,
    }
}

section! {
    /// Logs and traces.
    TelemetryConfig in "telemetry" {
        /// A filter such as `info` or `sovereign_server=debug,info`.
        log: String = "info".to_owned() => Reload,
        /// Where OpenTelemetry traces are sent (OTLP over HTTP), such as
        /// `http://127.0.0.1:4318/v1/traces`; none: no traces.
        otlp_endpoint: Option<String> = None => Restart,
        /// Orders of which a trace is made, in thousandths.
        otlp_sample_permille: u64 = 10 => Restart,
    }
}

impl ServerConfig {
    /// Where players connect.
    #[must_use]
    pub const fn public_address(&self) -> SocketAddr {
        SocketAddr::new(self.bind, self.port)
    }

    /// Where the operator's tools connect.
    #[must_use]
    pub const fn ops_address(&self) -> SocketAddr {
        SocketAddr::new(self.ops_bind, self.ops_port)
    }
}

impl TlsConfig {
    /// How long browsers insist on TLS, if there is TLS and they are to be told.
    #[must_use]
    pub fn hsts_seconds(&self) -> Option<u64> {
        (self.certificate.is_some() && self.hsts_s > 0).then_some(self.hsts_s)
    }
}

impl AuthConfig {
    /// An issuer must be told from every other one, this server first.
    fn check_issuers(&self) -> Result<(), ConfigError> {
        let mut names: Vec<&str> = self.issuers.iter().map(|one| one.issuer.as_str()).collect();
        names.push(&self.issuer);
        names.sort_unstable();
        if names.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err(ConfigError::bounds(
                "auth.issuers",
                "different issuers, none of them auth.issuer",
            ));
        }
        let empty = |one: &IssuerConfig| one.issuer.is_empty() || one.audience.is_empty();
        if self.issuers.iter().any(empty) {
            return Err(ConfigError::bounds("auth.issuers", "given with issuer and audience"));
        }
        Ok(())
    }

    /// The longest life that any access token may have, in seconds.
    pub const ACCESS_TOKEN_MAX_S: u64 = 900;

    /// How long after its issue an access token may be accepted, clocks' differences
    /// included, in seconds.
    #[must_use]
    pub const fn overlap_s(&self) -> u64 {
        Self::ACCESS_TOKEN_MAX_S + 2 * self.leeway_s
    }
}

impl RedisConfig {
    /// Whether there is one.
    #[must_use]
    pub const fn is_set(&self) -> bool {
        !self.url.is_empty() || !self.sentinels.is_empty()
    }
}

impl AdminConfig {
    /// Where admins connect.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        SocketAddr::new(self.bind, self.port)
    }
}

impl Config {
    /// Merges flags, the given environment, the files the flags name and the defaults.
    ///
    /// # Errors
    /// The first setting that is unknown, ill-typed or out of bounds, with its source, or
    /// what would expose the server.
    pub fn load(
        flags: &Flags,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let mut table = Table::new();
        for file in &flags.config {
            table = Layer::file(file)?.over(table);
        }
        table = Layer::environment(environment)?.over(table);
        table = flags.layer()?.over(table);
        let config: Self =
            layer::typed(table).map_err(|reason| ConfigError::setting("a setting", reason))?;
        config.checked()
    }

    /// Folder of the keys that sign tokens.
    #[must_use]
    pub fn keys_dir(&self) -> &Path {
        self.auth.keys_dir.as_deref().unwrap_or(&self.server.data_dir)
    }

    /// Every setting outside of section `limits`.
    pub fn docs() -> impl Iterator<Item = &'static SettingDoc> {
        [
            ServerConfig::DOCS,
            TlsConfig::DOCS,
            AdminConfig::DOCS,
            AuthConfig::DOCS,
            PostgresConfig::DOCS,
            RedisConfig::DOCS,
            ClusterConfig::DOCS,
            RankedConfig::DOCS,
            TelemetryConfig::DOCS,
        ]
        .into_iter()
        .flatten()
    }

    /// All settings as TOML, secrets hidden.
    #[must_use]
    pub fn redacted(&self) -> String {
        toml::to_string(self).unwrap_or_else(|error| format!("# cannot be shown: {error}\n"))
    }

    fn take_secrets(&mut self, new: &Self) -> Vec<String> {
        [
            self.server.take_secrets(&new.server),
            self.tls.take_secrets(&new.tls),
            self.admin.take_secrets(&new.admin),
            self.auth.take_secrets(&new.auth),
            self.postgres.take_secrets(&new.postgres),
            self.redis.take_secrets(&new.redis),
            self.cluster.take_secrets(&new.cluster),
            self.ranked.take_secrets(&new.ranked),
            self.telemetry.take_secrets(&new.telemetry),
        ]
        .concat()
    }

    fn checked(self) -> Result<Self, ConfigError> {
        if self.auth.leeway_s > 60 {
            return Err(ConfigError::bounds("auth.leeway_s", "at most 60 seconds"));
        }
        if !(60..=AuthConfig::ACCESS_TOKEN_MAX_S).contains(&self.auth.access_token_s) {
            return Err(ConfigError::bounds("auth.access_token_s", "60 to 900 seconds"));
        }
        if self.auth.refresh_token_s < self.auth.access_token_s {
            let bounds = "at least auth.access_token_s";
            return Err(ConfigError::bounds("auth.refresh_token_s", bounds));
        }
        if self.telemetry.otlp_sample_permille > 1_000 {
            return Err(ConfigError::bounds("telemetry.otlp_sample_permille", "at most 1000"));
        }
        if self.tls.certificate.is_some() != self.tls.key.is_some() {
            let both = "set together with tls.key: one is useless without the other";
            return Err(ConfigError::bounds("tls.certificate", both));
        }
        if !self.cluster.node.is_empty() && self.postgres.url.is_empty() {
            let needed = "empty, unless postgres.url is set: nodes share one database";
            return Err(ConfigError::bounds("cluster.node", needed));
        }
        self.auth.check_issuers()?;
        self.limits.check()?;
        exposure::check(&self)?;
        Ok(self)
    }
}

#[cfg(test)]
mod tests;
