//! What clients were told, and whether the log agrees: the invariants of the log gate.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::time::Duration;

use sovereign_core::{Answer, Batch, Map, Order, Session};

use super::world::Outcome;
use crate::log::Entry;
use crate::room::Start;

/// Something that a client saw, when, and who.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) at: Duration,
    pub(super) game: usize,
    pub(super) seat: u16,
    pub(super) what: What,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// An order was sent for the first time.
    Sent(u32),
    /// An order was answered.
    Answered(Answer),
    /// A frame came: the owner's epoch, the tick, and the mirror's check.
    Saw(u64, u32, u32),
    /// The game was said to stand still.
    Paused,
}

/// Everything that all clients were told, in order.
#[derive(Clone, Debug, Default)]
pub(super) struct History {
    pub(super) records: Vec<Record>,
}

impl History {
    /// What can be said of it without the logs.
    pub(super) fn outcome(&self) -> Outcome {
        let count = |is: fn(&What) -> bool| self.records.iter().filter(|r| is(&r.what)).count();
        Outcome {
            digest: self.digest(),
            answered: count(|what| matches!(what, What::Answered(_))),
            epochs: 0,
            pauses: count(|what| matches!(what, What::Paused)),
            recovery: Duration::ZERO,
        }
    }

    /// One number for all of it: equal seeds must give equal ones.
    fn digest(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        for record in &self.records {
            format!("{record:?}").hash(&mut hasher);
        }
        hasher.finish()
    }

    fn of(&self, game: usize) -> impl Iterator<Item = &Record> {
        self.records.iter().filter(move |record| record.game == game)
    }

    /// Holds what was seen of a game against its log.
    pub(super) fn judge(&self, game: usize, start: &Start, map: Arc<Map>, entries: &[Entry]) {
        numbers_and_epochs_rise(entries);
        let played = Played::new(start, map, entries);
        for record in self.of(game) {
            match record.what {
                What::Saw(epoch, tick, check) => {
                    let known = played.checks.get(&tick);
                    assert_eq!(known, Some(&check), "I3: tick {tick} of epoch {epoch}: {record:?}");
                }
                What::Answered(Answer { seq, result: Ok(tick) }) => {
                    let ran = played.executed.get(&(record.seat, seq));
                    assert_eq!(ran, Some(&tick.0), "I1, I4: an acknowledged order: {record:?}");
                }
                _ => {}
            }
        }
        self.answers_never_change(game);
        self.time_never_falls(game);
    }

    /// I4: acknowledged once, acknowledged for ever.
    fn answers_never_change(&self, game: usize) {
        let mut carried_out = BTreeMap::new();
        for record in self.of(game) {
            let What::Answered(Answer { seq, result: Ok(tick) }) = record.what else { continue };
            let first = *carried_out.entry((record.seat, seq)).or_insert(tick);
            assert_eq!(first, tick, "I4: the answer has changed: {record:?}");
        }
    }

    /// I5: neither epochs nor ticks fall for a client.
    fn time_never_falls(&self, game: usize) {
        let mut last: BTreeMap<u16, (u64, u32)> = BTreeMap::new();
        for record in self.of(game) {
            let What::Saw(epoch, tick, _) = record.what else { continue };
            let before = last.insert(record.seat, (epoch, tick)).unwrap_or_default();
            assert!(epoch >= before.0 && tick >= before.1, "I5: after {before:?}: {record:?}");
        }
    }

    /// I11: how long after `healed` the first order that was sent since was answered.
    pub(super) fn answered_after(&self, game: usize, healed: Duration) -> Option<Duration> {
        let since = |r: &&Record| r.at >= healed;
        let sent: Vec<(u16, u32)> = self.of(game).filter(since).filter_map(Record::sent).collect();
        let answered = |record: &&Record| match record.what {
            What::Answered(answer) => sent.contains(&(record.seat, answer.seq)),
            _ => false,
        };
        self.of(game).filter(since).find(answered).map(|record| record.at - healed)
    }
}

impl Record {
    const fn sent(&self) -> Option<(u16, u32)> {
        match self.what {
            What::Sent(seq) => Some((self.seat, seq)),
            _ => None,
        }
    }
}

/// I2: one entry a number, and epochs never fall with it.
fn numbers_and_epochs_rise(entries: &[Entry]) {
    for (number, entry) in (1..).zip(entries) {
        assert_eq!(entry.seq, number, "I2");
    }
    let falls = entries.windows(2).find(|pair| pair[0].epoch > pair[1].epoch);
    assert_eq!(falls, None, "I2: an epoch falls");
}

/// The log, played from the start.
struct Played {
    /// What a mirror's check is at each logged tick.
    checks: BTreeMap<u32, u32>,
    /// At which tick each person's order ran.
    executed: BTreeMap<(u16, u32), u32>,
}

impl Played {
    fn new(start: &Start, map: Arc<Map>, entries: &[Entry]) -> Self {
        let mut session = Session::new(start.header.game(map).unwrap());
        let mut hash = session.game().hash();
        let mut played = Self { checks: BTreeMap::new(), executed: BTreeMap::new() };
        let mut last: BTreeMap<u16, u32> = BTreeMap::new();
        for entry in entries {
            let batch: Batch = postcard::from_bytes(&entry.batch).unwrap();
            assert_eq!(entry.prev_hash, hash, "the chain is broken at {}", entry.seq);
            session.replay(&batch).expect("I8: the log does again what it did");
            hash = batch.hash;
            played.checks.insert(entry.tick, session.news().delta.check);
            for order in &batch.orders {
                let Order::Player { player, seq, .. } = order else { continue };
                let twice = played.executed.insert((player.0, *seq), entry.tick);
                assert_eq!(twice, None, "I4: order {seq} of {player} ran twice");
                let before = last.insert(player.0, *seq).unwrap_or(0);
                assert!(before < *seq, "I7: order {seq} of {player} ran after {before}");
            }
        }
        played
    }
}
