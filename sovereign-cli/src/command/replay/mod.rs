//! `sovereign replay`.

mod diff;
mod export;
mod fork;
mod sealed;
mod seek;
mod show;
mod standings;
mod verify;

use std::path::PathBuf;

use clap::Subcommand;
use sovereign_core::id::PlayerId;

use crate::error::CliError;
use crate::ui::Ui;
use fork::ForkArgs;

/// What to do with replays.
#[derive(Debug, Subcommand)]
pub(crate) enum ReplayCommand {
    /// Play replays again and compare every hash. Exit code 1 if one differs: the first
    /// batch that does is named.
    #[command(after_help = "\
Example:
  sovereign simulate --games 10 --replay-dir replays
  sovereign replay verify replays/*.sovr
  sovereign replay verify game.sovr --result result.json --keys jwks.json")]
    Verify {
        /// The replay files.
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// The map: a shipped name or a file [default: the shipped map that the replay names].
        #[arg(long)]
        map: Option<String>,
        /// A server's signed result of the one game: its answer to /v1/replays/ID/result.
        #[arg(long, requires = "keys")]
        result: Option<PathBuf>,
        /// The keys it signs with: its answer to /v1/results/jwks.json.
        #[arg(long, requires = "result")]
        keys: Option<PathBuf>,
    },
    /// Show what a replay holds: players, result, and what happened when.
    #[command(after_help = "\
Example:
  sovereign replay show game-000000.sovr
  sovereign replay show game-000000.sovr --at 3000 --json")]
    Show {
        /// The replay file.
        file: PathBuf,
        /// The map: a shipped name or a file [default: the shipped map that the replay names].
        #[arg(long)]
        map: Option<String>,
        /// Show who stood where at this tick instead of the end.
        #[arg(long, value_name = "TICK")]
        at: Option<u32>,
        /// List every capture, too.
        #[arg(long)]
        captures: bool,
    },
    /// Print the whole board at a tick: every territory and every army.
    #[command(after_help = "\
Example:
  sovereign replay seek game-000000.sovr 3000")]
    Seek {
        /// The replay file.
        file: PathBuf,
        /// The tick.
        tick: u32,
        /// The map: a shipped name or a file [default: the shipped map that the replay names].
        #[arg(long)]
        map: Option<String>,
    },
    /// Name the first difference of two replays, and what it does to the board. Exit code 1
    /// if they differ.
    Diff {
        /// A replay file.
        first: PathBuf,
        /// Another.
        second: PathBuf,
        /// Their map: a shipped name or a file [default: the shipped map that they name].
        #[arg(long)]
        map: Option<String>,
    },
    /// Let a game go on from any tick with other bots or rules, once or many times.
    #[command(after_help = "\
Example:
  sovereign replay fork game-000000.sovr --at 3000 --bots expander,random --games 100
  sovereign replay fork game-000000.sovr --at 3000 --bots random,random --out other.sovr")]
    Fork(ForkArgs),
    /// Write what changed in every tick as lines of JSON, as docs/protocol.md has deltas: the
    /// first line says what was played, each other one is a tick.
    #[command(after_help = "\
Example:
  sovereign replay export game-000000.sovr | jq -c 'select(.territories) | [.tick, (.territories | length)]'")]
    Export {
        /// The replay file.
        file: PathBuf,
        /// The map: a shipped name or a file [default: the shipped map that the replay names].
        #[arg(long)]
        map: Option<String>,
        /// A file to write to [default: standard output].
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
}

/// Runs `sovereign replay`.
pub(crate) fn run(command: &ReplayCommand, ui: &Ui) -> Result<(), CliError> {
    match command {
        ReplayCommand::Verify { files, map, result, keys } => {
            let sealed = result.as_deref().zip(keys.as_deref());
            verify::run(files, map.as_deref(), sealed, ui)
        }
        ReplayCommand::Show { file, map, at, captures } => {
            show::run(file, map.as_deref(), *at, *captures, ui)
        }
        ReplayCommand::Seek { file, tick, map } => seek::run(file, *tick, map.as_deref(), ui),
        ReplayCommand::Diff { first, second, map } => {
            diff::run([first, second], map.as_deref(), ui)
        }
        ReplayCommand::Fork(args) => fork::run(args, ui),
        ReplayCommand::Export { file, map, out } => {
            export::run(file, map.as_deref(), out.as_deref(), ui)
        }
    }
}

/// A seat in words.
fn seat(player: Option<PlayerId>) -> String {
    player.map_or_else(|| "nobody".to_owned(), |player| format!("seat {player}"))
}

/// A tick as a time of play, such as `12:34.5`.
fn clock(tick: u32) -> String {
    let tenths = tick / 2;
    format!("{}:{:02}.{}", tenths / 600, tenths / 10 % 60, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::clock;

    #[test]
    fn a_tick_is_a_twentieth_of_a_second() {
        assert_eq!(clock(0), "0:00.0");
        assert_eq!(clock(30), "0:01.5");
        assert_eq!(clock(20 * 60 * 61 + 10), "61:00.5");
    }
}
