//! Those who watch a game later than it is played.
//!
//! Invariant: nothing of a tick is told here before the game, as far as it is durable, is
//! the whole delay further. What is told is made once for all who see the same, from a
//! second session that follows the log; without anybody here there is none.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use bytes::Bytes;
use sovereign_core::Session;
use sovereign_core::id::PlayerId;
use sovereign_core::quantity::Tick;
use sovereign_core::wire::ToClient;

use super::circles::{CircleId, Circles};
use super::ring::Frame;
use super::step::HEARTBEAT;
use super::task::TICKS_A_SECOND;
use super::{Watching, restore};
use crate::config::Limits;

/// Copies of the game within the delay: whoever comes begins from one of them.
const COPIES: u32 = 4;
/// Least time between two copies, in ticks.
const COPY_TICKS: u32 = 10 * TICKS_A_SECOND;
/// Entries played in one tick of the room by a show that catches up.
const CATCH_UP: usize = 32;
/// Things said that wait to be told.
const SAID: usize = 512;

/// An entry of the log, to be shown later.
#[derive(Debug)]
pub(super) struct Past {
    pub(super) seq: u64,
    pub(super) tick: u32,
    pub(super) batch: Bytes,
    /// The game after it, now and then.
    pub(super) copy: Option<Box<Session>>,
}

/// A durable state from which a show can begin.
#[derive(Debug)]
struct Copy {
    seq: u64,
    tick: u32,
    session: Box<Session>,
}

/// The game as it was, played again.
#[derive(Debug)]
pub(super) struct Show {
    pub(super) session: Session,
    pub(super) circles: Circles,
    seq: u64,
    tick: u32,
}

/// Something that was said to everybody.
#[derive(Debug)]
struct Said {
    tick: u32,
    from: PlayerId,
    message: ToClient,
}

/// The game could not be played again: an error of the engine.
#[derive(Debug)]
pub(super) struct Broken;

/// What waits to be shown, and who it is shown to.
#[derive(Debug)]
pub(super) struct Gallery {
    delay: u32,
    /// The game's durable tick; once it is over it goes on with time.
    now: u32,
    entries: VecDeque<Past>,
    copies: VecDeque<Copy>,
    copied: u32,
    said: VecDeque<Said>,
    show: Option<Show>,
}

impl Gallery {
    /// The gallery of a game that is shown later, if it is; `session` is durable.
    pub(super) fn new(watching: Watching, session: &Session, seq: u64) -> Option<Self> {
        let delay = watching.delay_s.saturating_mul(TICKS_A_SECOND);
        let tick = session.game().tick().0;
        let first = || Copy { seq, tick, session: Box::new(session.clone()) };
        (delay > 0 && watching.is_open()).then(|| Self {
            delay,
            now: tick,
            entries: VecDeque::new(),
            copies: VecDeque::from([first()]),
            copied: tick,
            said: VecDeque::new(),
            show: None,
        })
    }

    /// Whether what happened at a tick may be told. Before the first tick nothing has happened.
    const fn is_due(&self, tick: u32) -> bool {
        tick == 0 || tick.saturating_add(self.delay) <= self.now
    }

    /// Whether it is time to copy the game, which has come to `tick`.
    pub(super) fn wants_copy(&mut self, tick: u32) -> bool {
        let wanted = tick >= self.copied + (self.delay / COPIES).max(COPY_TICKS);
        if wanted {
            self.copied = tick;
        }
        wanted
    }

    /// An entry is durable.
    pub(super) fn keep(&mut self, mut past: Past) {
        if let Some(session) = past.copy.take() {
            self.copies.push_back(Copy { seq: past.seq, tick: past.tick, session });
        }
        self.entries.push_back(past);
    }

    /// Somebody said something to everybody.
    pub(super) fn hear(&mut self, tick: u32, from: PlayerId, message: ToClient) {
        self.said.push_back(Said { tick, from, message });
        if self.said.len() > SAID {
            self.said.pop_front();
        }
    }

    /// What was said so long ago that it may be told.
    pub(super) fn next_said(&mut self) -> Option<(PlayerId, ToClient)> {
        let first = self.said.front()?;
        if self.is_due(first.tick.max(1)) {
            self.said.pop_front().map(|said| (said.from, said.message))
        } else {
            None
        }
    }

    /// Time passes: the game is durable up to `durable`; once it is `over`, what is left is
    /// shown at the pace at which it was played.
    pub(super) fn pass(&mut self, durable: Tick, over: bool) {
        self.now = if over { self.now.max(durable.0) + 1 } else { self.now.max(durable.0) };
        while self.copies.get(1).is_some_and(|next| self.is_due(next.tick)) {
            self.copies.pop_front();
        }
        let needed = self.copies.front().map_or(0, |copy| copy.seq);
        let needed = self.show.as_ref().map_or(needed, |show| needed.min(show.seq));
        while self.entries.front().is_some_and(|entry| entry.seq <= needed) {
            self.entries.pop_front();
        }
    }

    /// Begins the show if there is none; whether there can be one yet.
    pub(super) fn open(&mut self) -> bool {
        let Some(copy) = self.copies.front().filter(|copy| self.is_due(copy.tick)) else {
            return false;
        };
        self.show.get_or_insert_with(|| Show {
            session: Session::clone(&copy.session),
            circles: Circles::nobody(&copy.session),
            seq: copy.seq,
            tick: copy.tick,
        });
        true
    }

    /// Ends the show: nobody watches any more.
    pub(super) fn close(&mut self) {
        self.show = None;
    }

    /// The show, once it has caught up.
    pub(super) fn shown(&mut self) -> Option<&mut Show> {
        let due = self.next_entry().is_some();
        self.show.as_mut().filter(|_| !due)
    }

    /// The circles of the show, and the tick of the newest frame of each.
    pub(super) fn durable(&self) -> Vec<(CircleId, Tick)> {
        self.show.iter().flat_map(|show| show.circles.durable()).collect()
    }

    /// The next entry that may be shown and is not.
    fn next_entry(&self) -> Option<&Past> {
        let seq = self.show.as_ref()?.seq;
        let next = self.entries.iter().find(|entry| entry.seq > seq)?;
        self.is_due(next.tick).then_some(next)
    }

    /// Plays on as far as may be shown; what those of each circle are told.
    ///
    /// # Errors
    /// [`Broken`].
    pub(super) fn advance(&mut self, epoch: u64) -> Result<Vec<(CircleId, Arc<Frame>)>, Broken> {
        let mut told = Vec::new();
        for _ in 0..CATCH_UP {
            let Some(Past { seq, tick, batch, .. }) = self.next_entry() else { break };
            let (seq, tick) = (*seq, *tick);
            let batch = restore::decode_bytes(batch).ok_or(Broken)?;
            let Some(show) = &mut self.show else { break };
            show.session.replay(&batch).map_err(|_| Broken)?;
            told.extend(show.tell(seq, tick, epoch));
        }
        Ok(told)
    }
}

impl Show {
    /// What each circle learns of the entry that was just played.
    fn tell(&mut self, seq: u64, tick: u32, epoch: u64) -> Vec<(CircleId, Arc<Frame>)> {
        self.circles.pass_by(tick - self.tick);
        (self.seq, self.tick) = (seq, tick);
        let told = self.circles.tell(&mut self.session, epoch, HEARTBEAT, |_| false);
        let frames = told.into_iter().filter_map(|told| Some((told.to, told.frame?)));
        let frames: Vec<_> = frames.collect();
        for (circle, frame) in &frames {
            self.circles.keep(*circle, Arc::clone(frame));
        }
        frames
    }

    /// Keeps circles for those views alone that somebody has.
    pub(super) fn fit(&mut self, wanted: &BTreeSet<CircleId>, limits: &Limits) {
        self.circles.fit(&self.session, wanted, limits);
    }
}
