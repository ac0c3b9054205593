//! `sovereign map fair`: how even the starts of a map are.

use std::collections::VecDeque;
use std::fmt;

use clap::Args;
use serde::Serialize;
use sovereign_core::id::TerritoryId;
use sovereign_core::map::{EdgeKind, Map, Terrain};
use sovereign_core::rules::Rules;

use crate::error::CliError;
use crate::source;
use crate::ui::{Report, Ui, table};

/// The most seats that are measured.
const SEATS_MAX: usize = 256;
/// The most borders that the reach goes over.
const BORDERS_MAX: u32 = 64;

/// The arguments of `sovereign map fair`.
#[derive(Args, Debug)]
pub(crate) struct FairArgs {
    /// A shipped map's name or a map file's path.
    map: String,
    /// How many players start.
    #[arg(long, default_value_t = 4)]
    seats: usize,
    /// Where they start, by name, separated by semicolons [default: as far apart as can be].
    #[arg(long, value_delimiter = ';')]
    starts: Vec<String>,
    /// How many borders the reach goes over. Sea routes, which need a port, are closed.
    #[arg(long, default_value_t = 3)]
    borders: u32,
    /// The rules that say what land is worth: a shipped name or a file.
    #[arg(long, default_value = "classic")]
    rules: String,
}

/// What a start is worth.
#[derive(Serialize)]
struct Start {
    name: String,
    /// Territories within so many borders, itself included.
    reach: u64,
    /// The troops at which growth ends in all of them, in troops.
    capacity: u64,
    /// What grows in all of them, in thousandths of a troop a tick, at full speed.
    growth: u64,
    /// Territories that are nearer to this start than to any other, in steps; shared ones
    /// count for nobody.
    nearest: u64,
    /// Steps to the nearest other start.
    distance: u64,
}

/// How far a measure differs from start to start.
#[derive(Serialize)]
struct Spread {
    measure: &'static str,
    least: u64,
    most: u64,
    mean: f64,
    /// Most less least, as a share of the mean, in percent: 0 is even.
    spread_percent: f64,
}

/// What `fair` found.
#[derive(Serialize)]
struct Fairness {
    map: String,
    borders: u32,
    starts: Vec<Start>,
    spreads: Vec<Spread>,
}

/// Runs `sovereign map fair`.
pub(super) fn run(args: &FairArgs, ui: &Ui) -> Result<(), CliError> {
    let (map, rules) = (source::map(&args.map)?, source::rules(&args.rules)?);
    if args.borders > BORDERS_MAX {
        return Err(CliError::input(format!("--borders goes up to {BORDERS_MAX}")));
    }
    let starts = if args.starts.is_empty() {
        let most = SEATS_MAX.min(map.playable_count() as usize);
        if !(2..=most).contains(&args.seats) {
            return Err(CliError::input(format!("this map has room for 2 to {most} seats")));
        }
        far_apart(&map, args.seats)
    } else {
        named(&map, &args.starts)?
    };
    ui.show(&Fairness::new(&map, &rules, &starts, args.borders))
}

fn named(map: &Map, names: &[String]) -> Result<Vec<TerritoryId>, CliError> {
    let find = |name: &String| {
        let is_it = |id: &TerritoryId| map.territory_name(*id) == name.trim();
        let found = map.territories().filter(|&id| map.terrain(id) != Terrain::Impassable);
        let missing = || CliError::input(format!("no land of this map is called {name:?}"));
        found.into_iter().find(is_it).ok_or_else(missing)
    };
    let mut starts = names.iter().map(find).collect::<Result<Vec<_>, _>>()?;
    starts.sort_unstable();
    starts.dedup();
    if !(2..=SEATS_MAX).contains(&starts.len()) {
        return Err(CliError::input(format!("name 2 to {SEATS_MAX} different starts")));
    }
    Ok(starts)
}

/// Starts as far apart as can be: first the two ends of a long way, then again and again the
/// territory that is farthest from all that are taken.
fn far_apart(map: &Map, seats: usize) -> Vec<TerritoryId> {
    let playable = |id: &TerritoryId| map.terrain(*id) != Terrain::Impassable;
    let any = map.territories().find(playable).unwrap_or(TerritoryId(0));
    let mut starts = vec![farthest(&steps(map, &[any], true))];
    while starts.len() < seats {
        starts.push(farthest(&steps(map, &starts, true)));
    }
    starts.sort_unstable();
    starts
}

/// The first of the territories with the most steps.
fn farthest(steps: &[u32]) -> TerritoryId {
    let reached = steps.iter().enumerate().filter(|(_, far)| **far != u32::MAX);
    let best = reached.max_by_key(|&(at, &far)| (far, std::cmp::Reverse(at)));
    TerritoryId::from_index(best.map_or(0, |(at, _)| at))
}

/// Steps from the nearest of some starts to each territory; `u32::MAX` where there is no way.
fn steps(map: &Map, starts: &[TerritoryId], sea: bool) -> Vec<u32> {
    let mut steps = vec![u32::MAX; map.len()];
    let mut todo: VecDeque<TerritoryId> = starts.iter().copied().collect();
    starts.iter().for_each(|start| steps[start.index()] = 0);
    while let Some(at) = todo.pop_front() {
        for edge in map.edges(at) {
            let open = sea || edge.kind != EdgeKind::Sea;
            if open && steps[edge.to.index()] == u32::MAX {
                steps[edge.to.index()] = steps[at.index()] + 1;
                todo.push_back(edge.to);
            }
        }
    }
    steps
}

impl Fairness {
    fn new(map: &Map, rules: &Rules, starts: &[TerritoryId], borders: u32) -> Self {
        let all: Vec<Vec<u32>> = starts.iter().map(|&start| steps(map, &[start], true)).collect();
        let start = |(at, &id): (usize, &TerritoryId)| {
            let reach = steps(map, &[id], false);
            let within: Vec<TerritoryId> =
                map.territories().filter(|id| reach[id.index()] <= borders).collect();
            let sum = |of: fn(&sovereign_core::rules::TerrainRules) -> u32| -> u64 {
                let terrain = within.iter().filter_map(|&id| rules.terrain(map.terrain(id)));
                terrain.map(|terrain| u64::from(of(terrain))).sum()
            };
            let others = || (0..starts.len()).filter(move |&other| other != at);
            let first = |id: &TerritoryId| {
                let own = all[at][id.index()];
                own != u32::MAX && others().all(|other| all[other][id.index()] > own)
            };
            let distances = others().map(|other| u64::from(all[at][starts[other].index()]));
            Start {
                name: map.territory_name(id).to_owned(),
                reach: within.len() as u64,
                capacity: sum(|terrain| terrain.cap),
                growth: sum(|terrain| terrain.growth) / 1_000,
                nearest: map.territories().filter(first).count() as u64,
                distance: distances.min().unwrap_or(0),
            }
        };
        let starts: Vec<Start> = starts.iter().enumerate().map(start).collect();
        let spreads = spreads(&starts);
        Self { map: map.name().to_owned(), borders, starts, spreads }
    }
}

fn spreads(starts: &[Start]) -> Vec<Spread> {
    type Measure = fn(&Start) -> u64;
    let measures: [(&'static str, Measure); 5] = [
        ("reach", |start| start.reach),
        ("capacity", |start| start.capacity),
        ("growth", |start| start.growth),
        ("nearest", |start| start.nearest),
        ("distance", |start| start.distance),
    ];
    measures.into_iter().map(|(measure, of)| spread(measure, starts.iter().map(of))).collect()
}

fn spread(measure: &'static str, values: impl Iterator<Item = u64> + Clone) -> Spread {
    let (least, most) = (values.clone().min().unwrap_or(0), values.clone().max().unwrap_or(0));
    let mean = values.clone().sum::<u64>() as f64 / values.count().max(1) as f64;
    let share = if mean > 0.0 { (most - least) as f64 * 100.0 / mean } else { 0.0 };
    let tenths = |value: f64| (value * 10.0).round() / 10.0;
    Spread { measure, least, most, mean: tenths(mean), spread_percent: tenths(share) }
}

impl Report for Fairness {
    fn text(&self) -> String {
        self.to_string()
    }
}

impl fmt::Display for Fairness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let row = |start: &Start| {
            let Start { reach, capacity, growth, nearest, distance, .. } = start;
            let numbers = [reach, capacity, growth, nearest, distance];
            let mut row = vec![start.name.clone()];
            row.extend(numbers.map(ToString::to_string));
            row
        };
        let header = ["start", "reach", "capacity", "growth", "nearest", "distance"];
        let mut rows: Vec<Vec<String>> = self.starts.iter().map(row).collect();
        let mut last = vec!["spread".to_owned()];
        last.extend(self.spreads.iter().map(|spread| format!("{}%", spread.spread_percent)));
        rows.push(last);
        writeln!(
            f,
            "{}: {} starts, reach over {} borders",
            self.map,
            self.starts.len(),
            self.borders
        )?;
        f.write_str(&table(&header, &rows))
    }
}
