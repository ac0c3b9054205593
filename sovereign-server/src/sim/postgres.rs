//! The log of record that all nodes share, as a database server keeps it, and a node's way to
//! it: slow, cut, full, crashed, locked, and silent about what it did.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use tokio::sync::oneshot;
use tokio::time::{sleep, timeout};

use super::net::{End, Net};
use crate::log::memory::MemoryLog;
use crate::log::{CommandLog, Entry, GameId, LogError, Outcome, Position, Recovery, Snapshot};

/// How long a node waits for an answer before the outcome is in doubt to it.
const PATIENCE: Duration = Duration::from_millis(800);
/// How often what is stuck looks whether it can go on.
const LOOK: Duration = Duration::from_millis(5);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Weather {
    /// Everything is kept within two milliseconds.
    Calm,
    /// Each call may fail, take long, or lose its answer.
    Rough,
    /// Nothing can be written.
    Full,
    /// Writes wait until the weather changes.
    Stuck,
    /// The server is not there.
    Down,
}

#[derive(Debug)]
struct State {
    weather: Weather,
    locked: Option<GameId>,
    /// Which node has which game.
    owners: BTreeMap<GameId, usize>,
    /// Appends that are not synced: a crash keeps or drops them.
    unsynced: BTreeMap<u64, Vec<Entry>>,
    writes: u64,
    most_under_way: usize,
    /// Entries that came before the one in front of them.
    gaps: Vec<String>,
}

#[derive(Debug)]
pub(crate) struct Postgres {
    durable: MemoryLog,
    net: Arc<Net>,
    state: Mutex<State>,
}

fn failed(what: &str) -> LogError {
    LogError::Storage(what.to_owned())
}

impl Postgres {
    pub(crate) fn new(net: Arc<Net>, owners: BTreeMap<GameId, usize>) -> Arc<Self> {
        let state = State {
            weather: Weather::Calm,
            locked: None,
            owners,
            unsynced: BTreeMap::new(),
            writes: 0,
            most_under_way: 0,
            gaps: Vec::new(),
        };
        Arc::new(Self { durable: MemoryLog::new(), net, state: Mutex::new(state) })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What survives whatever happens.
    pub(crate) const fn durable(&self) -> &MemoryLog {
        &self.durable
    }

    pub(crate) fn set(&self, weather: Weather) {
        self.lock().weather = weather;
    }

    /// From now on appends of this game wait for a lock that they do not get.
    pub(crate) fn lock_game(&self, game: Option<GameId>) {
        self.lock().locked = game;
    }

    pub(crate) fn owner(&self, game: GameId) -> Option<usize> {
        self.lock().owners.get(&game).copied()
    }

    pub(crate) fn most_under_way(&self) -> usize {
        self.lock().most_under_way
    }

    pub(crate) fn gaps(&self) -> Vec<String> {
        self.lock().gaps.clone()
    }

    /// The server dies: what it had not synced is kept or dropped, and nobody is told.
    pub(crate) fn crash(&self) {
        let lost = {
            let mut state = self.lock();
            state.weather = Weather::Down;
            std::mem::take(&mut state.unsynced)
        };
        for (_, entries) in lost {
            if self.net.throw().chance(50) {
                let _ = self.durable.append(entries).now_or_never();
            }
        }
    }

    fn weather(&self) -> Weather {
        self.lock().weather
    }

    /// A statement arrives: it takes its time, and may fail before it does anything.
    pub(super) async fn begin(&self, writes: bool) -> Result<(), LogError> {
        let dice = self.net.throw();
        let slow = self.weather() == Weather::Rough && dice.of("slow").chance(10);
        let micros = if slow { dice.between(10_000, 900_000) } else { dice.between(200, 2_000) };
        sleep(Duration::from_micros(micros)).await;
        while writes && self.weather() == Weather::Stuck {
            sleep(LOOK).await;
        }
        match self.weather() {
            Weather::Down => Err(failed("connection refused")),
            Weather::Full if writes => Err(failed("disk full")),
            Weather::Rough if dice.of("fate").chance(12) => Err(failed("the dice said no")),
            _ => Ok(()),
        }
    }

    /// The answer may be lost although all was done.
    pub(super) fn answer<T>(&self, result: Result<T, LogError>) -> Result<T, LogError> {
        let lost = self.weather() == Weather::Rough && self.net.throw().chance(12);
        if lost { result.and_then(|_| Err(failed("the answer was lost"))) } else { result }
    }

    pub(super) async fn read(&self, game: GameId, seq: u64) -> Result<Vec<Entry>, LogError> {
        let mut entries = self.durable.read_from(game, seq).await?;
        if planted!(SkipLast) {
            entries.pop();
        }
        Ok(entries)
    }

    fn write_ahead(&self, entries: &[Entry]) -> u64 {
        let mut state = self.lock();
        state.writes += 1;
        let write = state.writes;
        state.unsynced.insert(write, entries.to_vec());
        let mut under_way: BTreeMap<GameId, BTreeSet<(u64, u64)>> = BTreeMap::new();
        // What is tried once more though it is durable, which its node knows by now, does not count.
        let is_new = |entry: &&Entry| entry.seq > self.kept(entry.game);
        for entry in state.unsynced.values().flatten().filter(is_new) {
            under_way.entry(entry.game).or_default().insert((entry.epoch, entry.seq));
        }
        let of_one_owner = |entries: BTreeSet<(u64, u64)>| {
            let newest = entries.last().map_or(0, |(epoch, _)| *epoch);
            entries.iter().filter(|(epoch, _)| *epoch == newest).count()
        };
        let most = under_way.into_values().map(of_one_owner).max().unwrap_or(0);
        state.most_under_way = state.most_under_way.max(most);
        write
    }

    /// The last durable entry of a game.
    fn kept(&self, game: GameId) -> u64 {
        let position = self.durable.position(game).now_or_never();
        position.and_then(Result::ok).map_or(0, |position| position.seq)
    }

    async fn append(&self, entries: Vec<Entry>) -> Result<Vec<Outcome>, LogError> {
        let write = self.write_ahead(&entries);
        if planted!(AnswerUnsynced) {
            return self.append_unsynced(write, entries);
        }
        let begun = self.begin(true).await;
        let kept = self.lock().unsynced.remove(&write);
        begun?;
        let entries = kept.ok_or_else(|| failed("the server crashed"))?;
        let locked = self.lock().locked;
        if entries.iter().any(|entry| Some(entry.game) == locked) {
            return Err(failed("lock timeout"));
        }
        self.note_gaps(&entries).await;
        super::show(|| {
            let brief = entries.iter().map(|e| (e.game.as_u128(), e.epoch, e.seq));
            format!("append {:?}", brief.collect::<Vec<_>>())
        });
        self.answer(self.durable.append(entries).await)
    }

    /// A server that does not wait for its disk: a crash within a second drops what it said.
    fn append_unsynced(&self, write: u64, entries: Vec<Entry>) -> Result<Vec<Outcome>, LogError> {
        if self.weather() == Weather::Down {
            return Err(failed("connection refused"));
        }
        self.lock().unsynced.remove(&write);
        let dropped = self.net.throw().chance(1);
        let outcomes = vec![Outcome::Durable; entries.len()];
        if !dropped {
            return self.durable.append(entries).now_or_never().unwrap_or(Ok(outcomes));
        }
        Ok(outcomes)
    }

    /// An owner's entries come without gaps, also those that come late or again.
    async fn note_gaps(&self, entries: &[Entry]) {
        let mut expected: BTreeMap<GameId, u64> = BTreeMap::new();
        for entry in entries {
            let Ok(known) = self.durable.position(entry.game).await else { continue };
            let next = expected.entry(entry.game).or_insert(known.seq + 1);
            if entry.epoch == known.epoch && entry.seq > *next {
                self.lock().gaps.push(format!("entry {} came before {next}", entry.seq));
            }
            *next = (*next).max(entry.seq + 1);
        }
    }
}

/// A node's way to the log.
#[derive(Clone, Debug)]
pub(crate) struct LogLink {
    server: Arc<Postgres>,
    node: End,
}

impl LogLink {
    pub(crate) fn new(server: &Arc<Postgres>, node: usize) -> Self {
        Self { server: Arc::clone(server), node: End::Node(node) }
    }

    /// Asks the server. What is asked may arrive, and be done, when nobody waits any more.
    pub(super) async fn call<T, F>(
        &self,
        ask: impl FnOnce(Arc<Postgres>) -> F + Send + 'static,
    ) -> Result<T, LogError>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, LogError>> + Send,
    {
        let (reply, answer) = oneshot::channel();
        let (server, node) = (Arc::clone(&self.server), self.node);
        // No task of the node's: what is on the wire outlives it.
        tokio::spawn(async move {
            let net = Arc::clone(&server.net);
            if net.is_cut(node, End::Log) && net.throw().chance(50) {
                return;
            }
            net.travel(node, End::Log).await;
            let result = ask(server).await;
            net.travel(End::Log, node).await;
            let _ = reply.send(result);
        });
        match timeout(PATIENCE, answer).await {
            Ok(Ok(result)) => result,
            _ => Err(failed("no answer in time")),
        }
    }

    /// Which node has which game.
    pub(crate) async fn owners(&self) -> Result<BTreeMap<GameId, usize>, LogError> {
        self.call(async |server: Arc<Postgres>| {
            server.begin(false).await?;
            let owners = server.lock().owners.clone();
            Ok(owners)
        })
        .await
    }

    /// Moves games from the node that was seen to have them; those that it had still.
    pub(crate) async fn take(
        &self,
        games: Vec<GameId>,
        from: usize,
        to: usize,
    ) -> Result<Vec<GameId>, LogError> {
        self.call(async move |server: Arc<Postgres>| {
            server.begin(true).await?;
            let taken = {
                let mut state = server.lock();
                let had = |game: &GameId| state.owners.get(game) == Some(&from);
                let taken: Vec<GameId> = games.into_iter().filter(had).collect();
                taken.iter().for_each(|game| _ = state.owners.insert(*game, to));
                taken
            };
            server.answer(Ok(taken))
        })
        .await
    }
}

impl CommandLog for LogLink {
    async fn create(&self, game: GameId) -> Result<Position, LogError> {
        self.call(async move |server: Arc<Postgres>| {
            server.begin(true).await?;
            server.answer(server.durable.create(game).await)
        })
        .await
    }

    async fn claim(&self, game: GameId, seen: u64) -> Result<Position, LogError> {
        self.call(async move |server: Arc<Postgres>| {
            server.begin(true).await?;
            server.answer(server.durable.claim(game, seen).await)
        })
        .await
    }

    async fn append(&self, entries: Vec<Entry>) -> Result<Vec<Outcome>, LogError> {
        self.call(async move |server: Arc<Postgres>| server.append(entries).await).await
    }

    async fn position(&self, game: GameId) -> Result<Position, LogError> {
        self.call(async move |server: Arc<Postgres>| {
            server.begin(false).await?;
            server.durable.position(game).await
        })
        .await
    }

    async fn read_from(&self, game: GameId, seq: u64) -> Result<Vec<Entry>, LogError> {
        self.call(async move |server: Arc<Postgres>| {
            server.begin(false).await?;
            server.read(game, seq).await
        })
        .await
    }

    async fn take_over(&self, games: &[GameId]) -> Result<Vec<(GameId, Recovery)>, LogError> {
        self.take_all(games).await
    }

    async fn put_snapshot(&self, mut snapshot: Snapshot) -> Result<(), LogError> {
        self.call(async move |server: Arc<Postgres>| {
            server.begin(true).await?;
            let dice = server.net.throw();
            if server.weather() == Weather::Rough && dice.of("damage").chance(30) {
                let at = dice.below(snapshot.blob.len() as u64);
                snapshot.blob[at as usize] ^= 1;
            }
            server.answer(server.durable.put_snapshot(snapshot).await)
        })
        .await
    }

    async fn snapshots(&self, game: GameId) -> Result<Vec<Snapshot>, LogError> {
        self.call(async move |server: Arc<Postgres>| {
            server.begin(false).await?;
            server.durable.snapshots(game).await
        })
        .await
    }

    async fn forget(&self, game: GameId) -> Result<(), LogError> {
        self.call(async move |server: Arc<Postgres>| {
            server.begin(true).await?;
            server.durable.forget(game).await
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    mod contract {
        use super::super::super::dice::Dice;
        use super::super::super::net::Net;
        use super::super::*;
        crate::log::contract::suite!((
            LogLink::new(&Postgres::new(Net::new(Dice::new(1)), BTreeMap::new()), 0),
            ()
        ));
    }
}
