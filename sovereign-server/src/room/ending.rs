//! When a room ends.

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
#[cfg(test)]
use sovereign_core::Answer;
use sovereign_core::Phase;
#[cfg(test)]
use sovereign_core::wire::ToClient;
use sovereign_core::wire::{CloseCode, Resume};
use tokio::time::Instant;
use tracing::info;

use super::RoomEnd;
use super::archive::{self, Archived};
use super::fault::Condition;
use super::task::{Output, Task};
use super::{Left, ToRoom};
use crate::hosted;
use crate::log::CommandLog;

impl<L: CommandLog> Task<L> {
    /// A game that has come to its end is archived.
    pub(super) fn end_if_finished(&mut self) {
        if self.session.game().state().phase == Phase::Finished && !self.over {
            self.over = true;
            self.gate.hold(Output::Over);
        }
    }

    /// A game that all people have left for long ends. A ranked one goes on: bots play for
    /// those who are away. One that is frozen waits for an operator.
    pub(super) fn give_up_if_empty(&mut self) {
        let limits = &self.services.limits;
        let most = if self.waiting { limits.restored_room_s } else { limits.empty_room_s };
        let empty = self.attendance.empty_since();
        let given_up = empty.is_some_and(|since| since.elapsed() >= Duration::from_secs(most));
        let plays_on = self.start.is_ranked() && !self.waiting;
        let frozen = matches!(self.condition, Condition::Frozen);
        if given_up && !plays_on && !frozen && !self.over && self.draining_since.is_none() {
            info!(game = %self.id, "nobody has been here for long; the game ends");
            self.over = true;
            self.gate.hold(Output::Over);
        }
    }

    /// Makes a replay of a game that is over.
    pub(super) fn archive(&mut self) {
        let end = archive::End::of(&self.start, self.session.game());
        let (services, start) = (Arc::clone(&self.services), self.start.clone());
        let work = archive::archive(services, self.id, start, end);
        self.archiving = Some(hosted::spawn(work));
    }

    /// Takes note of what became of the game, once that is known.
    pub(super) fn look_at_archive(&mut self) {
        if let Some(work) = self.archiving.take_if(|work| work.is_finished()) {
            let archived = work.now_or_never().and_then(Result::ok);
            self.archived = Some((archived.unwrap_or(Archived::Damaged), Instant::now()));
        }
    }

    /// The room's end, if it has come.
    pub(super) fn end(&mut self) -> Option<RoomEnd> {
        if self.moving.is_some() {
            // The tick in which it heard of that has passed.
            self.draining_since.get_or_insert_with(Instant::now);
        }
        if let Some(since) = self.draining_since {
            let most = Duration::from_millis(self.services.limits.drain_ms);
            if planted!(LeaveEarly) {
                self.gate.commit(self.gate.appended());
                self.release();
            }
            if !self.gate.is_settled() && since.elapsed() < most {
                return None;
            }
            if let Some(taker) = self.moving.take() {
                // If nobody wants them any more, they are closed.
                let _ = taker.send(self.leave());
            }
            let code = if self.moves { CloseCode::Migrate } else { CloseCode::Restart };
            self.viewers.close_all(code);
            return Some(RoomEnd::Drained);
        }
        // Those who watch later see the end too.
        let linger = self.services.limits.finished_room_s.max(self.watching.delay_s.into());
        let linger = Duration::from_secs(linger);
        let (archived, since) = self.archived?;
        if self.viewers.is_empty() || since.elapsed() >= linger {
            self.viewers.close_all(CloseCode::Normal);
            return Some(match archived {
                Archived::Stored => RoomEnd::Finished,
                Archived::Damaged => RoomEnd::Frozen,
            });
        }
        None
    }

    /// The sockets of players and of who watches live, also those that were about to come in.
    fn leave(&mut self) -> Left {
        #[cfg(test)]
        self.answer_late();
        let mut left = Left::default();
        self.viewers.close_late(CloseCode::Migrate);
        for (out, seat) in self.viewers.leave() {
            let circle = seat.and_then(|seat| self.circles.of(seat));
            let tick = circle.map(|circle| self.circles.durable_of(circle));
            left.push(out, tick.map(|tick| Resume { epoch: self.epoch, tick }));
        }
        self.inbox.close();
        while let Ok(message) = self.inbox.try_recv() {
            if let ToRoom::Attach(attach) = message {
                left.push(attach.out, attach.resume);
            }
        }
        left
    }

    /// A bug to plant: what comes too late is said to have been carried out.
    #[cfg(test)]
    fn answer_late(&mut self) {
        if !planted!(AnswerLate) {
            return;
        }
        self.listen();
        for late in std::mem::take(&mut self.orders) {
            let (epoch, tick) = (self.epoch, self.shown);
            let answers = vec![Answer { seq: late.seq, result: Ok(tick) }];
            let tail = ToClient::Tail { epoch, tick, answers, own: None, events: Vec::new() };
            self.answer(late.player, &tail, Vec::new());
        }
    }
}
