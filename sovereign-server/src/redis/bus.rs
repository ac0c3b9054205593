//! News from node to node: published through the pool, heard on a connection of its own.
//!
//! That connection breaks, and may be one to a master that is none any more. So each node publishes
//! an echo to itself: as long as it hears that, what others publish reaches it too. After each gap
//! [`Heard::Gap`] says that something may have been missed.

use std::sync::Arc;
use std::time::Duration;

use ::redis::aio::PubSub;
use ::redis::{Msg, pipe};
use futures_util::StreamExt;
use tokio::sync::{broadcast, mpsc};
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};
use tracing::{info, warn};

use super::news::{self, News};
use super::{Key, Redis, RedisError};
use crate::config::Limits;
use crate::telemetry::metrics;

/// Echoes that may be missed before the connection is made anew.
const MISSED: u32 = 4;
/// News that wait to be sent or to be heard; more are left out, and looked up later.
const WAITING: usize = 1_024;
/// Bytes of the longest message that is read.
const MESSAGE_BYTES: usize = 65_536;
/// Wait before a connection is made again.
const PAUSE: Duration = Duration::from_millis(100);

/// What comes of the others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// News.
    News(News),
    /// Something may have been missed: what counts has to be looked up.
    Gap,
}

/// A node's way to tell all others, and to hear them; cheap to clone.
#[derive(Clone, Debug)]
pub struct Bus {
    outbox: mpsc::Sender<News>,
    heard: broadcast::Sender<Heard>,
}

/// What runs for it.
#[derive(Debug)]
pub struct BusRunner {
    redis: Redis,
    me: Arc<str>,
    outbox: mpsc::Receiver<News>,
    heard: broadcast::Sender<Heard>,
    echo: Duration,
}

/// The ears of one listener.
#[derive(Debug)]
pub struct Ears(broadcast::Receiver<Heard>);

impl Bus {
    /// Of the node of this name, and what has to run for it.
    #[must_use]
    pub fn new(redis: Redis, me: &str, limits: &Limits) -> (Self, BusRunner) {
        let (outbox, waiting) = mpsc::channel(WAITING);
        let heard = broadcast::Sender::new(WAITING);
        let echo = Duration::from_millis(limits.redis_echo_ms);
        let bus = Self { outbox, heard: heard.clone() };
        (bus, BusRunner { redis, me: me.into(), outbox: waiting, heard, echo })
    }

    /// Tells all other nodes, as soon as may be. What cannot be told they find in the database.
    pub fn tell(&self, news: News) {
        if self.outbox.try_send(news).is_err() {
            metrics::news("dropped");
        }
    }

    /// To hear of others from now on.
    #[must_use]
    pub fn listen(&self) -> Ears {
        Ears(self.heard.subscribe())
    }
}

impl Ears {
    /// What comes next; nothing any more once the bus is gone.
    pub async fn next(&mut self) -> Option<Heard> {
        match self.0.recv().await {
            Ok(heard) => Some(heard),
            Err(broadcast::error::RecvError::Lagged(_)) => Some(Heard::Gap),
            Err(broadcast::error::RecvError::Closed) => None,
        }
    }
}

impl BusRunner {
    /// Sends and listens for as long as the node runs.
    pub async fn run(self) {
        let Self { redis, me, outbox, heard, echo } = self;
        let listening = Listener { redis: redis.clone(), me: Arc::clone(&me), heard, echo };
        tokio::join!(send(redis, me, outbox), listening.run());
    }
}

async fn send(redis: Redis, me: Arc<str>, mut outbox: mpsc::Receiver<News>) {
    while let Some(news) = outbox.recv().await {
        let Some(letter) = news::write(&me, news) else { continue };
        let sent = publish(&redis, Key::News, &letter).await;
        metrics::news(if sent.is_ok() { "sent" } else { "failed" });
    }
}

async fn publish(redis: &Redis, channel: Key<'_>, letter: &str) -> Result<(), RedisError> {
    redis.ask(pipe().publish(channel.to_string(), letter).ignore()).await
}

/// The listening half.
struct Listener {
    redis: Redis,
    me: Arc<str>,
    heard: broadcast::Sender<Heard>,
    echo: Duration,
}

impl Listener {
    async fn run(self) {
        let mut is_told = false;
        loop {
            let Err(error) = self.listen(&mut is_told).await;
            if std::mem::replace(&mut is_told, false) {
                warn!(%error, "news of other nodes are looked up, until Redis tells them again");
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Listens until the connection is of no use any more.
    async fn listen(&self, is_told: &mut bool) -> Result<std::convert::Infallible, RedisError> {
        let patience = self.echo * MISSED;
        let line = timeout(patience, self.subscribe()).await;
        let mut messages = line.map_err(|_| RedisError::Slow)??.into_on_message();
        info!("news of other nodes come by Redis");
        *is_told = true;
        self.say(Heard::Gap);
        let mut echoes = interval(self.echo);
        echoes.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut last = Instant::now();
        loop {
            tokio::select! {
                message = messages.next() => {
                    self.take(&message.ok_or(RedisError::Down)?);
                    last = Instant::now();
                }
                _ = echoes.tick() => {
                    if last.elapsed() > patience {
                        return Err(RedisError::Slow);
                    }
                    // One that fails is one that is missed.
                    let _ = publish(&self.redis, Key::Echo(&self.me), "").await;
                }
            }
        }
    }

    async fn subscribe(&self) -> Result<PubSub, RedisError> {
        let mut line = self.redis.client().await?.get_async_pubsub().await?;
        line.subscribe(Key::News.to_string()).await?;
        line.subscribe(Key::Echo(&self.me).to_string()).await?;
        Ok(line)
    }

    fn take(&self, message: &Msg) {
        let bytes = message.get_payload_bytes();
        if bytes.is_empty() {
            return;
        }
        let is_short = bytes.len() <= MESSAGE_BYTES;
        if let Some(news) = is_short.then(|| news::read(&self.me, bytes)).flatten() {
            metrics::news("heard");
            self.say(Heard::News(news));
        }
    }

    fn say(&self, heard: Heard) {
        // Nobody may listen yet.
        let _ = self.heard.send(heard);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redis::testing::Server;
    use crate::redis::tests::{Watched, redis_at, watched, written};
    use uuid::Uuid;

    fn join(redis: &Redis, me: &str) -> (Bus, Ears) {
        let limits = Limits { redis_echo_ms: 50, ..Limits::default() };
        let (bus, runner) = Bus::new(redis.clone(), me, &limits);
        let ears = bus.listen();
        tokio::spawn(runner.run());
        (bus, ears)
    }

    async fn gap(ears: &mut Ears) {
        while ears.next().await.expect("the bus runs") != Heard::Gap {}
    }

    /// Tells it until it is heard.
    async fn hears(ears: &mut Ears, bus: &Bus, account: u128) {
        let news = News::LetIn { account: Uuid::from_u128(account) };
        loop {
            bus.tell(news.clone());
            let heard = timeout(Duration::from_millis(200), async {
                while ears.next().await != Some(Heard::News(news.clone())) {}
            });
            if heard.await.is_ok() {
                return;
            }
        }
    }

    #[tokio::test]
    async fn news_reach_all_others_and_again_after_a_gap_that_is_told() {
        let mut server = Server::start();
        let redis = redis_at(server.port());
        let ((one, mut own), (two, mut ears)) = (join(&redis, "n1"), join(&redis, "n2"));
        gap(&mut own).await;
        gap(&mut ears).await;
        hears(&mut ears, &one, 1).await;
        hears(&mut own, &two, 2).await;
        server.kill();
        server.start_again();
        written(&redis, "1").await;
        gap(&mut ears).await;
        hears(&mut ears, &one, 3).await;
    }

    #[tokio::test]
    async fn a_listener_at_a_master_that_is_none_any_more_finds_the_new_one() {
        let Watched { master, redis, replica: _follows, sentinel: _watches } = watched().await;
        let ((one, _own), (_two, mut ears)) = (join(&redis, "n1"), join(&redis, "n2"));
        gap(&mut ears).await;
        hears(&mut ears, &one, 1).await;
        // It stands still: its connections stay open, and nothing comes over them.
        master.signal("-STOP");
        written(&redis, "1").await;
        gap(&mut ears).await;
        hears(&mut ears, &one, 2).await;
        master.signal("-CONT");
        hears(&mut ears, &one, 3).await;
    }
}
