//! The arguments of `sovereign`.

use clap::{Parser, Subcommand};

use crate::command::simulate::SimulateArgs;
use crate::command::{bot::BotArgs, serve::ServeArgs, token::TokenArgs};
use crate::command::{map::MapCommand, replay::ReplayCommand, rules::RulesCommand};

/// Sovereign Lines from the command line.
#[derive(Debug, Parser)]
#[command(
    version,
    after_help = "\
Exit codes: 0 done, 1 a check failed, 2 bad input.

Examples:
  sovereign simulate --map world --bots expander,expander,random --games 100
  sovereign rules show classic > my.toml && sovereign rules check my.toml
  sovereign replay verify game-000000.sovr"
)]
pub(crate) struct Cli {
    /// Print machine-readable JSON.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Let bots play many games, and report who wins and how long it takes.
    Simulate(SimulateArgs),
    /// List, show and check rules.
    #[command(subcommand)]
    Rules(RulesCommand),
    /// Verify and show replays.
    #[command(subcommand)]
    Replay(ReplayCommand),
    /// Import, check, measure and draw maps.
    #[command(subcommand)]
    Map(MapCommand),
    /// Run a server.
    Serve(ServeArgs),
    /// Print the token of a new guest of a running server.
    Token(TokenArgs),
    /// Let a bot play on a running server until its game ends.
    Bot(BotArgs),
}
