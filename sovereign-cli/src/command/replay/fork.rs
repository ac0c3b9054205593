//! `sovereign replay fork`: a game goes on from any tick, with other bots or rules.

use std::fmt::Write;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use serde::Serialize;
use sovereign_core::quantity::{TICK_MAX, Tick};
use sovereign_core::{Game, Phase, Playback, Replay, Rules, Seed, Session};

use super::clock;
use super::standings::{SeatStanding, standings, standings_table};
use crate::arena::series::Threads;
use crate::arena::{Arena, Contender, Played};
use crate::error::CliError;
use crate::source;
use crate::stats::{Share, Spread};
use crate::ui::{Report, Ui, table};

/// The most games of a fork.
const GAMES_MAX: u64 = 1_000_000;

/// How a game goes on.
#[derive(Args, Clone, Debug)]
pub(crate) struct ForkArgs {
    /// The replay file.
    file: PathBuf,
    /// The tick to go on from.
    #[arg(long, value_name = "TICK")]
    at: u32,
    /// The bots, one a seat. As of `simulate`.
    #[arg(long, value_delimiter = ',', required = true)]
    bots: Vec<String>,
    /// Other rules from there on: a shipped name or a file.
    #[arg(long)]
    rules: Option<String>,
    /// The map: a shipped name or a file [default: the shipped map that the replay names].
    #[arg(long)]
    map: Option<String>,
    /// How often it goes on: the first time with the dice of the replay, then with others.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=GAMES_MAX))]
    games: u64,
    /// The tick at which an undecided game is given up; 20 are a second.
    #[arg(long, default_value_t = 200_000,
        value_parser = clap::value_parser!(u32).range(1..=i64::from(TICK_MAX)))]
    ticks_max: u32,
    /// How long a program may think about an answer, in milliseconds.
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u64).range(1..=3_600_000))]
    deadline_ms: u64,
    /// A file for the replay of the first time, from the game's start; not with other rules.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    threads: Threads,
}

/// How it went on.
#[derive(Serialize)]
struct ForkReport {
    at: u32,
    /// Who stood where then.
    standings: Vec<SeatStanding>,
    games: u64,
    seats: Vec<SeatReport>,
    undecided: u64,
    /// When the games ended.
    ticks: Option<Spread<u64>>,
}

#[derive(Serialize)]
struct SeatReport {
    seat: usize,
    bot: String,
    wins: Share,
}

/// Where a game forks, and who plays on.
struct Fork {
    args: ForkArgs,
    arena: Arena,
    contenders: Vec<Contender>,
    replay: Replay,
    snapshot: Vec<u8>,
}

pub(super) fn run(args: &ForkArgs, ui: &Ui) -> Result<(), CliError> {
    let (fork, here) = Fork::new(args)?;
    let bar = ui.progress(args.games, "games");
    let games: Vec<u64> = (0..args.games).collect();
    let played = args.threads.play_all(&games, |game| {
        let played = fork.play(*game, None);
        bar.inc(1);
        played
    })?;
    bar.finish_and_clear();
    if let Some(path) = &args.out {
        let mut replay = fork.history();
        fork.play(0, Some(&mut replay))?;
        fs::write(path, replay.to_bytes()).map_err(CliError::file("write", path))?;
    }
    ui.show(&fork.report(&here, &played))
}

impl Fork {
    /// The fork, and the game there.
    fn new(args: &ForkArgs) -> Result<(Self, Game), CliError> {
        if args.out.is_some() && args.rules.is_some() {
            return Err(CliError::input("--out: no replay can hold a game that changes its rules"));
        }
        let replay = source::replay(&args.file)?;
        let here = session_at(args, &replay)?;
        let game = here.game();
        if game.state().phase == Phase::Finished {
            return Err(CliError::input(format!("--at: the game is over at tick {}", game.tick())));
        }
        let contenders = Contender::parse_all(&args.bots)?.into_iter();
        let deadline = Duration::from_millis(args.deadline_ms);
        let contenders: Vec<_> = contenders.map(|bot| bot.within(deadline)).collect();
        let (seats, bots) = (usize::from(game.seats()), contenders.len());
        if bots != seats {
            return Err(CliError::input(format!("--bots: the game has {seats} seats, not {bots}")));
        }
        let rules: Arc<Rules> = match &args.rules {
            Some(name) => source::rules(name)?,
            None => game.rules().clone(),
        };
        let arena = Arena::new(game.map().clone(), rules, seats, Tick(args.ticks_max));
        arena.check(&contenders)?;
        let (snapshot, game) = (game.snapshot(), game.clone());
        Ok((Self { args: args.clone(), arena, contenders, replay, snapshot }, game))
    }

    fn play(&self, number: u64, replay: Option<&mut Replay>) -> Result<Played, CliError> {
        let header = &self.replay.header;
        let seed = if number == 0 { header.seed } else { header.seed.child(number) };
        let game = self.game(seed)?;
        let lineup: Vec<_> = self.contenders.iter().collect();
        self.arena.resume(Session::new(game), seed, &lineup, replay)
    }

    fn game(&self, seed: Seed) -> Result<Game, CliError> {
        let (map, rules) = (self.arena.map.clone(), self.arena.rules.clone());
        let restored = Game::restore(map, rules, seed, self.replay.header.seats, &self.snapshot);
        let why = "--rules: the position is not possible under these rules";
        restored.map_err(|error| CliError::input(format!("{why}: {error}")))
    }

    /// What was played up to the fork.
    fn history(&self) -> Replay {
        let mut replay = self.replay.clone();
        replay.batches.retain(|batch| batch.tick.0 <= self.args.at);
        replay
    }

    fn report(&self, here: &Game, played: &[Played]) -> ForkReport {
        let games = played.len() as u64;
        let won = |seat| {
            let mine = |p: &&Played| p.winner.is_some_and(|winner| winner.index() == seat);
            played.iter().filter(mine).count() as u64
        };
        let seat = |(seat, bot): (usize, &Contender)| {
            let wins = Share::of(won(seat), games);
            SeatReport { seat, bot: bot.to_string(), wins }
        };
        ForkReport {
            at: here.tick().0,
            standings: standings(here),
            games,
            seats: self.contenders.iter().enumerate().map(seat).collect(),
            undecided: played.iter().filter(|p| p.winner.is_none()).count() as u64,
            ticks: Spread::of(played.iter().map(|p| u64::from(p.ticks))),
        }
    }
}

fn session_at(args: &ForkArgs, replay: &Replay) -> Result<Session, CliError> {
    let map = source::map_of(&replay.header, args.map.as_deref())?;
    let named = |error: &dyn std::error::Error| format!("{}: {error}", args.file.display());
    let mut playback = Playback::new(replay, map).map_err(|e| CliError::input(named(&e)))?;
    playback.seek(Tick(args.at)).map_err(|e| CliError::Check(named(&e)))?;
    let mut session = playback.session().clone();
    session.glide_to(Tick(args.at).after(1));
    Ok(session)
}

impl Report for ForkReport {
    fn text(&self) -> String {
        let mut out = format!("from tick {} ({}):\n\n", self.at, clock(self.at));
        let _ = writeln!(out, "{}", standings_table(&self.standings));
        let row = |s: &SeatReport| vec![s.seat.to_string(), s.bot.clone(), s.wins.percent()];
        let rows: Vec<_> = self.seats.iter().map(row).collect();
        let _ = writeln!(out, "{}", table(&["seat", "bot", "wins (95 %)"], &rows));
        let end = self.ticks.map_or_else(String::new, |ticks| {
            format!(
                ", ended at tick {} to {}, half of them by {}",
                ticks.min, ticks.max, ticks.median
            )
        });
        let _ = writeln!(out, "{} games{end}, {} undecided", self.games, self.undecided);
        out
    }
}
