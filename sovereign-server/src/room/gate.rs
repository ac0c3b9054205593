//! The gate: nothing leaves a room before what caused it is durable.
//!
//! Invariant: outputs leave in the order in which they were held, each once the newest
//! entry that had been appended when it was held is durable.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

use super::TICK;

/// Outputs that wait for the log.
#[derive(Debug)]
pub(super) struct Gate<T> {
    held: VecDeque<(u64, T)>,
    /// Number and tick of each entry on its way, and since when it is.
    on_the_way: VecDeque<(u64, u32, Instant)>,
    appended: u64,
    durable: u64,
}

impl<T> Gate<T> {
    /// A gate at a log whose last entry has number `seq`.
    pub(super) const fn new(seq: u64) -> Self {
        Self { held: VecDeque::new(), on_the_way: VecDeque::new(), appended: seq, durable: seq }
    }

    /// Number of the newest entry handed to the log.
    pub(super) const fn appended(&self) -> u64 {
        self.appended
    }

    /// Whether every entry is durable.
    pub(super) fn is_settled(&self) -> bool {
        self.on_the_way.is_empty()
    }

    /// How many ticks a game at `tick` is ahead of its log: those since the oldest entry
    /// that is not durable, by the game's time or, where that stands still, by ours.
    pub(super) fn ahead(&self, tick: u32) -> u64 {
        let Some((_, oldest, since)) = self.on_the_way.front() else { return 0 };
        let by_clock = since.elapsed().as_millis() / TICK.as_millis();
        (u64::from(tick.saturating_sub(*oldest)) + 1).max(by_clock as u64)
    }

    /// Age of the oldest entry that is not durable; zero without one.
    pub(super) fn lag(&self) -> Duration {
        self.on_the_way.front().map_or(Duration::ZERO, |(_, _, since)| since.elapsed())
    }

    /// The entry of `tick` was handed to the log; its number.
    pub(super) fn append(&mut self, tick: u32) -> u64 {
        self.appended += 1;
        self.on_the_way.push_back((self.appended, tick, Instant::now()));
        self.appended
    }

    /// Holds an output behind the newest entry.
    pub(super) fn hold(&mut self, output: T) {
        self.held.push_back((self.appended, output));
    }

    /// The log has everything up to `seq`.
    pub(super) fn commit(&mut self, seq: u64) {
        self.durable = self.durable.max(seq);
        while self.on_the_way.front().is_some_and(|(number, ..)| *number <= seq) {
            self.on_the_way.pop_front();
        }
    }

    /// The next output that may leave.
    pub(super) fn release(&mut self) -> Option<T> {
        let (after, _) = self.held.front()?;
        if *after > self.durable { None } else { self.held.pop_front().map(|(_, output)| output) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn released(gate: &mut Gate<&'static str>) -> Vec<&'static str> {
        std::iter::from_fn(|| gate.release()).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn a_game_that_stands_still_is_ahead_by_the_clock() {
        let mut gate: Gate<()> = Gate::new(0);
        gate.append(5);
        assert_eq!(gate.ahead(5), 1);
        tokio::time::advance(TICK * 7).await;
        assert_eq!(gate.ahead(5), 7);
    }

    #[test]
    fn outputs_wait_for_their_entry_and_keep_their_order() {
        let mut gate = Gate::new(7);
        gate.hold("refusal with nothing in flight");
        assert_eq!(gate.append(100), 8);
        gate.hold("frame 8");
        gate.hold("refusal behind 8");
        assert_eq!(gate.append(102), 9);
        gate.hold("frame 9");
        assert_eq!(released(&mut gate), ["refusal with nothing in flight"]);
        assert_eq!(gate.ahead(105), 6);
        gate.commit(8);
        assert_eq!(released(&mut gate), ["frame 8", "refusal behind 8"]);
        assert_eq!(gate.ahead(105), 4);
        gate.commit(9);
        assert_eq!(released(&mut gate), ["frame 9"]);
        assert_eq!(gate.ahead(105), 0);
        assert!(gate.is_settled());
    }
}
