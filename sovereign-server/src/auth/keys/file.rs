//! Key files.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use super::SigningKey;

/// What the names of key files begin with; the key's own name follows.
const PREFIX: &str = "signing-key-";
/// What they end with.
const SUFFIX: &str = ".json";
/// Bytes of a key file; ours have some 150.
const BYTES: u64 = 1_024;
/// Keys in the folder; a rotation removes those that are over.
const KEYS: usize = 64;

/// Why the keys cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// A file or the folder cannot be read or written.
    #[error("the signing key {path} cannot be read or written: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file is not a key.
    #[error("the signing key {0} is damaged; restore it, or remove it (its tokens are then void)")]
    Damaged(PathBuf),
    /// Somebody else may read the file.
    #[error("the signing key {0} can be read by others; run: chmod 600 {0}")]
    Exposed(PathBuf),
    /// There are too many.
    #[error("more than {KEYS} signing keys in {0}; remove old ones")]
    Many(PathBuf),
    /// There is none.
    #[error("there is no signing key in {0}; start the server once, or run: keys rotate")]
    None(PathBuf),
    /// The system gives no random bytes.
    #[error("the system gives no random bytes for a signing key")]
    Random,
}

/// A key as it is stored; its name is that of its public half.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    created_s: u64,
    signs_from_s: u64,
    seed: String,
}

fn path_of(folder: &Path, id: &str) -> PathBuf {
    folder.join(format!("{PREFIX}{id}{SUFFIX}"))
}

fn is_key(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    name.starts_with(PREFIX) && name.ends_with(SUFFIX)
}

/// All keys of a folder; none if it is not there.
pub(super) fn read_all(folder: &Path) -> Result<Vec<SigningKey>, KeyError> {
    let failed = |source| KeyError::File { path: folder.to_owned(), source };
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed(error)),
    };
    let paths: Vec<PathBuf> = entries
        .map(|entry| entry.map(|entry| entry.path()))
        .filter(|path| path.as_ref().map_or(true, |path| is_key(path)))
        .take(KEYS + 1)
        .collect::<Result<_, _>>()
        .map_err(failed)?;
    if paths.len() > KEYS {
        return Err(KeyError::Many(folder.to_owned()));
    }
    paths.iter().map(|path| read(path)).collect()
}

fn read(path: &Path) -> Result<SigningKey, KeyError> {
    let failed = |source| KeyError::File { path: path.to_owned(), source };
    let file = File::open(path).map_err(failed)?;
    refuse_exposed(path, &file.metadata().map_err(failed)?)?;
    let mut text = String::new();
    file.take(BYTES).read_to_string(&mut text).map_err(failed)?;
    parse(&text).ok_or_else(|| KeyError::Damaged(path.to_owned()))
}

#[cfg(unix)]
fn refuse_exposed(path: &Path, metadata: &std::fs::Metadata) -> Result<(), KeyError> {
    use std::os::unix::fs::MetadataExt;
    if is_exposed(metadata.mode(), metadata.uid()) {
        return Err(KeyError::Exposed(path.to_owned()));
    }
    Ok(())
}

/// A file of root's is one that was put there for us, who can only be of its group; a mounted
/// secret is such a file.
#[cfg(unix)]
const fn is_exposed(mode: u32, owner: u32) -> bool {
    let others = if owner == 0 { 0o037 } else { 0o077 };
    mode & others != 0
}

#[cfg(not(unix))]
fn refuse_exposed(_: &Path, _: &std::fs::Metadata) -> Result<(), KeyError> {
    Ok(())
}

fn parse(text: &str) -> Option<SigningKey> {
    let stored: Stored = serde_json::from_str(text).ok()?;
    let seed: [u8; 32] = URL_SAFE_NO_PAD.decode(&stored.seed).ok()?.try_into().ok()?;
    SigningKey::from_seed(&seed, stored.created_s, stored.signs_from_s)
}

/// Makes a key and keeps it.
pub(super) fn create(
    folder: &Path,
    created_s: u64,
    signs_from_s: u64,
) -> Result<SigningKey, KeyError> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(|_| KeyError::Random)?;
    let key = SigningKey::from_seed(&seed, created_s, signs_from_s).ok_or(KeyError::Random)?;
    let stored = Stored { created_s, signs_from_s, seed: URL_SAFE_NO_PAD.encode(seed) };
    let text = serde_json::to_string_pretty(&stored).map_err(|_| KeyError::Random)?;
    let path = path_of(folder, key.id());
    write(folder, &path, &text).map_err(|source| KeyError::File { path, source })?;
    Ok(key)
}

/// Writes beside its place, makes it durable, then moves it there, so that a crash never
/// leaves half a key and a running server never reads one.
fn write(folder: &Path, path: &Path, text: &str) -> io::Result<()> {
    make_private(folder)?;
    let draft = path.with_extension("new");
    let mut options = OpenOptions::new();
    options.create(true).truncate(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&draft)?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all())?;
    std::fs::rename(&draft, path)?;
    sync_folder(folder)
}

#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

fn make_private(folder: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

pub(super) fn remove(folder: &Path, id: &str) -> Result<(), KeyError> {
    let path = path_of(folder, id);
    std::fs::remove_file(&path).map_err(|source| KeyError::File { path, source })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_readable_by_its_owner_only() {
        let data = tempfile::tempdir().unwrap();
        let folder = data.path();
        let key = create(folder, 1, 2).unwrap();
        let again = &read_all(folder).unwrap()[0];
        assert_eq!((again.id(), again.created_s(), again.signs_from_s()), (key.id(), 1, 2));
        #[cfg(unix)]
        {
            use std::os::unix::fs::{MetadataExt, PermissionsExt};
            let path = path_of(folder, key.id());
            assert_eq!(path.metadata().unwrap().mode() & 0o777, 0o600);
            std::fs::set_permissions(&path, PermissionsExt::from_mode(0o644)).unwrap();
            assert!(matches!(read_all(folder), Err(KeyError::Exposed(_))));
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_key_of_roots_may_be_read_by_its_group() {
        let modes = [0o400, 0o600, 0o440, 0o640, 0o660, 0o644, 0o601];
        let exposed = |owner| modes.map(|mode| is_exposed(mode, owner));
        assert_eq!(exposed(0), [false, false, false, false, true, true, true]);
        assert_eq!(exposed(1_000), [false, false, true, true, true, true, true]);
    }

    #[test]
    fn a_damaged_key_is_not_passed_over() {
        let data = tempfile::tempdir().unwrap();
        let folder = data.path();
        let key = create(folder, 1, 2).unwrap();
        let path = path_of(folder, key.id());
        for text in ["", "{}", r#"{"created_s":1,"signs_from_s":2,"seed":"AA"}"#] {
            std::fs::write(&path, text).unwrap();
            assert!(matches!(read_all(folder), Err(KeyError::Damaged(_))), "{text}");
        }
    }
}
