//! A log on a disk that fails by dice: it refuses, stalls, loses answers, keeps damaged
//! snapshots, and at a crash drops what was not synced.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::sleep;

use super::dice::Dice;
use crate::log::memory::MemoryLog;
use crate::log::{CommandLog, Entry, GameId, LogError, Outcome, Position, Snapshot};

/// How the disk does.
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
}

/// What becomes of a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Kept,
    /// Kept, but reported as failed.
    Unanswered,
    /// Written but not synced, and reported as failed: a crash may keep or drop it.
    Unsynced,
    Refused,
}

/// What all processes that use the disk share.
#[derive(Debug)]
pub(crate) struct Disk {
    durable: MemoryLog,
    dice: Dice,
    weather: Mutex<Weather>,
    calls: AtomicU64,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    alive: BTreeSet<u64>,
    lives: u64,
    writes: u64,
    /// Writes under way or in doubt: whose, and what.
    unsynced: BTreeMap<u64, (u64, Vec<Entry>)>,
    /// The most entries of one game that were under way at once.
    most_under_way: usize,
}

/// One process's way to the disk.
#[derive(Clone, Debug)]
pub(crate) struct FaultyLog {
    disk: Arc<Disk>,
    life: u64,
}

fn failed(what: &str) -> LogError {
    LogError::Storage(format!("the dice made this {what} fail"))
}

impl Disk {
    pub(crate) fn new(dice: Dice) -> Arc<Self> {
        Arc::new(Self {
            durable: MemoryLog::new(),
            dice,
            weather: Mutex::new(Weather::Calm),
            calls: AtomicU64::new(0),
            state: Mutex::default(),
        })
    }

    /// A process begins to use the disk.
    pub(crate) fn open(self: &Arc<Self>) -> FaultyLog {
        let mut state = self.lock();
        state.lives += 1;
        let life = state.lives;
        state.alive.insert(life);
        FaultyLog { disk: Arc::clone(self), life }
    }

    pub(crate) fn set(&self, weather: Weather) {
        *self.weather.lock().unwrap_or_else(PoisonError::into_inner) = weather;
    }

    pub(crate) fn most_under_way(&self) -> usize {
        self.lock().most_under_way
    }

    /// What survives whatever happens.
    pub(crate) const fn durable(&self) -> &MemoryLog {
        &self.durable
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn weather(&self) -> Weather {
        *self.weather.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Dice for the next call of this kind.
    fn next(&self, kind: &str) -> Dice {
        self.dice.of(kind).nth(self.calls.fetch_add(1, Ordering::Relaxed))
    }

    fn fate(&self, dice: Dice) -> Fate {
        match self.weather() {
            Weather::Full => Fate::Refused,
            Weather::Rough => match dice.of("fate").below(20) {
                0 | 1 => Fate::Refused,
                2 | 3 => Fate::Unanswered,
                4 | 5 => Fate::Unsynced,
                _ => Fate::Kept,
            },
            Weather::Calm | Weather::Stuck => Fate::Kept,
        }
    }

    async fn delay(&self, dice: Dice) {
        let dice = dice.of("delay");
        let slow = self.weather() == Weather::Rough && dice.of("slow").chance(10);
        let micros = if slow { dice.between(10_000, 800_000) } else { dice.between(200, 2_000) };
        sleep(Duration::from_micros(micros)).await;
        // Asked for again and again: who waits for a change is woken by luck.
        while self.weather() == Weather::Stuck {
            sleep(Duration::from_micros(dice.of("stuck").between(900, 1_100))).await;
        }
    }

    fn begin(&self, life: u64, entries: &[Entry]) -> u64 {
        let mut state = self.lock();
        state.writes += 1;
        let mut of_game: BTreeMap<GameId, usize> = BTreeMap::new();
        for entry in entries {
            *of_game.entry(entry.game).or_default() += 1;
        }
        let most = of_game.into_values().max().unwrap_or(0);
        state.most_under_way = state.most_under_way.max(most);
        let write = state.writes;
        state.unsynced.insert(write, (life, entries.to_vec()));
        write
    }

    fn end(&self, write: u64) {
        self.lock().unsynced.remove(&write);
    }
}

impl FaultyLog {
    /// The process dies, or the power goes: what it had not synced is kept or dropped.
    pub(crate) async fn crash(&self) {
        let lost: Vec<(u64, Vec<Entry>)> = {
            let mut state = self.disk.lock();
            state.alive.remove(&self.life);
            let mine = |_: &u64, (life, _): &mut (u64, Vec<Entry>)| *life == self.life;
            let mine = state.unsynced.extract_if(.., mine);
            mine.map(|(write, (_, entries))| (write, entries)).collect()
        };
        for (write, entries) in lost {
            if self.disk.dice.of("crash").nth(write).chance(50) {
                // What no longer fits is fenced, as a torn write is by its checksum.
                let _ = self.disk.durable.append(entries).await;
            }
        }
    }

    fn check(&self) -> Result<(), LogError> {
        let alive = self.disk.lock().alive.contains(&self.life);
        if alive { Ok(()) } else { Err(LogError::Closed) }
    }

    /// Waits as a read does, and fails as one may.
    async fn read(&self) -> Result<Dice, LogError> {
        let dice = self.disk.next("read");
        sleep(Duration::from_micros(dice.between(50, 500))).await;
        self.check()?;
        let fails = self.disk.weather() == Weather::Rough && dice.of("fate").chance(10);
        if fails { Err(failed("read")) } else { Ok(dice) }
    }

    /// Does a small write, which may fail before or after.
    async fn write<T>(
        &self,
        dice: Dice,
        act: impl Future<Output = Result<T, LogError>>,
    ) -> Result<T, LogError> {
        self.disk.delay(dice).await;
        self.check()?;
        match self.disk.fate(dice) {
            Fate::Kept => act.await,
            Fate::Unanswered => act.await.and_then(|_| Err(failed("answer"))),
            Fate::Unsynced | Fate::Refused => Err(failed("write")),
        }
    }
}

impl CommandLog for FaultyLog {
    async fn create(&self, game: GameId) -> Result<Position, LogError> {
        self.write(self.disk.next("write"), self.disk.durable.create(game)).await
    }

    async fn claim(&self, game: GameId, seen: u64) -> Result<Position, LogError> {
        self.write(self.disk.next("write"), self.disk.durable.claim(game, seen)).await
    }

    async fn append(&self, entries: Vec<Entry>) -> Result<Vec<Outcome>, LogError> {
        let dice = self.disk.next("append");
        let write = self.disk.begin(self.life, &entries);
        self.disk.delay(dice).await;
        self.check()?;
        let fate = self.disk.fate(dice);
        if fate == Fate::Unsynced {
            return Err(failed("sync"));
        }
        self.disk.end(write);
        match fate {
            Fate::Kept => self.disk.durable.append(entries).await,
            Fate::Unanswered => {
                self.disk.durable.append(entries).await.and_then(|_| Err(failed("answer")))
            }
            Fate::Refused | Fate::Unsynced => Err(failed("append")),
        }
    }

    async fn position(&self, game: GameId) -> Result<Position, LogError> {
        self.read().await?;
        self.disk.durable.position(game).await
    }

    async fn read_from(&self, game: GameId, seq: u64) -> Result<Vec<Entry>, LogError> {
        self.read().await?;
        self.disk.durable.read_from(game, seq).await
    }

    async fn put_snapshot(&self, mut snapshot: Snapshot) -> Result<(), LogError> {
        // Made by another thread, which comes when it comes: its dice are its own.
        let dice = self.disk.dice.of("snapshot").nth(snapshot.seq).nth(self.life);
        if self.disk.weather() == Weather::Rough && dice.chance(20) {
            let at = dice.of("at").below(snapshot.blob.len() as u64);
            snapshot.blob[at as usize] ^= 1;
        }
        self.write(dice, self.disk.durable.put_snapshot(snapshot)).await
    }

    async fn snapshots(&self, game: GameId) -> Result<Vec<Snapshot>, LogError> {
        self.read().await?;
        self.disk.durable.snapshots(game).await
    }

    async fn forget(&self, game: GameId) -> Result<(), LogError> {
        self.write(self.disk.next("write"), self.disk.durable.forget(game)).await
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    mod contract {
        use super::super::*;
        crate::log::contract::suite!((Disk::new(Dice::new(1)).open(), ()));
    }

    fn entry(game: GameId, seq: u64) -> Entry {
        Entry { game, epoch: 1, seq, tick: seq as u32, batch: Bytes::new(), prev_hash: seq }
    }

    /// After an error, what is durable is asked for and the rest is sent again.
    async fn settle(log: &FaultyLog, game: GameId, seq: u64) -> bool {
        let result = log.append(vec![entry(game, seq)]).await;
        if result.is_ok() {
            return false;
        }
        while log.position(game).await.map_or(0, |position| position.seq) < seq {
            let _ = log.append(vec![entry(game, seq)]).await;
        }
        true
    }

    #[tokio::test(start_paused = true)]
    async fn appends_in_doubt_settle_to_each_entry_once() {
        let disk = Disk::new(Dice::new(7));
        let (log, game) = (disk.open(), GameId::from_u128(1));
        log.create(game).await.unwrap();
        disk.set(Weather::Rough);
        let mut doubts = 0;
        for seq in 1..=200 {
            doubts += u32::from(settle(&log, game, seq).await);
        }
        assert!(doubts > 20, "{doubts} doubts");
        let expected: Vec<Entry> = (1..=200).map(|seq| entry(game, seq)).collect();
        assert_eq!(disk.durable().read_from(game, 1).await.unwrap(), expected);
    }

    #[tokio::test(start_paused = true)]
    async fn a_crash_keeps_what_was_durable_and_drops_some_of_what_was_not() {
        let (mut kept, mut dropped) = (0, 0);
        for seed in 0..40 {
            let disk = Disk::new(Dice::new(seed));
            let (log, game) = (disk.open(), GameId::from_u128(1));
            log.create(game).await.unwrap();
            log.append(vec![entry(game, 1)]).await.unwrap();
            disk.set(Weather::Stuck);
            let late = log.append(vec![entry(game, 2)]);
            assert!(tokio::time::timeout(Duration::from_secs(1), late).await.is_err());
            log.crash().await;
            let seq = disk.open().position(game).await;
            disk.set(Weather::Calm);
            match seq.unwrap().seq {
                1 => dropped += 1,
                2 => kept += 1,
                other => panic!("{other} entries"),
            }
            assert!(log.append(vec![entry(game, 3)]).await.is_err(), "the dead write nothing");
        }
        assert!(kept > 5 && dropped > 5, "{kept} kept, {dropped} dropped");
    }
}
