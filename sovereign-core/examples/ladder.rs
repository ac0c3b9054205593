//! Measures how much stronger one bot is than another: games of four with two seats each,
//! all six seatings on each seed.
//!
//! `cargo run --release -p sovereign-core --example ladder -- opportunist expander classic 20`
//! plays 120 games. The map is a shipped one, or `random-N` for a generated one of N
//! territories.

use std::error::Error;
use std::sync::Arc;

use sovereign_core::bot::Table;
use sovereign_core::quantity::Tick;
use sovereign_core::{Map, Rules, Seed, map};

/// The seats of the first bot, in each of the six ways to seat two and two.
const SEATINGS: [[usize; 2]; 6] = [[0, 1], [0, 2], [0, 3], [1, 2], [1, 3], [2, 3]];
/// A game that is not won by then counts for neither.
const UNTIL: Tick = Tick(200_000);

/// What came of the games so far.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    won: u32,
    lost: u32,
    open: u32,
    ticks: u64,
}

impl Tally {
    fn and(self, other: Self) -> Self {
        Self {
            won: self.won + other.won,
            lost: self.lost + other.lost,
            open: self.open + other.open,
            ticks: self.ticks + other.ticks,
        }
    }

    /// The 95 % interval of Wilson for the share of decided games that were won.
    fn interval(&self) -> (f64, f64) {
        let (n, z) = (f64::from((self.won + self.lost).max(1)), 1.96);
        let share = f64::from(self.won) / n;
        let middle = (share + z * z / (2.0 * n)) / (1.0 + z * z / n);
        let spread = share * (1.0 - share) / n + z * z / (4.0 * n * n);
        let half = z * spread.sqrt() / (1.0 + z * z / n);
        (middle - half, middle + half)
    }
}

fn map_named(name: &str) -> Option<Map> {
    let generated = name.strip_prefix("random-").and_then(|count| count.parse().ok());
    generated.map(|count| map::generate::random(5, count)).or_else(|| Map::shipped(name))
}

fn play(map: &Arc<Map>, rules: &Arc<Rules>, bots: [&str; 2], number: u64) -> Tally {
    let seats = SEATINGS[(number % 6) as usize];
    let names = [0, 1, 2, 3].map(|seat| bots[usize::from(!seats.contains(&seat))]);
    let seed = Seed::from(number / 6 + 1);
    let mut table = Table::named(map.clone(), rules.clone(), seed, &names).expect("four fit");
    table.play(UNTIL, |_| {});
    let game = table.session().game();
    let mine = game.state().winner.map(|winner| seats.contains(&winner.index()));
    Tally {
        won: u32::from(mine == Some(true)),
        lost: u32::from(mine == Some(false)),
        open: u32::from(mine.is_none()),
        ticks: u64::from(game.tick().0),
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<_> = std::env::args().skip(1).collect();
    let [first, second, map, seeds] = args.as_slice() else {
        return Err("say which: ladder BOT BOT MAP SEEDS".into());
    };
    let map = Arc::new(map_named(map).ok_or("no such map")?);
    let rules = Arc::new(Rules::preset("classic").ok_or("no such rules")?);
    let games = seeds.parse::<u64>()? * 6;
    let bots = [first.as_str(), second.as_str()];
    let threads = std::thread::available_parallelism()?.get() as u64;
    let tally = std::thread::scope(|scope| {
        let share = |thread: u64| {
            let (map, rules) = (&map, &rules);
            let numbers = (thread..games).step_by(threads as usize);
            scope.spawn(move || {
                numbers.map(|n| play(map, rules, bots, n)).fold(Tally::default(), Tally::and)
            })
        };
        let running: Vec<_> = (0..threads).map(share).collect();
        let done = running.into_iter().map(|thread| thread.join().expect("no game panics"));
        done.fold(Tally::default(), Tally::and)
    });
    let (low, high) = tally.interval();
    println!(
        "{first} {} : {} {second}, {} open; {:.1} % to {:.1} %; {} ticks a game",
        tally.won,
        tally.lost,
        tally.open,
        low * 100.0,
        high * 100.0,
        tally.ticks / games.max(1),
    );
    Ok(())
}
