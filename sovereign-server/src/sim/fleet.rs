//! The nodes: each with its committer, its rooms and a watchman who takes over what others
//! let lie.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sovereign_core::Map;
use sovereign_core::id::PlayerId;
use tokio::sync::watch;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::gateway::{Line, Place};
use super::history::History;
use super::net::{End, Net};
use super::postgres::{LogLink, Postgres};
use super::process::Process;
use crate::config::{Config, Limits, Live};
use crate::health::Health;
use crate::hosted;
use crate::log::{Committer, GameId};
use crate::room::{Host, LocalHost, Origin, RoomHandle, RoomState, Services, SocketId, Start};
use crate::store::Store;
use crate::threads::Lanes;

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
    pub(super) log: LogLink,
    pub(super) host: LocalHost<LogLink>,
    pub(super) rooms: Mutex<BTreeMap<GameId, watch::Receiver<RoomState>>>,
    /// Nobody takes a game over from himself.
    taking_up: tokio::sync::Mutex<()>,
    pub(super) entering: tokio::sync::Mutex<()>,
    /// It has been told to leave: it takes nothing up.
    pub(super) leaving: AtomicBool,
    /// Those for whom it speaks at other nodes, until it is over.
    pub(super) followed: TaskTracker,
    pub(super) over: CancellationToken,
}

pub(super) fn limits() -> Limits {
    // Short, so that little time sees much.
    Limits {
        snapshot_ticks: 8,
        ring_ticks: 60,
        away_s: 2,
        takeover_s: 2,
        drain_ms: 600,
        ..Limits::default()
    }
}

pub(super) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
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

    pub(super) fn seems_dead(&self, node: usize) -> bool {
        let silent = |at: &Instant| at.elapsed() > SILENCE;
        locked(&self.beats).get(&node).is_none_or(silent)
    }

    /// A connection to a node; nothing when nobody listens there.
    pub(super) fn connect(
        self: &Arc<Self>,
        from: End,
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
        let end = End::Node(node.name);
        let (up, from_there) = self.net.pipe(from, end);
        let (to_there, down) = self.net.pipe(end, from);
        let (serving, fleet) = (Arc::clone(&node), Arc::clone(self));
        let place = Place { socket, game, seat };
        let serve = async move { serving.serve(&fleet, place, from_there, to_there).await };
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
                games: Lanes::current(),
                seal: None,
                traces: crate::telemetry::traces::Traces::default(),
            };
            let host = LocalHost::new(Arc::new(services)).in_fleet(true);
            let node = Arc::new(Self {
                name,
                process,
                log,
                host,
                rooms: Mutex::default(),
                taking_up: tokio::sync::Mutex::default(),
                entering: tokio::sync::Mutex::default(),
                leaving: AtomicBool::new(false),
                followed: TaskTracker::new(),
                over: CancellationToken::new(),
            });
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

    /// Takes up games that are its own, as far as they are not here.
    pub(super) async fn adopt(&self, fleet: &Fleet, games: &[GameId]) {
        let _turn = self.taking_up.lock().await;
        let is_missing = |game: &&GameId| !self.has(**game) || planted!(RaiseRunning);
        let missing: Vec<GameId> = games.iter().filter(is_missing).copied().collect();
        if missing.is_empty() || self.is_leaving() {
            return;
        }
        let mut taken = self.host.take_over(&missing).await;
        for game in fleet.games.iter().filter(|game| missing.contains(&game.id)) {
            if !self.has(game.id) {
                let origin = taken.remove(&game.id).map_or(Origin::Log, Origin::Read);
                self.open(game, origin);
            }
        }
    }

    fn open(&self, game: &Hosting, origin: Origin) {
        super::show(|| format!("node {} opens {} from {origin:?}", self.name, game.id));
        let state = self.host.open(game.id, game.start.clone(), Arc::clone(&game.map), origin);
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
                if !self.is_leaving() {
                    self.take_orphans(&fleet, &owners, steady).await;
                    let is_mine = |of: &(&GameId, &usize)| *of.1 == self.name;
                    let mine: Vec<GameId> =
                        owners.iter().filter(is_mine).map(|(game, _)| *game).collect();
                    self.adopt(&fleet, &mine).await;
                }
            }
            sleep(ROUND + Duration::from_millis(self.name as u64 * 7)).await;
        }
    }

    /// Takes all games of nodes that seem dead, and those that it shall suspect.
    async fn take_orphans(&self, fleet: &Fleet, owners: &BTreeMap<GameId, usize>, steady: bool) {
        let mut from: BTreeMap<usize, Vec<GameId>> = BTreeMap::new();
        for (game, owner) in owners.iter().filter(|(_, owner)| **owner != self.name) {
            let suspects = locked(&fleet.suspicions).get(game) == Some(&self.name);
            if suspects {
                locked(&fleet.suspicions).remove(game);
            }
            if suspects || (steady && fleet.seems_dead(*owner)) {
                from.entry(*owner).or_default().push(*game);
            }
        }
        for (owner, games) in from {
            if let Ok(moved) = self.log.take(games, owner, self.name).await {
                self.adopt(fleet, &moved).await;
            }
        }
    }
}
