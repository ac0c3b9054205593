//! Jobs that one node does for all: which of them has one follows from the names of the living, as
//! with games, and what it writes carries an epoch.
//!
//! Two nodes that know of different others may both think that a job is theirs. Whoever began last
//! writes; of the other nothing gets through.

use std::sync::{Arc, OnceLock};

use tokio::sync::Mutex;
use tracing::info;

use super::{Roster, place_job};
use crate::store::{Store, StoreError};

/// Queue and parties.
pub const PEOPLE: &str = "people";
/// Dropping what is too old.
pub const RETENTION: &str = "retention";

/// A job, of which this node may have to do the work; cheap to clone.
#[derive(Clone, Debug)]
pub struct Duty {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    job: &'static str,
    store: Store,
    roster: OnceLock<Roster>,
    /// The store in the term that this node began last.
    held: Mutex<Option<Store>>,
}

impl Duty {
    /// Of a server that is alone, until it is one of several.
    #[must_use]
    pub fn new(job: &'static str, store: Store) -> Self {
        let (roster, held) = (OnceLock::new(), Mutex::default());
        Self { inner: Arc::new(Inner { job, store, roster, held }) }
    }

    /// From now on the job is shared with those who live.
    pub fn share(&self, roster: Roster) {
        // Whoever is one of a fleet stays so.
        let _ = self.inner.roster.set(roster);
    }

    /// What the job writes to, if it is this node's; in a fleet nothing gets there once another
    /// node has begun it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn store(&self) -> Result<Option<Store>, StoreError> {
        let Inner { job, store, roster, held } = &*self.inner;
        let Some(roster) = roster.get() else { return Ok(Some(store.clone())) };
        let mut held = held.lock().await;
        if !is_placed_here(job, roster) {
            *held = None;
        } else if held.is_none() {
            *held = Some(store.begin_term(job).await?);
            info!(job, "this node has a job of the fleet");
        }
        Ok(held.clone())
    }

    /// Another node has begun it: this one begins anew if it still should.
    pub async fn lose(&self) {
        *self.inner.held.lock().await = None;
    }
}

fn is_placed_here(job: &str, roster: &Roster) -> bool {
    let living = roster.living();
    let me = roster.me().name;
    place_job(job.as_bytes(), living.iter()).is_some_and(|node| node.name == me)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::cluster::Beat;
    use crate::cluster::member::tests::node;
    use crate::config::Limits;
    use crate::postgres::fresh;
    use crate::retention;
    use crate::store::{Finish, Keep, PostgresStore, SqliteStore};

    fn roster(name: &str) -> Roster {
        Roster::new(node(name), Duration::from_secs(60))
    }

    #[tokio::test]
    async fn whoever_is_alone_does_everything() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::from(SqliteStore::open(folder.path()).await.unwrap());
        let duty = Duty::new(RETENTION, store);
        assert!(duty.store().await.unwrap().is_some());
    }

    #[tokio::test]
    async fn of_two_who_both_think_that_a_job_is_theirs_the_last_one_writes() {
        let postgres = fresh().await;
        let of = |name: &str| {
            let store = Store::from(PostgresStore::new(postgres.clone(), None, name));
            let (duty, roster) = (Duty::new(RETENTION, store), roster(name));
            // Neither knows of the other.
            duty.share(roster.clone());
            (duty, roster)
        };
        let ((one, _), (two, knows)) = (of("n1"), of("n2"));
        let store = Store::from(PostgresStore::new(postgres.clone(), None, "n1"));
        let keep = Keep { replays: 9, results: 9 };
        store.finish_game(Finish::bare(crate::log::GameId::now_v7()), keep).await.unwrap();
        let limits = Limits { replays: 1, replay_days: 1, ..Limits::default() };
        let in_a_week = crate::store::now_ms() + 7 * 86_400_000;
        let stale = one.store().await.unwrap().unwrap();
        let fresh = two.store().await.unwrap().unwrap();
        let refused = retention::sweep(&stale, &limits, in_a_week).await.unwrap_err();
        assert!(matches!(refused, StoreError::TermOver(RETENTION)), "{refused}");
        assert_eq!(store.replays(9).await.unwrap().len(), 1, "nothing of it got through");
        assert_eq!(retention::sweep(&fresh, &limits, in_a_week).await.unwrap().replays, 1);
        // The same one goes on in its term; whoever lost it begins another one.
        two.store().await.unwrap();
        assert!(fresh.prune_games().await.is_ok());
        one.lose().await;
        let again = one.store().await.unwrap().unwrap();
        assert!(again.prune_games().await.is_ok() && fresh.prune_games().await.is_err());
        // Once it knows of the other, one of the two has nothing to do.
        knows.hear(vec![Beat { member: node("n1"), number: 1 }]);
        let has = two.store().await.unwrap().is_some();
        assert_eq!(has, is_placed_here(RETENTION, &knows));
    }
}
