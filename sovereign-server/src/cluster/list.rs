//! The public games of all nodes, as this one shows them.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::Notify;
use tokio::time::Instant;

use super::Fleet;
use crate::lobby::GameInfo;

/// Games of other nodes, together.
const MOST: usize = 2_000;

/// Wait before it is gathered because of a change: others may follow.
const BETWEEN: Duration = Duration::from_millis(100);
/// For how long the list is looked after once somebody has asked for it: longer than anybody
/// waits for news of it.
const LOOKED_AFTER: Duration = Duration::from_secs(60);

/// What was gathered of late.
#[derive(Debug)]
pub(super) struct FleetList {
    gathered: tokio::sync::Mutex<Option<Instant>>,
    games: Mutex<Vec<GameInfo>>,
    /// Another node's games have changed.
    changed: Notify,
    good: Duration,
    /// When somebody last asked.
    asked: Mutex<Option<Instant>>,
}

impl FleetList {
    pub(super) fn new(good: Duration) -> Self {
        Self {
            gathered: tokio::sync::Mutex::default(),
            games: Mutex::default(),
            changed: Notify::new(),
            good,
            asked: Mutex::default(),
        }
    }
}

impl Fleet {
    /// The public games of all other nodes that live, a moment old at most. Whoever asks while
    /// they are gathered waits for the same answer.
    pub async fn games_elsewhere(&self) -> Vec<GameInfo> {
        let list = &self.inner.list;
        *list.asked.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
        self.gather_if_old().await;
        list.games.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Looks for news of the list as long as somebody wants them, while the node runs.
    pub async fn keep_list(self) {
        let (mut known, list) = (Vec::new(), &self.inner.list);
        loop {
            tokio::select! {
                () = tokio::time::sleep(list.good) => {}
                () = list.changed.notified() => {
                    tokio::time::sleep(BETWEEN).await;
                    *list.gathered.lock().await = None;
                }
            }
            let asked = *list.asked.lock().unwrap_or_else(PoisonError::into_inner);
            if asked.is_none_or(|asked| asked.elapsed() > LOOKED_AFTER) {
                continue;
            }
            self.gather_if_old().await;
            let games = list.games.lock().unwrap_or_else(PoisonError::into_inner).clone();
            let mut now: Vec<_> = games.iter().map(|game| (game.id, game.rev)).collect();
            now.sort_unstable();
            if now != known {
                self.inner.games.tell_of_list();
                known = now;
            }
        }
    }

    /// Another node says that its games have changed.
    pub fn list_changed(&self) {
        self.inner.list.changed.notify_one();
    }

    async fn gather_if_old(&self) {
        let list = &self.inner.list;
        let mut gathered = list.gathered.lock().await;
        if gathered.is_none_or(|since| since.elapsed() >= list.good) {
            let games = self.gather().await;
            *list.games.lock().unwrap_or_else(PoisonError::into_inner) = games;
            *gathered = Some(Instant::now());
        }
    }

    async fn gather(&self) -> Vec<GameInfo> {
        let others = self.others();
        let asked = others
            .iter()
            .map(|node| self.ask(http::Method::GET, "/peer/games", Bytes::new(), node));
        let answers = futures_util::future::join_all(asked).await;
        let lists = answers
            .into_iter()
            .flatten()
            .map(|answer| serde_json::from_slice::<Vec<GameInfo>>(&answer).unwrap_or_default());
        let mut games: Vec<GameInfo> = lists.flatten().collect();
        games.truncate(MOST);
        games
    }
}
