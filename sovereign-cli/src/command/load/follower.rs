//! One copy of a game for all of its clients: what the first of them gets is checked against
//! the hash that the server states, what the others get against what the first got.

use std::collections::BTreeMap;

use sovereign_core::wire::{Codec, FrameRef, ToClient};
use sovereign_core::{Delta, Mirror, View};
use xxhash_rust::xxh3::xxh3_64;

/// Frames that are remembered: a client that is further behind is checked less closely.
const FRAMES_MAX: usize = 4_096;

/// What a frame turned out to be.
#[derive(Debug)]
pub(super) enum Sight {
    /// News of the game or a sign that it goes on, taken in.
    Body,
    /// All there is to know, taken in.
    Snapshot,
    /// Something else.
    Other(Box<ToClient>),
    /// Not what it should be.
    Wrong(String),
}

/// A frame that somebody got.
#[derive(Clone, Copy, Debug)]
struct Seen {
    /// Checksum of its bytes; unknown where a snapshot alone told of the tick.
    sum: Option<u64>,
    /// The mirror's hash after it.
    check: u32,
}

/// Where a client is: tick, and how many frames of that tick it got before, as one number.
pub(super) type At = u64;

/// The copy, and what of it is known to be right.
#[derive(Debug)]
pub(super) struct Follower {
    blank: Mirror,
    mirror: Mirror,
    frames: BTreeMap<At, Seen>,
    /// Checksum of the newest snapshot that was found to be right.
    snapshot: u64,
    /// Frames up to here have been forgotten.
    forgotten: At,
    /// Territories in the deltas that were taken in, and those deltas' bytes; without the deltas
    /// that tell of players too.
    pub(super) changes: (u64, u64),
}

const fn at_tick(tick: u32) -> At {
    (tick as u64) << 16
}

impl Follower {
    /// Nothing is known yet but the untouched map.
    pub(super) fn new(blank: Mirror) -> Self {
        let mirror = blank.clone();
        Self { blank, mirror, frames: BTreeMap::new(), snapshot: 0, forgotten: 0, changes: (0, 0) }
    }

    /// The game as the foremost client sees it.
    pub(super) const fn view(&self) -> View<'_> {
        self.mirror.view()
    }

    /// Takes a frame of a client that is at `at`, and moves it on.
    pub(super) fn take(&mut self, at: &mut Option<At>, frame: &[u8]) -> Sight {
        let (sum, bytes) = (xxh3_64(frame), frame.len() as u64);
        if let Some(next) = at.and_then(|at| self.next_after(at))
            && next.1.sum == Some(sum)
        {
            *at = Some(next.0);
            return Sight::Body;
        }
        match ToClient::decode(FrameRef::Binary(frame), Codec::Msgpack) {
            Err(error) => Sight::Wrong(format!("it cannot be read: {error}")),
            Ok(ToClient::Snapshot { delta, .. }) => self.snapshot(at, &delta, sum),
            Ok(ToClient::Delta { delta, .. }) => {
                self.body(at, delta.tick.0, Some(&delta), (sum, bytes))
            }
            Ok(ToClient::Heartbeat { tick, .. }) => self.body(at, tick.0, None, (sum, bytes)),
            Ok(other) => Sight::Other(Box::new(other)),
        }
    }

    fn next_after(&self, at: At) -> Option<(At, Seen)> {
        self.frames.range(at + 1..).next().map(|(at, seen)| (*at, *seen))
    }

    fn snapshot(&mut self, at: &mut Option<At>, delta: &Delta, sum: u64) -> Sight {
        if sum != self.snapshot {
            let mut mirror = self.blank.clone();
            if let Err(error) = mirror.apply(delta) {
                return Sight::Wrong(error.to_string());
            }
            self.snapshot = sum;
            if self.frames.last_key_value().is_none_or(|(last, _)| *last < at_tick(delta.tick.0)) {
                self.mirror = mirror;
                self.note(at_tick(delta.tick.0), None, delta.check);
            }
        }
        let of_tick = self.frames.range(..at_tick(delta.tick.0 + 1)).next_back();
        *at = Some(of_tick.map_or_else(|| at_tick(delta.tick.0), |(at, _)| *at));
        Sight::Snapshot
    }

    fn body(
        &mut self,
        at: &mut Option<At>,
        tick: u32,
        delta: Option<&Delta>,
        (sum, bytes): (u64, u64),
    ) -> Sight {
        let Some(here) = *at else { return Sight::Wrong("it comes before all else".to_owned()) };
        let key = if at_tick(tick) > here { at_tick(tick) } else { here + 1 };
        if key >= at_tick(tick + 1) {
            return Sight::Wrong(format!("time falls to {tick}"));
        }
        if self.frames.get(&here).is_some_and(|seen| seen.sum == Some(sum)) {
            return Sight::Wrong(format!("tick {tick} comes twice"));
        }
        if here >= self.forgotten && self.misses(here, key) {
            return Sight::Wrong(format!("a frame before tick {tick} is missing"));
        }
        *at = Some(key);
        match self.frames.get(&key).copied() {
            Some(Seen { sum: Some(_), .. }) => Sight::Wrong(format!("tick {tick} differs")),
            Some(seen) if delta.is_some_and(|delta| delta.check != seen.check) => {
                Sight::Wrong(format!("tick {tick} is not what a snapshot told of it"))
            }
            Some(seen) => self.note(key, Some(sum), seen.check),
            None => self.apply(key, delta, (tick, sum, bytes)),
        }
    }

    /// Whether somebody else got a frame between these.
    fn misses(&self, here: At, key: At) -> bool {
        self.frames.range(here + 1..key).any(|(_, seen)| seen.sum.is_some())
    }

    fn apply(
        &mut self,
        key: At,
        delta: Option<&Delta>,
        (tick, sum, bytes): (u32, u64, u64),
    ) -> Sight {
        let newest = self.frames.last_key_value().is_none_or(|(last, _)| *last < key);
        // One that another's snapshot has overtaken is taken at its word.
        let check = delta.map_or_else(|| self.mirror.check(), |delta| delta.check);
        if newest {
            if let Some(Err(error)) = delta.map(|delta| self.mirror.apply(delta)) {
                return Sight::Wrong(error.to_string());
            }
            if let Some(delta) = delta.filter(|delta| delta.players.is_empty()) {
                self.changes.0 += delta.territories.len() as u64;
                self.changes.1 += bytes;
            }
            self.mirror.glide_to(sovereign_core::quantity::Tick(tick));
        }
        self.note(key, Some(sum), check)
    }

    fn note(&mut self, key: At, sum: Option<u64>, check: u32) -> Sight {
        self.frames.insert(key, Seen { sum, check });
        if self.frames.len() > FRAMES_MAX
            && let Some((oldest, _)) = self.frames.pop_first()
        {
            self.forgotten = oldest;
        }
        Sight::Body
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use sovereign_core::command::Spawn;
    use sovereign_core::id::{PlayerId, TerritoryId};
    use sovereign_core::{Command, Game, Map, Order, Rules, Seed, Session, SystemOrder};

    use super::*;

    /// A snapshot, and the frames that follow it.
    fn frames(count: usize) -> (Follower, Vec<Vec<u8>>) {
        let map = Arc::new(Map::shipped("classic").expect("shipped"));
        let rules = Arc::new(Rules::preset("classic").expect("shipped"));
        let game = Game::new(map.clone(), rules.clone(), Seed::from(1), 2).expect("fits");
        let mut session = Session::new(game);
        let join = |n| SystemOrder::Join { player: PlayerId(n), bot: false, team: 0 };
        let start = [join(0), join(1), SystemOrder::Start].map(Order::System);
        session.step(start.into());
        let full = ToClient::Snapshot { epoch: 1, delta: session.full_delta() };
        let mut frames = vec![full];
        for n in 0..count {
            let command = Command::Spawn(Spawn { territory: TerritoryId(n as u32) });
            let (player, seq) = (PlayerId((n % 2) as u16), n as u32 + 1);
            session.step(vec![Order::Player { player, seq, command }]);
            frames.push(ToClient::Delta { epoch: 1, delta: session.news().delta });
        }
        let bytes = |frame: &ToClient| frame.encode(Codec::Msgpack).bytes().to_vec();
        let blank = Mirror::new(map, rules, 2, None);
        (Follower::new(blank), frames.iter().map(bytes).collect())
    }

    fn take_all(follower: &mut Follower, at: &mut Option<At>, frames: &[Vec<u8>]) -> Vec<bool> {
        let right = |sight| !matches!(sight, Sight::Wrong(_));
        frames.iter().map(|frame| right(follower.take(at, frame))).collect()
    }

    #[test]
    fn what_all_get_alike_is_right_whoever_is_first() {
        let (mut follower, frames) = frames(5);
        let (mut one, mut two) = (None, None);
        for frame in &frames {
            assert!(!matches!(follower.take(&mut one, frame), Sight::Wrong(_)));
        }
        assert_eq!(take_all(&mut follower, &mut two, &frames), [true; 6]);
        assert_eq!(one, two);
    }

    #[test]
    fn a_changed_bit_is_seen_at_the_first_and_at_the_second_client() {
        let (mut follower, frames) = frames(3);
        let mut broken = frames.clone();
        let middle = broken[2].len() / 2;
        broken[2][middle] ^= 1;
        assert_eq!(take_all(&mut follower, &mut None, &broken)[..3], [true, true, false]);
        let (mut follower, frames) = self::frames(3);
        assert_eq!(take_all(&mut follower, &mut None, &frames), [true; 4]);
        assert_eq!(take_all(&mut follower, &mut None, &broken)[..3], [true, true, false]);
    }

    #[test]
    fn a_frame_that_is_left_out_or_comes_twice_is_seen() {
        let (mut follower, frames) = frames(4);
        assert_eq!(take_all(&mut follower, &mut None, &frames), [true; 5]);
        let without = [frames[0].clone(), frames[1].clone(), frames[3].clone()];
        assert_eq!(take_all(&mut follower, &mut None, &without), [true, true, false]);
        let twice = [frames[0].clone(), frames[1].clone(), frames[1].clone()];
        assert_eq!(take_all(&mut follower, &mut None, &twice), [true, true, false]);
    }

    #[test]
    fn a_client_with_a_newer_snapshot_does_not_confuse_the_others() {
        let (mut follower, early) = frames(2);
        let mut one = None;
        assert_eq!(take_all(&mut follower, &mut one, &early[..1]), [true]);
        let (late, tick) = {
            let mut mirror = follower.blank.clone();
            let decode = |frame: &Vec<u8>| {
                ToClient::decode(FrameRef::Binary(frame), Codec::Msgpack).expect("ours")
            };
            let mut all = Delta::default();
            for message in early.iter().map(decode) {
                let (ToClient::Snapshot { delta, .. } | ToClient::Delta { delta, .. }) = message
                else {
                    panic!("only these were made")
                };
                mirror.apply(&delta).expect("they fit");
                all.territories.retain(|t| delta.territories.iter().all(|d| d.id != t.id));
                all.territories.extend(delta.territories.iter().copied());
                all.territories.sort_by_key(|t| t.id);
                all.players.extend(delta.players.iter().copied());
                all.game = delta.game.or(all.game);
                (all.tick, all.check) = (delta.tick, delta.check);
            }
            let tick = all.tick;
            (ToClient::Snapshot { epoch: 1, delta: all }.encode(Codec::Msgpack), tick)
        };
        let mut two = None;
        assert!(matches!(follower.take(&mut two, late.bytes()), Sight::Snapshot));
        assert_eq!(two, Some(at_tick(tick.0)));
        assert_eq!(take_all(&mut follower, &mut one, &early[1..]), [true; 2]);
        assert_eq!(one, two);
    }
}
