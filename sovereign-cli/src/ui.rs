//! The only place that prints: reports as text or JSON, tables, progress and errors.

use std::io::{IsTerminal, Write, stderr, stdout};
use std::process::ExitCode;
use std::time::Duration;

use comfy_table::{CellAlignment, ContentArrangement, Table};
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

use crate::error::CliError;

/// How often a progress bar is drawn while nothing moves.
const PROGRESS_INTERVAL: Duration = Duration::from_millis(200);

/// What a command found out: serialised for machines, text for people.
pub(crate) trait Report: Serialize {
    /// The report in words, ending in a line break.
    fn text(&self) -> String;
}

/// The person or program that the command talks to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ui {
    json: bool,
}

impl Ui {
    /// Talks in text, or in JSON.
    pub(crate) const fn new(json: bool) -> Self {
        Self { json }
    }

    /// Prints a report in the form that was asked for.
    pub(crate) fn show(&self, report: &impl Report) -> Result<(), CliError> {
        if !self.json {
            return print(&report.text());
        }
        let mut text = serde_json::to_string_pretty(report).map_err(CliError::input)?;
        text.push('\n');
        print(&text)
    }

    /// Tells a report beside the result, on standard error.
    pub(crate) fn tell(&self, report: &impl Report) {
        // Nobody is left to tell if this fails.
        let _ = write!(stderr(), "{}", report.text());
    }

    /// Prints a line of a result that is too long to be kept whole.
    pub(crate) fn line(&self, text: &str) -> Result<(), CliError> {
        print(&format!("{text}\n"))
    }

    /// Says something beside the result, if a person is looking.
    pub(crate) fn note(&self, text: &str) {
        if stderr().is_terminal() {
            eprintln!("{text}");
        }
    }

    /// A progress bar on standard error; invisible unless that is a terminal.
    pub(crate) fn progress(&self, length: u64, what: &str) -> ProgressBar {
        let template = "{msg} {wide_bar} {human_pos}/{human_len}, {eta} left";
        let style = ProgressStyle::with_template(template).expect("the template is a constant");
        let bar = ProgressBar::new(length).with_style(style).with_message(what.to_owned());
        if stderr().is_terminal() {
            bar.enable_steady_tick(PROGRESS_INTERVAL);
        }
        bar
    }

    /// In words, and as JSON if that was asked for and no report was shown. Nobody is
    /// left to tell if this fails.
    fn complain(&self, error: &CliError) {
        let _ = writeln!(stderr(), "error: {error}");
        if self.json && !matches!(error, CliError::Check(_)) {
            let _ = print(&format!("{}\n", serde_json::json!({ "error": error.to_string() })));
        }
    }

    /// Says what went wrong, if anything, and with which code to leave.
    pub(crate) fn leave(&self, result: Result<(), CliError>) -> ExitCode {
        let Err(error) = result else { return ExitCode::SUCCESS };
        if !error.is_broken_pipe() {
            self.complain(&error);
        }
        error.exit_code()
    }
}

fn print(text: &str) -> Result<(), CliError> {
    let mut out = stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(CliError::Output)
}

/// A plain table: numbers to the right, words to the left. Its width does not depend on
/// the terminal, so that equal results are equal bytes.
pub(crate) fn table(header: &[&str], rows: &[Vec<String>]) -> String {
    let mut table = Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    table.set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(header);
    table.add_rows(rows);
    for (at, column) in table.column_iter_mut().enumerate() {
        if rows.iter().all(|row| row.get(at).is_none_or(|cell| is_number(cell))) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.lines().map(|line| format!("{}\n", line.trim_end())).collect()
}

fn is_number(cell: &str) -> bool {
    cell.chars().all(|c| c.is_ascii_digit() || " .%()to".contains(c))
}
