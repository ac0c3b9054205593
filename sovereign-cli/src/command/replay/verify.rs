//! `sovereign replay verify`.

use std::path::{Path, PathBuf};

use serde::Serialize;
use sovereign_core::Replay;
use sovereign_core::id::PlayerId;
use sovereign_core::replay::{Verified, VerifyError};

use super::{sealed, seat};
use crate::error::CliError;
use crate::source;
use crate::ui::{Report, Ui};

/// What came of verifying some replays.
#[derive(Debug, Serialize)]
struct VerifyReport {
    verified: bool,
    replays: Vec<Entry>,
}

/// What came of one of them.
#[derive(Debug, Default, Serialize)]
pub(super) struct Entry {
    file: PathBuf,
    pub(super) verified: bool,
    batches: usize,
    orders: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    ticks: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) hash: Option<String>,
    /// Who signed the result that says the same, if one was to be looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) signed_by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    winner: Option<PlayerId>,
    /// The first batch that differs, from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    differs_at: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) error: Option<String>,
}

/// Verifies every file that can be read before it complains.
/// A signed `result` and the keys may go along with a single file.
pub(super) fn run(
    files: &[PathBuf],
    map: Option<&str>,
    result: Option<(&Path, &Path)>,
    ui: &Ui,
) -> Result<(), CliError> {
    let bar = ui.progress(files.len() as u64, "replays");
    let mut replays = Vec::new();
    for file in files {
        replays.push(verify(file, map)?);
        bar.inc(1);
    }
    bar.finish_and_clear();
    if let Some((result, keys)) = result {
        replays = vec![sealed::check(one(files)?, replays.remove(0), result, keys)?];
    }
    let differing = replays.iter().filter(|entry| !entry.verified).count();
    ui.show(&VerifyReport { verified: differing == 0, replays })?;
    match differing {
        0 => Ok(()),
        _ => Err(CliError::Check(format!("{differing} of {} replays differ", files.len()))),
    }
}

fn one(files: &[PathBuf]) -> Result<&Path, CliError> {
    match files {
        [file] => Ok(file),
        _ => Err(CliError::input("a signed result belongs to one replay: name one file")),
    }
}

fn verify(file: &Path, map: Option<&str>) -> Result<Entry, CliError> {
    let replay = source::replay(file)?;
    let map = source::map_of(&replay.header, map)?;
    match replay.verify(map) {
        Ok(verified) => Ok(good(file, &verified)),
        Err(VerifyError::Playback(error)) => {
            Err(CliError::input(format!("{}: {error}", file.display())))
        }
        Err(error @ VerifyError::Batch { index, .. }) => Ok(bad(file, &replay, index, &error)),
    }
}

fn good(file: &Path, verified: &Verified) -> Entry {
    Entry {
        file: file.to_path_buf(),
        verified: true,
        batches: verified.batches,
        orders: verified.orders,
        ticks: Some(verified.tick.0),
        hash: Some(format!("{:016x}", verified.hash)),
        winner: verified.state.winner,
        ..Entry::default()
    }
}

fn bad(file: &Path, replay: &Replay, index: usize, error: &VerifyError) -> Entry {
    Entry {
        file: file.to_path_buf(),
        batches: replay.batches.len(),
        orders: replay.batches.iter().map(|batch| batch.orders.len()).sum(),
        differs_at: Some(index),
        error: Some(error.to_string()),
        ..Entry::default()
    }
}

impl Entry {
    fn line(&self) -> String {
        let file = self.file.display();
        let Some(error) = &self.error else {
            let winner = seat(self.winner);
            let (ticks, hash) = (self.ticks.unwrap_or(0), self.hash.as_deref().unwrap_or(""));
            let (batches, orders) = (self.batches, self.orders);
            let signed = self.signed_by.as_deref().map(|by| format!(", signed by {by}"));
            let signed = signed.unwrap_or_default();
            return format!(
                "{file}: verified, {batches} batches, {orders} orders, {ticks} ticks, \
                 hash {hash}, won by {winner}{signed}\n"
            );
        };
        format!("{file}: differs: {error}\n")
    }
}

impl Report for VerifyReport {
    fn text(&self) -> String {
        self.replays.iter().map(Entry::line).collect()
    }
}
