//! The last frames, for clients that come back.

use std::collections::VecDeque;
use std::sync::{Arc, OnceLock};

use sovereign_core::Delta;
use sovereign_core::wire::{Codec, ToClient};

use super::Framed;
use crate::config::Limits;

/// What an audience learns of one tick, encoded at most once per codec.
#[derive(Debug)]
pub(crate) struct Frame {
    tick: u32,
    weight: usize,
    message: ToClient,
    encoded: [OnceLock<Framed>; 2],
}

impl Frame {
    /// What changed, or `anew` all that is known; where nothing did, a sign that the game
    /// goes on.
    pub(crate) fn new(delta: Delta, epoch: u64, anew: bool) -> Self {
        let (tick, weight) = (delta.tick, weight(&delta));
        let message = if anew {
            ToClient::Snapshot { epoch, delta }
        } else if delta.is_empty() {
            ToClient::Heartbeat { epoch, tick }
        } else {
            ToClient::Delta { epoch, delta }
        };
        Self { tick: tick.0, weight, message, encoded: Default::default() }
    }

    pub(super) const fn tick(&self) -> u32 {
        self.tick
    }

    /// The one shared buffer of this codec.
    pub(crate) fn message(&self, codec: Codec) -> Framed {
        self.encoded[codec as usize].get_or_init(|| encode(&self.message, codec)).clone()
    }
}

/// A message as it goes into a socket.
pub(crate) fn encode(message: &ToClient, codec: Codec) -> Framed {
    Framed::message(message.encode(codec))
}

/// Durable frames in order, bounded in number and bytes.
#[derive(Debug)]
pub(super) struct Ring {
    frames: VecDeque<Arc<Frame>>,
    bytes: usize,
    most_frames: usize,
    most_bytes: usize,
    /// The tick before the oldest frame: who has it misses nothing.
    base: Option<u32>,
}

impl Ring {
    /// An empty ring; whoever has seen `base` misses nothing.
    pub(super) fn new(base: Option<u32>, limits: &Limits) -> Self {
        Self {
            frames: VecDeque::new(),
            bytes: 0,
            most_frames: Limits::count(limits.ring_ticks),
            most_bytes: Limits::count(limits.ring_bytes),
            base,
        }
    }

    pub(super) fn push(&mut self, frame: Arc<Frame>) {
        self.bytes += frame.weight;
        self.frames.push_back(frame);
        while self.frames.len() > self.most_frames || self.bytes > self.most_bytes {
            let Some(oldest) = self.frames.pop_front() else { break };
            self.bytes -= oldest.weight;
            self.base = Some(oldest.tick());
        }
    }

    /// The frames after `tick`, or nothing when some of them are gone, it lies ahead, or
    /// several bear it: while a game is paused, orders of the system share one tick.
    pub(super) fn after(&self, tick: u32) -> Option<Vec<Arc<Frame>>> {
        let bearing = self.frames.iter().filter(|frame| frame.tick() == tick).count();
        let known = bearing + usize::from(self.base == Some(tick)) == 1;
        let known = known || planted!(RingWithGap);
        known.then(|| self.frames.iter().filter(|f| f.tick() > tick).cloned().collect())
    }
}

/// About what a frame costs in memory, the same before and after it was encoded.
fn weight(delta: &Delta) -> usize {
    256 + 48 * delta.territories.len()
        + 64 * (delta.armies.len() + delta.players.len() + delta.events.len())
        + 32 * (delta.battles.len() + delta.pacts.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use sovereign_core::quantity::Tick;

    fn ring(ticks: u64, frames: impl IntoIterator<Item = u32>) -> Ring {
        let limits = Limits { ring_ticks: ticks, ..Limits::default() };
        let mut ring = Ring::new(Some(10), &limits);
        for tick in frames {
            ring.push(Arc::new(Frame::new(
                Delta { tick: Tick(tick), ..Delta::default() },
                1,
                false,
            )));
        }
        ring
    }

    fn ticks(ring: &Ring, after: u32) -> Option<Vec<u32>> {
        ring.after(after).map(|frames| frames.iter().map(|f| f.tick()).collect())
    }

    #[test]
    fn a_client_gets_what_it_missed() {
        let ring = ring(100, [12, 13, 15]);
        assert_eq!(ticks(&ring, 10), Some(vec![12, 13, 15]));
        assert_eq!(ticks(&ring, 13), Some(vec![15]));
        assert_eq!(ticks(&ring, 15), Some(vec![]));
    }

    #[test]
    fn a_tick_that_was_never_shown_or_is_gone_needs_a_snapshot() {
        let ring = ring(2, [12, 13, 15, 16]);
        assert_eq!(ticks(&ring, 13), Some(vec![15, 16]), "the base itself");
        for tick in [0, 10, 12, 14, 17, u32::MAX] {
            assert_eq!(ticks(&ring, tick), None, "{tick}");
        }
    }

    #[test]
    fn a_tick_that_several_frames_bear_needs_a_snapshot() {
        let ring = ring(100, [12, 13, 13, 15]);
        assert_eq!(ticks(&ring, 12), Some(vec![13, 13, 15]));
        assert_eq!(ticks(&ring, 13), None);
        assert_eq!(ticks(&ring, 15), Some(vec![]));
    }

    #[test]
    fn bytes_are_bounded_too() {
        let limits = Limits { ring_bytes: 1_000, ..Limits::default() };
        let mut ring = Ring::new(Some(0), &limits);
        for tick in 1..100 {
            ring.push(Arc::new(Frame::new(
                Delta { tick: Tick(tick), ..Delta::default() },
                1,
                false,
            )));
        }
        assert!(ring.frames.len() <= 3);
    }
}
