//! The stage: PostgreSQL, Redis with Sentinels, nodes, and the proxies between them.

mod node;
mod process;
mod redis;

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinHandle;

use self::node::{Common, Node, address_of};
use self::process::{Keeper, run};
use self::redis::Redis;
use crate::blocking;
use crate::dice::Dice;
use crate::error::{ChaosError, Outcome};
use crate::postgres;
use crate::proxy::Weather;
use crate::schedule::{Fault, Shape};

/// After this something has failed; nothing is measured by it.
const PATIENCE: Duration = Duration::from_secs(60);
/// Ports that no system gives out by itself, so that they stay ours while their owner is dead.
const PORTS: std::ops::Range<u16> = 20_000..30_000;

/// How the stage is to be.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) binary: PathBuf,
    /// The program of the next version, if nodes are replaced.
    pub(crate) next: Option<PathBuf>,
    pub(crate) folder: PathBuf,
    pub(crate) nodes: usize,
    /// The namespace that this runs in; those of the nodes have a number behind its name.
    pub(crate) namespaces: Option<String>,
}

/// Everything that runs.
#[derive(Debug)]
pub(crate) struct Stage {
    nodes: Vec<Node>,
    postgres: Arc<postgres::Server>,
    redis: Redis,
    follower: JoinHandle<()>,
    next: Option<PathBuf>,
    pub(crate) shape: Shape,
    pub(crate) keeper: Keeper,
}

impl Stage {
    pub(crate) async fn build(plan: &Plan) -> Outcome<Self> {
        let keeper = Keeper::start(&plan.folder)?;
        std::fs::create_dir_all(plan.folder.join("keys")).map_err(ChaosError::doing("keys"))?;
        let postgres =
            Arc::new(blocking(|| postgres::Server::start(&["max_connections=200"])).await);
        let url = postgres.database().await;
        let redis = Redis::start(&plan.folder).await?;
        let common = common(plan, &url, &redis).await?;
        let mut nodes = Vec::new();
        for number in 0..plan.nodes {
            nodes.push(Node::new(number, number + 1 == plan.nodes, &common).await?);
        }
        let links = nodes.iter().map(|node| node.redis.clone()).collect();
        let follower = tokio::spawn(redis.sentinels.clone().lead(links));
        let shape = Shape { nodes: plan.nodes, namespaces: plan.namespaces.is_some() };
        let next = plan.next.clone();
        let stage = Self { nodes, postgres, redis, follower, next, shape, keeper };
        stage.nodes[0].migrate().await?;
        // One after the other: the first makes the keys that all of them use.
        for node in &stage.nodes {
            node.start().await?;
        }
        Ok(stage)
    }

    /// Where players come in.
    pub(crate) fn doors(&self) -> Vec<SocketAddr> {
        self.nodes.iter().map(Node::door).collect()
    }

    pub(crate) async fn break_it(&self, fault: Fault) -> Outcome<()> {
        match fault {
            Fault::KillNode(node) => self.nodes[node].kill().await,
            Fault::StopNode(node) => self.nodes[node].signal("STOP").await,
            Fault::DrainNode(node) => self.nodes[node].leave().await,
            Fault::ReplaceNode(node) => self.nodes[node].give_way(self.next.as_deref()).await,
            Fault::KillPostgres => self.database(postgres::Server::kill).await,
            Fault::StopPostgres => self.database(|server| server.signal_all("STOP")).await,
            Fault::KillRedis => self.redis.kill().await,
            Fault::StopRedis => self.redis.stop().await,
            Fault::FlushRedis => self.redis.flush().await,
            Fault::FailOver => self.redis.fail_over().await,
            Fault::Spoil(line, node, weather) => {
                self.nodes[node].set(line, weather);
                Ok(())
            }
            Fault::Unplug(node) => plug(node, "down").await,
            Fault::Deafen { from, to } => self.nodes[from].deafen(address_of(to), true).await,
        }
    }

    pub(crate) async fn mend(&self, fault: Fault) -> Outcome<()> {
        match fault {
            Fault::KillNode(node) | Fault::DrainNode(node) | Fault::ReplaceNode(node) => {
                self.nodes[node].start().await
            }
            Fault::StopNode(node) => self.nodes[node].signal("CONT").await,
            Fault::KillPostgres => self.database(postgres::Server::restart).await,
            Fault::StopPostgres => self.database(|server| server.signal_all("CONT")).await,
            Fault::KillRedis => self.redis.restart().await,
            Fault::StopRedis => self.redis.go_on().await,
            Fault::FlushRedis | Fault::FailOver => Ok(()),
            Fault::Spoil(line, node, _) => {
                self.nodes[node].set(line, Weather::Clear);
                Ok(())
            }
            Fault::Unplug(node) => plug(node, "up").await,
            Fault::Deafen { from, to } => self.nodes[from].deafen(address_of(to), false).await,
        }
    }

    /// Nodes that ended though nobody ended them.
    pub(crate) async fn dead(&self) -> Vec<usize> {
        let mut dead = Vec::new();
        for (number, node) in self.nodes.iter().enumerate() {
            if node.has_died().await {
                dead.push(number);
            }
        }
        dead
    }

    /// Starts a node that ended by itself.
    pub(crate) async fn revive(&self, node: usize) -> Outcome<()> {
        self.nodes[node].kill().await?;
        self.nodes[node].start().await
    }

    async fn database(&self, act: impl FnOnce(&postgres::Server) + Send + 'static) -> Outcome<()> {
        let server = Arc::clone(&self.postgres);
        blocking(move || act(&server)).await;
        Ok(())
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.follower.abort();
    }
}

async fn common(plan: &Plan, url: &str, redis: &Redis) -> Outcome<Common> {
    let odd = || ChaosError::Late(format!("a PostgreSQL of ours at {url}"));
    let (place, database) =
        url.rsplit_once('@').and_then(|(_, rest)| rest.split_once('/')).ok_or_else(odd)?;
    let master = redis.sentinels.master().await;
    Ok(Common {
        binary: plan.binary.clone(),
        folder: plan.folder.clone(),
        secret: secret(),
        postgres: place.parse().map_err(|_| odd())?,
        database: database.to_owned(),
        redis: master.ok_or_else(|| ChaosError::Late("a master of Redis".to_owned()))?,
        sentinels: redis.sentinels.setting(),
        namespaces: plan.namespaces.clone(),
    })
}

/// One that no other fleet on this machine has.
fn secret() -> String {
    let dice = Dice::new(std::process::id().into());
    ["a", "b", "c"].map(|part| format!("{:016x}", dice.of(part).below(u64::MAX))).concat()
}

async fn plug(node: usize, state: &str) -> Outcome<()> {
    run("ip", &["link", "set", &format!("v{}", node + 1), state]).await.map(drop)
}

/// A port that nobody listens at, and that is ours alone.
fn free_port() -> Outcome<u16> {
    use std::sync::atomic::{AtomicU16, Ordering};
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let span = PORTS.end - PORTS.start;
    let first = (std::process::id() % u32::from(span)) as u16;
    for _ in 0..span {
        let port = PORTS.start + (first + NEXT.fetch_add(1, Ordering::Relaxed)) % span;
        if TcpListener::bind((Ipv4Addr::UNSPECIFIED, port)).is_ok() {
            return Ok(port);
        }
    }
    Err(ChaosError::Late("a free port".to_owned()))
}
