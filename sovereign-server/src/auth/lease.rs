//! How long a socket may speak for somebody: until the token ends or its session is ended.

use std::time::Duration;

use tokio::time::Instant;
use uuid::Uuid;

use super::{Identity, Revocations, Watch, now_s};

/// Why somebody may not be spoken for any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeaseEnd {
    /// The token has expired, and no other one has come.
    Expired,
    /// The session was ended.
    Revoked,
}

/// The right to speak for an account.
#[derive(Debug)]
pub struct Lease {
    account: Uuid,
    revocations: Revocations,
    watch: Watch,
    until: Instant,
    leeway_s: u64,
}

impl Lease {
    /// The right that a token gives, which ends `leeway_s` seconds (60 at most) after it.
    #[must_use]
    pub fn new(identity: &Identity, revocations: &Revocations, leeway_s: u64) -> Self {
        Self {
            account: identity.account,
            revocations: revocations.clone(),
            watch: revocations.watch(identity),
            until: end_of(identity, leeway_s),
            leeway_s,
        }
    }

    /// For whom.
    #[must_use]
    pub const fn account(&self) -> Uuid {
        self.account
    }

    /// Goes on with another token of the same account; whether it was one.
    pub fn renew(&mut self, identity: &Identity) -> bool {
        if identity.account != self.account {
            return false;
        }
        self.watch = self.revocations.watch(identity);
        self.until = end_of(identity, self.leeway_s);
        true
    }

    /// Returns when the right ends. What is renewed later is not waited for.
    pub fn ended(&self) -> impl Future<Output = LeaseEnd> + Send + use<> {
        let (revoked, until) = (self.watch.token(), self.until);
        async move {
            tokio::select! {
                biased;
                () = revoked.cancelled() => LeaseEnd::Revoked,
                () = tokio::time::sleep_until(until) => LeaseEnd::Expired,
            }
        }
    }
}

/// When the time is over, on the clock that no operator sets back.
fn end_of(identity: &Identity, leeway_s: u64) -> Instant {
    let left = identity.expires.saturating_add(leeway_s).saturating_sub(now_s());
    let now = Instant::now();
    now.checked_add(Duration::from_secs(left)).unwrap_or(now)
}
