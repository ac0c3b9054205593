//! The command line of Sovereign.

mod command;
mod draw;
mod import;
mod source;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Sovereign Lines from the command line.
#[derive(Parser)]
#[command(version)]
struct Cli {
    /// Print machine-readable JSON.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Import, check, measure and draw maps.
    #[command(subcommand)]
    Map(command::map::MapCommand),
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    match cli.command {
        Command::Map(command) => command::map::run(&command, cli.json),
    }
}
