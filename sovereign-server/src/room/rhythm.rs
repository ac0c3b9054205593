//! When rooms tick, and when sockets are read for them.

use std::time::Duration;

use tokio::time::Instant;

use super::TICK;
use crate::log::GameId;

/// Ticks of rooms are spread over this many phases: more of them are more even, fewer are fewer
/// commits, and threads that are woken less often.
const PHASES: u32 = 8;
/// Between two phases.
const PHASE: Duration = TICK.checked_div(PHASES).expect("there are some");
/// What has come is read so long before a phase begins, time to reach the rooms that tick then.
const LEAD: Duration = Duration::from_millis(3);

/// When the first tick is due of a room that opens now; all are spread around `base`.
pub(super) fn first_tick(base: Instant, id: GameId) -> Instant {
    let phase = PHASE * (id.as_u128() % u128::from(PHASES)) as u32;
    let since = base.elapsed().as_nanos() / TICK.as_nanos();
    base + TICK * (since as u32 + 1) + phase
}

/// How long nobody needs to read what comes for rooms that tick around `base`: until shortly
/// before the next of them.
pub(crate) fn until_read(base: Instant, now: Instant) -> Duration {
    let since = now.saturating_duration_since(base) + LEAD;
    let into = since.as_nanos() % PHASE.as_nanos();
    PHASE - Duration::from_nanos(into as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn rooms_tick_in_phases_and_each_is_read_for() {
        let base = Instant::now();
        tokio::time::advance(TICK * 7 + TICK / 3).await;
        for id in 0..8 {
            let first = first_tick(base, GameId::from_u128(id));
            assert!((TICK / 3 * 2..TICK * 2).contains(&(first - Instant::now())), "{id}");
            let phase = (first - base).as_nanos() % TICK.as_nanos();
            assert_eq!(phase, id % u128::from(PHASES) * PHASE.as_nanos());
            assert_eq!(until_read(base, first - LEAD - LEAD), LEAD);
        }
        for passed in 0..60 {
            let now = base + Duration::from_millis(passed);
            let read = now + until_read(base, now);
            assert!(now < read && read <= now + PHASE, "after {passed} ms");
            assert_eq!((read + LEAD - base).as_nanos() % PHASE.as_nanos(), 0);
        }
    }
}
