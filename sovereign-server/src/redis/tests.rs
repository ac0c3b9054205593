//! Redis as it fails.

use std::time::Duration;

use ::redis::pipe;

use super::*;
use crate::config::{Limits, RedisConfig, Secret};
use testing::Server;

/// The pool of a server at this port.
pub(crate) fn redis_at(port: u16) -> Redis {
    let url = Secret::new(format!("redis://127.0.0.1:{port}/"));
    let config = RedisConfig { url, ..RedisConfig::default() };
    Redis::open(&config, &Limits::default()).expect("an address")
}

/// Asks until there is an answer.
pub(crate) async fn eventually<T>(answer: impl AsyncFn() -> Option<T>) -> T {
    for _ in 0..3_000 {
        if let Some(answer) = answer().await {
            return answer;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("it never comes");
}

/// Writes something, as a probe does; whether that was done.
async fn write(redis: &Redis, value: &str) -> bool {
    let mut asked = pipe();
    asked.set("sovereign:{node}:test", value).ignore();
    redis.probe::<()>(&asked).await.is_ok()
}

pub(crate) async fn written(redis: &Redis, value: &str) {
    eventually(async || write(redis, value).await.then_some(())).await;
}

/// A master and its copy, a Sentinel that knows of both, and the pool that asks it.
pub(crate) struct Watched {
    pub(crate) master: Server,
    pub(crate) replica: Server,
    pub(crate) redis: Redis,
    pub(crate) sentinel: Server,
}

pub(crate) async fn watched() -> Watched {
    let master = Server::start();
    let replica = Server::replica_of(&master);
    let synced = async || replica.say(&["INFO", "replication"]).contains("link_status:up");
    eventually(async || synced().await.then_some(())).await;
    let sentinel = Server::sentinel_of(&master);
    let config = RedisConfig {
        sentinels: Secret::new(sentinel.url()),
        master: "m".to_owned(),
        ..RedisConfig::default()
    };
    let redis = Redis::open(&config, &Limits::default()).unwrap();
    eventually(async || {
        let known = sentinel.say(&["SENTINEL", "replicas", "m"]);
        known.contains(&replica.port().to_string()).then_some(())
    })
    .await;
    Watched { master, replica, redis, sentinel }
}

#[tokio::test]
async fn one_that_stands_still_is_waited_for_once() {
    let server = Server::start();
    let redis = redis_at(server.port());
    written(&redis, "1").await;
    server.signal("-STOP");
    assert!(!write(&redis, "2").await);
    let asked: Result<(), _> = redis.ask(pipe().ping().ignore()).await;
    assert!(matches!(asked, Err(RedisError::Down)));
    server.signal("-CONT");
    written(&redis, "3").await;
    assert_eq!(server.say(&["GET", "sovereign:{node}:test"]), "3");
    assert!(redis.is_up());
}

#[tokio::test]
async fn a_master_that_the_sentinels_name_is_found_and_the_next_one_too() {
    let Watched { mut master, replica, redis, sentinel: _watches } = watched().await;
    written(&redis, "first").await;
    master.kill();
    written(&redis, "second").await;
    assert_eq!(replica.say(&["GET", "sovereign:{node}:test"]), "second");
    // The one that comes back is a copy, and nobody writes to it.
    master.start_again();
    written(&redis, "third").await;
    assert_eq!(replica.say(&["GET", "sovereign:{node}:test"]), "third");
}
