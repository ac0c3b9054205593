//! One search: who waits for what, and what came of it.

use std::collections::HashMap;
use std::time::Duration;

use serde::Serialize;
use tokio::time::Instant;
use uuid::Uuid;

use super::matching::{Search, Ticket};
use crate::lobby::News;
use crate::log::GameId;
use crate::store::Account;

/// Somebody who may play ranked games, or not.
#[derive(Clone, Debug)]
pub struct Entrant {
    /// Who.
    pub account: Account,
    /// Whether nobody vouches for them: neither a password nor an outside issuer.
    pub guest: bool,
}

/// Where a search is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// It goes on.
    Waiting,
    /// A game was found and is being made.
    Starting,
    /// This is the game.
    Matched(GameId),
    /// Nobody asked for it for long, or one of the party has left.
    Ended,
}

/// A search.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) ladder: String,
    pub(super) people: Vec<Account>,
    pub(super) points: i32,
    pub(super) since: Instant,
    pub(super) phase: Phase,
    /// When the phase began.
    pub(super) changed: Instant,
    pub(super) news: News,
    /// When each person last asked.
    seen: HashMap<Uuid, Instant>,
}

/// A search as it is shown to those who wait.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct QueueInfo {
    /// Grows with each change.
    pub rev: u64,
    /// `idle`, `waiting`, `starting`, `matched` or `ended`.
    pub state: &'static str,
    /// The ladder.
    pub ladder: Option<String>,
    /// People who search together.
    pub people: usize,
    /// For how long, in seconds.
    pub waited_s: u64,
    /// How far the search reaches now, in points.
    pub width_points: u64,
    /// People who search on this ladder.
    pub searching: usize,
    /// The game that was found.
    pub game: Option<GameId>,
}

impl QueueInfo {
    /// Of somebody who does not search.
    pub(super) fn idle() -> Self {
        Self { state: "idle", ..Self::default() }
    }
}

impl Entry {
    pub(super) fn new(ladder: String, people: Vec<Account>, points: i32, now: Instant) -> Self {
        let seen = people.iter().map(|account| (account.id, now)).collect();
        let (since, changed, news) = (now, now, News::default());
        Self { ladder, people, points, since, phase: Phase::Waiting, changed, news, seen }
    }

    /// Moves it on; those who wait are told.
    pub(super) fn turn(&mut self, phase: Phase, now: Instant) {
        self.phase = phase;
        self.changed = now;
        self.news.tell();
    }

    /// Somebody has asked how it stands.
    pub(super) fn see(&mut self, account: Uuid, now: Instant) {
        self.seen.insert(account, now);
    }

    /// Whether one of its people has not asked for so long.
    pub(super) fn is_silent(&self, now: Instant, most: Duration) -> bool {
        let silent = |seen: &Instant| now.saturating_duration_since(*seen) > most;
        self.people.iter().any(|account| self.seen.get(&account.id).is_none_or(silent))
    }

    pub(super) fn waited(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.since)
    }

    pub(super) fn ticket(&self, id: u64, now: Instant) -> Ticket {
        let waited = self.waited(now);
        Ticket { id, people: self.people.len(), points: self.points, waited }
    }

    pub(super) fn info(&self, now: Instant, search: &Search, searching: usize) -> QueueInfo {
        let waited = self.waited(now);
        let (state, game) = match self.phase {
            Phase::Waiting => ("waiting", None),
            Phase::Starting => ("starting", None),
            Phase::Matched(game) => ("matched", Some(game)),
            Phase::Ended => ("ended", None),
        };
        QueueInfo {
            rev: self.news.version(),
            state,
            ladder: Some(self.ladder.clone()),
            people: self.people.len(),
            waited_s: waited.as_secs(),
            width_points: search.width(waited),
            searching,
            game,
        }
    }
}
