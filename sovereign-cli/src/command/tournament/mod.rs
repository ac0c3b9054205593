//! `sovereign tournament`: every bot against every other, on paired seeds.

mod pairing;
mod report;

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use sovereign_core::Seed;
use sovereign_core::quantity::{TICK_MAX, Tick};

use crate::arena::series::Threads;
use crate::arena::{Arena, Contender};
use crate::error::CliError;
use crate::source;
use crate::stats::rating::Ratings;
use crate::ui::Ui;
use pairing::{Block, Pairing, pairings, seatings};
use report::TournamentReport;

/// The most blocks of a pairing.
const BLOCKS_MAX: u64 = 1_000_000;
/// The most seats of a table: there are 924 ways to seat two bots at twelve seats.
const SEATS_MAX: u64 = 12;
/// How many blocks of a pairing are played between two looks at the verdicts.
const BLOCKS_PER_ROUND: u64 = 8;

/// Who plays, and how long.
#[derive(Args, Clone, Debug)]
#[command(after_help = "\
Examples:
  sovereign tournament --bots random,expander --blocks 50
  sovereign tournament --bots 'expander,expander:no-structures,cmd:python3 my_bot.py' --sprt 20

Two bots share a table, each with half of the seats. A block is one seed with every way
of seating them, so that neither seats nor luck favour anybody. Equal arguments give
equal bytes, whatever --threads says. With --sprt a pairing ends as soon as one of the two
is known to be better, with an error of 5 %, if they are that many Elo points apart.
Ratings are Weng-Lin's, 25 to begin with; a difference of 4.17 is about 2.7 wins to one.")]
pub(crate) struct TournamentArgs {
    /// The map: a shipped name or a file.
    #[arg(long, default_value = "classic")]
    map: String,
    /// The rules: a shipped name or a file.
    #[arg(long, default_value = "classic")]
    rules: String,
    /// The bots, each named once. As of `simulate`.
    #[arg(long, value_delimiter = ',', required = true)]
    bots: Vec<String>,
    /// The seats of a table, an even number.
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u64).range(2..=SEATS_MAX))]
    seats: u64,
    /// How many blocks each pairing plays at most.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=BLOCKS_MAX))]
    blocks: u64,
    /// Ends a pairing early, once it is known who is better by this many Elo points.
    #[arg(long, value_name = "ELO", value_parser = elo)]
    sprt: Option<f64>,
    /// The number that decides all dice.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The tick at which an undecided game is given up; 20 are a second.
    #[arg(long, default_value_t = 200_000,
        value_parser = clap::value_parser!(u32).range(1..=i64::from(TICK_MAX)))]
    ticks_max: u32,
    /// How long a program may think about an answer, in milliseconds.
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u64).range(1..=3_600_000))]
    deadline_ms: u64,
    /// Writes the pairings to a file, as comma-separated values.
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
    #[command(flatten)]
    threads: Threads,
}

fn elo(text: &str) -> Result<f64, String> {
    let elo: f64 = text.parse().map_err(|_| "this is no number".to_owned())?;
    if (1.0..=1_000.0).contains(&elo) { Ok(elo) } else { Err("1 to 1000 are allowed".to_owned()) }
}

/// What all games of a tournament share.
struct Hall {
    args: TournamentArgs,
    arena: Arena,
    contenders: Vec<Contender>,
    /// For each way of seating two bots, which seats are the second one's.
    seatings: Vec<Vec<bool>>,
}

/// Runs `sovereign tournament`.
pub(crate) fn run(args: &TournamentArgs, ui: &Ui) -> Result<(), CliError> {
    let hall = Hall::open(args)?;
    let mut pairings = pairings(hall.contenders.len(), args.sprt);
    let bar = ui.progress(pairings.len() as u64 * args.blocks, "blocks");
    while hall.play_round(&mut pairings)? {
        bar.set_position(pairings.iter().map(|pairing| pairing.blocks.len() as u64).sum());
    }
    bar.finish_and_clear();
    let report = TournamentReport::of(&hall, &pairings, &ratings(&hall, &pairings));
    if let Some(path) = &args.csv {
        fs::write(path, report.csv()).map_err(CliError::file("write", path))?;
    }
    ui.show(&report)
}

impl Hall {
    fn open(args: &TournamentArgs) -> Result<Self, CliError> {
        let (map, rules) = (source::map(&args.map)?, source::rules(&args.rules)?);
        let deadline = Duration::from_millis(args.deadline_ms);
        let contenders = Contender::parse_all(&args.bots)?.into_iter();
        let contenders: Vec<_> = contenders.map(|bot| bot.within(deadline)).collect();
        let twice = (1..contenders.len()).find(|at| contenders[..*at].contains(&contenders[*at]));
        if let Some(at) = twice {
            return Err(CliError::input(format!(
                "--bots: '{}' stands there twice",
                contenders[at]
            )));
        }
        if contenders.len() < 2 || !args.seats.is_multiple_of(2) {
            return Err(CliError::input("a tournament takes two bots and an even number of seats"));
        }
        let seats = args.seats as usize;
        let arena = Arena::new(map, rules, seats, Tick(args.ticks_max));
        arena.check(&contenders)?;
        Ok(Self { args: args.clone(), arena, contenders, seatings: seatings(seats) })
    }

    /// Plays some blocks of every pairing that is still open. Says whether there were any.
    fn play_round(&self, pairings: &mut [Pairing]) -> Result<bool, CliError> {
        let open = |pairing: &Pairing| {
            let next = pairing.blocks.len() as u64;
            let end = (next + BLOCKS_PER_ROUND).min(self.args.blocks);
            if pairing.is_decided() { 0..0 } else { next..end }
        };
        let of = |(at, pairing): (usize, &Pairing)| open(pairing).map(move |block| (at, block));
        let tasks: Vec<_> = pairings.iter().enumerate().flat_map(of).collect();
        let play = |(at, block): &(usize, u64)| self.play_block(&pairings[*at], *block);
        let blocks = self.args.threads.play_all(&tasks, play)?;
        for ((at, _), block) in tasks.iter().zip(blocks) {
            pairings[*at].add(block);
        }
        Ok(!tasks.is_empty())
    }

    /// One seed with every way of seating two bots.
    fn play_block(&self, pairing: &Pairing, block: u64) -> Result<Block, CliError> {
        let seed = Seed::from(self.args.seed).child(block);
        let [first, second] = [pairing.first, pairing.second].map(|at| &self.contenders[at]);
        let mut games = Block::default();
        for seating in &self.seatings {
            let who = |is_second: &bool| if *is_second { second } else { first };
            let lineup: Vec<_> = seating.iter().map(who).collect();
            let played = self.arena.play(seed, &lineup)?;
            let winner = played.winner.map(|winner| seating[winner.index()]);
            games.add(winner, played.ticks, played.forfeits.len());
        }
        Ok(games)
    }
}

/// The ratings after all games, block by block, so that nobody's come first.
fn ratings(hall: &Hall, pairings: &[Pairing]) -> Ratings {
    let mut ratings = Ratings::new(hall.contenders.len());
    for block in 0..hall.args.blocks as usize {
        for pairing in pairings {
            for points in pairing.blocks.get(block).into_iter().flat_map(|block| &block.points) {
                ratings.play(pairing.first, pairing.second, *points);
            }
        }
    }
    ratings
}
