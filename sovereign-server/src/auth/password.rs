//! Passwords: argon2id, so many at once and no more.

use std::sync::Arc;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use serde::Deserialize;
use tokio::sync::Semaphore;

use crate::config::Limits;
use crate::telemetry::metrics;

/// A password as somebody typed it; never shown.
#[derive(Clone, Deserialize)]
#[serde(transparent)]
pub struct Password(String);

impl Password {
    /// A password from a text.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Its length in characters.
    #[must_use]
    pub fn chars(&self) -> usize {
        self.0.chars().count()
    }

    /// Whether it is this text, whatever the case of its letters.
    #[must_use]
    pub fn is_like(&self, text: &str) -> bool {
        self.0.to_lowercase() == text.to_lowercase()
    }
}

impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Password(…)")
    }
}

/// Why a password was not looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// As many are being hashed, and wait for it, as may.
    #[error("as many passwords as the server can bear are being checked")]
    Busy,
    /// A stored hash cannot be read, or the system gives no random salt.
    #[error("a password could not be hashed")]
    Failed,
}

/// Hashes and checks passwords; cheap to clone. Each takes 19 MiB and some 20 ms of a
/// core (the parameters that OWASP recommends), so both how many run and how many wait
/// are bounded.
#[derive(Clone, Debug)]
pub struct Passwords {
    running: Arc<Semaphore>,
    admitted: Arc<Semaphore>,
    /// Checked where there is no account, so that this takes as long as where there is one.
    nobody: Arc<str>,
    /// Hashes computed so far.
    #[cfg(test)]
    computed: Arc<std::sync::atomic::AtomicU64>,
}

impl Passwords {
    /// With these limits.
    ///
    /// # Errors
    /// [`PasswordError::Failed`] when the system gives no random bytes.
    pub fn new(limits: &Limits) -> Result<Self, PasswordError> {
        let running = Limits::count(limits.password_hashes);
        let waiting = Limits::count(limits.password_hashes_waiting);
        let most = Semaphore::MAX_PERMITS;
        Ok(Self {
            running: Arc::new(Semaphore::new(running.min(most))),
            admitted: Arc::new(Semaphore::new(running.saturating_add(waiting).min(most))),
            nobody: hash("nobody has this one")?.into(),
            #[cfg(test)]
            computed: Arc::default(),
        })
    }

    /// The hash to store of a new password.
    ///
    /// # Errors
    /// [`PasswordError`].
    pub async fn hash(&self, password: Password) -> Result<String, PasswordError> {
        self.run(move || hash(&password.0)).await
    }

    /// Whether the password belongs to a stored hash. Without one it is never right, and
    /// finding that out takes the same work.
    ///
    /// # Errors
    /// [`PasswordError`].
    pub async fn verify(
        &self,
        password: Password,
        stored: Option<String>,
    ) -> Result<bool, PasswordError> {
        let nobody = Arc::clone(&self.nobody);
        self.run(move || {
            let right = verify(&password.0, stored.as_deref().unwrap_or(&nobody))?;
            Ok(right && stored.is_some())
        })
        .await
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, PasswordError> + Send + 'static,
    ) -> Result<T, PasswordError> {
        let Ok(place) = Arc::clone(&self.admitted).try_acquire_owned() else {
            metrics::limit_hit("password_hashes_waiting");
            return Err(PasswordError::Busy);
        };
        let running = Arc::clone(&self.running).acquire_owned().await;
        let turn = running.map_err(|_| PasswordError::Failed)?;
        #[cfg(test)]
        self.computed.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        // The permits go with the work, which goes on when the caller has left.
        let job = move || {
            let done = work();
            drop((turn, place));
            metrics::password_hashed();
            done
        };
        tokio::task::spawn_blocking(job).await.map_err(|_| PasswordError::Failed)?
    }
}

fn hash(password: &str) -> Result<String, PasswordError> {
    let hashed = Argon2::default().hash_password(password.as_bytes());
    hashed.map(|hash| hash.to_string()).map_err(|_| PasswordError::Failed)
}

fn verify(password: &str, stored: &str) -> Result<bool, PasswordError> {
    let hash = PasswordHash::new(stored).map_err(|_| PasswordError::Failed)?;
    Ok(Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passwords(hashes: u64, waiting: u64) -> Passwords {
        let limits = Limits {
            password_hashes: hashes,
            password_hashes_waiting: waiting,
            ..Limits::default()
        };
        Passwords::new(&limits).unwrap()
    }

    #[tokio::test]
    async fn a_password_is_right_for_its_own_hash_only() {
        let passwords = passwords(1, 1);
        let stored = passwords.hash(Password::new("correct horse")).await.unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        let check = |text: &str, stored: Option<&String>| {
            passwords.verify(Password::new(text), stored.cloned())
        };
        assert_eq!(check("correct horse", Some(&stored)).await, Ok(true));
        assert_eq!(check("Correct horse", Some(&stored)).await, Ok(false));
        assert_eq!(check("nobody has this one", None).await, Ok(false));
        assert_eq!(check("x", Some(&"damaged".to_owned())).await, Err(PasswordError::Failed));
        let again = passwords.hash(Password::new("correct horse")).await.unwrap();
        assert_ne!(stored, again, "each has a salt of its own");
    }

    #[tokio::test]
    async fn a9_no_more_than_so_many_are_hashed_and_wait() {
        let passwords = passwords(1, 2);
        let running = Arc::clone(&passwords.running).acquire_owned().await.unwrap();
        let mut admitted = Vec::new();
        for _ in 0..3 {
            let one = passwords.clone();
            admitted.push(tokio::spawn(async move { one.hash(Password::new("x")).await }));
        }
        while passwords.admitted.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        let refused = passwords.hash(Password::new("x")).await;
        assert_eq!(refused, Err(PasswordError::Busy));
        drop(running);
        for one in admitted {
            assert!(one.await.unwrap().is_ok(), "those who waited get their turn");
        }
        assert!(passwords.hash(Password::new("x")).await.is_ok());
    }

    /// As work is counted, not timed: one hash either way, of the same kind and cost.
    #[tokio::test]
    async fn p11_who_does_not_exist_costs_what_who_does_costs() {
        let passwords = passwords(1, 1);
        let stored = passwords.hash(Password::new("correct horse")).await.unwrap();
        let done = || passwords.computed.load(std::sync::atomic::Ordering::SeqCst);
        let cost = |hash: &str| {
            let parts: Vec<&str> = hash.split('$').collect();
            let lengths: Vec<usize> = parts[4..].iter().map(|part| part.len()).collect();
            (parts[..4].join("$"), lengths)
        };
        assert_eq!(cost(&passwords.nobody), cost(&stored));
        for account in [Some(stored), None] {
            let before = done();
            assert_eq!(passwords.verify(Password::new("guess"), account).await, Ok(false));
            assert_eq!(done() - before, 1);
        }
    }

    #[test]
    fn a_password_is_never_shown() {
        assert_eq!(format!("{:?}", Password::new("secret")), "Password(…)");
    }
}
