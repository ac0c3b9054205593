//! The server's binary.

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    sovereign_server::cli::Cli::parse().run()
}
