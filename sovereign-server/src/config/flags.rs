//! Command-line flags.

use std::net::IpAddr;
use std::path::PathBuf;

use clap::Args;
use toml::Value;

use super::layer::{ConfigError, Layer};

/// Where the page's files are in a checkout.
const CHECKOUT_WEB: &str = "sovereign-server/web";

/// The flags of a server. Every other setting can be given with `--set section.key=value`.
#[derive(Args, Clone, Debug, Default)]
pub struct Flags {
    /// Address to listen on (default 127.0.0.1: this machine only; 0.0.0.0: everybody)
    #[arg(long, value_name = "ADDRESS")]
    pub bind: Option<IpAddr>,
    /// Port to listen on (default 8080; 0: any free port)
    #[arg(long, value_name = "PORT")]
    pub port: Option<u16>,
    /// Address of the operations listener (default 127.0.0.1)
    #[arg(long, value_name = "ADDRESS")]
    pub ops_bind: Option<IpAddr>,
    /// Port of the operations listener (default 9464; 0: any free port)
    #[arg(long, value_name = "PORT")]
    pub ops_port: Option<u16>,
    /// Folder of the databases and the signing key (default ./data)
    #[arg(long, value_name = "FOLDER")]
    pub data_dir: Option<PathBuf>,
    /// Folder of further map files
    #[arg(long, value_name = "FOLDER")]
    pub maps_dir: Option<PathBuf>,
    /// A further origin whose pages may connect, such as `https://play.example` (repeatable)
    #[arg(long = "origin", value_name = "ORIGIN")]
    pub origins: Vec<String>,
    /// Log filter (default info)
    #[arg(long, value_name = "FILTER")]
    pub log: Option<String>,
    /// Address of the admin listener, always one of this machine (default 127.0.0.1)
    #[arg(long, value_name = "ADDRESS")]
    pub admin_bind: Option<IpAddr>,
    /// Port of the admin listener (default 9465; 0: any free port)
    #[arg(long, value_name = "PORT")]
    pub admin_port: Option<u16>,
    /// Name of this node of a fleet, unlike any other's (needs postgres.url and cluster.secret)
    #[arg(long, value_name = "NAME")]
    pub node: Option<String>,
    /// Settings file (TOML; repeatable, the last one wins)
    #[arg(long, value_name = "FILE")]
    pub config: Vec<PathBuf>,
    /// Read the page from sovereign-server/web at each request: for changing it
    #[arg(long)]
    pub dev: bool,
    /// Any other setting, such as limits.rooms=50 (repeatable)
    #[arg(long = "set", value_name = "SECTION.KEY=VALUE")]
    pub set: Vec<String>,
}

impl Flags {
    /// The flags that were given, as a layer of settings.
    pub(super) fn layer(&self) -> Result<Layer, ConfigError> {
        let mut layer = Layer::default();
        for assignment in &self.set {
            layer.assign(assignment)?;
        }
        let text = |value: String| Value::String(value);
        let path = |value: &PathBuf| Value::String(value.to_string_lossy().into_owned());
        let number = |value: u16| Value::Integer(i64::from(value));
        let given = [
            ("server", "bind", self.bind.map(|v| text(v.to_string()))),
            ("server", "port", self.port.map(number)),
            ("server", "ops_bind", self.ops_bind.map(|v| text(v.to_string()))),
            ("server", "ops_port", self.ops_port.map(number)),
            ("server", "data_dir", self.data_dir.as_ref().map(path)),
            ("server", "maps_dir", self.maps_dir.as_ref().map(path)),
            ("server", "origins", self.origin_list()),
            ("server", "web_dir", self.dev.then(|| text(CHECKOUT_WEB.to_owned()))),
            ("admin", "bind", self.admin_bind.map(|v| text(v.to_string()))),
            ("admin", "port", self.admin_port.map(number)),
            ("cluster", "node", self.node.clone().map(text)),
            ("telemetry", "log", self.log.clone().map(text)),
        ];
        for (section, key, value) in given {
            layer.put_if(section, key, value);
        }
        Ok(layer)
    }

    fn origin_list(&self) -> Option<Value> {
        let list = || self.origins.iter().cloned().map(Value::String).collect();
        (!self.origins.is_empty()).then(|| Value::Array(list()))
    }

    #[cfg(test)]
    pub(super) fn from_args(args: &[&str]) -> Self {
        use clap::Parser;
        #[derive(Parser)]
        struct Wrapper {
            #[command(flatten)]
            flags: Flags,
        }
        Wrapper::parse_from(std::iter::once("test").chain(args.iter().copied())).flags
    }
}
