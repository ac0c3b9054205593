//! `sovereign map`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Subcommand;

use crate::import::import;

/// What to do with a map.
#[derive(Subcommand)]
pub(crate) enum MapCommand {
    /// Make a map file, as a recipe says.
    Import {
        /// The recipe, such as maps/source/world.toml.
        recipe: PathBuf,
        /// Where to write the map; to standard output if not said.
        #[arg(long, short)]
        output: Option<PathBuf>,
    },
}

/// Runs `sovereign map`. Exit codes: 0 done, 2 bad input.
pub(crate) fn run(command: &MapCommand, _json: bool) -> ExitCode {
    let MapCommand::Import { recipe, output } = command;
    let made = import(recipe).map_err(|error| error.to_string());
    match made.and_then(|draft| write(output.as_deref(), &draft.to_json())) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::from(2)
        }
    }
}

fn write(output: Option<&Path>, text: &str) -> Result<(), String> {
    let Some(path) = output else {
        print!("{text}");
        return Ok(());
    };
    std::fs::write(path, text).map_err(|error| format!("cannot write {}: {error}", path.display()))
}
