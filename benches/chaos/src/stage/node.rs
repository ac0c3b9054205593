//! A node of the fleet, as a process that is killed, stopped and started again.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::process::Command;
use tokio::time::{Instant, sleep, timeout};

use super::process::{Process, Slot, run};
use super::redis::MASTER;
use super::{PATIENCE, free_port};
use crate::error::{ChaosError, Outcome};
use crate::proxy::{Link, Weather};
use crate::schedule::Line;

/// Limits that count what comes from one address or account, which all players here share.
const RAISED: [&str; 8] = [
    "CONNECTIONS_PER_ADDRESS",
    "REQUESTS_PER_SECOND",
    "REQUESTS_BURST",
    "GUESTS_PER_MINUTE",
    "GAMES_PER_MINUTE",
    "ACTS_PER_MINUTE",
    "ROOMS_PER_ACCOUNT",
    "SPECTATORS_PER_ROOM",
];
/// Between two looks at whether something has come about.
const LOOK: Duration = Duration::from_millis(10);

/// What all nodes have in common.
#[derive(Clone, Debug)]
pub(crate) struct Common {
    pub(crate) binary: PathBuf,
    pub(crate) folder: PathBuf,
    pub(crate) secret: String,
    pub(crate) postgres: SocketAddr,
    pub(crate) database: String,
    pub(crate) redis: SocketAddr,
    /// As in the setting `redis.sentinels`.
    pub(crate) sentinels: String,
    /// The first part of the names of the nodes' namespaces, if they have any.
    pub(crate) namespaces: Option<String>,
}

/// One node, and the proxies between it and the rest.
#[derive(Debug)]
pub(crate) struct Node {
    name: String,
    /// The program that it is started with next.
    binary: Mutex<PathBuf>,
    settings: Vec<(String, String)>,
    common: Common,
    namespace: Option<String>,
    process: Slot,
    players: Link,
    /// None where nodes reach each other through their namespaces.
    peers: Option<Link>,
    postgres: Link,
    pub(crate) redis: Link,
}

/// Where a node with a namespace is.
pub(crate) fn address_of(number: usize) -> Ipv4Addr {
    Ipv4Addr::new(10, 79, 0, number as u8 + 1)
}

/// Where everything else is that such a node can reach.
pub(crate) const HUB: Ipv4Addr = Ipv4Addr::new(10, 79, 0, 254);

impl Node {
    /// One with this number; the `last` asks the Sentinels where Redis is, if it can reach them.
    pub(crate) async fn new(number: usize, last: bool, common: &Common) -> Outcome<Self> {
        let apart = common.namespaces.is_some();
        let (at, hub) = if apart {
            (address_of(number), HUB)
        } else {
            (Ipv4Addr::LOCALHOST, Ipv4Addr::LOCALHOST)
        };
        let (public, peer) = (SocketAddr::from((at, free_port()?)), (at, free_port()?).into());
        let open = async |from: Ipv4Addr, target| {
            Link::open(IpAddr::V4(from), target).await.map_err(ChaosError::doing("a proxy"))
        };
        let peers = if apart { None } else { Some(open(at, peer).await?) };
        let mut node = Self {
            name: format!("n{}", number + 1),
            binary: Mutex::new(common.binary.clone()),
            settings: Vec::new(),
            namespace: common.namespaces.as_ref().map(|hub| format!("{hub}-{}", number + 1)),
            process: Slot::default(),
            players: open(Ipv4Addr::LOCALHOST, public).await?,
            postgres: open(hub, common.postgres).await?,
            redis: open(hub, common.redis).await?,
            common: common.clone(),
            peers,
        };
        node.settings = node.settings(public, peer, last && !apart);
        Ok(node)
    }

    fn settings(
        &self,
        public: SocketAddr,
        peer: SocketAddr,
        asks_sentinels: bool,
    ) -> Vec<(String, String)> {
        let reached = self.peers.as_ref().map_or(peer, |link| link.address);
        let common = &self.common;
        let mut settings = vec![
            ("CLUSTER__NODE", self.name.clone()),
            ("CLUSTER__BIND", peer.ip().to_string()),
            ("CLUSTER__PORT", peer.port().to_string()),
            ("CLUSTER__ADDRESS", reached.to_string()),
            ("CLUSTER__SECRET", common.secret.clone()),
            ("SERVER__BIND", public.ip().to_string()),
            ("SERVER__PORT", public.port().to_string()),
            // A server that others reach has to say from which page; no page is used here.
            ("SERVER__ORIGINS", "[\"http://localhost\"]".to_owned()),
            ("SERVER__OPS_PORT", "0".to_owned()),
            ("ADMIN__PORT", "0".to_owned()),
            ("SERVER__DATA_DIR", common.folder.join(&self.name).display().to_string()),
            ("AUTH__KEYS_DIR", common.folder.join("keys").display().to_string()),
            (
                "POSTGRES__URL",
                format!("postgres://postgres@{}/{}", self.postgres.address, common.database),
            ),
        ];
        if asks_sentinels {
            settings.push(("REDIS__SENTINELS", common.sentinels.clone()));
            settings.push(("REDIS__MASTER", MASTER.to_owned()));
        } else {
            settings.push(("REDIS__URL", format!("redis://{}/", self.redis.address)));
        }
        let raised = RAISED.map(|name| format!("LIMITS__{name}"));
        settings.extend(raised.iter().map(|name| (name.as_str(), "100000".to_owned())));
        settings.into_iter().map(|(key, value)| (format!("SOVEREIGN_{key}"), value)).collect()
    }

    /// Takes the steps of the schema.
    pub(crate) async fn migrate(&self) -> Outcome<()> {
        let mut command = Command::new(self.binary());
        command.args(["migrate", "up"]).envs(self.settings.iter().cloned());
        let done = command.output().await.map_err(ChaosError::doing("migrate up"))?;
        if done.status.success() {
            return Ok(());
        }
        let said = String::from_utf8_lossy(&done.stderr).into_owned();
        Err(ChaosError::Program { program: "migrate up".to_owned(), said })
    }

    /// Starts it, and once more if it finds that something is not there yet.
    pub(crate) async fn start(&self) -> Outcome<()> {
        let mut process = self.process.0.lock().await;
        let began = Instant::now();
        loop {
            let mut child = Process::start(self.command(), &self.name, &self.common.folder)?;
            while !child.has_ended() {
                if self.said("out").contains("is ready") {
                    *process = Some(child);
                    return Ok(());
                }
                if began.elapsed() > PATIENCE {
                    return Err(ChaosError::Late(format!(
                        "{} to start: {}",
                        self.name,
                        self.said("log")
                    )));
                }
                sleep(LOOK).await;
            }
            child.end().await?;
        }
    }

    fn command(&self) -> Command {
        let binary = self.binary();
        let mut command = match &self.namespace {
            Some(namespace) => {
                let mut command = Command::new("ip");
                command.args(["netns", "exec", namespace]).arg(binary);
                command
            }
            None => Command::new(binary),
        };
        command.envs(self.settings.iter().cloned());
        command
    }

    fn binary(&self) -> PathBuf {
        self.binary.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn said(&self, kind: &str) -> String {
        let file = self.common.folder.join(format!("{}.{kind}", self.name));
        // It may not be there yet.
        let said = std::fs::read_to_string(file).unwrap_or_default();
        said.lines().rev().take(5).collect::<Vec<_>>().join("\n")
    }

    /// kill -9.
    pub(crate) async fn kill(&self) -> Outcome<()> {
        self.process.kill().await
    }

    /// SIGTERM, and then its end.
    pub(crate) async fn leave(&self) -> Outcome<()> {
        let Some(process) = self.process.0.lock().await.take() else { return Ok(()) };
        process.signal("TERM").await?;
        let left = timeout(PATIENCE, process.end()).await;
        left.map_err(|_| ChaosError::Late(format!("{} to leave", self.name)))?
    }

    /// Leaves for a process of another program, whose steps of the schema are taken before.
    pub(crate) async fn give_way(&self, to: Option<&Path>) -> Outcome<()> {
        if let Some(to) = to {
            to.clone_into(&mut self.binary.lock().unwrap_or_else(PoisonError::into_inner));
            self.migrate().await?;
        }
        self.leave().await
    }

    pub(crate) async fn signal(&self, signal: &str) -> Outcome<()> {
        self.process.signal(signal).await
    }

    /// Whether it runs that was started last: none ends by itself.
    pub(crate) async fn has_died(&self) -> bool {
        self.process.0.lock().await.as_mut().is_some_and(Process::has_ended)
    }

    /// Where players reach it.
    pub(crate) const fn door(&self) -> SocketAddr {
        self.players.address
    }

    pub(crate) fn set(&self, line: Line, weather: Weather) {
        match line {
            Line::Players => self.players.set(weather),
            Line::Postgres => self.postgres.set(weather),
            Line::Redis => self.redis.set(weather),
            Line::Peers => _ = self.peers.as_ref().map(|link| link.set(weather)),
        }
    }

    /// Whether what it sends to an address gets lost: its neighbour gets a wrong place there.
    pub(crate) async fn deafen(&self, to: Ipv4Addr, on: bool) -> Outcome<()> {
        let Some(namespace) = &self.namespace else { return Ok(()) };
        let to = to.to_string();
        let nowhere = ["lladdr", "02:00:00:00:00:99", "nud", "permanent"];
        let (act, more) = if on { ("replace", nowhere.as_slice()) } else { ("del", &[][..]) };
        let words = [&["-n", namespace, "neigh", act, &to, "dev", "eth0"], more].concat();
        run("ip", &words).await.map(drop)
    }
}
