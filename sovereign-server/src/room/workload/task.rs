//! The loop of a workload's room: the one of a game's room, around the script.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use sovereign_core::id::PlayerId;
use sovereign_core::quantity::Tick;
use sovereign_core::rules::{RULES_VERSION, RulesDraft};
use sovereign_core::wire::{ToClient, Welcome};
use sovereign_core::{Answer, Batch, Command, Order, Phase, Reject, Rules};
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, MissedTickBehavior, interval_at};
use tracing::warn;

use super::Standing;
use super::script::{PLAYERS, Script, Size};
use crate::config::Limits;
use crate::health::Pulse;
use crate::log::{CommandLog, CommitNotice, Entry, GameId, Position, Snapshot};
use crate::room::gate::Gate;
use crate::room::ring::{Frame, Ring};
use crate::room::viewers::{Place, Viewers};
use crate::room::{INBOX, RoomInfo, Services, SocketId, TICK, ToRoom, restore, rhythm};
use crate::telemetry::metrics;

enum Output {
    Frame(Instant, Arc<Frame>),
    Tail(PlayerId, ToClient),
    Entrance { socket: SocketId, welcome: Box<ToClient>, snapshot: Arc<Frame> },
    Snapshot(Snapshot),
    Stopped,
}

struct Waiting {
    seat: PlayerId,
    seq: u32,
    command: Command,
    arrived: Instant,
}

pub(super) struct Task<L> {
    services: Arc<Services<L>>,
    id: GameId,
    epoch: u64,
    rules: RulesDraft,
    script: Script,
    gate: Gate<Output>,
    ring: Ring,
    viewers: Viewers,
    arrivals: Vec<SocketId>,
    orders: Vec<Waiting>,
    notify: mpsc::UnboundedSender<CommitNotice>,
    commits: mpsc::UnboundedReceiver<CommitNotice>,
    inbox: mpsc::Receiver<ToRoom>,
    /// Kept, so that the room's door stays open.
    _info: watch::Sender<RoomInfo>,
    pulse: Pulse,
    stop: Arc<AtomicBool>,
    stopped: bool,
    standing: Arc<Mutex<Standing>>,
    flushing: Option<Instant>,
}

impl<L: CommandLog> Task<L> {
    pub(super) fn new(
        services: &Arc<Services<L>>,
        id: GameId,
        position: Position,
        (size, number): (Size, u32),
        inbox: mpsc::Receiver<ToRoom>,
        (stop, standing): (Arc<AtomicBool>, Arc<Mutex<Standing>>),
    ) -> (Self, watch::Receiver<RoomInfo>) {
        let rules = Arc::new(Rules::preset("classic").expect("it ships with the engine"));
        let (notify, commits) = mpsc::unbounded_channel();
        let info = RoomInfo {
            phase: Phase::Playing,
            tick: 0,
            connected: 0,
            paused: None,
            archived: false,
            inside: u64::MAX,
        };
        let (info, watched) = watch::channel(info);
        metrics::game_active(1);
        let task = Self {
            id,
            epoch: position.epoch,
            rules: RulesDraft::clone(&rules),
            script: Script::new(size, number, &rules),
            gate: Gate::new(position.seq),
            ring: Ring::new(None, &services.limits),
            viewers: Viewers::default(),
            arrivals: Vec::new(),
            orders: Vec::new(),
            notify,
            commits,
            inbox,
            _info: info,
            pulse: services.health.watch(id),
            stop,
            stopped: false,
            standing,
            flushing: None,
            services: Arc::clone(services),
        };
        (task, watched)
    }

    pub(super) async fn run(mut self) {
        let mut ticks = interval_at(rhythm::first_tick(self.services.base, self.id), TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
        loop {
            tokio::select! {
                biased;
                Some(notice) = self.commits.recv() => {
                    self.gate.commit(notice.seq);
                    self.release();
                }
                planned = ticks.tick() => self.tick(planned),
            }
        }
    }

    fn hear(&mut self, message: ToRoom) {
        match message {
            ToRoom::Attach(attach) => {
                self.arrivals.push(attach.socket);
                self.viewers.attach(attach, Place::Live);
            }
            ToRoom::Order { socket, seq, command, arrived } => {
                let Some(seat) = self.viewers.seat_of(socket) else { return };
                if self.orders.len() < Limits::count(self.services.limits.inbox_orders) {
                    metrics::message(command.name());
                    self.orders.push(Waiting { seat, seq, command, arrived });
                }
            }
            ToRoom::Detach(socket) => drop(self.viewers.detach(socket)),
            _ => {}
        }
    }

    fn tick(&mut self, planned: Instant) {
        let started = Instant::now();
        self.pulse.beat();
        for _ in 0..INBOX {
            let Ok(message) = self.inbox.try_recv() else { break };
            self.hear(message);
        }
        metrics::tick_lateness(started.saturating_duration_since(planned));
        let ahead = self.gate.ahead(self.script.tick());
        if !self.stopped && ahead < self.services.limits.run_ahead_ticks {
            self.step(planned);
        }
        self.let_in();
        self.release();
        metrics::tick(started.elapsed());
    }

    fn step(&mut self, due: Instant) {
        let hash = u64::from(self.script.check());
        let waiting = std::mem::take(&mut self.orders);
        let (batch, answers) = self.play(&waiting);
        let delta = batch.1;
        self.append(batch.0, hash);
        self.gate.hold(Output::Frame(due, Arc::new(Frame::new(delta, self.epoch, false))));
        let tick = Tick(self.script.tick());
        for (waiting, answer) in waiting.iter().zip(answers) {
            metrics::latency(waiting.command.name(), waiting.arrived.elapsed());
            let (epoch, answers) = (self.epoch, vec![answer]);
            let tail = ToClient::Tail { epoch, tick, answers, own: None, events: Vec::new() };
            self.gate.hold(Output::Tail(waiting.seat, tail));
        }
        if self.stop.load(Ordering::Acquire) {
            self.stopped = true;
            self.gate.hold(Output::Stopped);
        }
    }

    /// Carries out what was ordered, then the step's own changes.
    fn play(&mut self, waiting: &[Waiting]) -> ((Batch, sovereign_core::Delta), Vec<Answer>) {
        let tick = Tick(self.script.tick() + 1);
        let (mut done, mut orders, mut answers) = (Vec::new(), Vec::new(), Vec::new());
        for Waiting { seat, seq, command, .. } in waiting {
            let player = PlayerId(seat.0 % PLAYERS);
            let result = match command {
                Command::Attack(attack) if self.script.accepts(attack) => {
                    done.push((player.0, *attack));
                    let (seq, command) = (*seq, *command);
                    orders.push(Order::Player { player, seq, command });
                    Ok(tick)
                }
                _ => Err(Reject::NoTroops),
            };
            answers.push(Answer { seq: *seq, result });
        }
        let delta = self.script.step(done.into_iter());
        let batch = Batch { tick, orders, hash: u64::from(self.script.check()) };
        ((batch, delta), answers)
    }

    fn append(&mut self, batch: Batch, prev_hash: u64) {
        let (tick, bytes) = (batch.tick.0, restore::encode(&batch));
        let (game, epoch, seq) = (self.id, self.epoch, self.gate.append(tick));
        let entry = Entry { game, epoch, seq, tick, batch: bytes, prev_hash };
        if let Err(error) = self.services.commits.append(entry, self.notify.clone()) {
            warn!(game = %self.id, %error, "an entry could not be handed to the log");
        }
        if u64::from(tick).is_multiple_of(self.services.limits.snapshot_ticks) {
            let (hash, blob) = (u64::from(self.script.check()), self.script.snapshot());
            let rules_version = RULES_VERSION;
            let snapshot = Snapshot { game, seq, tick, hash, rules_version, blob };
            self.gate.hold(Output::Snapshot(snapshot));
        }
    }

    fn let_in(&mut self) {
        if self.arrivals.is_empty() || self.stopped {
            return;
        }
        let snapshot = Arc::new(Frame::new(self.script.full(), self.epoch, true));
        for socket in std::mem::take(&mut self.arrivals) {
            let Some(seat) = self.viewers.seat_of(socket) else { continue };
            let (welcome, snapshot) = (Box::new(self.welcome(seat)), Arc::clone(&snapshot));
            self.gate.hold(Output::Entrance { socket, welcome, snapshot });
        }
    }

    fn welcome(&self, seat: PlayerId) -> ToClient {
        ToClient::Welcome(Box::new(Welcome {
            epoch: self.epoch,
            game: self.id.to_string(),
            you: Some(PlayerId(seat.0 % PLAYERS)),
            seats: PLAYERS,
            map: self.script.map().name().to_owned(),
            map_hash: self.script.map().hash(),
            rules: self.rules.clone(),
            tick_ms: TICK.as_millis() as u16,
            seed_commitment: String::new(),
            last_seq: 0,
            answers: Vec::new(),
            names: Vec::new(),
            replay_end: None,
        }))
    }

    fn release(&mut self) {
        while let Some(output) = self.gate.release() {
            match output {
                Output::Frame(due, frame) => {
                    self.flushing = Some(due);
                    let slow = self.viewers.show(None, &frame);
                    self.ring.push(frame);
                    slow.into_iter().for_each(|socket| self.fall_behind(socket));
                }
                Output::Tail(seat, message) => {
                    let slow = self.viewers.tell_seat(seat, &message);
                    slow.into_iter().for_each(|socket| self.fall_behind(socket));
                }
                Output::Entrance { socket, welcome, snapshot } => {
                    self.enter(socket, &welcome, &snapshot);
                }
                Output::Snapshot(snapshot) => self.store(snapshot),
                Output::Stopped => self.say_how_it_stands(),
            }
        }
        self.viewers.flush();
        if let Some(due) = self.flushing.take() {
            metrics::flush_lateness(due.elapsed());
        }
    }

    fn fall_behind(&mut self, socket: SocketId) {
        if self.viewers.fall_behind(socket) {
            self.arrivals.push(socket);
        }
    }

    fn enter(&mut self, socket: SocketId, welcome: &ToClient, snapshot: &Arc<Frame>) {
        let Some(viewer) = self.viewers.get(socket) else { return };
        if viewer.send(welcome).and_then(|()| viewer.send_frame(snapshot)).is_err() {
            return self.fall_behind(socket);
        }
        self.viewers.go_live(socket);
    }

    fn store(&self, snapshot: Snapshot) {
        let log = Arc::clone(&self.services.log);
        tokio::spawn(async move {
            if let Err(error) = log.put_snapshot(snapshot).await {
                warn!(%error, "a snapshot was not stored");
            }
        });
    }

    fn say_how_it_stands(&self) {
        let mut standing = self.standing.lock().unwrap_or_else(PoisonError::into_inner);
        *standing = Standing {
            steps: self.script.tick(),
            foreign: self.script.foreign(),
            sha256: Some(self.script.digest()),
        };
    }
}

impl<L> Drop for Task<L> {
    fn drop(&mut self) {
        metrics::game_active(-1);
    }
}
