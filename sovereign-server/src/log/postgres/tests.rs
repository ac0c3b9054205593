use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::*;
use crate::config::{Limits, PostgresConfig, Secret};
use crate::log::{CommitNotice, Committer, LogHandle};
use crate::postgres::testing::Server;
use crate::postgres::{Migrator, pool_of};

mod contract {
    crate::log::contract::suite!((super::fresh().await.0, ()));
}

/// A log in a database of its own, and its address.
async fn fresh() -> (PostgresLog, String) {
    let url = Server::shared().database().await;
    Migrator::default().up(&pool_of(&url).await).await.unwrap();
    (open(&url, "a").await, url)
}

/// A fresh database with a game that node `a` has just begun.
async fn begun(server: &Server) -> (String, PostgresLog, GameId) {
    let url = server.database().await;
    Migrator::default().up(&pool_of(&url).await).await.unwrap();
    let (log, game) = (open(&url, "a").await, GameId::now_v7());
    log.create(game).await.unwrap();
    (url, log, game)
}

async fn open(url: &str, node: &str) -> PostgresLog {
    open_with(url, node, Limits::default()).await
}

async fn open_with(url: &str, node: &str, limits: Limits) -> PostgresLog {
    let config = PostgresConfig { url: Secret::new(url), ..PostgresConfig::default() };
    let limits = Limits { postgres_commit_ms: 1_000, ..limits };
    let quick = Postgres::open_for_log(&config, &limits).await.unwrap();
    PostgresLog::new(quick, pool_of(url).await, node, 7)
}

async fn run(url: &str, statement: &str) {
    pool_of(url).await.connection().await.unwrap().batch_execute(statement).await.unwrap();
}

fn entry(game: GameId, epoch: u64, seq: u64) -> Entry {
    let batch = Bytes::from(format!("{game} {epoch} {seq}"));
    Entry { game, epoch, seq, tick: seq as u32 * 2, batch, prev_hash: !seq }
}

fn durable(seq: u64) -> Option<CommitNotice> {
    Some(CommitNotice { seq, outcome: Outcome::Durable })
}

fn commits(log: &PostgresLog) -> (LogHandle, JoinHandle<()>) {
    let (committer, handle) = Committer::new(Arc::new(log.clone()));
    (handle, tokio::spawn(committer.run()))
}

#[tokio::test]
async fn the_owner_is_written_down() {
    let (log, url) = fresh().await;
    let game = GameId::now_v7();
    log.create(game).await.unwrap();
    open(&url, "b").await.claim(game, 1).await.unwrap();
    let session = pool_of(&url).await.connection().await.unwrap();
    let row = session.query_one("SELECT node, rules_version FROM game_owner", &[]).await.unwrap();
    assert_eq!((row.get::<_, &str>(0), row.get::<_, i64>(1)), ("b", 7));
}

#[tokio::test]
async fn a_claim_by_another_node_fences_this_one() {
    let (log, url) = fresh().await;
    let game = GameId::now_v7();
    log.create(game).await.unwrap();
    assert_eq!(log.append(vec![entry(game, 1, 1)]).await.unwrap(), [Outcome::Durable]);
    let other = open(&url, "b").await;
    assert_eq!(other.claim(game, 1).await.unwrap(), Position { epoch: 2, seq: 1 });
    assert_eq!(log.append(vec![entry(game, 1, 2)]).await.unwrap(), [Outcome::Fenced]);
    assert_eq!(other.append(vec![entry(game, 2, 2)]).await.unwrap(), [Outcome::Durable]);
    assert_eq!(log.position(game).await.unwrap(), Position { epoch: 2, seq: 2 });
}

#[tokio::test]
async fn a_locked_row_stalls_its_own_game_alone() {
    let (log, url) = fresh().await;
    let [bad, good] = [GameId::now_v7(), GameId::now_v7()];
    log.create(bad).await.unwrap();
    log.create(good).await.unwrap();
    let mut session = pool_of(&url).await.connection().await.unwrap();
    let lock = session.transaction().await.unwrap();
    let row = "SELECT 1 FROM game_owner WHERE game = $1 FOR UPDATE";
    lock.execute(row, &[&bad]).await.unwrap();
    let (handle, _task) = commits(&log);
    let (notify_bad, mut heard_bad) = mpsc::unbounded_channel();
    let (notify, mut heard) = mpsc::unbounded_channel();
    for seq in 1..=20 {
        handle.append(entry(bad, 1, seq), notify_bad.clone()).unwrap();
        handle.append(entry(good, 1, seq), notify.clone()).unwrap();
        assert_eq!(heard.recv().await, durable(seq));
    }
    assert!(heard_bad.try_recv().is_err());
    lock.rollback().await.unwrap();
    for seq in 1..=20 {
        assert_eq!(heard_bad.recv().await, durable(seq));
    }
}

/// Appends through a committer while `harm` happens again and again; what was acknowledged
/// is there, once.
async fn survives(log: &PostgresLog, harm: impl AsyncFn(u64)) {
    let game = GameId::now_v7();
    log.create(game).await.unwrap();
    let (handle, _task) = commits(log);
    let (notify, mut heard) = mpsc::unbounded_channel();
    for seq in 1..=60 {
        handle.append(entry(game, 1, seq), notify.clone()).unwrap();
        harm(seq).await;
    }
    for seq in 1..=60 {
        assert_eq!(heard.recv().await, durable(seq));
    }
    let all: Vec<Entry> = (1..=60).map(|seq| entry(game, 1, seq)).collect();
    assert_eq!(log.read_from(game, 1).await.unwrap(), all);
}

#[tokio::test]
async fn connections_that_are_cut_while_they_commit_leave_nothing_in_doubt() {
    let (log, url) = fresh().await;
    let session = pool_of(&url).await.connection().await.unwrap();
    let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND pid <> pg_backend_pid()";
    survives(&log, async |seq| {
        if seq % 5 == 0 {
            session.batch_execute(cut).await.unwrap();
        }
        tokio::task::yield_now().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_killed_loses_nothing_acknowledged() {
    // With fsync and full_page_writes, as they are unless somebody switches them off.
    let server = Server::start(&[]);
    let url = server.database().await;
    Migrator::default().up(&pool_of(&url).await).await.unwrap();
    survives(&open(&url, "a").await, async |seq| {
        if seq % 25 == 0 {
            tokio::task::block_in_place(|| {
                server.kill();
                server.restart();
            });
        }
    })
    .await;
}

#[tokio::test]
async fn a_database_that_hangs_is_not_waited_for() {
    let server = Server::start(&["fsync=off"]);
    let (url, _, game) = begun(&server).await;
    // Else another connection would answer.
    let limits = Limits { postgres_log_connections: 1, ..Limits::default() };
    let log = open_with(&url, "a", limits).await;
    let session = log.quick.connection().await.unwrap();
    let pid: i32 = session.query_one("SELECT pg_backend_pid()", &[]).await.unwrap().get(0);
    drop(session);
    signal(pid, "STOP");
    let late = log.append(vec![entry(game, 1, 1)]).await;
    assert!(matches!(late, Err(LogError::Storage(_))), "{late:?}");
    signal(pid, "CONT");
    let (handle, _task) = commits(&log);
    let (notify, mut heard) = mpsc::unbounded_channel();
    handle.append(entry(game, 1, 1), notify).unwrap();
    let heard = tokio::time::timeout(Duration::from_secs(10), heard.recv()).await.unwrap();
    assert!(heard.is_some());
    assert_eq!(log.read_from(game, 1).await.unwrap(), [entry(game, 1, 1)], "once");
}

fn signal(pid: i32, signal: &str) {
    let mut kill = std::process::Command::new("kill");
    assert!(kill.args([&format!("-{signal}"), &pid.to_string()]).status().unwrap().success());
}

#[tokio::test]
async fn damage_freezes_that_game_alone() {
    let (log, url) = fresh().await;
    let games = [(); 4].map(|()| GameId::now_v7());
    for game in games {
        log.create(game).await.unwrap();
        log.append((1..=3).map(|seq| entry(game, 1, seq)).collect()).await.unwrap();
    }
    let damage = |game: GameId, what: &str| format!("{what} WHERE game = '{game}' AND seq = 2");
    run(&url, &damage(games[0], "UPDATE game_log SET batch = 'x'")).await;
    run(&url, &damage(games[1], "DELETE FROM game_log")).await;
    run(&url, &format!("DELETE FROM game_log WHERE game = '{}' AND seq = 3", games[2])).await;
    for (game, number) in games.into_iter().zip([2, 2, 3]) {
        let read = log.read_from(game, 1).await;
        let named = format!("entry {number}");
        assert!(matches!(&read, Err(LogError::Corrupt(what)) if what.contains(&named)), "{read:?}");
    }
    assert_eq!(log.read_from(games[3], 1).await.unwrap().len(), 3);
    assert_eq!(log.append(vec![entry(games[3], 1, 4)]).await.unwrap(), [Outcome::Durable]);
}

#[tokio::test]
async fn what_is_forgotten_leaves_nothing() {
    let (log, url) = fresh().await;
    let game = GameId::now_v7();
    log.create(game).await.unwrap();
    log.append(vec![entry(game, 1, 1)]).await.unwrap();
    let snapshot = Snapshot { game, seq: 1, tick: 2, hash: 3, rules_version: 1, blob: vec![4] };
    log.put_snapshot(snapshot).await.unwrap();
    log.forget(game).await.unwrap();
    let count = "SELECT (SELECT count(*) FROM game_owner) + (SELECT count(*) FROM game_log)
         + (SELECT count(*) FROM game_snapshot)";
    let session = pool_of(&url).await.connection().await.unwrap();
    assert_eq!(session.query_one(count, &[]).await.unwrap().get::<_, i64>(0), 0);
}

#[tokio::test]
async fn a_database_that_has_forgotten_freezes_its_games_on_every_node() {
    let (log, url) = fresh().await;
    let [behind, whole] = [GameId::now_v7(), GameId::now_v7()];
    for game in [behind, whole] {
        log.create(game).await.unwrap();
        log.append((1..=5).map(|seq| entry(game, 1, seq)).collect()).await.unwrap();
    }
    // As a copy that lagged by two entries of one game.
    run(&url, &format!("DELETE FROM game_log WHERE game = '{behind}' AND seq > 3")).await;
    run(&url, &format!("UPDATE game_owner SET seq = 3 WHERE game = '{behind}'")).await;
    let flush = vec![entry(behind, 1, 6), entry(whole, 1, 6)];
    let outcomes = log.append(flush).await.unwrap();
    assert_eq!(outcomes, [Outcome::Lost, Outcome::Durable]);
    let position = log.position(behind).await.unwrap();
    assert_eq!(position, Position { epoch: 2, seq: 5 }, "the hole is written down");
    let other = open(&url, "b").await;
    other.claim(behind, 2).await.unwrap();
    assert!(matches!(other.read_from(behind, 1).await, Err(LogError::Corrupt(_))));
    assert_eq!(log.append(vec![entry(behind, 1, 6)]).await.unwrap(), [Outcome::Fenced]);
}

#[tokio::test]
async fn what_was_forgotten_is_noticed_by_a_claim_too() {
    let (log, url) = fresh().await;
    let game = GameId::now_v7();
    log.create(game).await.unwrap();
    log.append((1..=3).map(|seq| entry(game, 1, seq)).collect()).await.unwrap();
    run(&url, "DELETE FROM game_log WHERE seq > 2; UPDATE game_owner SET seq = 2").await;
    let claimed = log.claim(game, 1).await;
    assert!(matches!(claimed, Err(LogError::Corrupt(_))), "{claimed:?}");
    assert!(matches!(log.read_from(game, 1).await, Err(LogError::Corrupt(_))));
}

/// The whole folder as it was a moment ago in place of what it is now: what remains when a
/// copy that lagged behind is promoted, or a backup is put back.
#[tokio::test(flavor = "multi_thread")]
async fn an_old_copy_that_takes_the_database_s_place_is_noticed_by_the_owner() {
    let server = Server::start(&[]);
    let (url, log, game) = begun(&server).await;
    let (handle, _task) = commits(&log);
    let (notify, mut heard) = mpsc::unbounded_channel();
    let mut next = async |seq: u64| {
        handle.append(entry(game, 1, seq), notify.clone()).unwrap();
        heard.recv().await.unwrap().outcome
    };
    assert_eq!(next(1).await, Outcome::Durable);
    tokio::task::block_in_place(|| server.keep_copy());
    assert_eq!(next(2).await, Outcome::Durable);
    tokio::task::block_in_place(|| server.put_copy_back());
    assert_eq!(next(3).await, Outcome::Lost);
    let other = open(&url, "b").await;
    let seen = other.position(game).await.unwrap();
    assert_eq!(seen, Position { epoch: 2, seq: 2 }, "what is missing is written down");
    assert!(matches!(other.read_from(game, 1).await, Err(LogError::Corrupt(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_promoted_copy_that_has_all_goes_on_and_is_said() {
    let server = Server::start(&["fsync=off"]);
    let (url, log, game) = begun(&server).await;
    let (handle, _task) = commits(&log);
    let (notify, mut heard) = mpsc::unbounded_channel();
    handle.append(entry(game, 1, 1), notify.clone()).unwrap();
    assert_eq!(heard.recv().await, durable(1));
    std::fs::write(server.data().join("standby.signal"), "").unwrap();
    tokio::task::block_in_place(|| {
        server.kill();
        server.restart();
    });
    handle.append(entry(game, 1, 2), notify).unwrap();
    let (client, line) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(line);
    client.batch_execute("SELECT pg_promote()").await.unwrap();
    assert_eq!(heard.recv().await, durable(2));
    assert_eq!(log.guard.moved("another").as_deref(), Some("00000002"));
}

/// A measurement; its figures are in docs/performance.md.
#[tokio::test]
#[ignore = "takes half a minute, and tells of the machine"]
async fn one_commit_of_a_hundred_games() {
    let server = Server::start(&[]);
    let url = server.database().await;
    Migrator::default().up(&pool_of(&url).await).await.unwrap();
    let log = open(&url, "a").await;
    let games: Vec<GameId> = (0..100).map(|_| GameId::now_v7()).collect();
    for &game in &games {
        log.create(game).await.unwrap();
    }
    let mut ticks = tokio::time::interval(Duration::from_millis(50));
    let mut taken = Vec::new();
    for seq in 1..=600 {
        ticks.tick().await;
        let batch = Bytes::from(vec![seq as u8; 100]);
        let of = |game: &GameId| Entry { batch: batch.clone(), ..entry(*game, 1, seq) };
        let (entries, started) = (games.iter().map(of).collect(), Instant::now());
        let outcomes = log.append(entries).await.unwrap();
        taken.push(started.elapsed());
        assert!(outcomes.iter().all(|outcome| *outcome == Outcome::Durable));
    }
    taken.sort_unstable();
    let (p50, p99, most) = (taken[300], taken[594], taken[599]);
    println!("100 games, 600 flushes: p50 {p50:?}, p99 {p99:?}, most {most:?}");
}
