//! How full this node is: what an autoscaler looks at, and what keeps a node from taking on more
//! than it can carry.
//!
//! Invariant: what is measured here refuses new games alone; games that run, and those of dead
//! nodes, are never refused.

use std::time::Duration;

use tokio::time::{Instant, MissedTickBehavior, interval};

use crate::cluster::Games as _;
use crate::config::{Limits, Live};
use crate::gateway::connections::Connections;
use crate::health::{Health, Work};
use crate::lobby::Lobby;
use crate::room::TICK;
use crate::telemetry::metrics;

/// Time between two looks.
const LOOK: Duration = Duration::from_secs(1);
/// How much of what is shown of work, lateness and log comes of the newest look: a burst of one
/// second fills no node.
const NEWEST: f64 = 0.2;

/// The used share of each bound; 1 is full.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Fullness {
    /// Games, of `limits.rooms`.
    pub rooms: f64,
    /// Open connections, of `limits.connections`.
    pub sockets: f64,
    /// Work of ticks, of the time of all cores.
    pub work: f64,
    /// How late ticks start, of the time that a game may run ahead of its log.
    pub lateness: f64,
    /// Age of the oldest entry that is not durable, of the same time.
    pub log: f64,
}

impl Fullness {
    /// The parts, by the names that they have in the metric.
    #[must_use]
    pub const fn parts(&self) -> [(&'static str, f64); 5] {
        let Self { rooms, sockets, work, lateness, log } = *self;
        [
            ("rooms", rooms),
            ("sockets", sockets),
            ("work", work),
            ("lateness", lateness),
            ("log", log),
        ]
    }

    /// The greatest of them.
    #[must_use]
    pub fn most(&self) -> f64 {
        self.parts().iter().fold(0.0, |most, (_, part)| part.max(most))
    }

    /// After a look: what is counted as it is, what is measured smoothed.
    fn after(&self, now: &Self) -> Self {
        // More than full is no fuller: what was stuck for long is free again soon after.
        let smooth = |before: f64, now: f64| before + (now.min(1.0) - before) * NEWEST;
        Self {
            work: smooth(self.work, now.work),
            lateness: smooth(self.lateness, now.lateness),
            log: smooth(self.log, now.log),
            ..*now
        }
    }
}

/// What tick loops did in a while, as shares.
fn measured(work: &Work, passed: Duration, cores: f64, limits: &Limits) -> Fullness {
    let ahead = TICK.as_secs_f64() * limits.run_ahead_ticks.max(1) as f64;
    Fullness {
        work: work.busy.as_secs_f64() / (passed.as_secs_f64() * cores).max(f64::MIN_POSITIVE),
        lateness: work.mean_lateness().as_secs_f64() / ahead,
        log: work.log_lag.as_secs_f64() / ahead,
        ..Fullness::default()
    }
}

/// Looks again and again, shows what there is, and tells the lobby when it is too much.
pub async fn keep(lobby: Lobby, connections: Connections, health: Health, settings: Live) {
    let cores = std::thread::available_parallelism().map_or(1.0, |cores| cores.get() as f64);
    let mut looks = interval(LOOK);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut shown, mut before) = (Fullness::default(), Instant::now());
    loop {
        looks.tick().await;
        let limits = settings.now().limits.clone();
        let now = measured(&health.take_work(), before.elapsed(), cores, &limits);
        before = Instant::now();
        let rooms = lobby.count() as f64 / (limits.rooms as f64).max(1.0);
        shown = shown.after(&Fullness { rooms, sockets: connections.used(), ..now });
        metrics::fullness(shown.most(), &shown.parts());
        lobby.set_busy(is_busy(&shown, limits.node_full_percent));
    }
}

/// Whether more games would be too many; how many there are has its own bound.
fn is_busy(shown: &Fullness, percent: u64) -> bool {
    let others = Fullness { rooms: 0.0, ..*shown };
    others.most() * 100.0 >= percent as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn work(busy_ms: u64, log_lag_ms: u64) -> Work {
        let ms = Duration::from_millis;
        Work { ticks: 20, busy: ms(busy_ms), late: ms(100), log_lag: ms(log_lag_ms) }
    }

    #[test]
    fn each_bound_has_its_share_and_the_greatest_counts() {
        let second = Duration::from_secs(1);
        let limits = Limits { run_ahead_ticks: 4, ..Limits::default() };
        let now = measured(&work(500, 50), second, 2.0, &limits);
        let near = |share: f64, expected: f64| (share - expected).abs() < 1e-9;
        assert!(
            near(now.work, 0.25) && near(now.lateness, 0.025) && near(now.log, 0.25),
            "{now:?}"
        );
        let full = Fullness { rooms: 0.5, sockets: 0.75, ..now };
        assert!(near(full.most(), 0.75));
        assert!(!is_busy(&full, 76) && is_busy(&full, 75));
        assert!(!is_busy(&Fullness { rooms: 1.0, ..now }, 75), "rooms have a bound of their own");
    }

    #[test]
    fn a_burst_fills_no_node_and_what_lasts_does() {
        let limits = Limits::default();
        let burst = measured(&work(2_000, 0), Duration::from_secs(1), 2.0, &limits);
        let mut shown = Fullness::default().after(&burst);
        assert!(!is_busy(&shown, 90));
        for _ in 0..20 {
            shown = shown.after(&burst);
        }
        assert!(is_busy(&shown, 90));
        let stuck = measured(&work(0, 60_000), Duration::from_secs(1), 2.0, &limits);
        let healed = Fullness { work: 0.0, ..shown.after(&stuck) }.after(&Fullness::default());
        assert!(!is_busy(&healed, 90), "{healed:?}");
    }

    #[test]
    fn a_node_without_games_is_empty() {
        let now = measured(&Work::default(), Duration::ZERO, 1.0, &Limits::default());
        assert!(now.most() < 1e-9, "{now:?}");
    }
}
