//! How a socket comes in: greeted, then caught up, then live.

use std::collections::BTreeMap;
use std::sync::Arc;

use sovereign_core::id::PlayerId;
use sovereign_core::wire::{CloseCode, Resume, ToClient, Welcome};

use super::circles::CircleId;
use super::fault::Condition;
use super::ring::Frame;
use super::task::{Output, Task, Waiting};
use super::viewers::{Place, Viewer};
use super::{Attach, SocketId, TICK};
use crate::config::Limits;
use crate::log::CommandLog;
use crate::telemetry::metrics;

/// A socket that waits to be let in.
#[derive(Debug)]
pub(super) struct Arrival {
    pub(super) socket: SocketId,
    pub(super) resume: Option<Resume>,
    pub(super) greet: bool,
}

impl Arrival {
    /// A socket that fell behind and needs a snapshot.
    pub(super) const fn again(socket: SocketId) -> Self {
        Self { socket, resume: None, greet: false }
    }
}

/// What a socket is shown once it is durable.
#[derive(Debug)]
pub(super) struct Entrance {
    socket: SocketId,
    welcome: Option<ToClient>,
    /// From which tick on the ring serves; else the snapshot does.
    resume: Option<u32>,
    snapshot: Option<Arc<Frame>>,
    tail: Option<ToClient>,
}

impl<L: CommandLog> Task<L> {
    /// Takes a socket in; it is let in at the next tick, after the orders that its
    /// player sent by an older one.
    pub(super) fn admit(&mut self, attach: Attach) {
        let most = Limits::count(self.services.limits.spectators_per_room);
        if attach.seat.is_none() && self.viewers.spectators() >= most {
            metrics::limit_hit("spectators_per_room");
            attach.out.close(CloseCode::TryLater);
            return;
        }
        if self.viewers.is_outrun(&attach) {
            attach.out.close(CloseCode::Replaced);
            return;
        }
        let Some(place) = self.place_of(&attach) else {
            // Whoever watches could tell the players what they do not see.
            attach.out.close(CloseCode::NotSeated);
            return;
        };
        let (socket, seat, resume) = (attach.socket, attach.seat, attach.resume);
        self.viewers.attach(attach, place);
        if let Some(seat) = seat {
            self.attendance.set(seat, true);
        }
        if let (Some(viewer), Some(paused)) = (self.viewers.get(socket), self.pause_message()) {
            let _ = viewer.send(&paused);
            self.viewers.halt();
        }
        self.queue(Arrival { socket, resume, greet: true });
    }

    fn place_of(&self, attach: &Attach) -> Option<Place> {
        match attach.seat {
            Some(seat) => self.circles.of(Some(seat)).map(|_| Place::Live),
            None => self.place_of_spectator(attach.view),
        }
    }

    /// Prepares what waiting sockets will see, as far as the present state is in the log.
    pub(super) fn let_in(&mut self) {
        if self.arrivals.is_empty()
            || (self.session.game().tick() != self.shown && !planted!(EnterBetween))
        {
            return;
        }
        let mut snapshots = BTreeMap::new();
        let (waiting, ready) = std::mem::take(&mut self.arrivals)
            .into_iter()
            .partition(|arrival| self.has_orders_of(arrival.socket));
        self.arrivals = waiting;
        let ready: Vec<Arrival> = ready;
        for arrival in ready {
            let entrance = self.entrance(&arrival, &mut snapshots);
            if let Some(entrance) = entrance {
                if planted!(EnterEarly) {
                    self.enter(entrance);
                    continue;
                }
                self.gate.hold(Output::Entrance(Box::new(entrance)));
            }
        }
    }

    /// Whether orders of the socket's player wait for their tick, which a room that stands
    /// still cannot run yet: he is told what was the last one only after them. A game that
    /// is frozen will never run them.
    fn has_orders_of(&self, socket: SocketId) -> bool {
        let seat = self.viewers.seat_of(socket);
        let mine = |order: &Waiting| Some(order.player) == seat;
        let runs = !matches!(self.condition, Condition::Frozen);
        runs && self.orders.iter().any(mine)
    }

    fn entrance(
        &mut self,
        arrival: &Arrival,
        snapshots: &mut BTreeMap<CircleId, Arc<Frame>>,
    ) -> Option<Entrance> {
        let seat = self.viewers.get(arrival.socket)?.seat;
        let circle = self.circles.of(seat)?;
        let tick = arrival.resume.filter(|r| r.epoch <= self.epoch).map(|r| r.tick.0);
        let resume = tick.filter(|tick| self.circles.after(circle, *tick).is_some());
        let full = || Arc::new(self.circles.snapshot(circle, &self.session, self.epoch));
        let shown =
            resume.is_none().then(|| Arc::clone(snapshots.entry(circle).or_insert_with(full)));
        Some(Entrance {
            socket: arrival.socket,
            welcome: arrival.greet.then(|| self.welcome(seat)),
            resume,
            snapshot: shown,
            tail: seat.and_then(|seat| self.first_tail(seat, arrival.greet)),
        })
    }

    fn welcome(&self, seat: Option<PlayerId>) -> ToClient {
        let game = self.session.game();
        let (last_seq, answers) =
            seat.map_or_else(Default::default, |seat| self.session.answers(seat));
        let watcher =
            Welcome::watcher(game, self.id.to_string(), self.epoch, TICK.as_millis() as u16);
        let last_seq = if planted!(ForgetLast) { 0 } else { last_seq };
        let names = self.start.names();
        ToClient::Welcome(Box::new(Welcome { you: seat, last_seq, answers, names, ..watcher }))
    }

    /// Own gold and proposals; after a fall behind also the answers that were dropped.
    fn first_tail(&mut self, seat: PlayerId, greeted: bool) -> Option<ToClient> {
        let own = self.session.game().view(Some(seat)).own();
        let answers = if greeted { Vec::new() } else { self.session.answers(seat).1 };
        let (_, viewer) = self.viewers.at_seat(seat)?;
        viewer.own.clone_from(&own);
        let (epoch, tick, events) = (self.epoch, self.told_at(seat), Vec::new());
        Some(ToClient::Tail { epoch, tick, answers, own, events })
    }

    /// Lets a socket in: what was prepared is durable now.
    pub(super) fn enter(&mut self, entrance: Entrance) {
        let socket = entrance.socket;
        if self.enter_or_fall_behind(entrance).is_none() {
            self.fall_behind(socket);
        }
    }

    fn enter_or_fall_behind(&mut self, entrance: Entrance) -> Option<()> {
        let Entrance { socket, welcome, resume, snapshot, tail } = entrance;
        let Some(viewer) = self.viewers.get(socket) else { return Some(()) };
        let circle = self.circles.of(viewer.seat)?;
        if let Some(welcome) = welcome {
            viewer.send(&welcome).ok()?;
        }
        match (resume, snapshot) {
            (Some(tick), _) => {
                // Meanwhile out of the ring: a snapshot serves.
                let missed = self.circles.after(circle, tick)?;
                self.viewers.catch_up(socket, missed.iter().map(|frame| &**frame)).ok()?;
            }
            (None, Some(snapshot)) => viewer.send_frame(&snapshot).ok()?,
            (None, None) => {}
        }
        let halted = self.viewers.go_live(socket);
        if halted && self.paused.is_none() {
            let (epoch, tick) = (self.epoch, self.circles.durable_of(circle));
            self.viewers.get(socket)?.send(&ToClient::Resumed { epoch, tick }).ok()?;
        }
        let send = |viewer: &Viewer, tail: &ToClient| viewer.send(tail).ok();
        match (self.viewers.get(socket), tail) {
            (Some(viewer), Some(tail)) => send(viewer, &tail),
            _ => Some(()),
        }
    }
}
