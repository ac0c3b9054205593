//! Whether this process lives and takes players.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::log::GameId;

/// A tick loop that has not come round for this long is stuck.
const STUCK: Duration = Duration::from_secs(10);

/// What the operations listener tells; cheap to clone.
#[derive(Clone, Debug)]
pub struct Health {
    started: Instant,
    ready: Arc<AtomicBool>,
    loops: Arc<Mutex<HashMap<GameId, Arc<AtomicU64>>>>,
    work: Arc<Mutex<Work>>,
}

/// What all tick loops did since somebody last looked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Work {
    /// Ticks.
    pub ticks: u32,
    /// Time that they took.
    pub busy: Duration,
    /// How late they started, together.
    pub late: Duration,
    /// The greatest age of an entry that was not durable.
    pub log_lag: Duration,
}

impl Work {
    /// How late a tick started.
    #[must_use]
    pub fn mean_lateness(&self) -> Duration {
        self.late.checked_div(self.ticks).unwrap_or_default()
    }

    fn add(&mut self, other: &Self) {
        self.ticks = self.ticks.saturating_add(other.ticks);
        self.busy += other.busy;
        self.late += other.late;
        self.log_lag = self.log_lag.max(other.log_lag);
    }
}

/// A tick loop's sign of life; the loop is no longer watched once it is dropped.
#[derive(Debug)]
pub struct Pulse {
    game: GameId,
    health: Health,
    last_ms: Arc<AtomicU64>,
}

impl Default for Health {
    fn default() -> Self {
        Self {
            started: Instant::now(),
            ready: Arc::default(),
            loops: Arc::default(),
            work: Arc::default(),
        }
    }
}

impl Health {
    /// Takes players from now on, or no longer.
    pub fn set_ready(&self, ready: bool) {
        self.ready.store(ready, Ordering::Release);
    }

    /// Whether players are taken.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.ready.load(Ordering::Acquire)
    }

    /// Watches a game's tick loop.
    #[must_use]
    pub fn watch(&self, game: GameId) -> Pulse {
        let last_ms = Arc::new(AtomicU64::new(self.now_ms()));
        self.lock().insert(game, Arc::clone(&last_ms));
        Pulse { game, health: self.clone(), last_ms }
    }

    /// How many watched loops are stuck.
    #[must_use]
    pub fn stuck_loops(&self) -> usize {
        let oldest = self.now_ms().saturating_sub(STUCK.as_millis() as u64);
        self.lock().values().filter(|last| last.load(Ordering::Relaxed) < oldest).count()
    }

    /// What tick loops did since this was last asked.
    #[must_use]
    pub fn take_work(&self) -> Work {
        std::mem::take(&mut self.work.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn now_ms(&self) -> u64 {
        self.started.elapsed().as_millis() as u64
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<GameId, Arc<AtomicU64>>> {
        self.loops.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pulse {
    /// The loop has come round.
    pub fn beat(&self) {
        self.last_ms.store(self.health.now_ms(), Ordering::Relaxed);
    }

    /// A tick has passed.
    pub fn worked(&self, tick: &Work) {
        self.health.work.lock().unwrap_or_else(PoisonError::into_inner).add(tick);
    }
}

impl Drop for Pulse {
    fn drop(&mut self) {
        self.health.lock().remove(&self.game);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_loop_that_stops_is_noticed_until_it_is_gone() {
        let health = Health::default();
        let (beating, stopped) = (health.watch(GameId::now_v7()), health.watch(GameId::now_v7()));
        for _ in 0..30 {
            tokio::time::advance(Duration::from_secs(1)).await;
            beating.beat();
        }
        assert_eq!(health.stuck_loops(), 1);
        drop(stopped);
        assert_eq!(health.stuck_loops(), 0);
    }
}
