//! `sovereign sweep`: rule values against seeds.

use std::fmt::Write;
use std::fs;
use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use crate::error::CliError;
use crate::study::StudyArgs;
use crate::study::csv::csv;
use crate::study::findings::{CellFindings, Findings};
use crate::ui::{Report, Ui, table};

/// What is swept.
#[derive(Args, Clone, Debug)]
#[command(after_help = "\
Examples:
  sovereign sweep --set growth.decay=100000,200000,400000 --games 500
  sovereign sweep --set battle.lethality=120,180 --set victory.share=600,720 --results sweep.jsonl
  sovereign sweep --restrict alliances,structures,players

Every combination plays the same seeds, and the bots move on by one seat from game to game.
Equal arguments give equal bytes, whatever --threads says. With --results a run that was
broken off goes on where it was; the file may hold the results of any number of sweeps.")]
pub(crate) struct SweepArgs {
    #[command(flatten)]
    study: StudyArgs,
    /// Writes the numbers of every combination to a file, as comma-separated values.
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
}

/// What a sweep found.
#[derive(Debug, Serialize)]
struct SweepReport {
    map: String,
    seed: u64,
    games: u64,
    #[serde(flatten)]
    findings: Findings,
}

/// Runs `sovereign sweep`.
pub(crate) fn run(args: &SweepArgs, ui: &Ui) -> Result<(), CliError> {
    let study = args.study.study(false, |games| ui.progress(games, "games"))?;
    let findings = Findings::of(&study);
    if let Some(path) = &args.csv {
        fs::write(path, csv(&findings)).map_err(CliError::file("write", path))?;
    }
    let StudyArgs { seed, games, .. } = args.study;
    let map = study.plan.cells[0].arena.map.name().to_owned();
    ui.show(&SweepReport { map, seed, games, findings })
}

impl CellFindings {
    fn row(&self) -> Vec<String> {
        let ticks = |pick: fn(&crate::stats::Spread<u64>) -> u64| {
            self.ticks.as_ref().map_or_else(String::new, |ticks| pick(ticks).to_string())
        };
        let leads = self.lead_changes.map_or_else(String::new, |leads| leads.median.to_string());
        vec![
            self.name.clone(),
            self.games.to_string(),
            ticks(|ticks| ticks.median),
            ticks(|ticks| ticks.p99),
            format!("{:.1} %", self.stalemates.share * 100.0),
            format!("{:.1} %", self.half_time().share * 100.0),
            leads,
        ]
    }
}

impl Report for SweepReport {
    fn text(&self) -> String {
        let header = [
            "rules",
            "games",
            "median ticks",
            "99 %",
            "stalemates",
            "half-time leader wins",
            "lead changes",
        ];
        let rows: Vec<_> = self.findings.cells.iter().map(CellFindings::row).collect();
        let mut out = table(&header, &rows);
        let found = self.findings.found();
        let comparisons = self.findings.comparisons;
        let _ = writeln!(out, "\n{} findings in {comparisons} comparisons", found.len());
        found.iter().for_each(|line| out.push_str(&format!("  {line}\n")));
        out
    }
}
