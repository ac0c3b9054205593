//! The report of a run.

use std::fmt::Write;

use serde::Serialize;
use sovereign_core::rules::RULES_VERSION;

use super::Setup;
use super::play::{Outcome, results_hash};
use super::summary::{self, BotSummary, Endings, ForfeitSummary, Lengths, SeatSummary};
use crate::stats::Spread;
use crate::ui::{Report, table};

/// How many forfeits are listed in words; all of them are in the JSON.
const FORFEITS_SHOWN: usize = 10;

/// Everything about a run but how long it took: equal for equal arguments.
#[derive(Debug, Serialize)]
pub(super) struct SimulateReport {
    command: String,
    engine: Engine,
    map: Named,
    rules: Named,
    seed: u64,
    games: u64,
    results_sha256: String,
    endings: Endings,
    by_bot: Vec<BotSummary>,
    by_seat: Vec<SeatSummary>,
    length: Option<Lengths>,
    orders: Option<Spread<u64>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    forfeits: Vec<ForfeitSummary>,
}

#[derive(Debug, Serialize)]
struct Engine {
    version: &'static str,
    rules_version: u32,
}

#[derive(Debug, Serialize)]
struct Named {
    name: String,
    hash: String,
}

impl SimulateReport {
    pub(super) fn of(setup: &Setup, outcomes: &[Outcome]) -> Self {
        let (map, rules) = (&setup.arena.map, &setup.arena.rules);
        Self {
            command: setup.command_line(),
            engine: Engine { version: env!("CARGO_PKG_VERSION"), rules_version: RULES_VERSION },
            map: Named { name: map.name().to_owned(), hash: map.hash().to_string() },
            rules: Named { name: rules.name.clone(), hash: rules.hash().to_string() },
            seed: setup.args.seed,
            games: outcomes.len() as u64,
            results_sha256: results_hash(outcomes),
            endings: summary::endings(outcomes),
            by_bot: summary::by_bot(setup, outcomes),
            by_seat: summary::by_seat(setup, outcomes),
            length: summary::lengths(outcomes),
            orders: summary::orders(outcomes),
            forfeits: summary::forfeits(setup, outcomes),
        }
    }

    fn put_origin(&self, out: &mut String) {
        let Self { engine, map, rules, .. } = self;
        let _ = writeln!(out, "{}", self.command);
        let _ =
            writeln!(out, "engine   {}, rules version {}", engine.version, engine.rules_version);
        let _ = writeln!(out, "map      {} {}", map.name, map.hash);
        let _ = writeln!(out, "rules    {} {}", rules.name, rules.hash);
        let _ = writeln!(out, "results  {}", self.results_sha256);
    }

    fn put_wins(&self, out: &mut String) {
        let bot = |b: &BotSummary| {
            let fair = format!("{:.1} %", b.fair_share * 100.0);
            vec![b.bot.clone(), b.seats.to_string(), fair, b.wins.percent()]
        };
        let rows: Vec<_> = self.by_bot.iter().map(bot).collect();
        let _ = writeln!(out, "\n{}", table(&["bot", "seats", "fair", "wins (95 %)"], &rows));
        let seat = |s: &SeatSummary| {
            let bot = s.bot.as_deref().unwrap_or("in turn");
            vec![s.seat.to_string(), bot.to_owned(), s.wins.percent()]
        };
        let rows: Vec<_> = self.by_seat.iter().map(seat).collect();
        let _ = writeln!(out, "{}", table(&["seat", "bot", "wins (95 %)"], &rows));
    }

    /// How many seats were lost by faults of programs, and the first few of them.
    fn put_forfeits(&self, out: &mut String) {
        let row = |f: &ForfeitSummary| {
            let [game, seat, tick] =
                [f.game, f.seat as u64, u64::from(f.tick)].map(|n| n.to_string());
            vec![game, seat, tick, f.bot.clone(), f.why.clone()]
        };
        let rows: Vec<_> = self.forfeits.iter().take(FORFEITS_SHOWN).map(row).collect();
        if !rows.is_empty() {
            let _ = writeln!(out, "\n{} seats were forfeited:\n", self.forfeits.len());
            out.push_str(&table(&["game", "seat", "tick", "bot", "why"], &rows));
        }
    }

    fn put_spreads(&self, out: &mut String) {
        let mut rows = Vec::new();
        if let Some(Lengths { ticks, minutes }) = &self.length {
            rows.push(spread_row("length, ticks", ticks.map(|n| n.to_string())));
            rows.push(spread_row("length, minutes", minutes.words()));
        }
        if let Some(orders) = self.orders {
            rows.push(spread_row("orders", orders.map(|n| n.to_string())));
        }
        let header = ["a game's", "least", "median", "90 %", "99 %", "most"];
        let _ = writeln!(out, "{}", table(&header, &rows));
    }
}

impl Spread<f64> {
    fn words(self) -> Spread<String> {
        let [min, median, p90, p99, max] =
            [self.min, self.median, self.p90, self.p99, self.max].map(|n| format!("{n:.1}"));
        Spread { min, median, p90, p99, max }
    }
}

fn spread_row(what: &str, spread: Spread<String>) -> Vec<String> {
    vec![what.to_owned(), spread.min, spread.median, spread.p90, spread.p99, spread.max]
}

impl Report for SimulateReport {
    fn text(&self) -> String {
        let mut out = String::new();
        self.put_origin(&mut out);
        self.put_wins(&mut out);
        self.put_spreads(&mut out);
        let Endings { land, last_standing, nobody, time, draw, undecided } = self.endings;
        let _ = writeln!(
            out,
            "{} games: {land} ended by land, {last_standing} with one left, \
             {nobody} with nobody left, {time} as time was up, \
             {draw} drawn, {undecided} undecided",
            self.games
        );
        self.put_forfeits(&mut out);
        out
    }
}
