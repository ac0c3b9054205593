//! What is void although it has not expired, and the sockets that live by it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{Identity, now_s};
use crate::store::people::Revocation;

/// All revocations of this process; cheap to clone. A copy of what is stored, so that a
/// check costs two look-ups and no database.
#[derive(Clone, Debug, Default)]
pub struct Revocations {
    inner: Arc<Mutex<Inner>>,
}

#[derive(Debug, Default)]
struct Inner {
    void: HashMap<Uuid, Revocation>,
    /// Accounts that are shut out, and until when, in seconds since 1970.
    bans: HashMap<Uuid, u64>,
    /// By session and by account: what lives as long as their tokens do.
    living: HashMap<Uuid, HashMap<u64, Living>>,
    next: u64,
}

#[derive(Debug)]
struct Living {
    issued_s: u64,
    ended: CancellationToken,
}

/// Tells when an identity's tokens are revoked. Dropped, nobody waits for it any more.
#[derive(Debug)]
pub struct Watch {
    revocations: Revocations,
    number: u64,
    keys: [Uuid; 2],
    ended: CancellationToken,
}

impl Revocations {
    /// Makes tokens void, and ends at once what lives by them.
    pub fn add(&self, revocations: &[Revocation]) {
        let mut inner = self.lock();
        for one in revocations {
            inner.void.insert(one.id, *one);
            let living = inner.living.get(&one.id).into_iter().flat_map(HashMap::values);
            living
                .filter(|life| life.issued_s <= one.issued_s)
                .for_each(|life| life.ended.cancel());
        }
    }

    /// Shuts an account out until then, in seconds since 1970, and ends at once what lives by
    /// its tokens.
    pub fn ban(&self, account: Uuid, until_s: u64) {
        let mut inner = self.lock();
        inner.bans.insert(account, until_s);
        let living = inner.living.get(&account).into_iter().flat_map(HashMap::values);
        living.for_each(|life| life.ended.cancel());
    }

    /// Lets an account in again.
    pub fn unban(&self, account: Uuid) {
        self.lock().bans.remove(&account);
    }

    /// The accounts that are shut out.
    #[must_use]
    pub fn banned(&self) -> Vec<Uuid> {
        self.lock().bans.keys().copied().collect()
    }

    /// Until when an account is shut out, in seconds since 1970, if it is.
    #[must_use]
    pub fn banned_until(&self, account: Uuid) -> Option<u64> {
        self.lock().bans.get(&account).copied().filter(|until| now_s() < *until)
    }

    /// Whether a token of this identity is void.
    #[must_use]
    pub fn is_void(&self, identity: &Identity) -> bool {
        self.lock().is_void(identity)
    }

    /// Watches over an identity; has ended already if its token is void.
    #[must_use]
    pub fn watch(&self, identity: &Identity) -> Watch {
        let ended = CancellationToken::new();
        let keys = keys(identity);
        let mut inner = self.lock();
        if inner.is_void(identity) {
            ended.cancel();
        }
        let number = inner.next;
        inner.next += 1;
        for key in keys {
            let living = Living { issued_s: identity.issued, ended: ended.clone() };
            inner.living.entry(key).or_default().insert(number, living);
        }
        drop(inner);
        Watch { revocations: self.clone(), number, keys, ended }
    }

    /// Forgets what nobody can hold a token of any more.
    pub fn forget_past(&self, now_s: u64) {
        let mut inner = self.lock();
        inner.void.retain(|_, one| one.until_s >= now_s);
        inner.bans.retain(|_, until| *until > now_s);
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn is_void(&self, identity: &Identity) -> bool {
        let void = |id: &Uuid| self.void.get(id).is_some_and(|one| identity.issued <= one.issued_s);
        let banned = |until: &u64| now_s() < *until;
        keys(identity).iter().any(void) || self.bans.get(&identity.account).is_some_and(banned)
    }
}

const fn keys(identity: &Identity) -> [Uuid; 2] {
    [identity.session, identity.account]
}

impl Watch {
    /// Returns once the token is void.
    pub async fn ended(&self) {
        self.ended.cancelled().await;
    }

    /// Is cancelled once the token is void.
    pub(super) fn token(&self) -> CancellationToken {
        self.ended.clone()
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let mut inner = self.revocations.lock();
        for key in self.keys {
            let Some(living) = inner.living.get_mut(&key) else { continue };
            living.remove(&self.number);
            if living.is_empty() {
                inner.living.remove(&key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    fn identity(account: Uuid, issued: u64) -> Identity {
        Identity { account, session: Uuid::new_v4(), issued, expires: issued + 900, outside: None }
    }

    fn revocation(id: Uuid, issued_s: u64) -> Revocation {
        Revocation { id, issued_s, until_s: 5_000 }
    }

    #[test]
    fn a_session_ends_alone_and_an_account_as_a_whole() {
        let revocations = Revocations::default();
        let account = Uuid::new_v4();
        let (phone, desk, later) =
            (identity(account, 100), identity(account, 200), identity(account, 300));
        let watches = [&phone, &desk, &later].map(|one| revocations.watch(one));
        let ended = || watches.each_ref().map(|watch| watch.ended().now_or_never().is_some());
        revocations.add(&[revocation(phone.session, 5_000)]);
        assert_eq!(ended(), [true, false, false]);
        revocations.add(&[revocation(account, 200)]);
        assert_eq!(ended(), [true, true, false], "what was issued later holds");
        assert!(revocations.is_void(&desk) && !revocations.is_void(&later));
        let late = revocations.watch(&desk);
        assert!(late.ended().now_or_never().is_some(), "void before it was watched");
    }

    #[test]
    fn whoever_is_shut_out_is_so_with_every_token_until_the_end() {
        let revocations = Revocations::default();
        let (ada, bob) = (identity(Uuid::new_v4(), 100), identity(Uuid::new_v4(), 100));
        let watch = revocations.watch(&ada);
        revocations.ban(ada.account, now_s() + 600);
        assert!(watch.ended().now_or_never().is_some());
        let later = identity(ada.account, now_s());
        assert!(revocations.is_void(&later) && !revocations.is_void(&bob));
        revocations.forget_past(now_s());
        assert!(revocations.banned_until(ada.account).is_some());
        revocations.unban(ada.account);
        assert!(!revocations.is_void(&later));
        revocations.ban(ada.account, now_s());
        assert!(!revocations.is_void(&later), "an end that has come");
    }

    #[test]
    fn nothing_is_kept_of_those_who_left_and_of_what_is_past() {
        let revocations = Revocations::default();
        let ada = identity(Uuid::new_v4(), 100);
        drop(revocations.watch(&ada));
        assert!(revocations.lock().living.is_empty());
        revocations.add(&[revocation(ada.session, 5_000)]);
        revocations.forget_past(5_000);
        assert!(revocations.is_void(&ada));
        revocations.forget_past(5_001);
        assert!(!revocations.is_void(&ada));
    }
}
