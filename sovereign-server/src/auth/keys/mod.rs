//! The keys that sign tokens: one file each in the data folder, readable by its owner only.
//!
//! Keys overlap. A new key is published before it signs, so that whoever keeps a copy of
//! the key set has it in time; an old one verifies until the last token that it can have
//! signed has expired. So nobody is logged out by a rotation.

mod file;
mod ring;

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use serde_json::Value;

pub use file::KeyError;
pub use ring::{KeyRing, KeyState, SigningKey};

/// The keys of a running server, which follow their folder; cheap to clone.
#[derive(Clone, Debug)]
pub struct Keys {
    folder: PathBuf,
    ring: Arc<RwLock<Arc<KeyRing>>>,
}

impl Keys {
    /// Reads the keys of a data folder, or makes the first one.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn open(data: &Path, overlap_s: u64, now_s: u64) -> Result<Self, KeyError> {
        let mut keys = file::read_all(data)?;
        if keys.is_empty() {
            keys.push(file::create(data, now_s, now_s)?);
        }
        let ring = KeyRing::new(keys, overlap_s);
        Ok(Self { folder: data.to_owned(), ring: Arc::new(RwLock::new(Arc::new(ring))) })
    }

    /// The keys as last read.
    #[must_use]
    pub fn ring(&self) -> Arc<KeyRing> {
        Arc::clone(&self.ring.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads the folder again; whether anything has changed. What was read last stays in
    /// force when the folder cannot be read or holds no key.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn reload(&self) -> Result<bool, KeyError> {
        let keys = file::read_all(&self.folder)?;
        if keys.is_empty() {
            return Err(KeyError::None(self.folder.clone()));
        }
        let old = self.ring();
        let new = KeyRing::new(keys, old.overlap_s());
        let changed = new.ids().ne(old.ids());
        if changed {
            *self.ring.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(new);
        }
        Ok(changed)
    }

    /// The public halves of all keys that are or will be good, as a JSON Web Key Set.
    #[must_use]
    pub fn jwks(&self, now_s: u64) -> Value {
        self.ring().jwks(now_s)
    }
}

/// Makes a new key that signs from `signs_from_s` on, and removes keys that are over.
///
/// # Errors
/// [`KeyError`].
pub fn rotate(
    data: &Path,
    overlap_s: u64,
    now_s: u64,
    signs_from_s: u64,
) -> Result<KeyRing, KeyError> {
    let mut keys = file::read_all(data)?;
    // Of keys made in the same second the last one signs.
    let after_all = keys.iter().map(|key| key.created_s() + 1).max().unwrap_or(0);
    keys.push(file::create(data, now_s.max(after_all), signs_from_s)?);
    let ring = KeyRing::new(keys, overlap_s);
    for over in ring.over(now_s) {
        file::remove(data, over)?;
    }
    Ok(ring)
}

/// Removes every key but the ones named: what they signed is void at once.
///
/// # Errors
/// [`KeyError`].
pub fn keep_only(data: &Path, ids: &[String]) -> Result<(), KeyError> {
    for key in file::read_all(data)? {
        if !ids.iter().any(|id| id == key.id()) {
            file::remove(data, key.id())?;
        }
    }
    Ok(())
}

/// The keys of a data folder, without making one.
///
/// # Errors
/// [`KeyError`].
pub fn list(data: &Path, overlap_s: u64) -> Result<KeyRing, KeyError> {
    Ok(KeyRing::new(file::read_all(data)?, overlap_s))
}

#[cfg(test)]
mod tests {
    use super::*;

    const OVERLAP: u64 = 960;

    #[test]
    fn a_running_server_takes_up_a_new_key() {
        let data = tempfile::tempdir().unwrap();
        let keys = Keys::open(data.path(), OVERLAP, 1_000).unwrap();
        let first = keys.ring().signing(1_000).id().to_owned();
        assert!(!keys.reload().unwrap());
        rotate(data.path(), OVERLAP, 2_000, 2_060).unwrap();
        assert!(keys.reload().unwrap());
        let ring = keys.ring();
        assert_eq!(ring.signing(2_059).id(), first, "published before it signs");
        let second = ring.signing(2_060).id().to_owned();
        assert_ne!(second, first);
        assert_eq!(keys.jwks(2_000)["keys"].as_array().unwrap().len(), 2);
        assert!(ring.verifying(&first, 2_060 + OVERLAP).is_some(), "its last token still holds");
        assert!(ring.verifying(&first, 2_060 + OVERLAP + 1).is_none());
        assert!(ring.verifying(&second, u64::MAX).is_some());
    }

    #[test]
    fn of_keys_made_in_the_same_second_the_last_one_signs() {
        let data = tempfile::tempdir().unwrap();
        let first = Keys::open(data.path(), OVERLAP, 1_000).unwrap().ring();
        let mut made = vec![first.signing(1_000).id().to_owned()];
        for _ in 0..8 {
            let ring = rotate(data.path(), OVERLAP, 1_000, 1_000).unwrap();
            let signing = ring.signing(1_000).id().to_owned();
            assert!(!made.contains(&signing), "an older key signs");
            assert_eq!(ring.newest().map(SigningKey::id), Some(signing.as_str()));
            made.push(signing);
        }
    }

    #[test]
    fn keys_that_are_over_are_removed_by_the_next_rotation() {
        let data = tempfile::tempdir().unwrap();
        Keys::open(data.path(), OVERLAP, 1_000).unwrap();
        rotate(data.path(), OVERLAP, 2_000, 2_000).unwrap();
        assert_eq!(list(data.path(), OVERLAP).unwrap().ids().count(), 2);
        rotate(data.path(), OVERLAP, 9_000, 9_000).unwrap();
        assert_eq!(list(data.path(), OVERLAP).unwrap().ids().count(), 2, "the first is gone");
    }

    #[test]
    fn a_folder_that_cannot_be_read_leaves_the_keys_in_force() {
        let data = tempfile::tempdir().unwrap();
        let keys = Keys::open(data.path(), OVERLAP, 1_000).unwrap();
        let before = keys.jwks(1_000);
        keep_only(data.path(), &[]).unwrap();
        assert!(matches!(keys.reload(), Err(KeyError::None(_))));
        assert_eq!(keys.jwks(1_000), before);
    }

    #[test]
    fn the_keys_survive_a_restart() {
        let data = tempfile::tempdir().unwrap();
        let first = Keys::open(data.path(), OVERLAP, 1_000).unwrap().jwks(1_000);
        assert_eq!(Keys::open(data.path(), OVERLAP, 5_000).unwrap().jwks(5_000), first);
    }
}
