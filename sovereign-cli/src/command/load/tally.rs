//! What all bots saw together.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hdrhistogram::Histogram;
use serde::Serialize;

use super::line::Lost;

/// The longest time that is told apart, in microseconds.
const LONGEST_US: u64 = 120_000_000;
/// How many different faults are kept in words.
const FAULTS_MAX: usize = 8;

/// Percentiles of times, in milliseconds.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(super) struct Times {
    pub(super) count: u64,
    pub(super) p50: f64,
    pub(super) p90: f64,
    pub(super) p99: f64,
    pub(super) p999: f64,
    pub(super) max: f64,
}

impl From<&Histogram<u64>> for Times {
    fn from(times: &Histogram<u64>) -> Self {
        let at = |quantile| times.value_at_quantile(quantile) as f64 / 1_000.0;
        Self {
            count: times.len(),
            p50: at(0.5),
            p90: at(0.9),
            p99: at(0.99),
            p999: at(0.999),
            max: times.max() as f64 / 1_000.0,
        }
    }
}

/// Counts and times of the part that is measured.
#[derive(Clone, Debug)]
pub(super) struct Counts {
    /// Between two bodies at a client.
    pub(super) gap: Histogram<u64>,
    /// From an order to its effect at its sender.
    pub(super) effect: Histogram<u64>,
    /// From connecting to the first sight of the game.
    pub(super) join: Histogram<u64>,
    pub(super) frames: u64,
    pub(super) bodies: u64,
    pub(super) body_bytes: u64,
    pub(super) snapshots: u64,
    pub(super) bytes: u64,
    pub(super) orders: u64,
    pub(super) done: u64,
    pub(super) refused: BTreeMap<String, u64>,
    pub(super) lost: BTreeMap<String, u64>,
}

impl Counts {
    fn new() -> Self {
        let times = || Histogram::new_with_bounds(1, LONGEST_US, 3).expect("bounds are constants");
        Self {
            gap: times(),
            effect: times(),
            join: times(),
            frames: 0,
            bodies: 0,
            body_bytes: 0,
            snapshots: 0,
            bytes: 0,
            orders: 0,
            done: 0,
            refused: BTreeMap::new(),
            lost: BTreeMap::new(),
        }
    }
}

/// Where all bots write down what they see.
#[derive(Debug)]
pub(super) struct Tally {
    measuring: AtomicBool,
    counts: Mutex<Counts>,
    /// Sockets that are open now.
    pub(super) open: AtomicI64,
    /// Frames that were not what they should be, from the first on.
    pub(super) wrong: AtomicU64,
    faults: Mutex<Vec<String>>,
}

impl Tally {
    pub(super) fn new() -> Self {
        Self {
            measuring: AtomicBool::new(false),
            counts: Mutex::new(Counts::new()),
            open: AtomicI64::new(0),
            wrong: AtomicU64::new(0),
            faults: Mutex::default(),
        }
    }

    /// Begins or ends the part that is measured.
    pub(super) fn measure(&self, on: bool) {
        self.measuring.store(on, Ordering::Release);
    }

    fn lock(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes something down, if it is measured now.
    pub(super) fn note(&self, what: impl FnOnce(&mut Counts)) {
        if self.measuring.load(Ordering::Acquire) {
            what(&mut self.lock());
        }
    }

    /// Writes down a time.
    pub(super) fn time(&self, of: impl FnOnce(&mut Counts) -> &mut Histogram<u64>, time: Duration) {
        let micros = u64::try_from(time.as_micros()).unwrap_or(LONGEST_US).max(1);
        self.note(|counts| of(counts).saturating_record(micros));
    }

    /// A frame was not what it should be.
    pub(super) fn fault(&self, what: String) {
        self.wrong.fetch_add(1, Ordering::Relaxed);
        let mut faults = self.faults.lock().unwrap_or_else(PoisonError::into_inner);
        if faults.len() < FAULTS_MAX {
            faults.push(what);
        }
    }

    /// A line ended.
    pub(super) fn lost(&self, Lost(why): Lost) {
        self.note(|counts| *counts.lost.entry(why).or_default() += 1);
    }

    /// All that was counted so far.
    pub(super) fn counts(&self) -> Counts {
        self.lock().clone()
    }

    /// What was wrong, in words.
    pub(super) fn faults(&self) -> Vec<String> {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
