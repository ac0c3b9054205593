//! `sovereign simulate`: many games of bots, and what can be said of them.

mod play;
mod report;
mod summary;

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::Args;
use sovereign_core::quantity::{TICK_MAX, Tick};

use crate::arena::series::Threads;
use crate::arena::{Arena, Contender};
use crate::error::CliError;
use crate::source::{self, quoted};
use crate::ui::Ui;
use play::play_all;
use report::SimulateReport;

/// The most games of one run: a result takes 32 bytes.
const GAMES_MAX: u64 = 10_000_000;

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
    /// The rules: a shipped name (classic, dice) or a file.
    #[arg(long, default_value = "classic")]
    rules: String,
    /// The bots, one a seat in this order: random, expander, opportunist, diplomat, searcher,
    /// or programs as "cmd:python3 my_bot.py"; `:no-structures`, `:no-alliances` and
    /// `:no-players` after a name take something away.
    #[arg(long, value_delimiter = ',', default_value = "expander,expander,random,random")]
    bots: Vec<String>,
    /// How long a program may think about an answer, in milliseconds.
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u64).range(1..=3_600_000))]
    deadline_ms: u64,
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
    #[command(flatten)]
    threads: Threads,
    /// A folder for the replays of all games: game-000000.sovr and so on.
    #[arg(long, value_name = "FOLDER")]
    replay_dir: Option<PathBuf>,
}

/// Everything that the games of a run share.
#[derive(Clone, Debug)]
struct Setup {
    args: SimulateArgs,
    arena: Arena,
    contenders: Vec<Contender>,
}

/// Runs `sovereign simulate`.
pub(crate) fn run(args: &SimulateArgs, ui: &Ui) -> Result<(), CliError> {
    let setup = Setup::new(args)?;
    if let Some(folder) = &args.replay_dir {
        fs::create_dir_all(folder).map_err(CliError::file("create", folder))?;
    }
    let began = Instant::now();
    let bar = ui.progress(args.games, "games");
    let results = play_all(&setup, || bar.inc(1))?;
    bar.finish_and_clear();
    let seconds = began.elapsed().as_secs_f64();
    let rate = args.games as f64 / seconds.max(f64::MIN_POSITIVE);
    ui.note(&format!("{} games in {seconds:.1} s: {rate:.1} a second", args.games));
    ui.show(&SimulateReport::of(&setup, &results))
}

impl Setup {
    fn new(args: &SimulateArgs) -> Result<Self, CliError> {
        let (map, rules) = (source::map(&args.map)?, source::rules(&args.rules)?);
        let deadline = Duration::from_millis(args.deadline_ms);
        let contenders = Contender::parse_all(&args.bots)?.into_iter();
        let contenders: Vec<_> = contenders.map(|bot| bot.within(deadline)).collect();
        let arena = Arena::new(map, rules, contenders.len(), Tick(args.ticks_max));
        arena.check(&contenders)?;
        Ok(Self { args: args.clone(), arena, contenders })
    }

    /// Who sits where in a game.
    fn seating(&self, game: u64) -> Vec<&Contender> {
        let mut lineup: Vec<_> = self.contenders.iter().collect();
        if self.args.rotate {
            let turns = game % lineup.len().max(1) as u64;
            lineup.rotate_right(turns as usize);
        }
        lineup
    }

    /// The command line without what changes no result, all defaults spelled out.
    fn command_line(&self) -> String {
        let SimulateArgs { map, rules, bots, rotate, games, seed, ticks_max, .. } = &self.args;
        let (map, rules, bots) = (quoted(map), quoted(rules), quoted(&bots.join(",")));
        let rotate = if *rotate { " --rotate" } else { "" };
        format!(
            "sovereign simulate --map {map} --rules {rules} --bots {bots}{rotate} \
             --games {games} --seed {seed} --ticks-max {ticks_max}"
        )
    }
}
