//! Who is an admin: whoever has the token.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};

use http::header::{AUTHORIZATION, HeaderMap};
use sha2::{Digest, Sha256};

use crate::config::Secret;

/// Name of the token's file within the data folder.
const FILE: &str = "admin-token";

/// Why there is no admin token.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// The file cannot be read or written.
    #[error("the admin token {path} cannot be read or written: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Somebody else may read the file.
    #[error("the admin token {0} can be read by others; run: chmod 600 {0}")]
    Exposed(PathBuf),
    /// The file holds no token.
    #[error("the admin token {0} is damaged; remove it, and another one is made")]
    Damaged(PathBuf),
    /// The system gives no random bytes.
    #[error("the system gives no random bytes for an admin token")]
    Random,
}

/// Reads the token of the data folder, or makes one on the first start.
///
/// # Errors
/// [`AccessError`].
pub fn open_token(folder: &Path) -> Result<Secret, AccessError> {
    let path = folder.join(FILE);
    if !path.exists() {
        create(&path)?;
    }
    let failed = |source| AccessError::File { path: path.clone(), source };
    #[cfg(unix)]
    {
        let metadata = std::fs::metadata(&path).map_err(failed)?;
        if std::os::unix::fs::MetadataExt::mode(&metadata) & 0o077 != 0 {
            return Err(AccessError::Exposed(path));
        }
    }
    let text = std::fs::read_to_string(&path).map_err(failed)?;
    let token = text.trim();
    if token.len() < 32 { Err(AccessError::Damaged(path)) } else { Ok(Secret::new(token)) }
}

fn create(path: &Path) -> Result<(), AccessError> {
    let failed = |source| AccessError::File { path: path.to_owned(), source };
    let mut random = [0_u8; 32];
    getrandom::fill(&mut random).map_err(|_| AccessError::Random)?;
    let hex: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).map_err(failed)?;
    file.write_all(hex.as_bytes()).and_then(|()| file.sync_all()).map_err(failed)
}

/// Whether a request carries the token. Hashes are compared, so that the time of the
/// comparison tells nothing of the token.
pub(super) fn is_admin(headers: &HeaderMap, token: &Secret) -> bool {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return false };
    let sent = value.to_str().ok().and_then(|text| text.strip_prefix("Bearer "));
    let hash = |text: &str| Sha256::digest(text.as_bytes());
    !token.is_empty() && sent.is_some_and(|sent| hash(sent) == hash(token.expose()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p1_only_the_token_opens() {
        let token = Secret::new("9f2c64d1b7e8a0359f2c64d1b7e8a035");
        let with = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(AUTHORIZATION, value.parse().unwrap());
            headers
        };
        assert!(is_admin(&with("Bearer 9f2c64d1b7e8a0359f2c64d1b7e8a035"), &token));
        for wrong in ["", "Bearer ", "Bearer x", "Basic 9f2c64d1b7e8a0359f2c64d1b7e8a035"] {
            assert!(!is_admin(&with(wrong), &token), "{wrong}");
        }
        assert!(!is_admin(&with("Bearer "), &Secret::default()), "no token opens nothing");
        assert!(!is_admin(&HeaderMap::new(), &token));
    }

    #[test]
    fn the_token_is_made_once_and_kept_from_others() {
        let folder = tempfile::tempdir().unwrap();
        let first = open_token(folder.path()).unwrap();
        assert_eq!(open_token(folder.path()).unwrap(), first);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let path = folder.path().join(FILE);
            std::fs::set_permissions(&path, PermissionsExt::from_mode(0o644)).unwrap();
            assert!(matches!(open_token(folder.path()), Err(AccessError::Exposed(_))));
        }
    }
}
