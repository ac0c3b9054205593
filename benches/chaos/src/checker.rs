//! Holds what players did and were told against the replay of their game. A pure function: it
//! knows nothing of the fleet.
//!
//! The invariants are those of the log gate, as far as players can tell: what was acknowledged ran
//! (`lost`), once and as it was sent (`duplicated`, `invented`), in its sequence (`order`); what was seen
//! stands (`taken back`), and neither epochs nor ticks fall (`fallen`).

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use serde::Serialize;
use sovereign_core::id::PlayerId;
use sovereign_core::{Command, Map, Order, Playback, Replay, Session};

use crate::digest::digest;
use crate::history::{History, Record, What};

/// An invariant that does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(crate) enum Breach {
    /// I1: an acknowledged order is not in the replay.
    Lost,
    /// I4: an order ran twice, or was answered in two ways.
    Duplicated,
    /// I4: something ran, or was acknowledged, that was not sent so.
    Invented,
    /// I7: orders of a player ran out of their sequence.
    Order,
    /// I3: what was seen is not what the replay shows.
    TakenBack,
    /// I5: an epoch or a tick fell.
    Fallen,
    /// I8: the replay does not do again what it did.
    Replay,
    /// I11: a game took no orders in time.
    Late,
    /// A player lost his connection though nothing was broken.
    CutOff,
}

/// What is wrong, in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Finding {
    /// The game's id, or none if it is of the fleet.
    pub(crate) game: String,
    pub(crate) breach: Breach,
    pub(crate) what: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}, game {}: {}", self.breach, self.game, self.what)
    }
}

/// What was held against the replay, and what was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub(crate) game: String,
    /// Bodies that were compared.
    pub(crate) frames: u64,
    /// Orders that were acknowledged.
    pub(crate) acknowledged: u64,
    /// Orders that were refused.
    pub(crate) refused: u64,
    pub(crate) findings: Vec<Finding>,
}

impl Verdict {
    /// One of a game that cannot be judged.
    pub(crate) fn failed(game: &str, breach: Breach, what: String) -> Self {
        let mut verdict = Self { game: game.to_owned(), ..Self::default() };
        verdict.hold(false, breach, || what);
        verdict
    }

    fn hold(&mut self, fact: bool, breach: Breach, what: impl FnOnce() -> String) {
        if !fact {
            self.findings.push(Finding { game: self.game.clone(), breach, what: what() });
        }
    }
}

/// Judges a game by its replay.
pub(crate) fn judge(history: &History, replay: &Replay, map: Arc<Map>) -> Verdict {
    let mut verdict = Verdict { game: history.game.clone(), ..Verdict::default() };
    match Played::new(history, replay, map) {
        Ok(played) => played.judge(history, &mut verdict),
        Err(why) => verdict.hold(false, Breach::Replay, || why),
    }
    verdict
}

/// What a body may show at a tick.
#[derive(Default)]
struct Shown {
    checks: Vec<u32>,
    /// By viewer; by nobody where there is no fog.
    maps: BTreeMap<Option<u16>, Vec<u64>>,
}

/// A replay, played from its start.
struct Played {
    fog: bool,
    shown: BTreeMap<u32, Shown>,
    /// At which tick each order of each person ran, and which; in the order of execution.
    executed: Vec<(u16, u32, u32, Command)>,
}

impl Played {
    fn new(history: &History, replay: &Replay, map: Arc<Map>) -> Result<Self, String> {
        let ticks: BTreeSet<u32> = history.records.iter().filter_map(Record::tick_seen).collect();
        let mut playback = Playback::new(replay, map).map_err(|error| error.to_string())?;
        let fog = playback.session().game().rules().fog.radius > 0;
        let mut played = Self { fog, shown: BTreeMap::new(), executed: Vec::new() };
        while let Some(step) = playback.step() {
            let step = step.map_err(|error| format!("entry {}: {error}", playback.position()))?;
            for order in &step.batch.orders {
                if let Order::Player { player, seq, command } = *order {
                    played.executed.push((player.0, seq, step.batch.tick.0, command));
                }
            }
            if ticks.contains(&step.batch.tick.0) {
                played.look(playback.session(), step.batch.tick.0, history.seats);
            }
        }
        Ok(played)
    }

    fn look(&mut self, session: &Session, tick: u32, seats: u16) {
        let shown = self.shown.entry(tick).or_default();
        shown.checks.push(session.game().mirror_check());
        let viewers = (0..seats).filter(|_| self.fog).map(Some);
        for viewer in viewers.chain((!self.fog).then_some(None)) {
            let map = digest(&session.game().view(viewer.map(PlayerId)));
            shown.maps.entry(viewer).or_default().push(map);
        }
    }

    fn judge(&self, history: &History, verdict: &mut Verdict) {
        let ran = self.each_ran_once(verdict);
        self.in_sequence(verdict);
        nothing_was_invented(history, &ran, verdict);
        for record in &history.records {
            self.agrees_with(record, &ran, verdict);
        }
        answers_stand(history, verdict);
        nothing_falls(history, verdict);
    }

    fn each_ran_once(&self, verdict: &mut Verdict) -> BTreeMap<(u16, u32), (u32, Command)> {
        let mut ran = BTreeMap::new();
        for &(seat, seq, tick, command) in &self.executed {
            let before = ran.insert((seat, seq), (tick, command));
            verdict.hold(before.is_none(), Breach::Duplicated, || {
                format!("order {seq} of seat {seat} ran at {before:?} and at {tick}")
            });
        }
        ran
    }

    fn in_sequence(&self, verdict: &mut Verdict) {
        let mut latest = BTreeMap::new();
        for &(seat, seq, tick, _) in &self.executed {
            let before = latest.insert(seat, seq).unwrap_or(0);
            // One that runs again under its number is no matter of sequence.
            verdict.hold(before <= seq, Breach::Order, || {
                format!("order {seq} of seat {seat} ran at {tick} after order {before}")
            });
        }
    }

    fn agrees_with(
        &self,
        record: &Record,
        ran: &BTreeMap<(u16, u32), (u32, Command)>,
        verdict: &mut Verdict,
    ) {
        match &record.what {
            What::Told { seq, result: Ok(tick) } => {
                let at = ran.get(&(record.seat, *seq)).map(|(at, _)| *at);
                verdict.hold(at.is_some(), Breach::Lost, || format!("{record:?}"));
                verdict.hold(at.is_none_or(|at| at == *tick), Breach::Duplicated, || {
                    format!("{record:?}, but it ran at {at:?}")
                });
            }
            What::Answered { seq, command, ran: Some(_), .. } => {
                verdict.acknowledged += 1;
                let other = ran.get(&(record.seat, *seq)).filter(|(_, ran)| ran != command);
                let what = || format!("{record:?}, but what ran is {other:?}");
                verdict.hold(other.is_none(), Breach::Invented, what);
            }
            What::Answered { ran: None, .. } => verdict.refused += 1,
            What::Saw { tick, check, shows, .. } => {
                verdict.frames += 1;
                let stands = self.shows(record.seat, *tick, *check, *shows);
                verdict.hold(stands, Breach::TakenBack, || format!("{record:?}"));
            }
            What::Broken(_) => verdict.hold(false, Breach::TakenBack, || format!("{record:?}")),
            What::Sent { .. } | What::Told { .. } | What::Lost(_) => {}
        }
    }

    /// Whether the replay shows this at that tick. The hash of a mirror in fog depends on when it
    /// began, so that the map alone is compared there.
    fn shows(&self, seat: u16, tick: u32, check: u32, map: u64) -> bool {
        let viewer = self.fog.then_some(seat);
        self.shown.get(&tick).is_some_and(|shown| {
            let known = shown.maps.get(&viewer).is_some_and(|maps| maps.contains(&map));
            known && (self.fog || shown.checks.contains(&check))
        })
    }
}

fn nothing_was_invented(
    history: &History,
    ran: &BTreeMap<(u16, u32), (u32, Command)>,
    verdict: &mut Verdict,
) {
    let mut sent: BTreeMap<(u16, u32), Vec<Command>> = BTreeMap::new();
    for record in &history.records {
        if let What::Sent { seq, command } = record.what {
            sent.entry((record.seat, seq)).or_default().push(command);
        }
    }
    for (place, (tick, command)) in ran {
        let known = sent.get(place).is_some_and(|sent| sent.contains(command));
        verdict.hold(known, Breach::Invented, || {
            format!("{command:?} ran at {tick} as {place:?} (seat, number), unsent")
        });
    }
}

/// Acknowledged once, acknowledged for ever, at the same tick.
fn answers_stand(history: &History, verdict: &mut Verdict) {
    let mut first = BTreeMap::new();
    for record in &history.records {
        let What::Told { seq, result: Ok(tick) } = record.what else { continue };
        let said = *first.entry((record.seat, seq)).or_insert(tick);
        verdict.hold(said == tick, Breach::Duplicated, || {
            format!("{record:?}, but it was said to have run at {said}")
        });
    }
}

fn nothing_falls(history: &History, verdict: &mut Verdict) {
    let mut last: BTreeMap<(u16, u32), (u64, u32)> = BTreeMap::new();
    for record in &history.records {
        let What::Saw { epoch, tick, .. } = record.what else { continue };
        let (old_epoch, old_tick) =
            last.insert((record.seat, record.page), (epoch, tick)).unwrap_or_default();
        verdict.hold(epoch >= old_epoch && tick >= old_tick, Breach::Fallen, || {
            format!("{record:?} after tick {old_tick} of epoch {old_epoch}")
        });
    }
}

impl Record {
    const fn tick_seen(&self) -> Option<u32> {
        match self.what {
            What::Saw { tick, .. } => Some(tick),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
