//! When a room stands still, and what it says of that.

use sovereign_core::wire::{PauseReason, ToClient};

use super::fault::Condition;
use super::gallery::Gallery;
use super::task::Task;
use crate::log::CommandLog;
use crate::telemetry::metrics;

impl<L: CommandLog> Task<L> {
    fn ticks_ahead(&self) -> u64 {
        self.gate.ahead(self.session.game().tick().0)
    }

    fn reason_to_pause(&self) -> Option<PauseReason> {
        if self.draining_since.is_some() && self.moving.is_none() {
            Some(PauseReason::Drain)
        } else if !matches!(self.condition, Condition::Well) {
            Some(PauseReason::Fault)
        } else if self.ticks_ahead() >= self.services.limits.run_ahead_ticks && !planted!(RunAhead)
        {
            Some(PauseReason::Storage)
        } else if self.waiting && self.attendance.empty_since().is_some() {
            Some(PauseReason::Empty)
        } else {
            None
        }
    }

    pub(super) fn pause_or_resume(&mut self) {
        let mut reason = self.reason_to_pause();
        if planted!(StayPaused) && self.paused == Some(PauseReason::Storage) {
            reason = self.paused;
        }
        if reason == self.paused {
            return;
        }
        if reason.is_none() && self.waiting {
            self.waiting = false;
            self.attendance.restart();
        }
        metrics::room_paused(i32::from(reason.is_some()) - i32::from(self.paused.is_some()));
        self.paused = reason;
        let epoch = self.epoch;
        if reason.is_some() {
            self.viewers.halt();
        }
        for (circle, tick) in self.circles.durable() {
            let resumed = ToClient::Resumed { epoch, tick };
            let paused = |reason| ToClient::Paused { epoch, reason };
            self.viewers.tell(circle, &reason.map_or(resumed, paused));
        }
        for (circle, tick) in self.gallery.iter().flat_map(Gallery::durable) {
            let resumed = ToClient::Resumed { epoch, tick };
            let paused = |reason| ToClient::Paused { epoch, reason };
            self.viewers.tell_late(circle, &reason.map_or(resumed, paused));
        }
    }

    /// Why the game stands still, for somebody who has just come.
    pub(super) fn pause_message(&self) -> Option<ToClient> {
        self.paused.map(|reason| ToClient::Paused { epoch: self.epoch, reason })
    }
}
