//! Backups of a data folder, made while its server runs.
//!
//! Invariant: a backup that was made is one that can be restored: both databases stand at
//! moments between which no game has given up entries of its log.

mod copy;
mod manifest;
mod verify;

use std::io;
use std::path::{Path, PathBuf};

pub use manifest::{FileRecord, Manifest};
pub use verify::{Report, verify};

use crate::lobby::MapsError;
use crate::log::LogError;
use crate::store::{DataDir, DataDirError, StoreError};

/// The databases: the first one first, since a log may be ahead of a snapshot, never behind.
const DATABASES: [&str; 2] = ["main.db", "log.db"];
/// Tries to find a moment at which no game is just being put away.
const TRIES: u32 = 5;
/// By how much a restore raises epochs: beyond any that clients of the lost server have seen.
const EPOCHS: u32 = 1_000;

/// Why a backup cannot be made, trusted or restored.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// A file or folder cannot be read or written.
    #[error("{path} cannot be read or written: {source}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A database cannot be copied or read.
    #[error("the database {path} cannot be copied: {source}")]
    Database {
        /// Which.
        path: PathBuf,
        /// Why.
        source: rusqlite::Error,
    },
    /// The place is taken.
    #[error("{0} holds something already; choose an empty folder, or move it away")]
    Taken(PathBuf),
    /// A file is missing or not as it was written.
    #[error("{0} is missing or not as it was when the backup was made; use another backup")]
    Damaged(PathBuf),
    /// Made by a server of another form of backups.
    #[error("the backup has format {found}, this server knows {known}")]
    Format {
        /// In the manifest.
        found: u32,
        /// Known.
        known: u32,
    },
    /// The data folder is not where the games are.
    #[error(
        "this server keeps its games in PostgreSQL (postgres.url); back that up with pg_dump, or \
         with base backups and its archived log, and copy the keys in {0}: see docs/operations.md"
    )]
    Elsewhere(PathBuf),
    /// The two databases never stood at moments that fit together.
    #[error("games ended faster than they could be copied; try again")]
    Restless,
    /// The copy's database is unusable.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The copy's log is unusable.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The target folder is in use or unusable.
    #[error(transparent)]
    DataDir(#[from] DataDirError),
    /// The operator's maps are unusable.
    #[error(transparent)]
    Maps(#[from] MapsError),
}

impl BackupError {
    fn file(path: &Path) -> impl FnOnce(io::Error) -> Self + '_ {
        move |source| Self::File { path: path.to_owned(), source }
    }

    fn database(path: &Path) -> impl FnOnce(rusqlite::Error) -> Self + '_ {
        move |source| Self::Database { path: path.to_owned(), source }
    }
}

/// Copies the data folder `from` into the new folder `to`, whether its server runs or not.
/// Time and space are those of the databases. The copy holds keys: guard it as the original.
///
/// # Errors
/// [`BackupError`]; what was written so far is left for a look, and is no backup without its
/// manifest.
pub fn create(from: &Path, to: &Path) -> Result<Manifest, BackupError> {
    copy::make_empty(to)?;
    copy::databases(from, to)?;
    copy::others(from, to)?;
    let manifest = Manifest::of(to)?;
    manifest.write(to)?;
    Ok(manifest)
}

/// Puts the backup `from` into the folder `to`, which must hold no data yet, after checking
/// every file against the manifest.
///
/// # Errors
/// [`BackupError`].
pub fn restore(from: &Path, to: &Path) -> Result<Manifest, BackupError> {
    let manifest = Manifest::read(from)?;
    manifest.check(from)?;
    let folder = DataDir::open(to)?;
    for file in &manifest.files {
        let target = folder.path().join(&file.name);
        if target.exists() {
            return Err(BackupError::Taken(target));
        }
    }
    for file in &manifest.files {
        copy::file(&from.join(&file.name), &folder.path().join(&file.name))?;
    }
    copy::raise_epochs(folder.path())?;
    Ok(manifest)
}
