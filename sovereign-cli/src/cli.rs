//! The arguments of `sovereign`.

use clap::{Parser, Subcommand};

use crate::command::load::LoadArgs;
use crate::command::simulate::SimulateArgs;
use crate::command::{bot::BotArgs, conform::ConformArgs, serve::ServeArgs, token::TokenArgs};
use crate::command::{map::MapCommand, replay::ReplayCommand, rules::RulesCommand};
use crate::command::{
    perft::PerftArgs, play::PlayArgs, report::ReportArgs, sweep::SweepArgs,
    tournament::TournamentArgs,
};

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
    /// Let every bot play every other on paired seeds, and rate them.
    Tournament(TournamentArgs),
    /// Try values of rules, and bots that do without some of them.
    Sweep(SweepArgs),
    /// Write a page on how fair, long and lively a mode is, with its numbers as CSV and JSON.
    Report(ReportArgs),
    /// Play against bots in the terminal.
    Play(PlayArgs),
    /// Count what can follow a position: the test of an engine's rules and of undo.
    Perft(PerftArgs),
    /// List, show and check rules.
    #[command(subcommand)]
    Rules(RulesCommand),
    /// Verify, show, compare, export and continue replays.
    #[command(subcommand)]
    Replay(ReplayCommand),
    /// Import, check, measure and draw maps.
    #[command(subcommand)]
    Map(MapCommand),
    /// Check a bot that is a program of its own: its answers, deadlines and manners.
    Conform(ConformArgs),
    /// Run a server.
    Serve(ServeArgs),
    /// Print the token of a new guest of a running server.
    Token(TokenArgs),
    /// Let a bot play on a running server until its game ends.
    Bot(BotArgs),
    /// Load a running server with many bots, and measure what they get.
    Load(Box<LoadArgs>),
}
