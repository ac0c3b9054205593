//! The sockets of a room, and what goes out to them.

use std::collections::{BTreeMap, BTreeSet};

use sovereign_core::id::PlayerId;
use sovereign_core::view::Own;
use sovereign_core::wire::{CloseCode, Codec, ToClient};
use tokio::time::Instant;

use super::circles::CircleId;
use super::ring::{Frame, encode};
use super::{Attach, Framed, Hold, SocketId, TooSlow};
use crate::telemetry::metrics;

/// When somebody is shown the game.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// As it is played: players, and who watches a game without secrets.
    Live,
    /// Later, as those of a circle.
    Late(CircleId),
}

/// One socket.
#[derive(Debug)]
pub(super) struct Viewer {
    pub(super) seat: Option<PlayerId>,
    /// What a spectator is called.
    pub(super) name: Option<String>,
    /// Of whom a spectator wants to hear nothing.
    pub(super) muted: BTreeSet<PlayerId>,
    place: Place,
    codec: Codec,
    out: Hold,
    /// Whether it has been told of the game and gets what is new.
    live: bool,
    /// Was told that the game stands still before it saw anything, and not since that it goes on.
    halted: bool,
    /// Fell behind before, and has not caught up since.
    behind: bool,
    /// What its player was last told of own gold and proposals.
    pub(super) own: Option<Own>,
}

impl Viewer {
    fn is_in(&self, circle: CircleId) -> bool {
        self.place == Place::Live && (circle.is_none() || self.seat == circle)
    }

    /// Whether a message means something to it yet: that the game goes on from a tick does
    /// not to somebody who has not been shown that tick.
    const fn follows(&self, message: &ToClient) -> bool {
        self.live || !matches!(message, ToClient::Resumed { .. })
    }

    pub(super) const fn place(&self) -> Place {
        self.place
    }

    pub(super) const fn is_late(&self) -> bool {
        matches!(self.place, Place::Late(_))
    }

    /// Whether a spectator wants to hear a player.
    pub(super) fn hears(&self, player: PlayerId) -> bool {
        !self.muted.contains(&player)
    }

    /// Sends a message to this viewer alone.
    pub(super) fn send(&self, message: &ToClient) -> Result<(), TooSlow> {
        self.out.push(encode(message, self.codec))
    }

    /// The same with what is encoded but once for all.
    pub(super) fn send_frame(&self, frame: &Frame) -> Result<(), TooSlow> {
        self.out.push(frame.message(self.codec))
    }

    fn push(&mut self, message: Framed) -> Result<(), TooSlow> {
        if self.behind && self.out.is_empty() {
            self.behind = false;
        }
        self.out.push(message)
    }
}

/// All sockets of a room; of each seat at most one.
#[derive(Debug, Default)]
pub(super) struct Viewers {
    sockets: BTreeMap<SocketId, Viewer>,
    seats: BTreeMap<PlayerId, SocketId>,
    /// When the frames were due that are queued and not yet flushed.
    due: Option<Instant>,
}

impl Viewers {
    /// Takes a socket in. A player's older socket is fenced: it is closed, and whatever
    /// it still sends is ignored.
    pub(super) fn attach(&mut self, attach: Attach, place: Place) {
        if let Some(seat) = attach.seat {
            match self.seats.insert(seat, attach.socket) {
                Some(_) if planted!(TwoSockets) => {}
                Some(old) => self.close(old, CloseCode::Replaced),
                None => metrics::player_connected(1),
            }
        }
        let viewer = Viewer {
            seat: attach.seat,
            name: attach.name,
            muted: BTreeSet::new(),
            place,
            codec: attach.codec,
            out: attach.out,
            live: false,
            halted: false,
            behind: false,
            own: None,
        };
        self.sockets.insert(attach.socket, viewer);
    }

    /// Whether a socket that was opened later has this one's seat already: both may have waited
    /// for the room, and who waits is not let in by the order in which he came.
    pub(super) fn is_outrun(&self, attach: &Attach) -> bool {
        let newest = attach.seat.and_then(|seat| self.seats.get(&seat));
        newest.is_some_and(|newest| *newest > attach.socket)
    }

    /// Lets a socket go; the seat that is empty now, if it was a player's present one.
    pub(super) fn detach(&mut self, socket: SocketId) -> Option<PlayerId> {
        let seat = self.sockets.remove(&socket)?.seat?;
        if self.seats.get(&seat) != Some(&socket) {
            return None;
        }
        self.seats.remove(&seat);
        metrics::player_connected(-1);
        Some(seat)
    }

    /// Closes one socket with a reason.
    fn close(&mut self, socket: SocketId, code: CloseCode) {
        if let Some(viewer) = self.sockets.remove(&socket) {
            viewer.out.close(code);
        }
    }

    /// Closes all sockets with a reason.
    pub(super) fn close_all(&mut self, code: CloseCode) {
        for viewer in self.sockets.values() {
            viewer.out.close(code);
        }
        metrics::player_connected(-(self.seats.len() as i32));
        self.sockets.clear();
        self.seats.clear();
    }

    /// Lets all sockets go without a word; of those that were shown the newest frame whose
    /// eyes they look through.
    pub(super) fn leave(&mut self) -> Vec<(Hold, Option<Option<PlayerId>>)> {
        metrics::player_connected(-(self.seats.len() as i32));
        self.seats.clear();
        let shown = |viewer: &Viewer| viewer.live.then_some(viewer.seat);
        let all = std::mem::take(&mut self.sockets).into_values();
        all.map(|viewer| (shown(&viewer), viewer.out)).map(|(shown, out)| (out, shown)).collect()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.sockets.is_empty()
    }

    /// How many watch without a seat.
    pub(super) fn spectators(&self) -> usize {
        self.sockets.values().filter(|viewer| viewer.seat.is_none()).count()
    }

    /// The seat for which this socket may speak.
    pub(super) fn seat_of(&self, socket: SocketId) -> Option<PlayerId> {
        self.sockets.get(&socket)?.seat
    }

    /// A spectator's place.
    pub(super) fn spectator(&mut self, socket: SocketId) -> Option<&mut Viewer> {
        self.sockets.get_mut(&socket).filter(|viewer| viewer.seat.is_none())
    }

    pub(super) fn get(&self, socket: SocketId) -> Option<&Viewer> {
        self.sockets.get(&socket)
    }

    /// The present socket of a seat.
    pub(super) fn at_seat(&mut self, seat: PlayerId) -> Option<(SocketId, &mut Viewer)> {
        let socket = *self.seats.get(&seat)?;
        Some((socket, self.sockets.get_mut(&socket)?))
    }

    /// The seats with a socket.
    pub(super) fn seats(&self) -> impl Iterator<Item = PlayerId> + '_ {
        self.seats.keys().copied()
    }

    /// Tells everybody something that is no part of the game's state.
    pub(super) fn tell_all(&self, message: &ToClient) {
        self.tell_those(message, |_| true);
    }

    /// Tells a circle of those who watch later that the game stands still, or goes on.
    pub(super) fn tell_late(&self, circle: CircleId, message: &ToClient) {
        let late = |viewer: &Viewer| viewer.place == Place::Late(circle);
        self.tell_those(message, |viewer| late(viewer) && viewer.follows(message));
    }

    /// The circles of those who watch later.
    pub(super) fn late_circles(&self) -> BTreeSet<CircleId> {
        let late = |viewer: &Viewer| match viewer.place {
            Place::Late(circle) => Some(circle),
            Place::Live => None,
        };
        self.sockets.values().filter_map(late).collect()
    }

    /// Closes the sockets of those who watch later.
    pub(super) fn close_late(&mut self, code: CloseCode) {
        self.sockets.retain(|_, viewer| {
            if viewer.is_late() {
                viewer.out.close(code);
            }
            !viewer.is_late()
        });
    }

    /// Tells a circle that the game stands still, or goes on.
    pub(super) fn tell(&self, circle: CircleId, message: &ToClient) {
        self.tell_those(message, |viewer| viewer.is_in(circle) && viewer.follows(message));
    }

    /// Tells some of those here something that is no part of the game's state.
    pub(super) fn tell_those(&self, message: &ToClient, who: impl Fn(&Viewer) -> bool) {
        let encoded = Codec::ALL.map(|codec| encode(message, codec));
        for viewer in self.sockets.values().filter(|viewer| who(viewer)) {
            let index = Codec::ALL.iter().position(|codec| *codec == viewer.codec);
            // One who is too slow for this hears of it by the next snapshot.
            let _ = viewer.out.push(encoded[index.unwrap_or_default()].clone());
        }
    }

    /// The frames that are shown next were due at this moment.
    pub(super) fn due(&mut self, due: Instant) {
        self.due.get_or_insert(due);
    }

    /// Sends what was queued: all that one viewer gets in one call of the kernel.
    pub(super) fn flush(&mut self) {
        let sent = self.sockets.values().map(|viewer| viewer.out.flush()).sum();
        if sent > 0 {
            metrics::sent(sent);
        }
        if let Some(due) = self.due.take() {
            metrics::flush_lateness(due.elapsed());
        }
    }

    /// From now on this socket gets what is new. Whether it still believes that the game
    /// stands still, as it was told when it came.
    pub(super) fn go_live(&mut self, socket: SocketId) -> bool {
        let Some(viewer) = self.sockets.get_mut(&socket) else { return false };
        viewer.live = true;
        std::mem::take(&mut viewer.halted)
    }

    /// Whoever has seen nothing yet has been told that the game stands still.
    pub(super) fn halt(&mut self) {
        for viewer in self.sockets.values_mut() {
            viewer.halted = !viewer.live;
        }
    }

    /// Sends a frame to all of a circle who are live; those who are too slow for it.
    pub(super) fn show(&mut self, circle: CircleId, frame: &Frame) -> Vec<SocketId> {
        self.show_those(frame, |viewer| viewer.is_in(circle))
    }

    /// Sends a frame to those who watch live.
    #[cfg(test)]
    pub(super) fn feed(&mut self, frame: &Frame) {
        self.show_those(frame, |viewer| viewer.place == Place::Live && viewer.seat.is_none());
    }

    /// The same for those who watch later.
    pub(super) fn show_late(&mut self, circle: CircleId, frame: &Frame) -> Vec<SocketId> {
        self.show_those(frame, |viewer| viewer.place == Place::Late(circle))
    }

    fn show_those(&mut self, frame: &Frame, who: impl Fn(&Viewer) -> bool) -> Vec<SocketId> {
        let mut slow = Vec::new();
        let live = |viewer: &Viewer| viewer.live && who(viewer);
        for (socket, viewer) in self.sockets.iter_mut().filter(|(_, viewer)| live(viewer)) {
            if viewer.push(frame.message(viewer.codec)).is_err() {
                slow.push(*socket);
            }
        }
        slow
    }

    /// Sends frames that a socket missed.
    pub(super) fn catch_up<'f>(
        &mut self,
        socket: SocketId,
        frames: impl Iterator<Item = &'f Frame>,
    ) -> Result<(), TooSlow> {
        let Some(viewer) = self.sockets.get_mut(&socket) else { return Ok(()) };
        for frame in frames {
            viewer.push(frame.message(viewer.codec))?;
        }
        Ok(())
    }

    /// Sends a player something private.
    pub(super) fn tell_seat(&mut self, seat: PlayerId, message: &ToClient) -> Option<SocketId> {
        let (socket, viewer) = self.at_seat(seat)?;
        if !viewer.live {
            return None;
        }
        let message = encode(message, viewer.codec);
        viewer.push(message).is_err().then_some(socket)
    }

    /// A socket was too slow. What waits for it is dropped in favour of a snapshot, and
    /// true is returned; if it was already behind, it is closed.
    pub(super) fn fall_behind(&mut self, socket: SocketId) -> bool {
        let Some(viewer) = self.sockets.get_mut(&socket) else { return false };
        viewer.out.clear();
        metrics::resync();
        if viewer.behind {
            viewer.out.close(CloseCode::TooSlow);
            return false;
        }
        viewer.behind = true;
        viewer.live = false;
        true
    }
}
