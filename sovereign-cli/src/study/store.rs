//! The results of a study: in memory, and in a file that is only ever appended to.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::line::GameLine;
use super::plan::{Cell, Plan};
use crate::error::CliError;

/// Finished games by the key of their cell and their number.
#[derive(Debug, Default)]
pub(super) struct Store {
    games: BTreeMap<(String, u64), GameLine>,
    file: Option<(File, PathBuf)>,
}

impl Store {
    /// Reads what a file holds, if one is named. A last line that was cut short, as when
    /// the machine went down, is taken off.
    pub(super) fn open(path: Option<&Path>) -> Result<Self, CliError> {
        let Some(path) = path else { return Ok(Self::default()) };
        let options = OpenOptions::new().create(true).read(true).append(true).open(path);
        let mut file = options.map_err(CliError::file("open", path))?;
        let (games, end) = read(&mut file, path)?;
        file.set_len(end).map_err(CliError::file("shorten", path))?;
        Ok(Self { games, file: Some((file, path.to_path_buf())) })
    }

    /// The games of a plan that have not been played.
    pub(super) fn missing(&self, plan: &Plan) -> Vec<(usize, u64)> {
        let cells = plan.cells.iter().enumerate();
        let all = cells.flat_map(|(at, cell)| (0..plan.games).map(move |game| (at, cell, game)));
        let new =
            all.filter(|(_, cell, game)| !self.games.contains_key(&(cell.key.clone(), *game)));
        new.map(|(at, _, game)| (at, game)).collect()
    }

    /// Keeps a game; in the file, too, before anything else happens.
    pub(super) fn keep(&mut self, line: GameLine) -> Result<(), CliError> {
        if let Some((file, path)) = &mut self.file {
            let mut text = serde_json::to_string(&line).map_err(CliError::input)?;
            text.push('\n');
            file.write_all(text.as_bytes()).map_err(CliError::file("write", path))?;
        }
        self.games.insert((line.cell.clone(), line.game), line);
        Ok(())
    }

    /// The first games of a cell, in the order of their numbers.
    pub(super) fn games_of(&self, cell: &Cell, games: u64) -> Vec<GameLine> {
        let first = (cell.key.clone(), 0)..(cell.key.clone(), games);
        self.games.range(first).map(|(_, line)| line.clone()).collect()
    }
}

type Games = BTreeMap<(String, u64), GameLine>;

/// The games of a file, and where its last whole line ends.
fn read(file: &mut File, path: &Path) -> Result<(Games, u64), CliError> {
    file.seek(SeekFrom::Start(0)).map_err(CliError::file("read", path))?;
    let (mut reader, mut games, mut end) = (BufReader::new(file), Games::new(), 0);
    for number in 1.. {
        let mut text = String::new();
        let count = reader.read_line(&mut text).map_err(CliError::file("read", path))?;
        if !text.ends_with('\n') {
            break;
        }
        let line: GameLine = serde_json::from_str(&text).map_err(|error| {
            let path = path.display();
            CliError::input(format!("{path}, line {number} is no result of a game: {error}"))
        })?;
        games.insert((line.cell.clone(), line.game), line);
        end += count as u64;
    }
    Ok((games, end))
}
