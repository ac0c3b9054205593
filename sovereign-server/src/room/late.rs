//! Letting those in who watch later than it is played, and showing them what is due.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use sovereign_core::Session;
use sovereign_core::id::PlayerId;
use sovereign_core::wire::{CloseCode, ToClient, Welcome};
use tracing::error;

use super::circles::CircleId;
use super::entrance::Arrival;
use super::gallery::{Broken, Gallery, Past, Show};
use super::manners::WatchView;
use super::ring::Frame;
use super::task::Task;
use super::viewers::{Place, Viewer};
use super::{Start, TICK, Watching};
use crate::config::Limits;
use crate::log::CommandLog;

/// The snapshots that were made for those who come in at the same time.
type Snapshots = BTreeMap<CircleId, Arc<Frame>>;

impl<L: CommandLog> Task<L> {
    /// Where a spectator belongs who wants to see what this player sees; nothing if nobody
    /// may watch, or not so.
    pub(super) fn place_of_spectator(&self, view: Option<PlayerId>) -> Option<Place> {
        let known = view.is_none_or(|seat| seat.0 < self.session.game().seats());
        if !self.watching.is_open() || !known {
            return None;
        }
        if self.watching.delay_s == 0 {
            return Some(Place::Live);
        }
        let first = || self.start.seats.first().map(|seat| seat.seat);
        let circle = match self.watching.view {
            // Without fog all see the same.
            _ if !self.circles.fog() => None,
            WatchView::Side => view.or_else(first),
            WatchView::All | WatchView::None => view,
        };
        self.gallery.is_some().then_some(Place::Late(circle))
    }

    /// One tick for those who watch later.
    pub(super) fn show_late(&mut self) {
        let Some(mut gallery) = self.gallery.take() else { return };
        gallery.pass(self.durable, self.over);
        while let Some((from, message)) = gallery.next_said() {
            self.viewers.tell_those(&message, |viewer| viewer.is_late() && viewer.hears(from));
        }
        if self.play_late(&mut gallery).is_ok() {
            self.gallery = Some(gallery);
        } else {
            error!(game = %self.id, "a game cannot be shown later; those who watch are sent away");
            self.viewers.close_late(CloseCode::Internal);
        }
    }

    /// An entry is durable that is shown later.
    pub(super) fn keep_past(&mut self, past: Past) {
        if let Some(gallery) = &mut self.gallery {
            gallery.keep(past);
        }
    }

    fn play_late(&mut self, gallery: &mut Gallery) -> Result<(), Broken> {
        let wanted = self.viewers.late_circles();
        if wanted.is_empty() {
            gallery.close();
            return Ok(());
        }
        if !gallery.open() {
            self.send_away();
            return Ok(());
        }
        for (circle, frame) in gallery.advance(self.epoch)? {
            for socket in self.viewers.show_late(circle, &frame) {
                self.fall_behind(socket);
            }
        }
        if let Some(show) = gallery.shown() {
            self.let_in_late(show, &wanted);
        }
        Ok(())
    }

    /// The game was restored so lately that nothing of it may be shown yet.
    fn send_away(&mut self) {
        let message = "the server has restarted, and this game is shown later than it is played";
        let notice = ToClient::Notice { code: "not_yet".to_owned(), message: message.to_owned() };
        self.viewers.tell_those(&notice, |viewer| viewer.is_late());
        self.viewers.close_late(CloseCode::TryLater);
        self.late_arrivals.clear();
    }

    fn let_in_late(&mut self, show: &mut Show, wanted: &BTreeSet<CircleId>) {
        show.fit(wanted, &self.services.limits);
        let mut snapshots = Snapshots::new();
        for arrival in std::mem::take(&mut self.late_arrivals) {
            if self.enter_late(show, &arrival, &mut snapshots).is_none() {
                self.fall_behind(arrival.socket);
            }
        }
    }

    /// Lets one in; nothing if it is too slow for that.
    fn enter_late(
        &mut self,
        show: &mut Show,
        arrival: &Arrival,
        snapshots: &mut Snapshots,
    ) -> Option<()> {
        let Some(viewer) = self.viewers.get(arrival.socket) else { return Some(()) };
        let Place::Late(circle) = viewer.place() else { return Some(()) };
        if arrival.greet {
            viewer.send(&self.late_welcome(&show.session)).ok()?;
        }
        let resume = arrival.resume.filter(|resume| resume.epoch <= self.epoch);
        match resume.and_then(|resume| show.circles.after(circle, resume.tick.0)) {
            Some(missed) => {
                let missed = missed.iter().map(|frame| &**frame);
                self.viewers.catch_up(arrival.socket, missed).ok()?;
            }
            None => {
                let full = || Arc::new(show.circles.snapshot(circle, &show.session, self.epoch));
                viewer.send_frame(snapshots.entry(circle).or_insert_with(full)).ok()?;
            }
        }
        if self.viewers.go_live(arrival.socket) && self.paused.is_none() {
            let (epoch, tick) = (self.epoch, show.circles.durable_of(circle));
            let resumed = ToClient::Resumed { epoch, tick };
            self.viewers.get(arrival.socket)?.send(&resumed).ok()?;
        }
        Some(())
    }

    fn late_welcome(&self, session: &Session) -> ToClient {
        let (id, tick_ms) = (self.id.to_string(), TICK.as_millis() as u16);
        let watcher = Welcome::watcher(session.game(), id, self.epoch, tick_ms);
        ToClient::Welcome(Box::new(Welcome { names: self.start.names(), ..watcher }))
    }

    /// Has a socket wait until it can be let in.
    pub(super) fn queue(&mut self, arrival: Arrival) {
        let late = self.viewers.get(arrival.socket).is_some_and(Viewer::is_late);
        if late { self.late_arrivals.push(arrival) } else { self.arrivals.push(arrival) }
    }
}

/// How others may watch a game: with secrets in it or a rating at stake never live.
pub(super) fn watching(start: &Start, session: &Session, limits: &Limits) -> Watching {
    let fog = session.game().rules().fog.radius > 0;
    let wish = start.watching.unwrap_or_else(|| Watching::usual(fog));
    wish.fitting(fog || start.is_ranked(), limits.spectator_delay_least_s)
}
