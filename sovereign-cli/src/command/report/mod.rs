//! `sovereign report`: one page that says whether a mode is fair, how long it takes, and what
//! its rules are worth.

mod chart;
mod page;
mod scale;
mod section;
mod style;

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;
use sovereign_core::rules::RULES_VERSION;

use crate::error::CliError;
use crate::study::csv::csv;
use crate::study::findings::Findings;
use crate::study::{Study, StudyArgs};
use crate::ui::{Report, Ui};

/// What is reported.
#[derive(Args, Clone, Debug)]
#[command(after_help = "\
Examples:
  sovereign report --games 2000 --out classic.html
  sovereign report --map world --restrict alliances,structures,players \\
    --set victory.share=600,720,850 --results games.jsonl --out world.html

Beside report.html stand report.csv and report.json with the same numbers. The page needs no
network and no script. Equal arguments give equal bytes, whatever --threads says.")]
pub(crate) struct ReportArgs {
    #[command(flatten)]
    study: StudyArgs,
    /// Where the page goes.
    #[arg(long, value_name = "FILE", default_value = "report.html")]
    out: PathBuf,
}

/// What was studied, and what was found.
#[derive(Debug, Serialize)]
struct Reported {
    command: String,
    engine: &'static str,
    rules_version: u32,
    map: String,
    map_hash: String,
    rules: String,
    rules_hash: String,
    bots: Vec<String>,
    seed: u64,
    #[serde(flatten)]
    findings: Findings,
}

/// Where the report is.
#[derive(Debug, Serialize)]
struct Written {
    files: [PathBuf; 3],
    games: u64,
    comparisons: usize,
    found: Vec<String>,
}

/// Runs `sovereign report`.
pub(crate) fn run(args: &ReportArgs, ui: &Ui) -> Result<(), CliError> {
    let study = args.study.study(true, |games| ui.progress(games, "games"))?;
    let reported = Reported::of(&args.study, &study);
    let files = [args.out.clone(), args.out.with_extension("csv"), args.out.with_extension("json")];
    let json = serde_json::to_string_pretty(&reported).map_err(CliError::input)?;
    write(&files[0], &page::page(&reported, &study))?;
    write(&files[1], &csv(&reported.findings))?;
    write(&files[2], &(json + "\n"))?;
    let games = study.games.iter().map(|games| games.len() as u64).sum();
    let comparisons = reported.findings.comparisons;
    ui.show(&Written { files, games, comparisons, found: reported.findings.found() })
}

fn write(path: &Path, text: &str) -> Result<(), CliError> {
    fs::write(path, text).map_err(CliError::file("write", path))
}

impl Reported {
    fn of(args: &StudyArgs, study: &Study) -> Self {
        let base = &study.plan.cells[0];
        let arena = &base.arena;
        Self {
            command: args.command_line("report"),
            engine: env!("CARGO_PKG_VERSION"),
            rules_version: RULES_VERSION,
            map: arena.map.name().to_owned(),
            map_hash: arena.map.hash().to_string(),
            rules: arena.rules.name.clone(),
            rules_hash: arena.rules.hash().to_string(),
            bots: base.contenders.iter().map(ToString::to_string).collect(),
            seed: args.seed,
            findings: Findings::of(study),
        }
    }
}

impl Report for Written {
    fn text(&self) -> String {
        let Self { files: [page, csv, json], games, comparisons, found } = self;
        let (page, csv, json) = (page.display(), csv.display(), json.display());
        let mut out = format!("{page}, {csv} and {json}: {games} games\n");
        out.push_str(&format!("{} findings in {comparisons} comparisons\n", found.len()));
        found.iter().for_each(|line| out.push_str(&format!("  {line}\n")));
        out
    }
}
