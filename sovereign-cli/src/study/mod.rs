//! Studies: rules and restrictions varied one against the other, many games of each, and
//! what they tell. Sweeps print them, reports draw them.

pub(crate) mod csv;
pub(crate) mod findings;
pub(crate) mod line;
pub(crate) mod plan;
mod store;

use std::path::PathBuf;
use std::sync::Mutex;
use std::time::Duration;

use clap::Args;
use indicatif::ProgressBar;
use sovereign_core::quantity::TICK_MAX;

use crate::arena::series::Threads;
use crate::error::CliError;
use crate::source::quoted;
use line::GameLine;
use plan::{Cell, Plan};
use store::Store;

/// The most games of a cell.
const GAMES_MAX: u64 = 1_000_000;

/// What is studied.
#[derive(Args, Clone, Debug)]
pub(crate) struct StudyArgs {
    /// The map: a shipped name or a file.
    #[arg(long, default_value = "classic")]
    pub(crate) map: String,
    /// The rules: a shipped name or a file.
    #[arg(long, default_value = "classic")]
    pub(crate) rules: String,
    /// The bots, one a seat; they move on by one seat from game to game. As of `simulate`.
    #[arg(long, value_delimiter = ',', default_value = "expander,expander,expander,expander")]
    pub(crate) bots: Vec<String>,
    /// Values of a rule to try: `growth.decay=100000,200000`. Several are combined.
    #[arg(long = "set", value_name = "RULE=VALUES")]
    pub(crate) sets: Vec<String>,
    /// Lets every other bot do without alliances, structures or attacks on players: what a
    /// rule is worth shows in how often they win.
    #[arg(long, value_delimiter = ',', value_name = "WHAT")]
    pub(crate) restrict: Vec<String>,
    /// How many games of each combination.
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u64).range(1..=GAMES_MAX))]
    pub(crate) games: u64,
    /// The number that decides all dice. Every combination plays the same seeds.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// The tick at which an undecided game is given up; 20 are a second.
    #[arg(long, default_value_t = 200_000,
        value_parser = clap::value_parser!(u32).range(1..=i64::from(TICK_MAX)))]
    pub(crate) ticks_max: u32,
    /// How long a program may think about an answer, in milliseconds.
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u64).range(1..=3_600_000))]
    pub(crate) deadline_ms: u64,
    /// A file that every finished game is appended to. What is there already is not played
    /// again: a run that was broken off goes on.
    #[arg(long, value_name = "FILE")]
    pub(crate) results: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) threads: Threads,
}

/// A study with all its games.
#[derive(Debug)]
pub(crate) struct Study {
    /// What was planned.
    pub(crate) plan: Plan,
    /// The games of each cell, in the order of their numbers.
    pub(crate) games: Vec<Vec<GameLine>>,
}

impl StudyArgs {
    /// How long a program may think.
    pub(crate) const fn deadline(&self) -> Duration {
        Duration::from_millis(self.deadline_ms)
    }

    /// The command line without what changes no result, all defaults spelled out.
    pub(crate) fn command_line(&self, command: &str) -> String {
        let bots = quoted(&self.bots.join(","));
        let Self { games, seed, ticks_max, .. } = self;
        let (map, rules) = (quoted(&self.map), quoted(&self.rules));
        let mut line = format!("sovereign {command} --map {map} --rules {rules} --bots {bots}");
        self.sets.iter().for_each(|set| line.push_str(&format!(" --set {}", quoted(set))));
        if !self.restrict.is_empty() {
            line.push_str(&format!(" --restrict {}", self.restrict.join(",")));
        }
        line + &format!(" --games {games} --seed {seed} --ticks-max {ticks_max}")
    }

    /// Plays what has not been played; the rules `as they are` first, if that is asked for.
    /// `progress` is asked for once the number of games is known.
    pub(crate) fn study(
        &self,
        as_they_are: bool,
        progress: impl Fn(u64) -> ProgressBar,
    ) -> Result<Study, CliError> {
        let plan = Plan::new(self, as_they_are)?;
        let store = Store::open(self.results.as_deref())?;
        let missing = store.missing(&plan);
        let bar = progress(missing.len() as u64);
        let store = Mutex::new(store);
        self.threads.play_all(&missing, |(cell, game)| {
            let cell = &plan.cells[*cell];
            let line = cell.play(*game, self.seed)?;
            bar.inc(1);
            store.lock().unwrap_or_else(std::sync::PoisonError::into_inner).keep(line)
        })?;
        bar.finish_and_clear();
        let store = store.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
        let games = plan.cells.iter().map(|cell| store.games_of(cell, self.games)).collect();
        Ok(Study { plan, games })
    }
}

impl Study {
    /// Each cell with its games.
    pub(crate) fn cells(&self) -> impl Iterator<Item = (&Cell, &[GameLine])> {
        self.plan.cells.iter().zip(self.games.iter().map(Vec::as_slice))
    }
}
