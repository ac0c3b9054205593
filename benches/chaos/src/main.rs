//! Breaks a fleet of real processes on this machine while players play on it, and holds everything that
//! they sent and were told against the replays of their games. `scripts/chaos` starts it.

mod checker;
#[path = "../../../sovereign-server/src/sim/dice.rs"]
mod dice;
#[path = "../../../sovereign-server/src/sim/digest.rs"]
mod digest;
mod error;
mod front;
mod history;
mod player;
#[path = "../../../sovereign-server/src/postgres/testing.rs"]
#[allow(dead_code, reason = "the server's tests use the rest of it")]
mod postgres;
mod proxy;
mod report;
mod schedule;
mod stage;
mod storm;
mod table;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::Parser;
use tokio::task::{JoinError, JoinSet, spawn_blocking};

use crate::dice::Dice;
use crate::error::{ChaosError, Outcome};
use crate::front::Front;
use crate::report::Report;
use crate::schedule::{Schedule, rolling};
use crate::stage::{Plan, Stage};
use crate::storm::{Bounds, Past, Storm, rage};
use crate::table::{Done, Table};

/// Breaks a fleet of real processes on this machine, and checks that nothing acknowledged is lost.
///
/// One seed makes the same faults at the same times of their rounds. How the processes run in between is not
/// repeated, so a seed that found something may have to be run more than once.
#[derive(Debug, Parser)]
struct Arguments {
    /// The server's program.
    #[arg(long)]
    server: PathBuf,
    /// Breaks nothing, but replaces the nodes by this program, one after the other.
    #[arg(long)]
    next: Option<PathBuf>,
    /// Makes the schedule of faults.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// For how long things are broken.
    #[arg(long, default_value_t = 5.0)]
    minutes: f64,
    /// After how many faults it ends, if that is sooner.
    #[arg(long, default_value_t = u64::MAX, hide_default_value = true)]
    injections: u64,
    /// Calm between the recovery of all games and the next round of faults, in milliseconds.
    #[arg(long, default_value_t = 200)]
    pace: u64,
    /// Games at once.
    #[arg(long, default_value_t = 6)]
    games: usize,
    /// Players of each game; one more is the server's bot.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u16).range(1..=7))]
    players: u16,
    #[arg(long, default_value_t = 3, value_parser = 2..=9)]
    nodes: i64,
    /// A game has to take orders so soon after all is mended, in milliseconds.
    #[arg(long, default_value_t = 2_000)]
    recovery: u64,
    /// Where logs, histories and the report go; what is there when nothing was found is removed, but for the
    /// report, unless --keep is given.
    #[arg(long)]
    out: Option<PathBuf>,
    #[arg(long)]
    keep: bool,
    /// The network namespace that this runs in: each node has one whose name ends in its number.
    #[arg(long, hide = true)]
    namespaces: Option<String>,
    /// Says nothing of rounds.
    #[arg(long)]
    quiet: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return said(&error),
    };
    match runtime.block_on(run(&arguments)) {
        Ok(report) => {
            print!("{report}");
            ExitCode::from(u8::from(report.failed()))
        }
        Err(error) => said(&error),
    }
}

fn said(error: &dyn std::error::Error) -> ExitCode {
    eprintln!("chaos: {error}");
    ExitCode::from(2)
}

async fn run(arguments: &Arguments) -> Outcome<Report> {
    let folder = arguments.out.clone().unwrap_or_else(|| {
        std::env::temp_dir().join(format!("sovereign-chaos-{}", std::process::id()))
    });
    let plan = Plan {
        binary: arguments.server.clone(),
        next: arguments.next.clone(),
        folder: folder.clone(),
        nodes: arguments.nodes as usize,
        namespaces: arguments.namespaces.clone(),
    };
    let stage = Stage::build(&plan).await?;
    let dice = Dice::new(arguments.seed);
    let front = Arc::new(Front::new(stage.doors(), dice.of("doors")));
    tokio::select! {
        report = play(arguments, &stage, &front, dice) => {
            let (report, games) = report?;
            if report.failed() || arguments.keep {
                stage.keeper.keep()?;
                keep(&folder, &report, &games)?;
                println!("kept in        {}", folder.display());
            }
            Ok(report)
        }
        _ = tokio::signal::ctrl_c() => Err(ChaosError::Late("the end: interrupted".to_owned())),
    }
}

async fn play(
    arguments: &Arguments,
    stage: &Stage,
    front: &Arc<Front>,
    dice: Dice,
) -> Outcome<(Report, Vec<Done>)> {
    let table = Table::new(Arc::clone(front), arguments.players);
    let mut tables = JoinSet::new();
    for number in 0..arguments.games {
        tables.spawn(keep_playing(table.clone(), number, arguments.games, dice.of("games")));
    }
    let shape = stage.shape;
    let gentle = arguments.next.is_some();
    let broken = Schedule { dice: dice.of("faults"), shape, next: 0 }.take_while(|_| !gentle);
    let schedule = rolling(shape).take_while(|_| gentle).chain(broken);
    let bounds = Bounds {
        lasts: Duration::from_secs_f64(arguments.minutes * 60.0),
        injections: arguments.injections,
        pace: Duration::from_millis(arguments.pace),
    };
    let storm = rage(stage, front, schedule, bounds, |past| show(arguments.quiet, past)).await?;
    let storm = Storm { gentle, ..storm };
    front.end();
    let mut games = Vec::new();
    while let Some(played) = tables.join_next().await {
        games.extend(joined(played));
    }
    let limit = Duration::from_millis(arguments.recovery);
    Ok((Report::new(arguments.seed, &storm, &games, front.now(), limit), games))
}

/// What a task came to; its panic is ours.
fn joined<T>(done: Result<T, JoinError>) -> T {
    done.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()))
}

/// Runs what takes long on a thread that may wait.
async fn blocking<T: Send + 'static>(act: impl FnOnce() -> T + Send + 'static) -> T {
    joined(spawn_blocking(act).await)
}

/// One game after the other: the numbers of one table are those that are alike modulo the number of tables.
async fn keep_playing(table: Table, first: usize, tables: usize, dice: Dice) -> Vec<Done> {
    let mut games = Vec::new();
    for number in (first..).step_by(tables.max(1)) {
        if table.front.is_ending() {
            break;
        }
        games.extend(table.play(number, dice.nth(number as u64)).await);
    }
    games
}

fn show(quiet: bool, past: &Past) {
    if !quiet {
        let Past { kinds, began, healed, recovered } = past;
        let (lasted, back) = (*healed - *began, *recovered - *healed);
        let at = began.as_secs_f64();
        println!("{at:>7.1} s  {} ms, then {} ms  {kinds:?}", lasted.as_millis(), back.as_millis());
    }
}

/// Writes down what was found: the report, and histories and replays of games in which something is wrong.
fn keep(folder: &Path, report: &Report, games: &[Done]) -> Outcome<()> {
    let write = |name: String, bytes: Vec<u8>| {
        std::fs::write(folder.join(&name), bytes).map_err(ChaosError::doing(name))
    };
    write("report.json".to_owned(), serde_json::to_vec_pretty(report).unwrap_or_default())?;
    let wrong = |id: &str| report.findings.iter().any(|finding| finding.game == id);
    for game in games.iter().filter(|game| wrong(&game.history.game)) {
        let id = &game.history.game;
        write(format!("{id}.json"), serde_json::to_vec(&game.history).unwrap_or_default())?;
        if let Some(replay) = &game.replay {
            write(format!("{id}.replay"), replay.clone())?;
        }
    }
    Ok(())
}
