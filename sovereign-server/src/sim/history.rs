//! What people were told, and whether the log agrees: the invariants of the log gate, each
//! by its name.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use sovereign_core::id::PlayerId;
use sovereign_core::{Answer, Batch, Command, Order, Session};

use super::digest::digest;
use super::world::{Outcome, blank};
use crate::log::Entry;
use crate::room::Start;

/// An invariant that does not hold, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) invariant: &'static str,
    pub(crate) what: String,
}

/// What is held against a world.
pub(super) type Verdict = Result<(), Finding>;

pub(super) fn hold(fact: bool, invariant: &'static str, what: impl FnOnce() -> String) -> Verdict {
    if fact { Ok(()) } else { Err(Finding { invariant, what: what() }) }
}

/// Something that a person did or saw, when, and who.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Record {
    pub(super) at: Duration,
    pub(super) game: usize,
    pub(super) person: usize,
    pub(super) seat: Option<u16>,
    pub(super) page: u32,
    pub(super) what: What,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum What {
    /// An order was sent for the first time.
    Sent(u32, Command),
    /// An answer came, new or not.
    Answer(Answer),
    /// An order of this page was answered: number, order, and the tick at which it ran.
    Answered(u32, Command, Option<u32>),
    /// A frame came: the owner's epoch, the tick, and what is seen since.
    Saw(u64, u32, u64),
    /// A private message of that epoch and tick came.
    Tail(u64, u32),
    /// A second connection has taken over from the first.
    Moved,
    /// The game was said to stand still.
    Paused,
    /// What was heard does not fit what was heard before.
    Broken(String),
}

/// Everything that all people did and were told, in order.
#[derive(Clone, Debug, Default)]
pub(super) struct History {
    pub(super) records: Vec<Record>,
}

impl History {
    /// What can be said of it without the logs.
    pub(super) fn outcome(&self) -> Outcome {
        let count = |is: fn(&What) -> bool| self.records.iter().filter(|r| is(&r.what)).count();
        let mut hasher = DefaultHasher::new();
        for record in &self.records {
            (record.at, record.person, std::mem::discriminant(&record.what)).hash(&mut hasher);
            if let What::Saw(epoch, tick, digest) = record.what {
                (epoch, tick, digest).hash(&mut hasher);
            }
        }
        Outcome {
            digest: hasher.finish(),
            answered: count(|what| matches!(what, What::Answered(..))),
            seen: count(|what| matches!(what, What::Saw(..))),
            epochs: 0,
            pauses: count(|what| matches!(what, What::Paused)),
            moved: count(|what| matches!(what, What::Moved)),
            recovery: Duration::ZERO,
        }
    }

    fn of(&self, game: usize) -> impl Iterator<Item = &Record> {
        self.records.iter().filter(move |record| record.game == game)
    }

    /// Holds what was seen of a game against its log.
    pub(super) fn judge(&self, game: usize, start: &Start, entries: &[Entry]) -> Verdict {
        numbers_and_epochs_rise(entries)?;
        let played = Played::new(start, entries)?;
        self.nothing_runs_that_was_not_sent(game, &played)?;
        for record in self.of(game) {
            played.agrees_with(record)?;
        }
        self.answers_never_change(game)?;
        self.time_never_falls(game)
    }

    /// I4: what ran is what was sent under that number.
    fn nothing_runs_that_was_not_sent(&self, game: usize, played: &Played) -> Verdict {
        let mut sent: BTreeMap<(u16, u32), Vec<Command>> = BTreeMap::new();
        for (place, command) in self.of(game).filter_map(Record::sent) {
            sent.entry(place).or_default().push(command);
        }
        for ((seat, seq), (tick, command)) in &played.executed {
            let known = sent.get(&(*seat, *seq)).is_some_and(|sent| sent.contains(command));
            hold(known, "I4", || format!("{command:?} ran at {tick} as {seq} of {seat}, unsent"))?;
        }
        Ok(())
    }

    /// I4: acknowledged once, acknowledged for ever.
    fn answers_never_change(&self, game: usize) -> Verdict {
        let mut carried_out = BTreeMap::new();
        for record in self.of(game) {
            let What::Answer(Answer { seq, result: Ok(tick) }) = record.what else { continue };
            let first = *carried_out.entry((record.seat, seq)).or_insert(tick);
            hold(first == tick, "I4", || format!("the answer has changed: {record:?}"))?;
        }
        Ok(())
    }

    /// I5: neither epochs nor ticks fall for a client.
    fn time_never_falls(&self, game: usize) -> Verdict {
        let mut last: BTreeMap<(usize, u32), (u64, u32)> = BTreeMap::new();
        for record in self.of(game) {
            let What::Saw(epoch, tick, _) = record.what else { continue };
            let before = last.insert((record.person, record.page), (epoch, tick));
            let (old_epoch, old_tick) = before.unwrap_or_default();
            hold(epoch >= old_epoch && tick >= old_tick, "I5", || {
                format!("after tick {old_tick} of epoch {old_epoch}: {record:?}")
            })?;
        }
        Ok(())
    }

    /// I11: how long after `healed` the first order that was sent since was answered.
    pub(super) fn answered_after(&self, game: usize, healed: Duration) -> Option<Duration> {
        let mut sent = BTreeSet::new();
        for record in self.of(game).filter(|record| record.at >= healed) {
            match &record.what {
                What::Sent(seq, _) => _ = sent.insert((record.person, record.page, *seq)),
                What::Answered(seq, ..) if sent.contains(&(record.person, record.page, *seq)) => {
                    return Some(record.at - healed);
                }
                _ => {}
            }
        }
        None
    }
}

impl Record {
    fn sent(&self) -> Option<((u16, u32), Command)> {
        let What::Sent(seq, command) = self.what else { return None };
        Some(((self.seat?, seq), command))
    }
}

/// I2: one entry a number, and epochs never fall with it.
fn numbers_and_epochs_rise(entries: &[Entry]) -> Verdict {
    for (number, entry) in (1..).zip(entries) {
        hold(entry.seq == number, "I2", || format!("entry {} stands at {number}", entry.seq))?;
    }
    let falls = entries.windows(2).find(|pair| pair[0].epoch > pair[1].epoch);
    hold(falls.is_none(), "I2", || "an epoch falls".to_owned())
}

/// The log, played from the start.
struct Played {
    fog: bool,
    /// What each viewer may see after each entry, by its tick.
    views: BTreeMap<(Option<u16>, u32), Vec<u64>>,
    /// The last tick of each epoch.
    last: BTreeMap<u64, u32>,
    /// At which tick each person's order ran, and which.
    executed: BTreeMap<(u16, u32), (u32, Command)>,
    /// The last order of each person.
    latest: BTreeMap<u16, u32>,
}

impl Played {
    fn new(start: &Start, entries: &[Entry]) -> Result<Self, Finding> {
        let mut session = Session::new(blank(&start.header).unwrap());
        let mut hash = session.game().hash();
        let mut played = Self {
            fog: session.game().rules().fog.radius > 0,
            views: BTreeMap::new(),
            last: BTreeMap::new(),
            executed: BTreeMap::new(),
            latest: BTreeMap::new(),
        };
        for entry in entries {
            let batch: Batch = postcard::from_bytes(&entry.batch).unwrap();
            let seq = entry.seq;
            hold(entry.prev_hash == hash, "I8", || format!("the chain is broken at {seq}"))?;
            let again = session.replay(&batch);
            hold(again.is_ok(), "I8", || format!("entry {seq} is not done again: {again:?}"))?;
            hash = batch.hash;
            played.last.insert(entry.epoch, entry.tick);
            played.look(&session, entry.tick, start.header.seats);
            batch.orders.iter().try_for_each(|order| played.run(order, entry.tick))?;
        }
        Ok(played)
    }

    fn look(&mut self, session: &Session, tick: u32, seats: u16) {
        let viewers = (0..seats).filter(|_| self.fog).map(|seat| Some(PlayerId(seat)));
        for viewer in viewers.chain([None]) {
            let seen = digest(&session.game().view(viewer));
            self.views.entry((viewer.map(|seat| seat.0), tick)).or_default().push(seen);
        }
    }

    fn run(&mut self, order: &Order, tick: u32) -> Verdict {
        let Order::Player { player, seq, command } = *order else { return Ok(()) };
        let twice = self.executed.insert((player.0, seq), (tick, command));
        hold(twice.is_none(), "I4", || format!("order {seq} of {player} ran twice"))?;
        let before = self.latest.insert(player.0, seq).unwrap_or(0);
        hold(before < seq, "I7", || format!("order {seq} of {player} ran after {before}"))
    }

    fn agrees_with(&self, record: &Record) -> Verdict {
        match &record.what {
            What::Saw(epoch, tick, seen) => self.was_seen(record, *epoch, *tick, *seen),
            What::Tail(epoch, tick) => self.was_logged(record, *epoch, *tick),
            What::Broken(why) => hold(false, "I3", || format!("{why}: {record:?}")),
            What::Answer(Answer { seq, result: Ok(tick) }) => {
                let ran = self.executed.get(&(record.seat.unwrap_or(0), *seq)).map(|(at, _)| *at);
                let all = || format!("{record:?} but it ran at {ran:?}");
                hold(ran.is_some(), "I1", all)?;
                hold(ran == Some(tick.0), "I4", all)
            }
            What::Answered(seq, command, Some(_)) => {
                let ran = self.executed.get(&(record.seat.unwrap_or(0), *seq));
                hold(ran.is_some_and(|(_, ran)| ran == command), "I4", || {
                    format!("another order was acknowledged: {record:?}, but {ran:?} ran")
                })
            }
            _ => Ok(()),
        }
    }

    /// I6: what an owner shows, it has logged before it lost the game.
    fn was_logged(&self, record: &Record, epoch: u64, tick: u32) -> Verdict {
        let last = self.last.range(..=epoch).map(|(_, tick)| *tick).max().unwrap_or(0);
        hold(tick <= last, "I6", || format!("epoch {epoch} ended at {last}: {record:?}"))
    }

    fn was_seen(&self, record: &Record, epoch: u64, tick: u32, seen: u64) -> Verdict {
        self.was_logged(record, epoch, tick)?;
        let viewer = if self.fog { record.seat } else { None };
        let known = self.views.get(&(viewer, tick)).is_some_and(|views| views.contains(&seen));
        let all = self.views.get(&(None, tick)).is_some_and(|views| views.contains(&seen));
        // Under fog somebody sees what only a viewer of everything may see.
        hold(known || !all, "I10", || format!("too much is seen: {record:?}"))?;
        hold(known, "I3", || format!("no entry shows this: {record:?}"))
    }
}
