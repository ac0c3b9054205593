//! The nodes: each with its committer, its rooms and a watchman who takes over what others
//! let lie.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sovereign_core::Map;
use sovereign_core::id::PlayerId;
use sovereign_core::wire::{CloseCode, Codec, FromClient};
use tokio::sync::watch;
use tokio::time::{Instant, sleep};

use super::history::History;
use super::net::{End, Net, Receiver, Sender};
use super::postgres::{LogLink, Postgres};
use super::process::Process;
use crate::config::{Config, Limits, Live};
use crate::health::Health;
use crate::hosted;
use crate::log::{Committer, GameId};
use crate::room::{
    Attach, Framed, Host, LocalHost, Next, Origin, OutQueue, RoomHandle, RoomState, Services,
    SocketId, Start, ToRoom,
};
use crate::store::Store;

/// Nodes of a fleet.
pub(super) const NODES: usize = 3;
/// From one look of a watchman to the next.
const ROUND: Duration = Duration::from_millis(150);
/// Who has not shown himself for so long is taken for dead.
const SILENCE: Duration = Duration::from_millis(500);

/// One game of the world.
#[derive(Debug)]
pub(super) struct Hosting {
    pub(super) id: GameId,
    pub(super) start: Start,
    pub(super) map: Arc<Map>,
}

/// What all nodes stand in.
#[derive(Debug)]
pub(super) struct Fleet {
    pub(super) net: Arc<Net>,
    pub(super) log: Arc<Postgres>,
    pub(super) games: Vec<Hosting>,
    pub(super) base: Instant,
    pub(super) history: Mutex<History>,
    pub(super) nodes: Mutex<Vec<Arc<Node>>>,
    pub(super) store: Store,
    /// When each node was last heard of.
    beats: Mutex<BTreeMap<usize, Instant>>,
    /// Who takes a game next, though its owner lives.
    suspicions: Mutex<BTreeMap<GameId, usize>>,
    sockets: Mutex<u64>,
}

/// One server process.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) name: usize,
    pub(super) process: Arc<Process>,
    log: LogLink,
    host: LocalHost<LogLink>,
    rooms: Mutex<BTreeMap<GameId, watch::Receiver<RoomState>>>,
}

/// What comes down a connection.
#[derive(Debug)]
pub(super) enum Down {
    Frame(Framed),
    Close(CloseCode),
}

/// A person's end of a connection.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) node: Arc<Node>,
    pub(super) up: Sender<FromClient>,
    pub(super) down: Receiver<Down>,
}

pub(super) fn limits() -> Limits {
    // Short, so that little time sees much.
    Limits { snapshot_ticks: 8, ring_ticks: 60, away_s: 2, takeover_s: 2, ..Limits::default() }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Fleet {
    pub(super) fn new(
        net: Arc<Net>,
        log: Arc<Postgres>,
        games: Vec<Hosting>,
        store: Store,
    ) -> Arc<Self> {
        let fleet = Arc::new(Self {
            net,
            log,
            games,
            store,
            base: Instant::now(),
            history: Mutex::default(),
            nodes: Mutex::default(),
            beats: Mutex::default(),
            suspicions: Mutex::default(),
            sockets: Mutex::default(),
        });
        for name in 0..NODES {
            let node = Node::boot(&fleet, name);
            locked(&fleet.nodes).push(node);
        }
        fleet
    }

    pub(super) fn node(&self, name: usize) -> Arc<Node> {
        Arc::clone(&locked(&self.nodes)[name])
    }

    /// The process of this name dies.
    pub(super) fn kill(&self, name: usize) {
        self.node(name).process.kill();
    }

    /// A new process of this name begins.
    pub(super) fn restart(self: &Arc<Self>, name: usize) {
        if self.node(name).process.is_dead() {
            let node = Node::boot(self, name);
            locked(&self.nodes)[name] = node;
        }
    }

    /// A node takes a game though nothing is wrong with its owner.
    pub(super) fn suspect(&self, game: usize, node: usize) {
        locked(&self.suspicions).insert(self.games[game].id, node);
    }

    fn beat(&self, node: usize) {
        if !self.net.is_cut(End::Node(node), End::Beats) {
            locked(&self.beats).insert(node, Instant::now());
        }
    }

    fn seems_dead(&self, node: usize) -> bool {
        let silent = |at: &Instant| at.elapsed() > SILENCE;
        locked(&self.beats).get(&node).is_none_or(silent)
    }

    /// A connection to a node; nothing when nobody listens there.
    pub(super) fn connect(
        self: &Arc<Self>,
        person: usize,
        (node, game): (usize, usize),
        seat: Option<PlayerId>,
    ) -> Option<Line> {
        let node = self.node(node);
        if node.process.is_dead() {
            return None;
        }
        let socket = {
            let mut sockets = locked(&self.sockets);
            *sockets += 1;
            SocketId(*sockets)
        };
        let (person, end) = (End::Person(person), End::Node(node.name));
        let (up, from_person) = self.net.pipe(person, end);
        let (to_person, down) = self.net.pipe(end, person);
        let (serving, game) = (Arc::clone(&node), self.games[game].id);
        let serve =
            async move { serving.serve((socket, game, seat), from_person, to_person).await };
        node.process.within(|| hosted::spawn(serve));
        Some(Line { node, up, down })
    }
}

impl Node {
    fn boot(fleet: &Arc<Fleet>, name: usize) -> Arc<Self> {
        let process = Arc::<Process>::default();
        process.clone().within(|| {
            let log = LogLink::new(&fleet.log, name);
            let (committer, commits) = Committer::new(Arc::new(log.clone()));
            hosted::spawn(committer.run());
            let services = Services {
                settings: Live::new(Config { limits: limits(), ..Config::default() }),
                log: Arc::new(log.clone()),
                commits,
                store: fleet.store.clone(),
                limits: limits(),
                health: Health::default(),
                base: fleet.base,
                seal: None,
                traces: crate::telemetry::traces::Traces::default(),
            };
            let host = LocalHost::new(Arc::new(services)).in_fleet(true);
            let node = Arc::new(Self { name, process, log, host, rooms: Mutex::default() });
            hosted::spawn(Arc::clone(&node).watch(Arc::clone(fleet)));
            node
        })
    }

    /// The door of a game that is played here.
    pub(super) fn room(&self, game: GameId) -> Option<RoomHandle> {
        match &*locked(&self.rooms).get(&game)?.borrow() {
            RoomState::Open(room) => Some(room.clone()),
            _ => None,
        }
    }

    pub(super) fn is_frozen(&self, game: GameId) -> bool {
        locked(&self.rooms)
            .get(&game)
            .is_some_and(|state| matches!(*state.borrow(), RoomState::Frozen))
    }

    fn has(&self, game: GameId) -> bool {
        let ended =
            |state: &watch::Receiver<RoomState>| matches!(*state.borrow(), RoomState::Ended(_));
        locked(&self.rooms).get(&game).is_some_and(|state| !ended(state))
    }

    fn open(&self, game: &Hosting) {
        super::show(|| format!("node {} opens {}", self.name, game.id));
        let state = self.host.open(game.id, game.start.clone(), Arc::clone(&game.map), Origin::Log);
        locked(&self.rooms).insert(game.id, state);
    }

    /// Shows that it lives, opens what is its own, and takes what nobody has.
    async fn watch(self: Arc<Self>, fleet: Arc<Fleet>) {
        let mut met = Instant::now();
        loop {
            if let Ok(owners) = self.log.owners().await {
                // Whoever was away himself cannot tell yet who is.
                let steady = met.elapsed() < SILENCE && fleet.base.elapsed() > SILENCE * 2;
                met = Instant::now();
                fleet.beat(self.name);
                for game in &fleet.games {
                    let Some(owner) = owners.get(&game.id) else { continue };
                    self.look_after(&fleet, game, *owner, steady).await;
                }
            }
            sleep(ROUND + Duration::from_millis(self.name as u64 * 7)).await;
        }
    }

    async fn look_after(&self, fleet: &Fleet, game: &Hosting, owner: usize, steady: bool) {
        if owner == self.name {
            if !self.has(game.id) {
                self.open(game);
            }
            return;
        }
        let suspects = locked(&fleet.suspicions).get(&game.id) == Some(&self.name);
        if suspects {
            locked(&fleet.suspicions).remove(&game.id);
        }
        let orphaned = steady && fleet.seems_dead(owner);
        if (suspects || orphaned)
            && self.log.take(game.id, owner, self.name).await.unwrap_or(false)
            && !self.has(game.id)
        {
            self.open(game);
        }
    }

    /// The gateway of one connection.
    async fn serve(
        &self,
        (socket, game, seat): (SocketId, GameId, Option<PlayerId>),
        mut up: Receiver<FromClient>,
        mut down: Sender<Down>,
    ) {
        let Some(FromClient::Hello { resume, .. }) = up.receive().await else { return };
        super::show(|| format!("{socket:?} of {seat:?} says hello at node {}", self.name));
        let Some(room) = self.room(game) else {
            let _ = down.send(Down::Close(CloseCode::TryLater)).await;
            return;
        };
        let (out, codec) = (OutQueue::new(&limits()), Codec::Msgpack);
        hosted::spawn(write(out.clone(), down));
        let (view, name) = (None, None);
        let attach = Attach { socket, seat, codec, resume, view, name, out: out.clone() };
        if room.tell(ToRoom::Attach(attach)).await.is_err() {
            return out.close(CloseCode::TryLater);
        }
        while let Some(message) = up.receive().await {
            let FromClient::Order { seq, command } = message else { continue };
            let arrived = Instant::now();
            if room.tell(ToRoom::Order { socket, seq, command, arrived }).await.is_err() {
                break;
            }
        }
        let _ = room.tell(ToRoom::Detach(socket)).await;
        out.close(CloseCode::Internal);
    }
}

async fn write(out: OutQueue, mut down: Sender<Down>) {
    loop {
        let (last, item) = match out.next().await {
            Next::Send(message) => (false, Down::Frame(message)),
            Next::Close(code) => (true, Down::Close(code)),
        };
        if down.send(item).await.is_none() || last {
            return;
        }
    }
}
