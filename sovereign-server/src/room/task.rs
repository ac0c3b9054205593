//! The loop of a room: hear, step, log, release.

use std::sync::Arc;

use sovereign_core::id::PlayerId;
use sovereign_core::quantity::Tick;
use sovereign_core::wire::{CloseCode, PauseReason, ToClient};
use sovereign_core::{Command, Order, Phase, Session};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, MissedTickBehavior, interval_at};
use tracing::{error, info, warn};

use super::archive::Archived;
use super::bots::Bots;
use super::circles::{CircleId, Circles};
use super::entrance::{Arrival, Entrance};
use super::fault::{Condition, Faults};
use super::gallery::{Gallery, Past};
use super::gate::Gate;
use super::late;
use super::presence::Attendance;
use super::restore::Restored;
use super::ring::Frame;
use super::social::Talk;
use super::step::Answered;
use super::viewers::Viewers;
use super::{
    INBOX, Left, Opening, RoomEnd, RoomInfo, Services, SocketId, Start, TICK, ToRoom, Watching,
    rhythm, snapshot,
};
use crate::config::Limits;
use crate::health::{Pulse, Work};
use crate::log::{CommandLog, CommitNotice, GameId, Outcome};
use crate::telemetry::metrics;
use crate::telemetry::traces::Trail;

/// Ticks in a second.
pub(super) const TICKS_A_SECOND: u32 = (1_000 / TICK.as_millis()) as u32;

/// What waits at the gate.
#[derive(Debug)]
pub(super) enum Output {
    /// What each circle learns of an entry of this tick, which was due at that moment.
    Frames(Tick, Instant, Vec<(CircleId, Arc<Frame>)>),
    /// What one player learns, and which orders it answers.
    Tail { seat: PlayerId, message: Box<ToClient>, answered: Vec<Answered> },
    /// A socket's first sight of the game, or its next after it fell behind.
    Entrance(Box<Entrance>),
    /// A copy for recovery, of a state that is durable now.
    Snapshot(Box<snapshot::Copy>),
    /// For those who watch later.
    Past(Past),
    /// The game is over.
    Over,
}

/// An order that waits for its tick.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) player: PlayerId,
    pub(super) seq: u32,
    pub(super) command: Command,
    pub(super) arrived: Instant,
}

/// All that a room knows.
#[derive(Debug)]
pub(super) struct Task<L> {
    pub(super) services: Arc<Services<L>>,
    pub(super) id: GameId,
    pub(super) start: Start,
    pub(super) session: Session,
    pub(super) epoch: u64,
    /// Hash of the game after the newest entry.
    pub(super) hash: u64,
    /// Tick of the newest entry: the newest that anybody may ever see.
    pub(super) shown: Tick,
    /// Tick of the newest durable entry.
    pub(super) durable: Tick,
    pub(super) gate: Gate<Output>,
    pub(super) circles: Circles,
    pub(super) viewers: Viewers,
    pub(super) arrivals: Vec<Arrival>,
    /// How others may watch.
    pub(super) watching: Watching,
    /// What those see who watch later, if any do.
    pub(super) gallery: Option<Gallery>,
    /// Sockets that wait to watch later.
    pub(super) late_arrivals: Vec<Arrival>,
    pub(super) attendance: Attendance,
    pub(super) bots: Bots,
    pub(super) orders: Vec<Waiting>,
    /// Orders by which the game begins.
    pub(super) opening: Vec<Order>,
    /// When the present tick was due.
    pub(super) due: Instant,
    pub(super) ticks_since_entry: u32,
    pub(super) entries_since_snapshot: u64,
    pub(super) bytes_since_snapshot: u64,
    pub(super) snapshot_at: Instant,
    pub(super) stepped_at: Instant,
    durable_at: Instant,
    pub(super) notify: mpsc::UnboundedSender<CommitNotice>,
    pub(super) talk: Talk,
    /// The snapshot that is being written.
    pub(super) snapshot: Option<JoinHandle<()>>,
    pub(super) condition: Condition,
    pub(super) faults: Faults,
    commits: mpsc::UnboundedReceiver<CommitNotice>,
    pub(super) inbox: mpsc::Receiver<ToRoom>,
    info: watch::Sender<RoomInfo>,
    pulse: Pulse,
    /// Restored, and nobody has come back yet.
    pub(super) waiting: bool,
    pub(super) paused: Option<PauseReason>,
    /// The game has ended, or was given up.
    pub(super) over: bool,
    pub(super) archiving: Option<JoinHandle<Archived>>,
    /// What became of the game that is over, and when.
    pub(super) archived: Option<(Archived, Instant)>,
    pub(super) draining_since: Option<Instant>,
    /// Whether another node goes on with it then, and who gets the sockets if they are to follow.
    pub(super) moves: bool,
    pub(super) moving: Option<oneshot::Sender<Left>>,
}

impl<L: CommandLog> Task<L> {
    pub(super) fn new(
        services: Arc<Services<L>>,
        id: GameId,
        start: Start,
        restored: Restored,
        how: Opening,
        inbox: mpsc::Receiver<ToRoom>,
    ) -> Self {
        let Restored { session, position, hash, alone } = restored;
        metrics::game_active(1);
        let (notify, commits) = mpsc::unbounded_channel();
        let state = session.game().state();
        let tick = session.game().tick();
        let opening = if state.phase == Phase::Lobby {
            start.orders(session.game().rules())
        } else {
            Vec::new()
        };
        let attendance = Attendance::new(start.people(), &services.limits);
        let mut bots = Bots::default();
        for seat in &start.seats {
            if let Some(name) = &seat.bot {
                bots.seat(seat.seat, name, session.game());
            }
        }
        let info = RoomInfo {
            phase: state.phase,
            tick: tick.0,
            connected: 0,
            paused: None,
            archived: false,
            inside: u64::MAX,
        };
        let watching = late::watching(&start, &session, &services.limits);
        let gallery = Gallery::new(watching, &session, position.seq);
        Self {
            pulse: services.health.watch(id),
            circles: Circles::new(
                &session,
                start.people(),
                &services.limits,
                (how != Opening::Fresh, alone),
            ),
            services,
            id,
            start,
            session,
            epoch: position.epoch,
            hash,
            shown: tick,
            durable: tick,
            gate: Gate::new(position.seq),
            viewers: Viewers::default(),
            arrivals: Vec::new(),
            gallery,
            watching,
            late_arrivals: Vec::new(),
            attendance,
            bots,
            orders: Vec::new(),
            opening,
            due: Instant::now(),
            ticks_since_entry: 0,
            entries_since_snapshot: 0,
            bytes_since_snapshot: 0,
            snapshot_at: Instant::now(),
            stepped_at: Instant::now(),
            durable_at: Instant::now(),
            notify,
            talk: Talk::default(),
            snapshot: None,
            condition: Condition::Well,
            faults: Faults::default(),
            commits,
            inbox,
            info: watch::Sender::new(info),
            waiting: how == Opening::Restored,
            paused: None,
            over: false,
            archiving: None,
            archived: None,
            draining_since: None,
            moves: false,
            moving: None,
        }
    }

    pub(super) fn info(&self) -> watch::Receiver<RoomInfo> {
        self.info.subscribe()
    }

    /// Plays to the end.
    pub(super) async fn run(mut self) -> RoomEnd {
        let end = self.play().await;
        info!(game = %self.id, ?end, "a room has ended");
        end
    }

    async fn play(&mut self) -> RoomEnd {
        // Whoever had it before may have died between its end and the archive.
        self.end_if_finished();
        let mut ticks = interval_at(rhythm::first_tick(self.services.base, self.id), TICK);
        // A tick that was missed is lost: the game's time has simply been longer.
        ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
        loop {
            let end = tokio::select! {
                biased;
                Some(notice) = self.commits.recv() => self.committed(notice),
                planned = ticks.tick() => self.tick(planned),
            };
            if let Some(end) = end {
                return end;
            }
        }
    }

    fn committed(&mut self, notice: CommitNotice) -> Option<RoomEnd> {
        if notice.outcome == Outcome::Fenced && !planted!(IgnoreFence) {
            warn!(game = %self.id, seq = notice.seq, "another owner has this game; its room stops");
            self.viewers.close_all(CloseCode::Migrate);
            return Some(RoomEnd::Fenced);
        }
        if notice.outcome == Outcome::Lost {
            error!(game = %self.id, seq = notice.seq, "the log has lost what this game had shown");
            return Some(RoomEnd::Frozen);
        }
        self.gate.commit(notice.seq);
        self.durable_at = Instant::now();
        self.release();
        if self.moving.is_some() { self.end() } else { None }
    }

    /// Takes in what has come since the tick before: nothing that comes wakes the room.
    pub(super) fn listen(&mut self) {
        for _ in 0..INBOX {
            let Ok(message) = self.inbox.try_recv() else { return };
            self.hear(message);
        }
    }

    fn hear(&mut self, message: ToRoom) {
        match message {
            ToRoom::Attach(attach) => self.admit(attach),
            ToRoom::Order { socket, seq, command, arrived } => {
                self.take_order(socket, seq, command, arrived);
            }
            ToRoom::Social { socket, to, kind, index } => {
                self.take_talk(socket, to, kind, index);
            }
            ToRoom::Chat { socket, to, allies, text } => self.take_chat(socket, to, allies, text),
            ToRoom::Mute { socket, player, on } => self.take_mute(socket, player, on),
            ToRoom::Evidence { seat, reply } => self.give_evidence(seat, reply),
            ToRoom::Detach(socket) => {
                if let Some(seat) = self.viewers.detach(socket) {
                    self.attendance.set(seat, false);
                }
            }
            ToRoom::System(order) => self.opening.push(Order::System(order)),
            ToRoom::Announce(message) => self.announce("announcement", &message),
            ToRoom::End => self.end_by_operator(),
            ToRoom::Rename { player, name } => {
                self.start.rename(player, name);
                self.viewers.tell_all(&ToClient::Names { names: self.start.names() });
            }
            ToRoom::Move(taker) => self.moving = Some(taker),
            ToRoom::Drain { moves } => {
                self.draining_since = Some(Instant::now());
                self.moves = moves;
            }
            #[cfg(test)]
            ToRoom::Panic => panic!("a test asked for this"),
        }
    }

    fn take_order(&mut self, socket: SocketId, seq: u32, command: Command, arrived: Instant) {
        // Of an older socket, or of a spectator: not heard.
        let Some(player) = self.viewers.seat_of(socket) else { return };
        if self.orders.len() >= Limits::count(self.services.limits.inbox_orders) {
            metrics::limit_hit("inbox_orders");
            let notice = ToClient::Notice {
                code: "busy".to_owned(),
                message: "too many orders wait in this game; send yours again in a moment"
                    .to_owned(),
            };
            if let Some(viewer) = self.viewers.get(socket) {
                let _ = viewer.send(&notice);
            }
            return;
        }
        metrics::message(command.name());
        self.orders.push(Waiting { player, seq, command, arrived });
    }

    fn tick(&mut self, planned: Instant) -> Option<RoomEnd> {
        let started = Instant::now();
        self.pulse.beat();
        self.due = planned;
        self.listen();
        if planted!(ReleaseByTick) {
            self.gate.commit(self.gate.appended());
        }
        let (late, log_lag) = (started.saturating_duration_since(planned), self.gate.lag());
        metrics::tick_lateness(late);
        metrics::log_lag(log_lag);
        let lost = self.heal();
        self.pause_or_resume();
        if self.paused.is_none() && self.has_work() {
            self.step();
        }
        if self.is_sound() {
            self.let_in();
            self.give_up_if_empty();
        }
        self.show_late();
        self.release();
        self.show_info();
        let busy = started.elapsed();
        metrics::tick(busy);
        self.pulse.worked(&Work { ticks: 1, busy, late, log_lag });
        lost.or_else(|| self.end())
    }

    /// Whether the session is one that may be shown.
    const fn is_sound(&self) -> bool {
        matches!(self.condition, Condition::Well | Condition::Frozen)
    }

    fn has_work(&self) -> bool {
        let phase = self.session.game().state().phase;
        let runs = matches!(phase, Phase::Spawn | Phase::Playing) && !self.over;
        let waits = !self.opening.is_empty() || !self.orders.is_empty();
        (runs || waits) && self.draining_since.is_none()
    }

    /// Sends out all that is durable.
    pub(super) fn release(&mut self) {
        while let Some(output) = self.gate.release() {
            match output {
                Output::Frames(tick, due, frames) => self.show(tick, due, frames),
                Output::Tail { seat, message, answered } => self.answer(seat, &message, answered),
                Output::Entrance(entrance) => self.enter(*entrance),
                Output::Snapshot(copy) => self.store_snapshot(*copy),
                Output::Past(past) => self.keep_past(past),
                Output::Over => self.archive(),
            }
        }
        self.viewers.flush();
    }

    fn show(&mut self, tick: Tick, due: Instant, frames: Vec<(CircleId, Arc<Frame>)>) {
        self.durable = tick;
        self.viewers.due(due);
        for (circle, frame) in frames {
            let slow = self.viewers.show(circle, &frame);
            self.circles.keep(circle, frame);
            for socket in slow {
                self.fall_behind(socket);
            }
        }
    }

    pub(super) fn answer(&mut self, seat: PlayerId, message: &ToClient, answered: Vec<Answered>) {
        if let Some(socket) = self.viewers.tell_seat(seat, message) {
            self.fall_behind(socket);
        }
        let durable = self.durable_at;
        for Answered { command, arrived, stepped, appended } in answered {
            metrics::latency(command, arrived.elapsed());
            self.services.traces.order(&Trail { command, arrived, stepped, appended, durable });
        }
    }

    pub(super) fn fall_behind(&mut self, socket: SocketId) {
        if self.viewers.fall_behind(socket) {
            self.queue(Arrival::again(socket));
        }
    }

    fn show_info(&mut self) {
        self.look_at_archive();
        let seats = self.viewers.seats().filter(|seat| seat.0 < 64);
        let next = RoomInfo {
            phase: self.session.game().state().phase,
            tick: self.public_tick(),
            connected: seats.fold(0, |set, seat| set | 1 << seat.0),
            paused: self.paused,
            archived: matches!(self.archived, Some((Archived::Stored, _))),
            inside: self.inside(),
        };
        self.info.send_if_modified(|info| std::mem::replace(info, next) != next);
    }

    /// The tick that the lobby shows. Under fog whole seconds alone: entries of the log come
    /// when something happens, also where a player does not see it.
    const fn public_tick(&self) -> u32 {
        let coarse = self.durable.0 - self.durable.0 % TICKS_A_SECOND;
        if self.circles.fog() { coarse } else { self.durable.0 }
    }
}

impl<L> Drop for Task<L> {
    /// However a room ends, also by a panic: no socket is left without an answer.
    fn drop(&mut self) {
        self.viewers.close_all(CloseCode::Internal);
        metrics::game_active(-1);
        if self.paused.is_some() {
            metrics::room_paused(-1);
        }
        if matches!(self.condition, Condition::Frozen) {
            metrics::game_frozen(-1);
        }
    }
}
