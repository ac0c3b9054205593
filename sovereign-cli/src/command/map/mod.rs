//! `sovereign map`: import, check, measure and draw maps.

mod graph;
mod stats;

use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::Subcommand;
use serde_json::{Value, json};
use sovereign_core::map::{Map, MapDefect, MapDraft};

use crate::draw::{Style, draw};
use crate::import::import;
use crate::source;
use stats::Stats;

/// What to do with a map.
#[derive(Debug, Subcommand)]
pub(crate) enum MapCommand {
    /// Make a map file, as a recipe says.
    Import {
        /// The recipe, such as maps/source/world.toml.
        recipe: PathBuf,
        /// Where to write the map; to standard output if not said.
        #[arg(long, short)]
        output: Option<PathBuf>,
    },
    /// List everything that is wrong with a map. Ends with 1 if there is anything.
    Check {
        /// A shipped map's name or a map file's path.
        map: String,
    },
    /// Measure a map: sizes, degrees, distances, choke points.
    Stats {
        /// A shipped map's name or a map file's path.
        map: String,
    },
    /// Draw a map as an SVG picture.
    Draw {
        /// A shipped map's name or a map file's path.
        map: String,
        /// Where to write the picture; to standard output if not said.
        #[arg(long, short)]
        output: Option<PathBuf>,
        /// Leave out the names of territories.
        #[arg(long)]
        no_names: bool,
        /// Leave out straits and sea routes.
        #[arg(long)]
        no_crossings: bool,
    },
}

/// What a command says, for people and for programs, and whether a check failed.
struct Answer {
    text: String,
    json: Value,
    failed: bool,
}

impl Answer {
    fn new(text: String, json: Value) -> Self {
        Self { text, json, failed: false }
    }
}

/// Runs `sovereign map`. Exit codes: 0 done, 1 a check failed, 2 bad input.
pub(crate) fn run(command: &MapCommand, json: bool) -> ExitCode {
    match answer(command).and_then(|answer| say(&answer, json)) {
        Ok(false) => ExitCode::SUCCESS,
        Ok(true) => ExitCode::from(1),
        Err(message) => {
            complain(&message, json);
            ExitCode::from(2)
        }
    }
}

fn answer(command: &MapCommand) -> Result<Answer, String> {
    match command {
        MapCommand::Import { recipe, output } => {
            let made = import(recipe).map_err(|error| error.to_string())?;
            deliver(output.as_deref(), made.to_json(), "map", &made.name)
        }
        MapCommand::Check { map } => check(map),
        MapCommand::Stats { map } => {
            let map = load(map)?;
            let stats = Stats::new(&map);
            let json = serde_json::to_value(&stats).map_err(|error| error.to_string())?;
            Ok(Answer::new(stats.to_string(), json))
        }
        MapCommand::Draw { map, output, no_names, no_crossings } => {
            let map = load(map)?;
            let style = Style { names: !no_names, crossings: !no_crossings };
            deliver(output.as_deref(), draw(&map, style), "svg", map.name())
        }
    }
}

fn load(map: &str) -> Result<Arc<Map>, String> {
    source::map(map).map_err(|error| error.to_string())
}

fn check(name: &str) -> Result<Answer, String> {
    let draft = source::map_draft(name).map_err(|error| error.to_string())?;
    let defects = draft.check();
    let listed: Vec<String> = defects.iter().map(MapDefect::to_string).collect();
    let failed = !defects.is_empty();
    let text = if failed { listed.join("\n") + "\n" } else { sound(&draft) };
    let json = json!({ "map": name, "sound": !failed, "defects": listed });
    Ok(Answer { text, json, failed })
}

fn sound(draft: &MapDraft) -> String {
    let (territories, regions) = (draft.territories.len(), draft.regions.len());
    format!("{}: sound; {territories} territories, {regions} regions\n", draft.name)
}

/// Writes a text to a file, and says so; or says the text itself.
fn deliver(output: Option<&Path>, text: String, kind: &str, name: &str) -> Result<Answer, String> {
    let bytes = text.len();
    let Some(path) = output else {
        let json = json!({ "map": name, kind: text });
        return Ok(Answer::new(text, json));
    };
    let failed = |error| format!("cannot write {}: {error}", path.display());
    std::fs::write(path, text).map_err(failed)?;
    let text = format!("{}: {bytes} bytes\n", path.display());
    Ok(Answer::new(text, json!({ "map": name, "output": path, "bytes": bytes })))
}

/// Prints an answer; whether a check failed. A reader who has seen enough is no error.
fn say(answer: &Answer, json: bool) -> Result<bool, String> {
    let text = if json { format!("{}\n", answer.json) } else { answer.text.clone() };
    let printed = std::io::stdout().write_all(text.as_bytes());
    match printed {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(format!("cannot print: {error}"))
        }
        _ => Ok(answer.failed),
    }
}

fn complain(message: &str, json: bool) {
    if json {
        println!("{}", json!({ "error": message }));
    } else {
        eprintln!("error: {message}");
    }
}
