//! `sovereign replay diff`: where two replays part.

use std::fmt::Write;
use std::path::Path;

use serde::Serialize;
use sovereign_core::id::{PlayerId, TerritoryId};
use sovereign_core::{Batch, Game, Map, Order, Playback, Replay};

use super::{clock, seat};
use crate::error::CliError;
use crate::source;
use crate::ui::{Report, Ui, table};

/// How many differing cells are listed in words; all of them are in the JSON.
const CELLS_SHOWN: usize = 20;

/// Where two replays part.
#[derive(Default, Serialize)]
struct DiffReport {
    same: bool,
    /// What they were played with, where it differs.
    header: Vec<HeaderField>,
    /// The first batch that differs, from 0.
    batch: Option<usize>,
    /// Its ticks.
    ticks: [Option<u32>; 2],
    /// Orders that only one of them has.
    orders: [Vec<Order>; 2],
    /// Its hashes.
    hashes: [Option<String>; 2],
    /// Territories that differ after it.
    cells: Vec<Cell>,
}

#[derive(Serialize)]
struct HeaderField {
    field: &'static str,
    values: [String; 2],
}

/// A territory in both games.
#[derive(Serialize)]
struct Cell {
    id: TerritoryId,
    name: String,
    owners: [Option<PlayerId>; 2],
    troops: [u32; 2],
}

pub(super) fn run(files: [&Path; 2], map: Option<&str>, ui: &Ui) -> Result<(), CliError> {
    let [a, b] = [source::replay(files[0])?, source::replay(files[1])?];
    let mut report = DiffReport { header: headers(&a, &b), ..DiffReport::default() };
    let longest = a.batches.len().max(b.batches.len());
    report.batch = (0..longest).find(|at| a.batches.get(*at) != b.batches.get(*at));
    report.same = report.header.is_empty() && report.batch.is_none();
    if let Some(at) = report.batch {
        report.put_batches([a.batches.get(at), b.batches.get(at)]);
        report.cells = cells([&a, &b], at, map)?;
    }
    let same = report.same;
    ui.show(&report)?;
    if same { Ok(()) } else { Err(CliError::Check("the replays differ".to_owned())) }
}

fn headers(a: &Replay, b: &Replay) -> Vec<HeaderField> {
    let values = |replay: &Replay| {
        let header = &replay.header;
        let seed: String = header.seed.0.iter().map(|byte| format!("{byte:02x}")).collect();
        [
            ("rules version", header.rules_version.to_string()),
            ("map", format!("{} {}", header.map, header.map_hash)),
            ("rules", header.rules_hash.to_string()),
            ("seed", seed),
            ("seats", header.seats.to_string()),
        ]
    };
    let both = values(a).into_iter().zip(values(b));
    let differ = both.filter(|(a, b)| a != b);
    differ.map(|((field, a), (_, b))| HeaderField { field, values: [a, b] }).collect()
}

/// The territories that differ after a batch of both, if both are games on one map.
fn cells(replays: [&Replay; 2], at: usize, map: Option<&str>) -> Result<Vec<Cell>, CliError> {
    let mut games = Vec::new();
    for replay in replays {
        let map = source::map_of(&replay.header, map)?;
        let mut playback = Playback::new(replay, map).map_err(CliError::input)?;
        while playback.position() <= at {
            match playback.step() {
                // A batch that does not do again what it did is what `verify` is for.
                Some(Ok(_)) => {}
                Some(Err(_)) | None => break,
            }
        }
        games.push(playback.session().game().clone());
    }
    let [a, b] = &games[..] else { return Ok(Vec::new()) };
    if a.map().hash() != b.map().hash() {
        return Ok(Vec::new());
    }
    let ids = (0..a.map().len()).map(TerritoryId::from_index);
    Ok(ids.map(|id| cell(a.map(), id, [a, b])).filter(Cell::differs).collect())
}

fn cell(map: &Map, id: TerritoryId, games: [&Game; 2]) -> Cell {
    let name = map.territory_name(id).to_owned();
    let owners = games.map(|game| game.view(None).owner(id));
    Cell { id, name, owners, troops: games.map(|game| game.view(None).troops(id)) }
}

impl Cell {
    fn differs(&self) -> bool {
        self.owners[0] != self.owners[1] || self.troops[0] != self.troops[1]
    }

    fn row(&self) -> Vec<String> {
        let [a, b] = [0, 1].map(|at| format!("{}, {}", seat(self.owners[at]), self.troops[at]));
        vec![self.id.to_string(), self.name.clone(), a, b]
    }
}

impl DiffReport {
    fn put_batches(&mut self, batches: [Option<&Batch>; 2]) {
        self.ticks = batches.map(|batch| batch.map(|batch| batch.tick.0));
        self.hashes = batches.map(|batch| batch.map(|batch| format!("{:016x}", batch.hash)));
        let orders = batches.map(|batch| batch.map_or(&[][..], |batch| &batch.orders));
        let only = |mine: &[Order], theirs: &[Order]| {
            mine.iter().filter(|order| !theirs.contains(order)).copied().collect()
        };
        self.orders = [only(orders[0], orders[1]), only(orders[1], orders[0])];
    }

    fn put_batch(&self, at: usize, out: &mut String) {
        let _ = writeln!(out, "batch {at} is the first that differs:");
        for (side, name) in ["first", "second"].into_iter().enumerate() {
            let when = self.ticks[side].map(|tick| format!("tick {tick} ({})", clock(tick)));
            let when = when.unwrap_or_else(|| "no such batch".to_owned());
            let hash = self.hashes[side].as_deref().unwrap_or("");
            let _ = writeln!(out, "  {name:<7} {when} {hash}");
            for order in &self.orders[side] {
                let order = serde_json::to_string(order).unwrap_or_default();
                let _ = writeln!(out, "          only here: {order}");
            }
        }
    }
}

impl Report for DiffReport {
    fn text(&self) -> String {
        if self.same {
            return "the same\n".to_owned();
        }
        let mut out = String::new();
        for HeaderField { field, values: [a, b] } in &self.header {
            let _ = writeln!(out, "{field}: {a} and {b}");
        }
        if let Some(at) = self.batch {
            self.put_batch(at, &mut out);
        }
        let rows: Vec<_> = self.cells.iter().take(CELLS_SHOWN).map(Cell::row).collect();
        if !rows.is_empty() {
            let _ = writeln!(out, "\n{} territories differ after it:\n", self.cells.len());
            out.push_str(&table(&["", "territory", "first", "second"], &rows));
        }
        out
    }
}
