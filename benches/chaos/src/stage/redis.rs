//! A Redis with a replica, and three Sentinels that say which of the two is master.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::process::Command;
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep, timeout};

use super::process::{Process, Slot};
use super::{PATIENCE, free_port};
use crate::error::{ChaosError, Outcome};
use crate::proxy::Link;

/// What the Sentinels call it.
pub(crate) const MASTER: &str = "fleet";
const SENTINELS: usize = 3;
/// Time for an answer.
const ANSWER: Duration = Duration::from_millis(500);
/// Between two looks at which one is master.
const LOOK: Duration = Duration::from_millis(50);

/// Who is asked, by address alone, so that this can go on in the background.
#[derive(Clone, Debug)]
pub(crate) struct Sentinels(Vec<SocketAddr>);

/// The servers and their Sentinels.
#[derive(Debug)]
pub(crate) struct Redis {
    folder: PathBuf,
    servers: Vec<(SocketAddr, Slot)>,
    pub(crate) sentinels: Sentinels,
    /// They run for as long as this does.
    _watching: Vec<Process>,
    /// The one that was hurt last, to be mended.
    hurt: Mutex<Option<usize>>,
}

impl Redis {
    pub(crate) async fn start(folder: &Path) -> Outcome<Self> {
        let here = || Ok::<_, ChaosError>(SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()?)));
        let servers = vec![(here()?, Slot::default()), (here()?, Slot::default())];
        let making = ChaosError::doing("making redis");
        std::fs::create_dir_all(folder.join("redis")).map_err(making)?;
        let (mut sentinels, mut watching) = (Vec::new(), Vec::new());
        for _ in 0..SENTINELS {
            sentinels.push(here()?);
        }
        let master = servers[0].0;
        for (number, at) in sentinels.iter().enumerate() {
            watching.push(sentinel(number, *at, master, folder)?);
        }
        let (sentinels, hurt) = (Sentinels(sentinels), Mutex::new(None));
        let folder = folder.to_owned();
        let redis = Self { folder, servers, sentinels, _watching: watching, hurt };
        for number in [0, 1] {
            redis.launch(number).await?;
        }
        ask(redis.servers[1].0, &["REPLICAOF", "127.0.0.1", &master.port().to_string()]).await?;
        redis.settled().await?;
        Ok(redis)
    }

    async fn launch(&self, number: usize) -> Outcome<()> {
        let (address, process) = &self.servers[number];
        let mut command = Command::new("redis-server");
        command.args(["--bind", "127.0.0.1", "--port", &address.port().to_string()]);
        command.args(["--save", "", "--appendonly", "no", "--dir"]).arg(self.folder.join("redis"));
        // A replica that has come back is told at once what it missed.
        command.args(["--repl-diskless-sync-delay", "0"]);
        let child = Process::start(command, &format!("redis-{number}"), &self.folder)?;
        *process.0.lock().await = Some(child);
        let began = Instant::now();
        while ask(*address, &["PING"]).await.is_err() {
            late(began, "Redis to start")?;
            sleep(LOOK).await;
        }
        Ok(())
    }

    /// Waits until there is a master that takes writes.
    pub(crate) async fn settled(&self) -> Outcome<()> {
        let began = Instant::now();
        loop {
            if let Some(master) = self.sentinels.master().await
                && ask(master, &["SET", "sovereign-chaos", "1"]).await.is_ok()
            {
                return Ok(());
            }
            late(began, "a master of Redis")?;
            sleep(LOOK).await;
        }
    }

    async fn master(&self) -> usize {
        let master = self.sentinels.master().await;
        self.servers.iter().position(|(address, _)| Some(*address) == master).unwrap_or(0)
    }

    pub(crate) async fn kill(&self) -> Outcome<()> {
        self.hurt_master().await.kill().await
    }

    /// The master, which is noted for whoever mends it.
    async fn hurt_master(&self) -> &Slot {
        let master = self.master().await;
        *self.hurt.lock().await = Some(master);
        &self.servers[master].1
    }

    /// Starts the one that was killed.
    pub(crate) async fn restart(&self) -> Outcome<()> {
        if let Some(number) = self.hurt.lock().await.take() {
            self.launch(number).await?;
        }
        self.settled().await
    }

    pub(crate) async fn stop(&self) -> Outcome<()> {
        self.hurt_master().await.signal("STOP").await
    }

    /// Lets the one go on that was stopped.
    pub(crate) async fn go_on(&self) -> Outcome<()> {
        if let Some(number) = self.hurt.lock().await.take() {
            self.servers[number].1.signal("CONT").await?;
        }
        self.settled().await
    }

    pub(crate) async fn flush(&self) -> Outcome<()> {
        let master = self.servers[self.master().await].0;
        // One that is changing places right now has nothing to lose.
        let _ = ask(master, &["FLUSHALL"]).await;
        Ok(())
    }

    /// Makes the replica master; nothing happens where there is none to choose.
    pub(crate) async fn fail_over(&self) -> Outcome<()> {
        let _ = ask(self.sentinels.0[0], &["SENTINEL", "FAILOVER", MASTER]).await;
        self.settled().await
    }
}

impl Sentinels {
    /// As in the setting `redis.sentinels`.
    pub(crate) fn setting(&self) -> String {
        let urls: Vec<String> = self.0.iter().map(|place| format!("redis://{place}/")).collect();
        urls.join(",")
    }

    /// The master, by the first that knows.
    pub(crate) async fn master(&self) -> Option<SocketAddr> {
        for sentinel in &self.0 {
            let words = ["SENTINEL", "GET-MASTER-ADDR-BY-NAME", MASTER];
            if let Ok(redis::Value::Array(place)) = ask(*sentinel, &words).await
                && let [host, port] = place.as_slice()
            {
                let text = |value| redis::from_redis_value::<String>(value).unwrap_or_default();
                let place = format!("{}:{}", text(host.clone()), text(port.clone()));
                return place.parse().ok();
            }
        }
        None
    }

    /// Leads links to the master, for ever.
    pub(crate) async fn lead(self, links: Vec<Link>) {
        loop {
            if let Some(master) = self.master().await {
                links.iter().for_each(|link| link.lead(master));
            }
            sleep(LOOK).await;
        }
    }
}

fn sentinel(number: usize, at: SocketAddr, master: SocketAddr, folder: &Path) -> Outcome<Process> {
    let file = folder.join("redis").join(format!("sentinel-{number}.conf"));
    let (port, watched) = (at.port(), master.port());
    let settings = format!(
        "port {port}\nbind 127.0.0.1\ndir {}\nsentinel monitor {MASTER} 127.0.0.1 {watched} 2\n\
         sentinel down-after-milliseconds {MASTER} 600\nsentinel failover-timeout {MASTER} 3000\n",
        folder.join("redis").display()
    );
    std::fs::write(&file, settings).map_err(ChaosError::doing("setting a Sentinel up"))?;
    let mut command = Command::new("redis-server");
    command.arg(&file).arg("--sentinel");
    Process::start(command, &format!("sentinel-{number}"), folder)
}

async fn ask(at: SocketAddr, words: &[&str]) -> Outcome<redis::Value> {
    let asking = async {
        let client = redis::Client::open(format!("redis://{at}/"))?;
        let mut connection = client.get_multiplexed_async_connection().await?;
        let mut command = redis::cmd(words[0]);
        words[1..].iter().for_each(|word| _ = command.arg(word));
        Ok(command.query_async(&mut connection).await?)
    };
    timeout(ANSWER, asking)
        .await
        .unwrap_or_else(|_| Err(ChaosError::Late(format!("Redis at {at}"))))
}

fn late(began: Instant, what: &str) -> Outcome<()> {
    if began.elapsed() < PATIENCE { Ok(()) } else { Err(ChaosError::Late(what.to_owned())) }
}
