//! The command line of the binary: to serve, and what an operator does beside it.

mod audit;
mod backup;
mod config;
mod healthcheck;
mod keys;
mod migrate;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::config::Flags;

/// The server of Sovereign Lines: without any flag, a game on this machine.
#[derive(Debug, Parser)]
#[command(name = "sovereign-server", version, about, args_conflicts_with_subcommands = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    flags: Flags,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Check or show the settings
    #[command(subcommand)]
    Config(config::ConfigCommand),
    /// Say by the exit code whether the server of these settings is well
    Healthcheck(healthcheck::Healthcheck),
    /// Make, try and put back copies of the data folder
    #[command(subcommand)]
    Backup(backup::BackupCommand),
    /// Look after the log of what admins did
    #[command(subcommand)]
    Audit(audit::AuditCommand),
    /// Show or replace the keys that sign tokens
    #[command(subcommand)]
    Keys(keys::KeysCommand),
    /// Bring the schema of a fleet's database up to date, or back
    #[command(subcommand)]
    Migrate(migrate::MigrateCommand),
}

impl Cli {
    /// Does what was asked; the exit code for the process.
    #[must_use]
    pub fn run(&self) -> ExitCode {
        match &self.command {
            None => crate::run(&self.flags),
            Some(Command::Config(command)) => command.run(),
            Some(Command::Healthcheck(command)) => command.run(),
            Some(Command::Backup(command)) => command.run(),
            Some(Command::Audit(command)) => command.run(),
            Some(Command::Keys(command)) => command.run(),
            Some(Command::Migrate(command)) => command.run(),
        }
    }
}
