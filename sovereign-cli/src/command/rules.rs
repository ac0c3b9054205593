//! `sovereign rules`.

use clap::Subcommand;
use serde::Serialize;
use sovereign_core::Rules;
use sovereign_core::rules::{RulesDraft, RulesError, RulesProblem};

use crate::error::CliError;
use crate::source;
use crate::ui::{Report, Ui};

/// What to do with rules.
#[derive(Debug, Subcommand)]
pub(crate) enum RulesCommand {
    /// Name the rules that are shipped.
    List,
    /// Print rules as TOML, to be edited and given back with --rules.
    #[command(after_help = "\
Example:
  sovereign rules show classic > my.toml
  sovereign simulate --rules my.toml")]
    Show {
        /// A shipped name or a file.
        #[arg(default_value = "classic")]
        rules: String,
    },
    /// Say everything that is wrong with rules. Exit code 1 if anything is.
    #[command(after_help = "\
Example:
  sovereign rules check my.toml")]
    Check {
        /// A shipped name or a file.
        rules: String,
    },
}

/// Runs `sovereign rules`.
pub(crate) fn run(command: &RulesCommand, ui: &Ui) -> Result<(), CliError> {
    match command {
        RulesCommand::List => ui.show(&List { rules: Rules::PRESETS }),
        RulesCommand::Show { rules } => show(rules, ui),
        RulesCommand::Check { rules } => check(rules, ui),
    }
}

#[derive(Serialize)]
struct List {
    rules: &'static [&'static str],
}

impl Report for List {
    fn text(&self) -> String {
        self.rules.iter().map(|name| format!("{name}\n")).collect()
    }
}

#[derive(Serialize)]
struct Shown<'r> {
    hash: String,
    rules: &'r RulesDraft,
    #[serde(skip)]
    toml: String,
}

impl Report for Shown<'_> {
    fn text(&self) -> String {
        self.toml.clone()
    }
}

/// The text as it was written: comments are worth keeping.
fn show(name: &str, ui: &Ui) -> Result<(), CliError> {
    let rules = source::rules(name)?;
    let toml = source::rules_text(name)?;
    ui.show(&Shown { hash: rules.hash().to_string(), rules: &rules, toml })
}

/// Whether rules are valid, and all that is wrong with them.
#[derive(Default, Serialize)]
struct Checked {
    source: String,
    valid: bool,
    hash: Option<String>,
    problems: Vec<Problem>,
}

#[derive(Default, Serialize)]
struct Problem {
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<usize>,
}

impl From<&RulesProblem> for Problem {
    fn from(problem: &RulesProblem) -> Self {
        let field = Some(problem.field.clone()).filter(|field| !field.is_empty());
        let (line, column) = problem.place.map(|place| (place.line, place.column)).unzip();
        Self { message: problem.to_string(), field, line, column }
    }
}

fn problems(error: &RulesError) -> Vec<Problem> {
    let message = error.to_string();
    match error {
        RulesError::Invalid { problems } => problems.iter().map(Problem::from).collect(),
        RulesError::TooLong { .. } => vec![Problem { message, ..Problem::default() }],
    }
}

impl Report for Checked {
    fn text(&self) -> String {
        match &self.hash {
            Some(hash) => format!("{}: valid, hash {hash}\n", self.source),
            None => {
                self.problems.iter().map(|p| format!("{}: {}\n", self.source, p.message)).collect()
            }
        }
    }
}

fn check(name: &str, ui: &Ui) -> Result<(), CliError> {
    let source = name.to_owned();
    match Rules::from_toml(&source::rules_text(name)?) {
        Ok(rules) => {
            let hash = Some(rules.hash().to_string());
            ui.show(&Checked { source, valid: true, hash, problems: Vec::new() })
        }
        Err(error) => {
            let problems = problems(&error);
            let count = problems.len();
            ui.show(&Checked { source, valid: false, hash: None, problems })?;
            Err(CliError::Check(format!("{name} is not valid: {count} to mend")))
        }
    }
}
