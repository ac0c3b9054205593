//! The signing key: 32 bytes of seed in the data folder, readable by its owner only.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{DecodingKey, EncodingKey};
use serde_json::{Value, json};
use uuid::Uuid;

/// Name of the file within the data folder.
const FILE: &str = "signing-key";
/// Name of the file while it is being written.
const DRAFT: &str = "signing-key.new";

/// Why the key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file cannot be read or written.
    #[error("the signing key {path} cannot be read or written: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file is not a key.
    #[error(
        "the signing key {0} is damaged; restore it, or remove it (all guests then get new tokens)"
    )]
    Damaged(PathBuf),
    /// Somebody else may read the file.
    #[error("the signing key {0} can be read by others; run: chmod 600 {0}")]
    Exposed(PathBuf),
    /// The system gives no random bytes.
    #[error("the system gives no random bytes for a signing key")]
    Random,
}

/// The key that signs tokens.
pub struct SigningKey {
    pub(super) id: String,
    pub(super) encoding: EncodingKey,
    pub(super) decoding: DecodingKey,
    public: String,
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SigningKey({})", self.id)
    }
}

impl SigningKey {
    /// Reads the key of `folder`, or makes one on the first start.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn open(folder: &Path) -> Result<Self, KeyError> {
        let path = folder.join(FILE);
        let seed = if path.exists() { read(&path)? } else { create(folder, &path)? };
        Self::from_seed(&seed).ok_or(KeyError::Damaged(path))
    }

    /// The key with this seed.
    fn from_seed(seed: &[u8; 32]) -> Option<Self> {
        let public = ed25519_dalek::SigningKey::from_bytes(seed).verifying_key();
        let public = URL_SAFE_NO_PAD.encode(public.as_bytes());
        let decoding = DecodingKey::from_ed_components(&public).ok()?;
        // Derived from the public key, so that it names this key and no other.
        let id = Uuid::from_u128(xxhash_rust::xxh3::xxh3_128(public.as_bytes()));
        Some(Self {
            id: id.simple().to_string(),
            encoding: EncodingKey::from_ed_der(seed),
            decoding,
            public,
        })
    }

    /// The public half, as a JSON Web Key Set.
    #[must_use]
    pub fn jwks(&self) -> Value {
        json!({ "keys": [{
            "kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA",
            "kid": self.id, "x": self.public,
        }] })
    }
}

fn read(path: &Path) -> Result<[u8; 32], KeyError> {
    let failed = |source| KeyError::File { path: path.to_owned(), source };
    let file = File::open(path).map_err(failed)?;
    #[cfg(unix)]
    {
        let mode = std::os::unix::fs::MetadataExt::mode(&file.metadata().map_err(failed)?);
        if mode & 0o077 != 0 {
            return Err(KeyError::Exposed(path.to_owned()));
        }
    }
    let mut text = String::new();
    file.take(256).read_to_string(&mut text).map_err(failed)?;
    from_hex(text.trim()).ok_or_else(|| KeyError::Damaged(path.to_owned()))
}

/// Writes a new key beside its place, makes it durable, then moves it there, so that a
/// crash never leaves half a key.
fn create(folder: &Path, path: &Path) -> Result<[u8; 32], KeyError> {
    let failed = |source| KeyError::File { path: path.to_owned(), source };
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(|_| KeyError::Random)?;
    let draft = folder.join(DRAFT);
    let mut options = OpenOptions::new();
    options.create(true).truncate(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&draft).map_err(failed)?;
    let hex: String = seed.iter().map(|byte| format!("{byte:02x}")).collect();
    file.write_all(hex.as_bytes()).and_then(|()| file.sync_all()).map_err(failed)?;
    std::fs::rename(&draft, path).map_err(failed)?;
    Ok(seed)
}

fn from_hex(text: &str) -> Option<[u8; 32]> {
    let digits: Option<Vec<u8>> = text.chars().map(|c| c.to_digit(16).map(|d| d as u8)).collect();
    let pairs = digits.filter(|d| d.len() == 64)?;
    let bytes: Vec<u8> = pairs.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect();
    bytes.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_kept_and_readable_by_its_owner_only() {
        let folder = tempfile::tempdir().unwrap();
        let first = SigningKey::open(folder.path()).unwrap();
        let again = SigningKey::open(folder.path()).unwrap();
        assert_eq!(first.jwks(), again.jwks());
        #[cfg(unix)]
        {
            use std::os::unix::fs::{MetadataExt, PermissionsExt};
            let path = folder.path().join(FILE);
            assert_eq!(path.metadata().unwrap().mode() & 0o777, 0o600);
            std::fs::set_permissions(&path, PermissionsExt::from_mode(0o644)).unwrap();
            let refused = SigningKey::open(folder.path()).unwrap_err();
            assert!(matches!(refused, KeyError::Exposed(_)));
        }
    }

    #[test]
    fn a_damaged_key_is_not_replaced_in_silence() {
        let folder = tempfile::tempdir().unwrap();
        SigningKey::open(folder.path()).unwrap();
        std::fs::write(folder.path().join(FILE), "not a key").unwrap();
        assert!(matches!(SigningKey::open(folder.path()), Err(KeyError::Damaged(_))));
    }
}
