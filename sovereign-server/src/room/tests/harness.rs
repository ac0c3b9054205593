//! A room over a log in memory, and clients that keep a mirror.

use std::collections::BTreeMap;

use sovereign_core::command::Spawn;
use sovereign_core::id::TerritoryId;
use sovereign_core::quantity::Tick;
use sovereign_core::replay::ReplayHeader;
use sovereign_core::wire::{CloseCode, ToClient};
use sovereign_core::{Answer, Game, Mirror, Rules, Seed};
use tokio::task::JoinHandle;

use super::super::out::Next;
use super::super::*;
use crate::config::{Config, Limits, Live};
use crate::log::memory::MemoryLog;
use crate::log::{Committer, Entry};
use crate::store::{SqliteStore, Store};
use crate::telemetry::traces::Traces;
use crate::threads::Lanes;

/// A room and what is around it.
pub(super) struct Table {
    pub(super) _folder: Option<tempfile::TempDir>,
    /// That of the services, to hang it.
    pub(super) database: SqliteStore,
    pub(super) services: Arc<Services<MemoryLog>>,
    pub(super) id: GameId,
    pub(super) start: Start,
    pub(super) map: Arc<Map>,
    pub(super) handle: RoomHandle,
    pub(super) task: JoinHandle<RoomEnd>,
    pub(super) sockets: u64,
}

/// A client that keeps a mirror and checks every frame against it.
pub(super) struct Client {
    pub(super) seat: Option<PlayerId>,
    pub(super) socket: SocketId,
    pub(super) out: OutQueue,
    pub(super) codec: Codec,
    pub(super) blank: Mirror,
    pub(super) mirror: Mirror,
    pub(super) ticks: Vec<u32>,
    pub(super) epoch: u64,
    pub(super) last_seq: u32,
    pub(super) answers: BTreeMap<u32, Answer>,
    pub(super) paused: Option<PauseReason>,
    pub(super) closed: Option<CloseCode>,
    pub(super) snapshots: u32,
    pub(super) owns: u32,
    /// Who said what of which kind.
    pub(super) heard: Vec<(u16, SocialKind, u32)>,
    /// What it is called without a seat.
    pub(super) name: Option<String>,
    /// Through whose eyes it watches.
    pub(super) view: Option<PlayerId>,
    /// Words that were heard, of a seat or of nobody's.
    pub(super) words: Vec<(Option<u16>, String)>,
    /// The check of the mirror at each tick that was told of.
    pub(super) checks: BTreeMap<u32, u32>,
    /// Codes of notices.
    pub(super) notices: Vec<String>,
}

pub(super) fn start(people: u16, bots: u16) -> (Start, Arc<Map>) {
    start_with(people, bots, Rules::preset("classic").unwrap())
}

pub(super) fn start_with(people: u16, bots: u16, rules: Rules) -> (Start, Arc<Map>) {
    let map = Arc::new(Map::shipped("classic").unwrap());
    let game = Game::new(Arc::clone(&map), rules.into(), Seed([7; 16]), people + bots).unwrap();
    let seat = |n: u16| SeatStart {
        seat: PlayerId(n),
        bot: (n >= people).then(|| "expander".to_owned()),
        team: 0,
        name: format!("Seat {n}"),
    };
    let seats = (0..people + bots).map(seat).collect();
    (Start::new(ReplayHeader::of(&game), seats), map)
}

impl Table {
    pub(super) async fn open(people: u16, bots: u16, limits: Limits) -> Self {
        Self::open_with(start(people, bots), limits).await
    }

    pub(super) async fn open_with((start, map): (Start, Arc<Map>), limits: Limits) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = SqliteStore::open(folder.path()).await.unwrap();
        let store = Store::from(database.clone());
        let log = Arc::new(MemoryLog::new());
        let (committer, commits) = Committer::new(Arc::clone(&log));
        tokio::spawn(committer.run());
        let (health, base) = (Health::default(), Instant::now());
        let config = Config { limits: limits.clone(), ..Config::default() };
        let (settings, traces) = (Live::new(config), Traces::default());
        let services = Arc::new(Services {
            log,
            commits,
            store,
            limits,
            settings,
            health,
            traces,
            seal: None,
            base,
            games: Lanes::current(),
        });
        let id = GameId::now_v7();
        services.log.create(id).await.unwrap();
        let room = Room::fresh(&services, id, start.clone(), Arc::clone(&map)).unwrap();
        let handle = room.handle();
        let task = tokio::spawn(room.run());
        Self { _folder: Some(folder), database, services, id, start, map, handle, task, sockets: 0 }
    }

    /// What another room over the same log has in common with this one.
    pub(super) fn beside(&self) -> Self {
        Self {
            _folder: None,
            database: self.database.clone(),
            services: Arc::clone(&self.services),
            id: self.id,
            start: self.start.clone(),
            map: Arc::clone(&self.map),
            handle: self.handle.clone(),
            task: tokio::spawn(async { RoomEnd::Drained }),
            sockets: 1_000,
        }
    }

    /// As after a crash: the task is gone, the log remains.
    pub(super) async fn crash_and_restore(&mut self) {
        self.task.abort();
        while !self.task.is_finished() {
            tokio::task::yield_now().await;
        }
        let (start, map) = (self.start.clone(), Arc::clone(&self.map));
        let room = Room::restore(&self.services, self.id, start, map, None).await.unwrap();
        self.handle = room.handle();
        self.task = tokio::spawn(room.run());
    }

    pub(super) async fn join(&mut self, seat: Option<u16>, resume: Option<Resume>) -> Client {
        let mut client = self.client(seat, Codec::Msgpack);
        self.attach(&client, resume).await;
        client.listen().await;
        client
    }

    pub(super) fn client(&mut self, seat: Option<u16>, codec: Codec) -> Client {
        self.sockets += 1;
        let seat = seat.map(PlayerId);
        let rules = Arc::new(Rules::from_toml(&self.start.header.rules).unwrap());
        let seats = self.start.header.seats;
        let blank = Mirror::new(Arc::clone(&self.map), rules, seats, seat);
        Client {
            seat,
            socket: SocketId(self.sockets),
            out: OutQueue::new(&self.services.limits),
            codec,
            mirror: blank.clone(),
            blank,
            ticks: Vec::new(),
            epoch: 0,
            last_seq: 0,
            answers: BTreeMap::new(),
            paused: None,
            closed: None,
            snapshots: 0,
            owns: 0,
            heard: Vec::new(),
            name: None,
            view: None,
            words: Vec::new(),
            checks: BTreeMap::new(),
            notices: Vec::new(),
        }
    }

    /// Somebody without a seat, who looks through the eyes of one or not.
    pub(super) fn watcher(&mut self, view: Option<u16>) -> Client {
        let mut client = self.client(view, Codec::Msgpack);
        (client.seat, client.view) = (None, view.map(PlayerId));
        client
    }

    pub(super) async fn attach(&self, client: &Client, resume: Option<Resume>) {
        self.handle.tell(ToRoom::Attach(client.attach(resume))).await.unwrap();
    }

    pub(super) async fn order(&self, client: &Client, seq: u32, command: Command) {
        let (socket, arrived) = (client.socket, Instant::now());
        self.handle.tell(ToRoom::Order { socket, seq, command, arrived }).await.unwrap();
    }

    pub(super) async fn entries(&self) -> Vec<Entry> {
        self.services.log.read_from(self.id, 1).await.unwrap()
    }

    /// The hash of each logged tick, by playing the log again.
    pub(super) async fn replayed_checks(&self) -> BTreeMap<u32, u32> {
        let restored = restore::fresh(&self.start, Arc::clone(&self.map)).unwrap();
        let mut session = restored.session;
        let mut checks = BTreeMap::new();
        for entry in self.entries().await {
            session.replay(&restore::decode(&entry).unwrap()).unwrap();
            checks.insert(entry.tick, session.news().delta.check);
        }
        checks
    }
}

impl Client {
    pub(super) fn attach(&self, resume: Option<Resume>) -> Attach {
        Attach {
            socket: self.socket,
            seat: self.seat,
            codec: self.codec,
            resume,
            view: self.view,
            name: self.name.clone(),
            out: self.out.clone().into(),
        }
    }

    /// Takes in all that comes until nothing more does for a while.
    pub(super) async fn listen(&mut self) {
        self.listen_for(Duration::from_millis(200)).await;
    }

    pub(super) async fn listen_for(&mut self, time: Duration) {
        let until = Instant::now() + time;
        while let Ok(next) = tokio::time::timeout_at(until, self.out.next()).await {
            match next {
                Next::Send(message) => self.take(&message),
                Next::Close(code) => {
                    self.closed = Some(code);
                    return;
                }
            }
        }
    }

    pub(super) fn take(&mut self, message: &Framed) {
        match ToClient::decode(message.payload().as_ref(), self.codec).unwrap() {
            ToClient::Welcome(welcome) => {
                assert_eq!(welcome.you, self.seat);
                self.last_seq = welcome.last_seq;
                self.answers.extend(welcome.answers.iter().map(|a| (a.seq, *a)));
            }
            ToClient::Snapshot { epoch, delta } => {
                self.mirror = self.blank.clone();
                self.snapshots += 1;
                self.see(epoch, delta);
            }
            ToClient::Delta { epoch, delta } => self.see(epoch, delta),
            ToClient::Heartbeat { epoch, tick } => self.advance(epoch, tick),
            ToClient::Tail { answers, own, .. } => {
                self.answers.extend(answers.iter().map(|a| (a.seq, *a)));
                self.owns += u32::from(own.is_some());
            }
            ToClient::Paused { reason, .. } => self.paused = Some(reason),
            ToClient::Resumed { .. } => {
                assert!(!self.ticks.is_empty(), "a game goes on that was not shown yet");
                self.paused = None;
            }
            ToClient::Notice { code, .. } => self.notices.push(code),
            ToClient::Social { from, kind, index, .. } => self.heard.push((from.0, kind, index)),
            ToClient::Chat { from, text, .. } => {
                self.words.push((from.map(|seat| seat.0), text));
            }
            _ => {}
        }
    }

    pub(super) fn see(&mut self, epoch: u64, delta: sovereign_core::Delta) {
        self.mirror.apply(&delta).expect("the mirror follows every frame");
        self.checks.insert(delta.tick.0, self.mirror.check());
        self.advance(epoch, delta.tick);
    }

    pub(super) fn advance(&mut self, epoch: u64, tick: Tick) {
        assert!(epoch >= self.epoch, "epochs never fall");
        let last = self.ticks.last().copied().unwrap_or(0);
        assert!(tick.0 >= last, "no client sees time go back: {last} then {}", tick.0);
        self.epoch = epoch;
        self.ticks.push(tick.0);
    }

    pub(super) fn resume(&self) -> Option<Resume> {
        self.ticks.last().map(|tick| Resume { epoch: self.epoch, tick: Tick(*tick) })
    }
}

/// (player, number) of every person's order in the log.
pub(super) async fn executions(table: &Table) -> Vec<(u16, u32)> {
    let mut executed = Vec::new();
    for entry in table.entries().await {
        for order in restore::decode(&entry).unwrap().orders {
            if let sovereign_core::Order::Player { player, seq, .. } = order {
                executed.push((player.0, seq));
            }
        }
    }
    executed
}

pub(super) fn spawn(territory: u32) -> Command {
    Command::Spawn(Spawn { territory: TerritoryId(territory) })
}
