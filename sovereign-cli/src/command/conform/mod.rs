//! `sovereign conform`: whether a program plays by the protocol of `docs/bot-programs.md`.

mod checks;
mod host;

use std::fmt::Write;
use std::time::{Duration, Instant};

use clap::Args;
use serde::Serialize;

use crate::error::CliError;
use crate::external::Program;
use crate::ui::{Report, Ui, table};
use checks::Check;
use host::Bench;

/// Which program is checked.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  sovereign conform python3 my_bot.py
  sovereign conform --deadline-ms 200 -- ./my_bot --bold

Exit code 1 if a check fails.")]
pub(crate) struct ConformArgs {
    /// The program and its arguments.
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
    program: Vec<String>,
    /// How long it may think about an answer, in milliseconds.
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u64).range(1..=3_600_000))]
    deadline_ms: u64,
}

/// What came of all checks.
#[derive(Debug, Serialize)]
struct ConformReport {
    program: String,
    passed: usize,
    failed: usize,
    checks: Vec<Outcome>,
}

/// What came of a check.
#[derive(Debug, Serialize)]
struct Outcome {
    check: &'static str,
    passed: bool,
    /// What is asked for.
    needs: &'static str,
    /// What was seen.
    seen: String,
}

/// Runs `sovereign conform`.
pub(crate) fn run(args: &ConformArgs, ui: &Ui) -> Result<(), CliError> {
    let deadline = Duration::from_millis(args.deadline_ms);
    let bench = Bench::new(Program { words: words(&args.program)?, deadline })?;
    let all: Vec<&Check> = checks::all().collect();
    let bar = ui.progress(all.len() as u64, "checks");
    let began = Instant::now();
    let checks: Vec<_> = bar.wrap_iter(all.into_iter()).map(|check| check.run(&bench)).collect();
    bar.finish_and_clear();
    ui.note(&format!("{} checks in {:.1} s", checks.len(), began.elapsed().as_secs_f64()));
    let failed = checks.iter().filter(|check| !check.passed).count();
    let (program, passed) = (args.program.join(" "), checks.len() - failed);
    ui.show(&ConformReport { program, passed, failed, checks })?;
    match failed {
        0 => Ok(()),
        _ => Err(CliError::Check(format!("{failed} of {} checks failed", passed + failed))),
    }
}

/// A single argument may be a whole command line.
fn words(program: &[String]) -> Result<Vec<String>, CliError> {
    let [line] = program else { return Ok(program.to_vec()) };
    let words = shlex::split(line).filter(|words| !words.is_empty());
    words.ok_or_else(|| CliError::input(format!("'{line}' names no program, or a quote is open")))
}

impl Check {
    fn run(&self, bench: &Bench) -> Outcome {
        let result = (self.look)(bench);
        let passed = result.is_ok();
        let seen = result.unwrap_or_else(|why| why);
        Outcome { check: self.name, passed, needs: self.needs, seen }
    }
}

impl Report for ConformReport {
    fn text(&self) -> String {
        let row = |outcome: &Outcome| {
            let mark = if outcome.passed { "ok" } else { "FAILED" };
            let seen = if outcome.passed { &outcome.seen } else { outcome.needs };
            [mark, outcome.check, seen].map(str::to_owned).to_vec()
        };
        let rows: Vec<_> = self.checks.iter().map(row).collect();
        let mut out = table(&["", "check", ""], &rows);
        for outcome in self.checks.iter().filter(|outcome| !outcome.passed) {
            let _ = writeln!(
                out,
                "\n{}\n  needed: {}\n  seen:   {}",
                outcome.check, outcome.needs, outcome.seen
            );
        }
        let _ = writeln!(out, "\n{} passed, {} failed: {}", self.passed, self.failed, self.program);
        out
    }
}
