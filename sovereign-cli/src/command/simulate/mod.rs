//! `sovereign simulate`: many games of bots, and what can be said of them.

mod play;
mod report;
mod summary;

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::available_parallelism;
use std::time::Instant;

use clap::Args;
use sovereign_core::quantity::TICK_MAX;
use sovereign_core::{Map, Rules};

use crate::error::CliError;
use crate::source;
use crate::ui::Ui;
use play::play_all;
use report::SimulateReport;

/// The most games of one run: a result takes 32 bytes.
const GAMES_MAX: u64 = 10_000_000;
/// The most threads.
const THREADS_MAX: u64 = 1024;

/// What to simulate.
#[derive(Args, Clone, Debug)]
#[command(after_help = "\
Example:
  sovereign simulate --map classic --bots expander,random --games 1000 --seed 7

Equal arguments give equal bytes, whatever --threads says. Game number i is played with
the i-th child of --seed; a game that reaches --ticks-max counts as undecided.

The results' hash is SHA-256 over every game in turn: its number (8 bytes), the winner's
seat (2, ffff for nobody), ticks (4), orders (8) and last hash (8), all little-endian.")]
pub(crate) struct SimulateArgs {
    /// The map: a shipped name (classic, world) or a file.
    #[arg(long, default_value = "classic")]
    map: String,
    /// The rules: a shipped name (classic) or a file.
    #[arg(long, default_value = "classic")]
    rules: String,
    /// The bots, one a seat in this order: random, expander, opportunist, diplomat, searcher.
    #[arg(long, value_delimiter = ',', default_value = "expander,expander,random,random")]
    bots: Vec<String>,
    /// Moves every bot on by one seat from game to game, to tell bots from seats.
    #[arg(long)]
    rotate: bool,
    /// How many games.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u64).range(1..=GAMES_MAX))]
    games: u64,
    /// The number that decides all dice.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The tick at which an undecided game is given up; 20 are a second.
    #[arg(long, default_value_t = 200_000,
        value_parser = clap::value_parser!(u32).range(1..=i64::from(TICK_MAX)))]
    ticks_max: u32,
    /// How many games are played at once [default: one a processor].
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..=THREADS_MAX))]
    threads: Option<u64>,
    /// A folder for the replays of all games: game-000000.sovr and so on.
    #[arg(long, value_name = "FOLDER")]
    replay_dir: Option<PathBuf>,
}

/// Everything that the games of a run share.
#[derive(Clone, Debug)]
struct Setup {
    args: SimulateArgs,
    map: Arc<Map>,
    rules: Arc<Rules>,
}

/// Runs `sovereign simulate`.
pub(crate) fn run(args: &SimulateArgs, ui: &Ui) -> Result<(), CliError> {
    let (map, rules) = (source::map(&args.map)?, source::rules(&args.rules)?);
    let setup = Setup { args: args.clone(), map, rules };
    setup.table(0).map_err(CliError::input)?;
    if let Some(folder) = &args.replay_dir {
        fs::create_dir_all(folder).map_err(CliError::file("create", folder))?;
    }
    let began = Instant::now();
    let bar = ui.progress(args.games, "games");
    let results = play_all(&setup, threads(args), || bar.inc(1))?;
    bar.finish_and_clear();
    let seconds = began.elapsed().as_secs_f64();
    let rate = args.games as f64 / seconds.max(f64::MIN_POSITIVE);
    ui.note(&format!("{} games in {seconds:.1} s: {rate:.1} a second", args.games));
    ui.show(&SimulateReport::of(&setup, &results))
}

fn threads(args: &SimulateArgs) -> usize {
    let asked = args.threads.and_then(|threads| usize::try_from(threads).ok());
    asked.unwrap_or_else(|| available_parallelism().map_or(1, usize::from))
}

impl Setup {
    /// Who sits where in a game.
    fn seating(&self, game: u64) -> Vec<&str> {
        let mut names: Vec<_> = self.args.bots.iter().map(String::as_str).collect();
        if self.args.rotate {
            let turns = game % names.len().max(1) as u64;
            names.rotate_right(turns as usize);
        }
        names
    }

    /// The command line without what changes no result, all defaults spelled out.
    fn command_line(&self) -> String {
        let SimulateArgs { map, rules, bots, rotate, games, seed, ticks_max, .. } = &self.args;
        let (map, rules, bots) = (quoted(map), quoted(rules), bots.join(","));
        let rotate = if *rotate { " --rotate" } else { "" };
        format!(
            "sovereign simulate --map {map} --rules {rules} --bots {bots}{rotate} \
             --games {games} --seed {seed} --ticks-max {ticks_max}"
        )
    }
}

/// As a POSIX shell reads it back.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_where_a_shell_would_split_them() {
        assert_eq!(quoted("maps/world.json"), "maps/world.json");
        assert_eq!(quoted("my map"), "'my map'");
        assert_eq!(quoted("it's"), r"'it'\''s'");
        assert_eq!(quoted(""), "''");
    }
}
