//! One server: opens the data folder, starts the parts, serves, and stops in order.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{info, warn};
use warp::Filter;

use crate::accounts::Accounts;
use crate::admin::{self, Admin};
use crate::api::{Api, Context, public_service};
use crate::auth::{Auth, Keys, Passwords, Seal, now_s};
use crate::backing::{Backing, Common};
use crate::cluster::duty::RETENTION;
use crate::cluster::{Companies, Duty, Games, Gathered, Node};
use crate::config::{Config, ConfigError, Limits, Live, Reloaded, ServerConfig, TlsConfig};
use crate::fullness;
use crate::gateway::connections::Connections;
use crate::gateway::listener;
use crate::gateway::online::{FleetOnline, Online, OnlineRunner};
use crate::gateway::origin::OriginRule;
use crate::gateway::proxies::Proxies;
use crate::gateway::rate::{FleetRates, Rates, Trickle};
use crate::gateway::tls::Tls;
use crate::health::Health;
use crate::hearing::Hearing;
use crate::jobs;
use crate::lobby::{Lobby, Maps};
use crate::ops::{self, Ops};
use crate::party::Parties;
use crate::ranked::{Ladders, Queue};
use crate::redis::{Bus, BusRunner, Redis, SharedOnline, SharedRates};
use crate::reloading::Reloading;
use crate::retention;
use crate::room::until_read;
use crate::store::{DataDir, Hot, Store, now_ms};
use crate::telemetry::metrics;
use crate::telemetry::traces::Traces;
use crate::threads::Threads;

pub use crate::start_error::StartError;

/// What chooses the port of the listener for other nodes.
const PEER_PORT: &str = "--set cluster.port=";
/// Connections of the operations listener.
const OPS_CONNECTIONS: u64 = 64;

/// A running server.
#[derive(Debug)]
pub struct Server {
    /// Where players connect.
    pub public: SocketAddr,
    /// Where the operator's tools connect.
    pub ops: SocketAddr,
    /// Where admins connect.
    pub admin: SocketAddr,
    reloading: Reloading,
    stop: CancellationToken,
    main: JoinHandle<()>,
}

impl Server {
    /// Starts a server; it serves when this returns.
    ///
    /// # Errors
    /// [`StartError`].
    pub async fn start(config: Config) -> Result<Self, StartError> {
        metrics::install();
        // Ports first: a second server by mistake is told of the port, which names it best.
        let server = &config.server;
        let public = listen(server.public_address(), &config.limits, "--port")?;
        let ops = listen(server.ops_address(), &config.limits, "--ops-port")?;
        let admin = listen(config.admin.address(), &config.limits, "--admin-port")?;
        let addresses =
            [local(&public, "--port")?, local(&ops, "--ops-port")?, local(&admin, "--admin-port")?];
        let peers = peers(&config)?;
        let address = peers.as_ref().map(|peers| local(peers, PEER_PORT)).transpose()?;
        let listeners = Listeners { public, ops, admin, peers };
        let settings = Live::new(config);
        let threads = Sets::start(&settings.now().tls).map_err(StartError::Threads)?;
        let parts = Parts::open(&settings, address, &threads).await?;
        let (stop, reloading) = (CancellationToken::new(), parts.reloading.clone());
        let main = tokio::spawn(parts.serve(listeners, threads, stop.clone()));
        let [public, ops, admin] = addresses;
        Ok(Self { public, ops, admin, reloading, stop, main })
    }

    /// Puts what can be changed of these settings in force.
    ///
    /// # Errors
    /// As [`Live::reload`].
    pub fn reload(&self, wanted: &Config) -> Result<Reloaded, ConfigError> {
        self.reloading.reload(wanted)
    }

    /// Stops: no new players, games commit their last entries, sockets are closed.
    pub async fn stop(self) {
        self.stop.cancel();
        if let Err(error) = self.main.await {
            warn!(%error, "the server did not stop cleanly");
        }
    }
}

fn listen(
    address: SocketAddr,
    limits: &Limits,
    flag: &'static str,
) -> Result<TcpListener, StartError> {
    listener::bind(address, limits).map_err(|source| StartError::Listen { address, source, flag })
}

/// The listener for other nodes, if there are to be any.
fn peers(config: &Config) -> Result<Option<TcpListener>, StartError> {
    let cluster = &config.cluster;
    let address = SocketAddr::new(cluster.bind, cluster.port);
    let is_node = !cluster.node.is_empty();
    is_node.then(|| listen(address, &config.limits, PEER_PORT)).transpose()
}

fn local(listener: &TcpListener, flag: &'static str) -> Result<SocketAddr, StartError> {
    let unknown = SocketAddr::from(([0, 0, 0, 0], 0));
    listener.local_addr().map_err(|source| StartError::Listen { address: unknown, source, flag })
}

/// Threads for whatever must not wait for the rest.
#[derive(Debug)]
struct Sets {
    front: Threads,
    games: Threads,
    sockets: Threads,
    /// Around which games tick; sockets are read in between.
    base: Instant,
}

impl Sets {
    fn start(tls: &TlsConfig) -> io::Result<Self> {
        let base = Instant::now();
        // What is encrypted is written by its socket's own task, which then may not sleep.
        let sockets = match tls.certificate {
            Some(_) => Threads::sockets()?,
            None => Threads::drowsy_sockets(move || until_read(base, Instant::now()))?,
        };
        Ok(Self { front: Threads::shared("front")?, games: Threads::games()?, sockets, base })
    }
}

/// The open ports.
struct Listeners {
    public: TcpListener,
    ops: TcpListener,
    admin: TcpListener,
    peers: Option<TcpListener>,
}

/// Everything between the folder and the listeners.
#[derive(Debug)]
struct Parts {
    folder: DataDir,
    api: Api,
    ops: Ops,
    committer: JoinHandle<()>,
    reloading: Reloading,
    admin: Admin,
    traces: Traces,
    node: Option<Node>,
    hearing: Option<Hearing>,
    telling: Option<OnlineRunner>,
}

impl Parts {
    async fn open(
        settings: &Live,
        peers: Option<SocketAddr>,
        threads: &Sets,
    ) -> Result<Self, StartError> {
        let config = settings.now();
        let tls = Tls::open(&config.tls)?;
        let traces = Traces::open(&config.telemetry)?;
        let folder = DataDir::open(&config.server.data_dir)?;
        let (opened, place) = (Arc::clone(&config), folder.path().to_owned());
        let (games, base) = (threads.games.lanes(), threads.base);
        let opening = async move { Backing::open(&opened, &place, games, base).await };
        let mut backing = threads.games.run(opening).await?;
        let me = &config.cluster.node;
        let bus = backing.redis.clone().map(|redis| Bus::new(redis, me, &config.limits));
        let (bus, runner) = bus.unzip();
        let hot = Hot::new(&config.limits, bus.clone());
        backing.store = backing.store.telling(hot.clone());
        let store = backing.store.clone();
        let (auth, accounts) = people(&store, &config).await?;
        let accounts = accounts.telling(bus.clone());
        let (health, commits) = (Health::default(), backing.commits.clone());
        let ops = Ops { health: health.clone(), log: commits, store: store.clone() };
        let maps = Maps::load(config.server.maps_dir.as_deref())?;
        let ladders = Ladders::open(&config.ranked.ladders, &maps)?;
        let seal = Seal::new(auth.keys().clone(), config.auth.issuer.clone());
        let common = Common { settings, health: &health, traces: &traces, seal };
        let host = backing.host(&common);
        let lobby = Lobby::new(store.clone(), host, maps, settings.clone());
        let resumed = lobby.resume().await?;
        info!(games = resumed, "unfinished games were taken up");
        let queue = Queue::new(store.clone(), lobby.clone(), ladders, settings.clone());
        let parties = Parties::new(settings.clone());
        let gathered = Gathered { parties: parties.clone(), queue: queue.clone() };
        let node = match (peers, backing.shared.clone()) {
            (Some(peers), Some(postgres)) => {
                let own: (Arc<dyn Games>, Arc<dyn Companies>) =
                    (Arc::new(lobby.clone()), Arc::new(gathered));
                let redis = backing.redis.clone();
                Some(Node::join(&config, peers, postgres, redis, own).await?)
            }
            _ => None,
        };
        if let Some(node) = &node {
            queue.share(node.fleet.roster().clone());
        }
        let shared = backing.redis.clone().zip(node.as_ref());
        let fleet = shared.clone().map(|shared| fleet_online(shared, &config.limits));
        let (online, telling) = Online::new(&config.limits, fleet);
        let rates = shared.map(fleet_rates);
        let api = Api::from(Context {
            online,
            rates: Rates::new(&config.limits).counted_with(rates),
            bus,
            origins: OriginRule::new(&config.server),
            proxies: Proxies::new(&config.server),
            viewers: Arc::new(Semaphore::new(Limits::count(config.limits.replay_viewers))),
            waiting: Arc::new(Semaphore::new(Limits::count(config.limits.waiting_requests))),
            settings: settings.clone(),
            auth,
            accounts,
            store,
            hot,
            lobby,
            parties,
            queue,
            fleet: node.as_ref().map(|node| node.fleet.clone()),
            #[cfg(feature = "workload")]
            workloads: backing.workloads(&common),
            stop: CancellationToken::new(),
            sockets: TaskTracker::new(),
            threads: threads.sockets.lanes(),
        });
        let hearing = hearing(&api, runner);
        let reloading = Reloading {
            settings: settings.clone(),
            origins: api.origins.clone(),
            proxies: api.proxies.clone(),
            rates: api.rates.clone(),
            connections: Connections::new(&config.limits, api.proxies.clone())
                .with_rates(api.rates.clone()),
            tls,
            keys: api.auth.keys().clone(),
        };
        let admin = Admin {
            api: api.clone(),
            // As of a server that only this machine reaches.
            origins: OriginRule::new(&ServerConfig::default()),
            made: admin::open_token(folder.path())?,
            denials: Arc::new(Trickle::per_minute(config.limits.denials_per_minute)),
        };
        let committer = backing.committer;
        Ok(Self { folder, api, ops, committer, reloading, admin, traces, node, hearing, telling })
    }

    async fn serve(mut self, listeners: Listeners, threads: Sets, stop: CancellationToken) {
        let Listeners { public, ops, admin, peers } = listeners;
        let stop_ops = CancellationToken::new();
        let cleaning = tokio::spawn(jobs::clean(self.api.rates.clone()));
        let sweeping = tokio::spawn(jobs::sweep(self.api.accounts.clone()));
        let look = Duration::from_millis(self.api.config().limits.revocation_look_ms);
        let is_node = self.node.is_some();
        let following = tokio::spawn(jobs::follow_others(self.api.accounts.clone(), look, is_node));
        let hearing = tokio::spawn(jobs::hear(self.hearing.take()));
        let telling = tokio::spawn(jobs::tell_online(self.telling.take()));
        let watching = tokio::spawn(jobs::follow_keys(self.api.auth.keys().clone()));
        let clearing = tokio::spawn(self.api.lobby.clone().keep_clear());
        let matching = tokio::spawn(self.api.queue.clone().run(self.api.fleet.clone()));
        let partying = tokio::spawn(self.api.parties.clone().keep_clear());
        let ops_task = tokio::spawn(serve_ops(ops, self.ops.clone(), stop_ops.clone()));
        let admin_task = tokio::spawn(serve_admin(admin, self.admin.clone(), stop_ops.clone()));
        let limits = self.api.config().limits.clone();
        let Reloading { connections, tls, .. } = self.reloading.clone();
        let refreshing = tokio::spawn(jobs::refresh(tls.clone()));
        let (store, settings) = (self.api.store.clone(), self.api.settings.clone());
        let duty = Duty::new(RETENTION, store);
        if let Some(node) = &self.node {
            duty.share(node.fleet.roster().clone());
        }
        let dropping = tokio::spawn(retention::keep(duty, settings, now_ms));
        let measuring = tokio::spawn(fullness::keep(
            self.api.lobby.clone(),
            connections.clone(),
            self.ops.health.clone(),
            self.api.settings.clone(),
        ));
        let service = public_service(self.api.clone());
        if let (Some(node), Some(peers)) = (&mut self.node, peers) {
            node.run(peers, service.clone());
        }
        self.ops.health.set_ready(true);
        let close = CancellationToken::new();
        let serving = listener::serve(public, service, connections, tls, limits, close.clone());
        let serving = threads.front.spawn(serving);
        stop.cancelled().await;
        self.ops.health.set_ready(false);
        if self.node.is_none() {
            close.cancel();
        }
        // A node of a fleet can still be asked: it knows who has the games.
        self.drain().await;
        close.cancel();
        self.close_sockets().await;
        if let Some(node) = self.node.take() {
            node.end().await;
        }
        let _ = serving.await;
        let tasks = [
            cleaning, clearing, refreshing, dropping, sweeping, following, watching, matching,
            partying, hearing, telling, measuring,
        ];
        for task in tasks {
            task.abort();
            // Its handles on the database and the log end with it.
            let _ = task.await;
        }
        // The operator can look until the very end.
        stop_ops.cancel();
        let _ = (ops_task.await, admin_task.await);
        self.finish().await;
        // Of a room that did not end in time nothing is left.
        drop(threads);
    }

    /// All games commit their last entries; in a fleet they go on at other nodes.
    async fn drain(&self) {
        if let Some(node) = &self.node {
            self.api.lobby.close();
            node.fleet.announce_leaving().await;
            node.fleet.hand_games_over().await;
        }
        self.api.lobby.drain().await;
        if let Some(node) = &self.node {
            node.fleet.give_rest().await;
            node.leave().await;
        }
    }

    /// Rooms have closed theirs; here go those that never came so far, or watch replays.
    async fn close_sockets(&self) {
        let most = Duration::from_millis(self.api.config().limits.drain_ms);
        self.api.stop.cancel();
        self.api.sockets.close();
        if timeout(most, self.api.sockets.wait()).await.is_err() {
            warn!("some sockets did not end in time; they are cut");
        }
    }

    /// Waits for the last commit, then lets the folder go.
    async fn finish(self) {
        let Self { folder, api, ops, committer, admin, traces, .. } = self;
        let most = Duration::from_millis(api.config().limits.drain_ms);
        drop((api, ops, admin));
        if timeout(most, committer).await.is_err() {
            warn!("the log did not take the last entries; nothing in them was acknowledged");
        }
        traces.close().await;
        info!("stopped");
        drop(folder);
    }
}

/// Tokens and accounts, with what was revoked before.
async fn people(store: &Store, config: &Config) -> Result<(Auth, Accounts), StartError> {
    let keys = Keys::open(config.keys_dir(), config.auth.overlap_s(), now_s())?;
    let auth = Auth::new(keys, config.auth.clone())?;
    let passwords = Passwords::new(&config.limits)?;
    let accounts =
        Accounts::new(store.clone(), auth.clone(), passwords, &config.auth, &config.limits);
    accounts.resume().await?;
    Ok((auth, accounts))
}

async fn serve_ops(listener: TcpListener, ops: Ops, stop: CancellationToken) {
    let limits = Limits { connections: OPS_CONNECTIONS, ..Limits::default() };
    let routes = ops::routes(ops).recover(crate::api::recover).unify();
    let service = TowerToHyperService::new(warp::service(routes));
    let connections = Connections::new(&limits, Proxies::default());
    listener::serve(listener, service, connections, None, limits, stop).await;
}

async fn serve_admin(listener: TcpListener, admin: Admin, stop: CancellationToken) {
    let limits = Limits { connections: OPS_CONNECTIONS, ..Limits::default() };
    let service = TowerToHyperService::new(warp::service(admin::routes(&admin)));
    drop(admin);
    let connections = Connections::new(&limits, Proxies::default());
    listener::serve(listener, service, connections, None, limits, stop).await;
}

/// Where a node counts together with the others.
fn fleet_rates((redis, node): (Redis, &Node)) -> FleetRates {
    FleetRates { shared: SharedRates::new(redis), roster: node.fleet.roster().clone() }
}

/// Where it counts people's sockets together with them.
fn fleet_online((redis, node): (Redis, &Node), limits: &Limits) -> FleetOnline {
    let roster = node.fleet.roster().clone();
    FleetOnline { shared: SharedOnline::new(redis, &roster.me().name, limits), roster }
}

/// The ears of a node, if others can tell it something.
fn hearing(api: &Api, runner: Option<BusRunner>) -> Option<Hearing> {
    let (accounts, lobby) = (api.accounts.clone(), api.lobby.clone());
    let (fleet, bus, runner) = (api.fleet.clone()?, api.bus.clone()?, runner?);
    Some(Hearing { accounts, lobby, fleet, hot: api.hot.clone(), bus, runner })
}
