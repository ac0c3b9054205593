//! Whose sockets are open: counted at this node, and by Redis in the whole fleet.
//!
//! Each node tells its own counts, again and again; what it told of is forgotten soon after it has
//! died. While Redis is down each node bounds and shows what it has itself.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval};
use uuid::Uuid;

use crate::cluster::Roster;
use crate::config::Limits;
use crate::redis::SharedOnline;
use crate::telemetry::metrics;

/// Accounts of which is told at once.
const BATCH: usize = 1_000;
/// Accounts with a socket less of which is to be told; the next beat tells of more.
const WAITING: usize = 4_096;

/// The sockets of people; cheap to clone.
#[derive(Clone, Debug)]
pub struct Online(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    here: Mutex<HashMap<Uuid, u64>>,
    fleet: Option<FleetOnline>,
    left: mpsc::Sender<Uuid>,
}

/// Where a node counts together with the others.
#[derive(Clone, Debug)]
pub struct FleetOnline {
    /// What is counted for all.
    pub shared: SharedOnline,
    /// Who lives.
    pub roster: Roster,
}

/// What tells the other nodes.
#[derive(Debug)]
pub struct OnlineRunner {
    online: Online,
    fleet: FleetOnline,
    left: mpsc::Receiver<Uuid>,
    beat: Duration,
}

/// One counted socket of an account; it counts until this is dropped.
#[derive(Debug)]
pub struct Place {
    online: Online,
    account: Uuid,
}

impl FleetOnline {
    /// The names of the other nodes that live.
    fn others(&self) -> Vec<String> {
        let me = self.roster.me().name;
        let living = self.roster.living();
        living.iter().filter(|node| node.name != me).map(|node| node.name.clone()).collect()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut here = self.online.here();
        if let Some(count) = here.get_mut(&self.account) {
            *count -= 1;
            if *count == 0 {
                here.remove(&self.account);
            }
        }
        drop(here);
        // Left out if there is no room: what was told before expires.
        let _ = self.online.0.left.try_send(self.account);
    }
}

impl Online {
    /// Nobody yet; counted with other nodes if there are any, and then with what has to run for
    /// it.
    #[must_use]
    pub fn new(limits: &Limits, fleet: Option<FleetOnline>) -> (Self, Option<OnlineRunner>) {
        let (sender, left) = mpsc::channel(WAITING);
        let (others, here) = (fleet.clone(), Mutex::default());
        let online = Self(Arc::new(Inner { here, fleet, left: sender }));
        let beat = Duration::from_millis(limits.online_beat_ms);
        let runner = |fleet| OnlineRunner { online: online.clone(), fleet, left, beat };
        let runner = others.map(runner);
        (online, runner)
    }

    fn here(&self) -> MutexGuard<'_, HashMap<Uuid, u64>> {
        self.0.here.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a socket of an account, unless it has `most` already.
    pub async fn enter(&self, account: Uuid, most: u64) -> Option<Place> {
        let place = self.try_enter(account, most).await;
        if place.is_none() {
            metrics::limit_hit("sockets_per_account");
        }
        place
    }

    async fn try_enter(&self, account: Uuid, most: u64) -> Option<Place> {
        let (place, count) = self.count(account, most)?;
        let Some(fleet) = &self.0.fleet else { return Some(place) };
        let entered = fleet.shared.enter(account, (count, most), &fleet.others()).await;
        entered.unwrap_or(true).then_some(place)
    }

    /// Counts it here, and says how many there are now.
    fn count(&self, account: Uuid, most: u64) -> Option<(Place, u64)> {
        let mut here = self.here();
        let before = here.get(&account).copied().unwrap_or_default();
        if before >= most {
            return None;
        }
        here.insert(account, before + 1);
        Some((Place { online: self.clone(), account }, before + 1))
    }

    /// Which of these accounts have a socket at any node, as far as that is known.
    pub async fn of(&self, accounts: &[Uuid]) -> Vec<bool> {
        let elsewhere = self.elsewhere(accounts).await.unwrap_or_default();
        let here = self.here();
        let is_elsewhere = elsewhere.into_iter().chain(std::iter::repeat(false));
        let both = accounts.iter().zip(is_elsewhere);
        both.map(|(account, elsewhere)| elsewhere || here.contains_key(account)).collect()
    }

    async fn elsewhere(&self, accounts: &[Uuid]) -> Option<Vec<bool>> {
        let fleet = self.0.fleet.as_ref()?;
        let others = fleet.others();
        if others.is_empty() || accounts.is_empty() {
            return None;
        }
        fleet.shared.elsewhere(accounts, &others).await.ok()
    }

    fn counts(&self, accounts: &[Uuid]) -> Vec<(Uuid, u64)> {
        let here = self.here();
        let count = |account: &Uuid| here.get(account).copied().unwrap_or_default();
        accounts.iter().map(|account| (*account, count(account))).collect()
    }
}

impl OnlineRunner {
    /// Tells them, for as long as the node runs.
    pub async fn run(mut self) {
        let mut beats = interval(self.beat);
        beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut left = Vec::new();
        loop {
            let accounts = tokio::select! {
                _ = beats.tick() => self.online.here().keys().copied().collect(),
                _ = self.left.recv_many(&mut left, BATCH) => std::mem::take(&mut left),
            };
            for batch in accounts.chunks(BATCH) {
                // The next beat says what this one could not.
                let _ = self.fleet.shared.tell(&self.online.counts(batch)).await;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_account_has_so_many_sockets_and_is_online_with_one() {
        let (online, _runner) = Online::new(&Limits::default(), None);
        let (ada, bob) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let first = online.enter(ada, 2).await.unwrap();
        let second = online.enter(ada, 2).await.unwrap();
        assert!(online.enter(ada, 2).await.is_none());
        assert_eq!(online.of(&[ada, bob]).await, [true, false]);
        drop(first);
        let third = online.enter(ada, 2).await.unwrap();
        drop((second, third));
        assert_eq!(online.of(&[ada, bob]).await, [false, false]);
        assert!(online.here().is_empty(), "nothing is kept of who is gone");
    }
}
