//! Where an issuer's keys come from: a file, or an address that is asked now and then.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use http::Uri;
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};
use tracing::{info, warn};

use super::jwk::{self, KeySet, OutsideKey};
use crate::auth::fetch::{self, FetchError};
use crate::telemetry::metrics;

/// Bytes of the longest key set.
const SET_BYTES: usize = 65_536;
/// Time for one look at a key set.
const LOOK: Duration = Duration::from_secs(5);
/// The least time between two looks, however many unknown keys are asked for.
const PAUSE: Duration = Duration::from_secs(60);
/// Age at which a set is looked at again, so that a withdrawn key is not used for long.
const MAX_AGE: Duration = Duration::from_secs(15 * 60);

/// Why an issuer's keys cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OutsideError {
    /// The file cannot be read.
    #[error("the key set {path} of an outside issuer cannot be read: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is no key set.
    #[error("{0} is no JSON Web Key Set; an outside issuer's keys are published as one")]
    NoSet(PathBuf),
    /// The address cannot be asked.
    #[error(
        "{0} cannot be asked for keys: use https, or http of this machine alone (127.0.0.1, [::1])"
    )]
    Address(String),
}

#[derive(Debug)]
enum Source {
    File(PathBuf),
    Address(Uri),
}

/// The keys of one issuer, as last looked at.
#[derive(Debug)]
pub(super) struct KeySource {
    source: Source,
    keys: RwLock<Arc<KeySet>>,
    /// When it was looked at last, whatever came of it. Held while looking: one at a time.
    looked: Mutex<Option<Instant>>,
}

impl KeySource {
    pub(super) fn open(text: &str) -> Result<Self, OutsideError> {
        let is_address = text.starts_with("http://") || text.starts_with("https://");
        let (source, keys) = if is_address {
            (Source::Address(address(text)?), KeySet::default())
        } else {
            let path = PathBuf::from(text);
            let keys = read(&path)?;
            (Source::File(path), keys)
        };
        Ok(Self { source, keys: RwLock::new(Arc::new(keys)), looked: Mutex::new(None) })
    }

    /// The key of this id. An unknown one is looked for, but not by everybody who asks.
    pub(super) async fn get(&self, id: &str) -> Option<Arc<OutsideKey>> {
        let mut looked = match self.find(id) {
            // Somebody else may be looking: a key that is known need not wait for that.
            Some(known) => match self.looked.try_lock() {
                Ok(looked) if is_over(*looked, MAX_AGE) => looked,
                _ => return Some(known),
            },
            None => self.looked.lock().await,
        };
        if is_over(*looked, PAUSE) {
            *looked = Some(Instant::now());
            self.look().await;
        }
        self.find(id)
    }

    fn find(&self, id: &str) -> Option<Arc<OutsideKey>> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner).get(id).cloned()
    }

    /// Looks again; what cannot be had leaves the keys as they were.
    async fn look(&self) {
        let found = match &self.source {
            Source::File(path) => read(path).map_err(|error| error.to_string()),
            Source::Address(uri) => ask(uri).await.map_err(|error| error.to_string()),
        };
        metrics::key_set_looked(found.is_ok());
        match found {
            Ok(keys) => {
                info!(keys = keys.len(), "an outside issuer's keys were read");
                *self.keys.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(keys);
            }
            Err(error) => warn!(%error, "an outside issuer's keys stay as they were"),
        }
    }
}

fn is_over(since: Option<Instant>, time: Duration) -> bool {
    since.is_none_or(|since| since.elapsed() >= time)
}

/// An address that nobody on the way can answer in place of the issuer.
fn address(text: &str) -> Result<Uri, OutsideError> {
    let wrong = || OutsideError::Address(text.to_owned());
    let uri: Uri = text.parse().map_err(|_| wrong())?;
    let host = uri.host().ok_or_else(wrong)?.trim_matches(['[', ']']);
    let is_here = host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback());
    let safe = uri.scheme_str() == Some("https") || is_here;
    if safe { Ok(uri) } else { Err(wrong()) }
}

fn read(path: &Path) -> Result<KeySet, OutsideError> {
    use std::io::Read as _;
    let failed = |source| OutsideError::File { path: path.to_owned(), source };
    let file = std::fs::File::open(path).map_err(failed)?;
    let mut bytes = Vec::new();
    file.take(SET_BYTES as u64).read_to_end(&mut bytes).map_err(failed)?;
    jwk::parse(&bytes).ok_or_else(|| OutsideError::NoSet(path.to_owned()))
}

async fn ask(uri: &Uri) -> Result<KeySet, FetchError> {
    let bytes = timeout(LOOK, fetch::get(uri, SET_BYTES)).await.map_err(|_| FetchError::Slow)??;
    jwk::parse(&bytes).ok_or(FetchError::Strange)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_come_over_https_or_from_this_machine() {
        for good in ["https://id.example/keys", "http://127.0.0.1:9/keys", "http://[::1]:9/keys"] {
            assert!(KeySource::open(good).is_ok(), "{good}");
        }
        for bad in
            ["http://id.example/keys", "http://localhost/keys", "http://10.0.0.1/", "https://"]
        {
            assert!(matches!(KeySource::open(bad), Err(OutsideError::Address(_))), "{bad}");
        }
        assert!(matches!(KeySource::open("/nowhere.json"), Err(OutsideError::File { .. })));
    }
}
