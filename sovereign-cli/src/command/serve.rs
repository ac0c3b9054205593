//! `sovereign serve`.

use std::process::ExitCode;

use clap::Args;
use sovereign_server::config::Flags;

/// How to serve.
#[derive(Args, Debug)]
#[command(after_help = "\
Example:
  sovereign serve --port 9000 --data-dir ./games

Without any flag: page and API on http://localhost:8080, data in ./data.")]
pub(crate) struct ServeArgs {
    /// The server's own flags.
    #[command(flatten)]
    flags: Flags,
}

/// Runs a server until a signal stops it.
pub(crate) fn run(args: &ServeArgs) -> ExitCode {
    sovereign_server::run(&args.flags)
}
