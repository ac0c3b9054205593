//! The server's binary.

use std::process::ExitCode;

use clap::Parser;
use sovereign_server::config::Flags;

/// The server of Sovereign Lines: without any flag, a game on this machine.
#[derive(Parser)]
#[command(version, about)]
struct Cli {
    #[command(flatten)]
    flags: Flags,
}

fn main() -> ExitCode {
    sovereign_server::run(&Cli::parse().flags)
}
