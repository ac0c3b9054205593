//! Whether a backup can be trusted: its bytes, and every game in it played again.

use std::path::Path;
use std::sync::Arc;

use sovereign_core::Replay;

use super::{BackupError, DATABASES, Manifest, copy};
use crate::lobby::Maps;
use crate::log::sqlite::SqliteLog;
use crate::room::{Start, replays_to_its_end};
use crate::store::{GameRecord, GameStatus, SqliteStore, Store};

/// What a look through a backup found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Running games that go on from it.
    pub games: usize,
    /// Replays that play to their recorded end.
    pub replays: usize,
    /// What does not, each with its reason.
    pub faults: Vec<String>,
}

/// Hashes every file of the backup again, then plays every running game and every replay
/// from a copy in a temporary folder within `scratch`. Time is that of all games.
///
/// # Errors
/// [`BackupError`] when the files are not as they were, or cannot be read.
pub async fn verify(
    backup: &Path,
    scratch: &Path,
    maps_dir: Option<&Path>,
) -> Result<Report, BackupError> {
    Manifest::read(backup)?.check(backup)?;
    let maps = Maps::load(maps_dir)?;
    copy::make_empty(scratch)?;
    for name in DATABASES {
        copy::file(&backup.join(name), &scratch.join(name))?;
    }
    let report = play(scratch, &maps).await;
    std::fs::remove_dir_all(scratch).map_err(BackupError::file(scratch))?;
    report
}

async fn play(folder: &Path, maps: &Maps) -> Result<Report, BackupError> {
    let store = SqliteStore::open(folder).await?;
    let log = SqliteLog::open(folder, store.clone()).await?;
    let store = Store::from(store);
    let mut report = Report::default();
    for record in store.unfinished_games().await? {
        if record.status == GameStatus::Running {
            match goes_on(&log, &record, maps).await {
                Ok(()) => report.games += 1,
                Err(reason) => report.faults.push(format!("game {}: {reason}", record.id)),
            }
        }
    }
    for replay in store.replays(u32::MAX).await? {
        let bytes = store.replay(replay.id).await?.unwrap_or_default();
        match is_sound(&bytes, maps) {
            Ok(()) => report.replays += 1,
            Err(reason) => report.faults.push(format!("replay {}: {reason}", replay.id)),
        }
    }
    Ok(report)
}

async fn goes_on(log: &SqliteLog, record: &GameRecord, maps: &Maps) -> Result<(), String> {
    let bytes = record.start.as_deref().unwrap_or_default();
    let start = Start::from_bytes(bytes).map_err(|error| error.to_string())?;
    let map = maps.get(&start.header.map).ok_or("its map is missing; name --maps-dir")?;
    let played = replays_to_its_end(log, record.id, &start, Arc::clone(&map.map)).await;
    played.map_err(|error| error.to_string())
}

fn is_sound(bytes: &[u8], maps: &Maps) -> Result<(), String> {
    let replay = Replay::from_bytes(bytes).map_err(|error| error.to_string())?;
    let map = maps.get(&replay.header.map).ok_or("its map is missing; name --maps-dir")?;
    replay.verify(Arc::clone(&map.map)).map(|_| ()).map_err(|error| error.to_string())
}
