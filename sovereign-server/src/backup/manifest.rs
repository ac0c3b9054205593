//! What a backup consists of.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use sovereign_core::rules::RULES_VERSION;

use super::BackupError;
use crate::store::now_ms;

/// Name of the manifest within a backup; written last, so that without it there is none.
const NAME: &str = "manifest.json";
/// The form of backups that this server makes and reads.
const FORMAT: u32 = 1;
/// Bytes hashed in one go.
const CHUNK: usize = 65_536;

/// The list of a backup's files, with what made it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The form of the backup.
    pub format: u32,
    /// When it was made, in milliseconds since 1970.
    pub created_ms: i64,
    /// The server that made it.
    pub version: String,
    /// The rules that the server ran.
    pub rules_version: u32,
    /// All files, by name.
    pub files: Vec<FileRecord>,
}

/// One file of a backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileRecord {
    /// Its name within the folder.
    pub name: String,
    /// Its size.
    pub bytes: u64,
    /// SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
}

impl Manifest {
    /// The manifest of the files in `folder`.
    pub(super) fn of(folder: &Path) -> Result<Self, BackupError> {
        let mut names = Vec::new();
        for entry in std::fs::read_dir(folder).map_err(BackupError::file(folder))? {
            let entry = entry.map_err(BackupError::file(folder))?;
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
        names.sort();
        let files = names.into_iter().map(|name| record(folder, name)).collect::<Result<_, _>>()?;
        Ok(Self {
            format: FORMAT,
            created_ms: now_ms(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            rules_version: RULES_VERSION,
            files,
        })
    }

    pub(super) fn write(&self, folder: &Path) -> Result<(), BackupError> {
        let path = folder.join(NAME);
        let json = serde_json::to_vec_pretty(self).unwrap_or_default();
        let written = std::fs::write(&path, json).and_then(|()| File::open(&path)?.sync_all());
        written.map_err(BackupError::file(&path))
    }

    /// The manifest of a backup.
    ///
    /// # Errors
    /// [`BackupError`] when there is none, or it is of another form.
    pub fn read(folder: &Path) -> Result<Self, BackupError> {
        let path = folder.join(NAME);
        let bytes = std::fs::read(&path).map_err(BackupError::file(&path))?;
        let manifest: Self =
            serde_json::from_slice(&bytes).map_err(|_| BackupError::Damaged(path.clone()))?;
        if manifest.format != FORMAT {
            return Err(BackupError::Format { found: manifest.format, known: FORMAT });
        }
        // Names come from a file: none may lead out of the folder.
        let plain =
            |file: &FileRecord| Path::new(&file.name).file_name() == Some(file.name.as_ref());
        if manifest.files.iter().all(plain) {
            Ok(manifest)
        } else {
            Err(BackupError::Damaged(path))
        }
    }

    /// Hashes every file again.
    ///
    /// # Errors
    /// [`BackupError::Damaged`] at the first one that differs.
    pub fn check(&self, folder: &Path) -> Result<(), BackupError> {
        for file in &self.files {
            let same = record(folder, file.name.clone()).is_ok_and(|found| found == *file);
            if !same {
                return Err(BackupError::Damaged(folder.join(&file.name)));
            }
        }
        Ok(())
    }
}

fn record(folder: &Path, name: String) -> Result<FileRecord, BackupError> {
    let path = folder.join(&name);
    let failed = |source| BackupError::File { path: path.clone(), source };
    let mut file = File::open(&path).map_err(failed)?;
    let (mut hash, mut bytes, mut chunk) = (Sha256::new(), 0, vec![0; CHUNK]);
    loop {
        let read = file.read(&mut chunk).map_err(failed)?;
        if read == 0 {
            break;
        }
        hash.update(&chunk[..read]);
        bytes += read as u64;
    }
    let sha256 = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(FileRecord { name, bytes, sha256 })
}
