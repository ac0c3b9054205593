//! One tick of a room: from waiting orders to a log entry and held outputs.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use sovereign_core::id::PlayerId;
use sovereign_core::quantity::Tick;
use sovereign_core::wire::ToClient;
use sovereign_core::{Answer, Batch, Event, Order, Phase, Step};
use tokio::time::Instant;
use tracing::warn;

use super::circles::Told;
use super::fault::Tried;
use super::gallery::Past;
use super::task::{Output, TICKS_A_SECOND, Task};
use super::{careful, fault, restore};
use crate::log::{CommandLog, Entry};
use crate::telemetry::metrics;

/// Ticks without an entry after which one is made: a sign of life once a second.
pub(super) const HEARTBEAT: u32 = TICKS_A_SECOND;

/// When each order of a tick arrived, and its command's name.
pub(super) type Arrivals = HashMap<(PlayerId, u32), (Instant, &'static str)>;

/// An order that a message answers, and when it was where.
#[derive(Clone, Copy, Debug)]
pub(super) struct Answered {
    pub(super) command: &'static str,
    pub(super) arrived: Instant,
    pub(super) stepped: Instant,
    pub(super) appended: Instant,
}

impl<L: CommandLog> Task<L> {
    /// Runs one tick.
    pub(super) fn step(&mut self) {
        let (mut orders, arrived) = self.gather();
        let barred = self.faults.bar(&mut orders);
        match careful::step(self.id, &mut self.session, orders.clone()) {
            Ok(step) => self.after(step, &barred, &arrived),
            Err(careful::Panicked) => {
                orders.extend(barred);
                self.hurt(Tried { orders, arrived });
            }
        }
    }

    /// What follows a step: an entry, and what is told of it. The orders that were `refused`
    /// without being tried are answered with it.
    pub(super) fn after(&mut self, step: Step, refused: &[Order], arrived: &Arrivals) {
        self.ticks_since_entry += 1;
        // Whoever waits to come in must see a tick that is in the log.
        let quiet = self.circles.pass(HEARTBEAT) || self.ticks_since_entry >= HEARTBEAT;
        let due = !self.arrivals.is_empty() || quiet;
        let game_runs = self.session.game().tick() > self.shown;
        let entry = step.is_visible() || (due && game_runs);
        let Step { batch, mut answers, .. } = step;
        answers.extend(fault::refusals(refused));
        let mut told = Vec::new();
        if entry {
            if planted!(SkipEmpty) && batch.orders.is_empty() {
                self.shown = batch.tick;
            } else {
                self.append(batch);
            }
            told = self.tell(&answers);
        }
        self.hold_tails(answers, &told, arrived, entry);
        self.attendance.stand_in(self.session.game(), &mut self.bots);
        self.end_if_finished();
    }

    /// Holds what each circle learns of the newest entry. Whoever comes in, or is told that
    /// an order of his was carried out, learns that its tick has come.
    fn tell(&mut self, answers: &[(PlayerId, Answer)]) -> Vec<Told> {
        let coming =
            self.arrivals.iter().filter_map(|arrival| self.viewers.seat_of(arrival.socket));
        let done = answers.iter().filter(|(_, answer)| answer.result.is_ok());
        let called: BTreeSet<PlayerId> = coming.chain(done.map(|(player, _)| *player)).collect();
        let (session, epoch) = (&mut self.session, self.epoch);
        let told = self.circles.tell(session, epoch, HEARTBEAT, |seat| called.contains(&seat));
        let frame = |told: &Told| Some((told.to, Arc::clone(told.frame.as_ref()?)));
        #[cfg(test)]
        if planted!(FeedEarly) {
            told.iter().filter_map(frame).for_each(|(_, frame)| self.viewers.feed(&frame));
        }
        self.gate.hold(Output::Frames(
            self.shown,
            self.due,
            told.iter().filter_map(frame).collect(),
        ));
        told
    }

    /// The tick that the newest frame of a player told of.
    pub(super) fn told_at(&self, seat: PlayerId) -> Tick {
        self.circles.of(Some(seat)).map_or(self.shown, |circle| self.circles.shown(circle))
    }

    fn gather(&mut self) -> (Vec<Order>, Arrivals) {
        metrics::inbox(self.orders.len());
        self.stepped_at = Instant::now();
        let mut orders = std::mem::take(&mut self.opening);
        let game = self.session.game();
        self.attendance.orders(game, &mut orders);
        if matches!(game.state().phase, Phase::Spawn | Phase::Playing) {
            self.bots.wake(game, &mut orders);
        }
        let mut arrived = Arrivals::new();
        for waiting in self.orders.drain(..) {
            let mut waiting = waiting;
            let last = self.session.answers(waiting.player).0;
            if planted!(RunAgain) && waiting.seq <= last {
                waiting.seq = last + 1;
            }
            let key = (waiting.player, waiting.seq);
            let arrival = (waiting.arrived, waiting.command.name());
            arrived.entry(key).or_insert(arrival);
            let (player, seq, command) = (waiting.player, waiting.seq, waiting.command);
            orders.push(Order::Player { player, seq, command });
        }
        (orders, arrived)
    }

    fn append(&mut self, batch: Batch) {
        let bytes = restore::encode(&batch);
        self.bytes_since_snapshot += bytes.len() as u64;
        self.entries_since_snapshot += 1;
        self.ticks_since_entry = 0;
        self.shown = batch.tick;
        let entry = Entry {
            game: self.id,
            epoch: self.epoch,
            seq: self.gate.append(batch.tick.0),
            tick: batch.tick.0,
            batch: bytes,
            prev_hash: std::mem::replace(&mut self.hash, batch.hash),
        };
        self.hold_past(&entry);
        if let Err(error) = self.services.commits.append(entry, self.notify.clone()) {
            // Nothing will be released any more; the room pauses after its run-ahead.
            warn!(game = %self.id, %error, "an entry could not be handed to the log");
        }
        self.snapshot_if_due();
    }

    /// Holds an entry for those who watch later.
    fn hold_past(&mut self, entry: &Entry) {
        let Some(gallery) = &mut self.gallery else { return };
        let (seq, tick, batch) = (entry.seq, entry.tick, entry.batch.clone());
        let copy = gallery.wants_copy(tick).then(|| Box::new(self.session.clone()));
        self.gate.hold(Output::Past(Past { seq, tick, batch, copy }));
    }

    /// Holds what each player alone learns of this tick.
    fn hold_tails(
        &mut self,
        answers: Vec<(PlayerId, Answer)>,
        told: &[Told],
        arrived: &Arrivals,
        entry: bool,
    ) {
        let seats: Vec<PlayerId> = self.viewers.seats().collect();
        for (_, answer) in &answers {
            if let Err(reason) = answer.result {
                metrics::rejected(reason.code());
            }
        }
        for seat in seats {
            let mine: Vec<Answer> =
                answers.iter().filter(|(player, _)| *player == seat).map(|(_, a)| *a).collect();
            let (stepped, appended) = (self.stepped_at, Instant::now());
            let answered = mine.iter().filter_map(|answer| {
                let (arrived, command) = *arrived.get(&(seat, answer.seq))?;
                Some(Answered { command, arrived, stepped, appended })
            });
            let answered = answered.collect();
            let events = Told::private_to(told, seat);
            self.hold_tail(seat, mine, events, answered, entry);
        }
    }

    fn hold_tail(
        &mut self,
        seat: PlayerId,
        answers: Vec<Answer>,
        events: Vec<Event>,
        answered: Vec<Answered>,
        entry: bool,
    ) {
        let own = if entry { self.session.game().view(Some(seat)).own() } else { None };
        let Some((_, viewer)) = self.viewers.at_seat(seat) else { return };
        let own = own.filter(|own| viewer.own.as_ref() != Some(own));
        if own.is_some() {
            viewer.own.clone_from(&own);
        }
        if answers.is_empty() && events.is_empty() && own.is_none() {
            return;
        }
        let (epoch, tick) = (self.epoch, self.told_at(seat));
        #[cfg(test)]
        let refused = answers.iter().any(|answer| answer.result.is_err());
        let message = Box::new(ToClient::Tail { epoch, tick, answers, own, events });
        #[cfg(test)]
        if planted!(AnswerEarly) || (planted!(RefuseEarly) && refused) {
            return self.answer(seat, &message, answered);
        }
        self.gate.hold(Output::Tail { seat, message, answered });
    }
}
