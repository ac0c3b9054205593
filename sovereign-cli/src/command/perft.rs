//! `sovereign perft`: counts what can follow a position.

use std::fmt::Write;
use std::path::PathBuf;
use std::time::Instant;

use clap::Args;
use serde::Serialize;
use sovereign_core::id::PlayerId;
use sovereign_core::perft::{POSITIONS, Perft, Position, divide};
use sovereign_core::quantity::{TICK_MAX, Tick};
use sovereign_core::{Command, Game, Order, Phase, Playback, Seed, SystemOrder};

use crate::error::CliError;
use crate::source;
use crate::ui::{Report, Ui, table};

/// The deepest count: more takes longer than anybody waits.
const DEPTH_MAX: i64 = 16;

/// What to count.
#[derive(Args, Debug)]
#[command(after_help = "\
A ply is one order of the player whose turn it is, or none, and then --ticks ticks. Where the
rules have no turns, the players take the plies in the order of their seats, seat 0 first.
Of a range of amounts only the least, the middle (rounded down) and the greatest are tried.

Examples:
  sovereign perft --list
  sovereign perft --position turn --divide
  sovereign perft --replay game-000000.sovr --tick 900 --depth 2 --ticks 20
  sovereign perft --map classic --rules dice --seats 3 --seed 7 --depth 2")]
pub(crate) struct PerftArgs {
    /// List the positions that ship with the engine, with their counts.
    #[arg(long)]
    list: bool,
    /// One of them; its depth and ticks unless others are given.
    #[arg(long, value_name = "NAME", conflicts_with_all = ["replay", "list"])]
    position: Option<String>,
    /// A replay, at --tick; with --map if its map is not shipped.
    #[arg(long, value_name = "FILE", conflicts_with = "list")]
    replay: Option<PathBuf>,
    /// The map: a shipped name or a file [default: classic, or that of the replay].
    #[arg(long, conflicts_with = "position")]
    map: Option<String>,
    /// The rules of a new game: a shipped name or a file.
    #[arg(long, default_value = "classic", conflicts_with_all = ["position", "replay"])]
    rules: String,
    /// The seats of a new game, all taken.
    #[arg(long, default_value_t = 2, conflicts_with_all = ["position", "replay"])]
    seats: u16,
    /// The number that decides the dice of a new game.
    #[arg(long, default_value_t = 1, conflicts_with_all = ["position", "replay"])]
    seed: u64,
    /// The tick of the position: so far goes the replay, or a game in which nobody orders anything.
    #[arg(long, default_value_t = 0, conflicts_with = "position",
        value_parser = clap::value_parser!(u32).range(..=i64::from(TICK_MAX)))]
    tick: u32,
    /// How many plies [default: 2, or those of the position].
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=DEPTH_MAX))]
    depth: Option<u32>,
    /// The ticks of a ply [default: 1, or those of the position].
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=i64::from(TICK_MAX)))]
    ticks: Option<u32>,
    /// Tell apart what follows each first order.
    #[arg(long)]
    divide: bool,
}

/// What was counted.
#[derive(Debug, Serialize)]
struct Count {
    tick: u32,
    hash: String,
    depth: u32,
    ticks: u32,
    leaves: u64,
    leaves_hash: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    parts: Option<Vec<Part>>,
}

/// What follows a first order.
#[derive(Debug, Serialize)]
struct Part {
    /// The order; null for none.
    command: Option<Command>,
    leaves: u64,
}

/// The shipped positions.
#[derive(Debug, Serialize)]
struct Positions {
    positions: Vec<Shipped>,
}

#[derive(Debug, Serialize)]
struct Shipped {
    name: &'static str,
    territories: u32,
    seats: u16,
    rules: &'static str,
    plies: u32,
    depth: u32,
    ticks: u32,
    leaves: u64,
}

/// Runs `sovereign perft`.
pub(crate) fn run(args: &PerftArgs, ui: &Ui) -> Result<(), CliError> {
    if args.list {
        return ui.show(&Positions::shipped());
    }
    let (mut game, position) = args.game()?;
    let depth = args.depth.or_else(|| position.map(|position| position.depth)).unwrap_or(2);
    let ticks = args.ticks.or_else(|| position.map(|position| position.ticks)).unwrap_or(1);
    let (tick, hash) = (game.tick().0, game.hash());
    let began = Instant::now();
    let (sum, parts) = count(&mut game, depth, ticks);
    let seconds = began.elapsed().as_secs_f64().max(f64::MIN_POSITIVE);
    ui.note(&format!("{seconds:.2} s: {:.0} leaves a second", sum.leaves as f64 / seconds));
    ui.show(&Count {
        tick,
        hash: format!("{hash:016x}"),
        depth,
        ticks,
        leaves: sum.leaves,
        leaves_hash: format!("{:016x}", sum.hash),
        parts: args.divide.then_some(parts),
    })
}

fn count(game: &mut Game, depth: u32, ticks: u32) -> (Perft, Vec<Part>) {
    let parts = divide(game, depth, ticks);
    let mut sum = Perft::default();
    for (_, part) in &parts {
        sum.leaves += part.leaves;
        sum.hash = sum.hash.wrapping_add(part.hash);
    }
    let part = |(command, part): (Option<Command>, Perft)| Part { command, leaves: part.leaves };
    (sum, parts.into_iter().map(part).collect())
}

impl PerftArgs {
    /// The game at the position, and the shipped position if it is one.
    fn game(&self) -> Result<(Game, Option<&'static Position>), CliError> {
        if let Some(name) = &self.position {
            let position = Position::named(name).ok_or_else(|| unknown(name))?;
            return Ok((position.game(), Some(position)));
        }
        let game = if self.replay.is_some() { self.replayed()? } else { self.fresh()? };
        if game.state().phase == Phase::Finished {
            return Err(CliError::input(format!("the game is over at tick {}", game.tick())));
        }
        Ok((game, None))
    }

    fn replayed(&self) -> Result<Game, CliError> {
        let file = self.replay.as_deref().expect("it was asked for");
        let replay = source::replay(file)?;
        let map = source::map_of(&replay.header, self.map.as_deref())?;
        let named = |error: &dyn std::error::Error| format!("{}: {error}", file.display());
        let mut playback = Playback::new(&replay, map).map_err(|e| CliError::input(named(&e)))?;
        playback.seek(Tick(self.tick)).map_err(|e| CliError::Check(named(&e)))?;
        let mut game = playback.session().game().clone();
        game.advance_to(Tick(self.tick));
        Ok(game)
    }

    fn fresh(&self) -> Result<Game, CliError> {
        let map = source::map(self.map.as_deref().unwrap_or("classic"))?;
        let rules = source::rules(&self.rules)?;
        let seed = Seed::from(self.seed);
        let mut game = Game::new(map, rules, seed, self.seats).map_err(CliError::input)?;
        for player in (0..self.seats).map(PlayerId) {
            let team = game.rules().seats.team_of(player);
            let join = SystemOrder::Join { player, bot: false, team };
            game.execute(&Order::System(join)).map_err(CliError::input)?;
        }
        game.execute(&Order::System(SystemOrder::Start)).map_err(CliError::input)?;
        game.advance_to(Tick(self.tick));
        Ok(game)
    }
}

fn unknown(name: &str) -> CliError {
    let names = POSITIONS.map(|position| position.name).join(", ");
    CliError::input(format!("there is no position '{name}': there are {names}"))
}

impl Positions {
    fn shipped() -> Self {
        let shipped = |position: &Position| {
            let Position { name, territories, seats, rules, plies, depth, ticks, leaves, .. } =
                *position;
            Shipped { name, territories, seats, rules, plies, depth, ticks, leaves }
        };
        Self { positions: POSITIONS.iter().map(shipped).collect() }
    }
}

impl Report for Positions {
    fn text(&self) -> String {
        let row = |one: &Shipped| {
            let numbers = [one.plies, one.depth, one.ticks].map(|number| number.to_string());
            let board = [one.territories.to_string(), one.seats.to_string(), one.rules.to_owned()];
            let mut row = vec![one.name.to_owned()];
            row.extend(board.into_iter().chain(numbers).chain([one.leaves.to_string()]));
            row
        };
        let header =
            ["position", "territories", "seats", "rules", "plies", "depth", "ticks", "leaves"];
        table(&header, &self.positions.iter().map(row).collect::<Vec<_>>())
    }
}

impl Report for Count {
    fn text(&self) -> String {
        let mut out = String::new();
        let Self { tick, hash, depth, ticks, leaves, leaves_hash, .. } = self;
        for part in self.parts.iter().flatten() {
            let command = part.command.as_ref().map(serde_json::to_string);
            let command = command.map_or_else(|| "nothing".to_owned(), Result::unwrap_or_default);
            let _ = writeln!(out, "{command}: {}", part.leaves);
        }
        let _ = writeln!(out, "from tick {tick} (hash {hash}), {depth} plies of {ticks} ticks");
        let _ = writeln!(out, "{leaves} leaves, the sum of their hashes {leaves_hash}");
        out
    }
}
