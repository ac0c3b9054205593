//! The ranked queue: takes searches in, matches them once a second, and makes their games.
//!
//! It lives in memory: after a restart people search anew. A game that was made is kept like
//! any other.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::StatusCode;
use tokio::sync::watch;
use tokio::time::Instant;
use tracing::warn;
use uuid::Uuid;

use super::entry::{Entrant, Entry, Phase, QueueInfo};
use super::ladder::{Ladder, Ladders};
use super::matching::{self, Match, Search};
use crate::cluster::duty::PEOPLE;
use crate::cluster::{Duty, Fleet, Roster};
use crate::config::{Limits, Live};
use crate::error::ApiError;
use crate::lobby::Lobby;
use crate::log::GameId;
use crate::store::{Account, Store};
use crate::telemetry::metrics;

/// Time between two rounds of matching.
const ROUND: Duration = Duration::from_secs(1);
/// How long it is told what came of a search.
const TOLD: Duration = Duration::from_secs(120);

/// All searches of this process; cheap to clone.
#[derive(Clone, Debug)]
pub struct Queue {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    store: Store,
    duty: Duty,
    lobby: Lobby,
    ladders: Ladders,
    settings: Live,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    next: u64,
    entries: BTreeMap<u64, Entry>,
    /// The search of each person.
    of: HashMap<Uuid, u64>,
}

impl State {
    fn entry_of(&mut self, account: Uuid) -> Option<&mut Entry> {
        let id = self.of.get(&account)?;
        self.entries.get_mut(id)
    }

    fn remove(&mut self, id: u64) {
        let Some(entry) = self.entries.remove(&id) else { return };
        for account in entry.people {
            if self.of.get(&account.id) == Some(&id) {
                self.of.remove(&account.id);
            }
        }
    }

    fn searching(&self, ladder: &str) -> usize {
        let here = |entry: &&Entry| entry.phase == Phase::Waiting && entry.ladder == ladder;
        self.entries.values().filter(here).map(|entry| entry.people.len()).sum()
    }

    fn people(&self) -> usize {
        self.entries.values().map(|entry| entry.people.len()).sum()
    }
}

impl Queue {
    /// A queue in which nobody waits.
    #[must_use]
    pub fn new(store: Store, lobby: Lobby, ladders: Ladders, settings: Live) -> Self {
        let (state, duty) = (Mutex::default(), Duty::new(PEOPLE, store.clone()));
        Self { inner: Arc::new(Inner { store, duty, lobby, ladders, settings, state }) }
    }

    /// The kinds of ranked games.
    #[must_use]
    pub fn ladders(&self) -> &Ladders {
        &self.inner.ladders
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.inner.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn limits(&self) -> Limits {
        self.inner.settings.now().limits.clone()
    }

    fn search(&self) -> Search {
        let limits = self.limits();
        Search {
            start: limits.queue_width_points,
            per_second: limits.queue_points_per_second,
            most: limits.queue_width_max_points,
        }
    }

    /// Begins a search of people who play on one side.
    ///
    /// # Errors
    /// 404 without such a ladder, 403 for guests, 409 when one of them searches or plays
    /// already or they are too many, 503 when the queue is full.
    pub async fn enter(
        &self,
        ladder: &str,
        people: Vec<Entrant>,
        fleet: Option<&Fleet>,
    ) -> Result<(), ApiError> {
        let inner = &self.inner;
        let ladder = inner.ladders.get(ladder).ok_or_else(|| ApiError::not_found("ladder"))?;
        may_play(ladder, &people, inner.settings.now().ranked.guests)?;
        let people: Vec<Account> = people.into_iter().map(|entrant| entrant.account).collect();
        for account in &people {
            if self.is_playing(account.id, fleet).await {
                let message = format!("{} is in a ranked game still", account.name);
                return Err(conflict("in_game", &message, "finish or surrender it first"));
            }
        }
        let ids = people.iter().map(|account| account.id).collect();
        let ratings = inner.store.ratings_on(ladder.name.clone(), ids).await?;
        let points: i32 = ratings.iter().map(|rating| rating.shown().points).sum();
        let points = points / i32::try_from(people.len().max(1)).unwrap_or(1);
        self.insert(Entry::new(ladder.name.clone(), people, points, Instant::now()))
    }

    async fn is_playing(&self, account: Uuid, fleet: Option<&Fleet>) -> bool {
        match fleet {
            Some(fleet) => fleet.in_ranked_game(account).await,
            None => self.inner.lobby.in_ranked_game(account).await,
        }
    }

    fn insert(&self, entry: Entry) -> Result<(), ApiError> {
        let most = Limits::count(self.limits().queue_people);
        let mut state = self.state();
        for account in &entry.people {
            let going = state.entry_of(account.id).map(|entry| entry.phase);
            if matches!(going, Some(Phase::Waiting | Phase::Starting)) {
                let message = format!("{} searches already", account.name);
                return Err(conflict("searching", &message, "stop that search first"));
            }
        }
        if state.people() + entry.people.len() > most {
            metrics::limit_hit("queue_people");
            return Err(ApiError::unavailable("the queue is full"));
        }
        state.next += 1;
        let id = state.next;
        for account in &entry.people {
            state.of.insert(account.id, id);
        }
        state.entries.insert(id, entry);
        metrics::queue_people(state.people());
        Ok(())
    }

    /// Ends the search of somebody, and of all who search with them.
    ///
    /// # Errors
    /// 409 when a game has been found.
    pub fn leave(&self, account: Uuid) -> Result<(), ApiError> {
        let mut state = self.state();
        match state.entry_of(account) {
            Some(entry) if entry.phase == Phase::Starting => {
                Err(conflict("matched", "a game has been found", "play it, or surrender there"))
            }
            Some(entry) if entry.phase == Phase::Waiting => {
                entry.turn(Phase::Ended, Instant::now());
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// How somebody's search stands.
    #[must_use]
    pub fn look(&self, account: Uuid) -> QueueInfo {
        let (search, now) = (self.search(), Instant::now());
        let mut state = self.state();
        let Some(entry) = state.entry_of(account) else { return QueueInfo::idle() };
        entry.see(account, now);
        let ladder = entry.ladder.clone();
        let searching = state.searching(&ladder);
        let entry = state.entry_of(account);
        entry.map_or_else(QueueInfo::idle, |entry| entry.info(now, &search, searching))
    }

    /// To wait for changes of somebody's search, if there is one that goes on.
    #[must_use]
    pub fn watch(&self, account: Uuid) -> Option<watch::Receiver<u64>> {
        let mut state = self.state();
        let entry = state.entry_of(account)?;
        entry.see(account, Instant::now());
        matches!(entry.phase, Phase::Waiting | Phase::Starting).then(|| entry.news.watch())
    }

    /// Ends all searches: another node has the queue, and people search there.
    pub fn close(&self) {
        let now = Instant::now();
        for entry in self.state().entries.values_mut() {
            if entry.phase == Phase::Waiting {
                entry.turn(Phase::Ended, now);
            }
        }
    }

    /// Matches once a second for as long as the server runs; the games begin in its fleet, if
    /// it is one of several.
    pub async fn run(self, fleet: Option<Fleet>) {
        loop {
            tokio::time::sleep(ROUND).await;
            self.round(fleet.as_ref()).await;
        }
    }

    async fn round(&self, fleet: Option<&Fleet>) {
        self.clear();
        for ladder in self.inner.ladders.all() {
            for game in self.matches(ladder) {
                self.begin(ladder, game, fleet).await;
            }
        }
        let state = self.state();
        metrics::queue_people(state.people());
    }

    /// Ends silent searches, and forgets what has been told for long.
    fn clear(&self) {
        let now = Instant::now();
        let silence = Duration::from_secs(self.limits().queue_silence_s);
        let mut state = self.state();
        for entry in state.entries.values_mut() {
            if entry.phase == Phase::Waiting && entry.is_silent(now, silence) {
                entry.turn(Phase::Ended, now);
            }
        }
        let over = |entry: &Entry| matches!(entry.phase, Phase::Matched(_) | Phase::Ended);
        let old = state.entries.iter().filter(|(_, entry)| {
            over(entry) && now.saturating_duration_since(entry.changed) > TOLD
        });
        let old: Vec<u64> = old.map(|(id, _)| *id).collect();
        for id in old {
            state.remove(id);
        }
    }

    /// The games that can begin; those who play them are no longer searched for.
    fn matches(&self, ladder: &Ladder) -> Vec<Match> {
        let (search, now) = (self.search(), Instant::now());
        let mut state = self.state();
        let here = |(_, entry): &(&u64, &Entry)| {
            entry.phase == Phase::Waiting && entry.ladder == ladder.name
        };
        let waiting = state.entries.iter().filter(here);
        let tickets: Vec<_> = waiting.map(|(id, entry)| entry.ticket(*id, now)).collect();
        let games = matching::find(&tickets, ladder.shape(), &search);
        for id in games.iter().flatten().flatten() {
            if let Some(entry) = state.entries.get_mut(id) {
                metrics::queue_waited(entry.waited(now));
                entry.turn(Phase::Starting, now);
            }
        }
        games
    }

    /// From now on the queue is shared with those who live: one of them has it.
    pub fn share(&self, roster: Roster) {
        self.inner.duty.share(roster);
    }

    /// Makes a game, if the queue is this node's, and begins it.
    async fn make(
        &self,
        ladder: &Ladder,
        people: &[(Account, u8)],
        fleet: Option<&Fleet>,
    ) -> Result<GameId, ApiError> {
        let elsewhere = || ApiError::unavailable("another server has the queue by now");
        let lobby = &self.inner.lobby;
        if !fleet.is_some_and(Fleet::has_room) {
            lobby.has_room()?;
        }
        let store = self.inner.duty.store().await?.ok_or_else(elsewhere)?;
        let game = lobby.make_ranked(&store, ladder, people).await?;
        match fleet {
            Some(fleet) => fleet.begin(game).await,
            None => lobby.begin_made(game).await?,
        }
        Ok(game)
    }

    async fn begin(&self, ladder: &Ladder, game: Match, fleet: Option<&Fleet>) {
        let people = self.seats(ladder, &game);
        let phase = match self.make(ladder, &people, fleet).await {
            Ok(id) => Phase::Matched(id),
            Err(error) => {
                warn!(ladder = ladder.name, %error, "a ranked game cannot be made yet");
                // It may be that another node has begun the job.
                self.inner.duty.lose().await;
                Phase::Waiting
            }
        };
        let now = Instant::now();
        let mut state = self.state();
        for id in game.iter().flatten() {
            if let Some(entry) = state.entries.get_mut(id) {
                entry.turn(phase, now);
            }
        }
    }

    /// Who sits in the game, with their teams; sides take turns, so that no seat is one's side's.
    fn seats(&self, ladder: &Ladder, game: &Match) -> Vec<(Account, u8)> {
        let state = self.state();
        let of = |id: &u64| state.entries.get(id).map(|entry| entry.people.clone());
        let side = |ids: &Vec<u64>| ids.iter().filter_map(of).flatten().collect::<Vec<Account>>();
        let sides: Vec<Vec<Account>> = game.iter().map(side).collect();
        let mut seats = Vec::new();
        for turn in 0..ladder.shape().size {
            for (side, team) in sides.iter().zip(1..) {
                let team = if ladder.teams == 0 { 0 } else { team };
                seats.extend(side.get(turn).map(|account| (account.clone(), team)));
            }
        }
        seats
    }
}

/// Whether these people may play on this ladder together.
fn may_play(ladder: &Ladder, people: &[Entrant], guests: bool) -> Result<(), ApiError> {
    let size = ladder.shape().size;
    if people.len() > size {
        let message = format!("a side of {} has {size} people", ladder.name);
        return Err(conflict("party_too_large", &message, "choose another ladder, or split up"));
    }
    match people.iter().find(|entrant| entrant.guest && !guests) {
        Some(entrant) => {
            let message = format!("{} plays as a guest", entrant.account.name);
            let hint = "ranked games need an account: sign up, and keep your games";
            Err(ApiError::new(StatusCode::FORBIDDEN, "guests_unranked", message, hint))
        }
        None => Ok(()),
    }
}

fn conflict(code: &'static str, message: &str, hint: &str) -> ApiError {
    ApiError::new(StatusCode::CONFLICT, code, message, hint)
}
