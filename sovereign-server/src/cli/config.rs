//! `sovereign-server config`: the settings without a server.

use std::process::ExitCode;

use clap::Subcommand;

use crate::config::{Config, Flags, limits_table, metrics_table, settings_table};
use crate::telemetry::traces::Traces;
use crate::{BAD_SETTINGS, fail};

/// What to do with the settings.
#[derive(Debug, Subcommand)]
pub(super) enum ConfigCommand {
    /// Say whether a server would start with these settings
    Check {
        /// The settings.
        #[command(flatten)]
        flags: Flags,
    },
    /// Show all settings in force, as TOML
    Print {
        /// Hide secrets; they are never shown, so that this says what happens anyway
        #[arg(long)]
        redacted: bool,
        /// The settings.
        #[command(flatten)]
        flags: Flags,
    },
    /// Show the tables of all settings, limits and metrics, as Markdown
    Schema,
}

impl ConfigCommand {
    pub(super) fn run(&self) -> ExitCode {
        match self {
            Self::Check { flags } => with(flags, |_| println!("the settings are right")),
            Self::Print { flags, .. } => with(flags, |config| print!("{}", config.redacted())),
            Self::Schema => {
                println!("{}\n{}\n{}", settings_table(), limits_table(), metrics_table());
                ExitCode::SUCCESS
            }
        }
    }
}

/// Whether traces could be sent; nothing is.
fn traces(config: &Config) -> Result<(), Box<dyn std::error::Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    runtime.block_on(async {
        Traces::open(&config.telemetry)?.close().await;
        Ok(())
    })
}

fn with(flags: &Flags, show: impl FnOnce(&Config)) -> ExitCode {
    let config = match Config::load(flags, std::env::vars()) {
        Ok(config) => config,
        Err(error) => return fail(&error, BAD_SETTINGS),
    };
    if let Err(error) = crate::telemetry::logs::check(&config.telemetry.log) {
        return fail(&error, BAD_SETTINGS);
    }
    if let Err(error) = crate::gateway::tls::Tls::open(&config.tls) {
        return fail(&error, BAD_SETTINGS);
    }
    if let Err(error) = traces(&config) {
        return fail(&*error, BAD_SETTINGS);
    }
    show(&config);
    ExitCode::SUCCESS
}
