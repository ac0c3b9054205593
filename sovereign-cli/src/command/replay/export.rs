//! `sovereign replay export`: the changed cells of every tick, as lines of JSON.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use serde_json::{Value, json};
use sovereign_core::{Playback, Replay};

use crate::error::CliError;
use crate::source;
use crate::ui::Ui;

/// Writes to a file, or to standard output.
pub(super) fn run(
    file: &Path,
    map: Option<&str>,
    out: Option<&Path>,
    ui: &Ui,
) -> Result<(), CliError> {
    let replay = source::replay(file)?;
    let map = source::map_of(&replay.header, map)?;
    let named = |error: &dyn std::error::Error| format!("{}: {error}", file.display());
    let mut playback = Playback::new(&replay, map).map_err(|e| CliError::input(named(&e)))?;
    let mut sink = Sink::open(out, ui)?;
    sink.put(&header(&replay))?;
    while let Some(step) = playback.step() {
        let step = step.map_err(|e| CliError::Check(named(&e)))?;
        let news = playback.news();
        let mut line = serde_json::to_value(&news.delta).map_err(CliError::input)?;
        line["hash"] = format!("{:016x}", step.batch.hash).into();
        line["private"] = serde_json::to_value(&news.private).map_err(CliError::input)?;
        sink.put(&line)?;
    }
    sink.close()
}

fn header(replay: &Replay) -> Value {
    let header = &replay.header;
    json!({
        "map": header.map,
        "map_hash": header.map_hash.to_string(),
        "rules_version": header.rules_version,
        "rules_hash": header.rules_hash.to_string(),
        "seats": header.seats,
    })
}

/// Where the lines go.
enum Sink<'u> {
    Ui(&'u Ui),
    File(BufWriter<File>, &'u Path),
}

impl<'u> Sink<'u> {
    fn open(path: Option<&'u Path>, ui: &'u Ui) -> Result<Self, CliError> {
        let Some(path) = path else { return Ok(Self::Ui(ui)) };
        let file = File::create(path).map_err(CliError::file("create", path))?;
        Ok(Self::File(BufWriter::new(file), path))
    }

    fn put(&mut self, value: &Value) -> Result<(), CliError> {
        match self {
            Self::Ui(ui) => ui.line(&value.to_string()),
            Self::File(file, path) => {
                writeln!(file, "{value}").map_err(CliError::file("write", path))
            }
        }
    }

    fn close(self) -> Result<(), CliError> {
        match self {
            Self::Ui(_) => Ok(()),
            Self::File(mut file, path) => file.flush().map_err(CliError::file("write", path)),
        }
    }
}
