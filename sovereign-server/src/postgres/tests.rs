mod tls;

use super::testing::Server;
use super::*;

async fn empty() -> Postgres {
    pool_of(&Server::shared().database().await).await
}

async fn tables(pool: &Postgres) -> Vec<String> {
    let query = "SELECT relname::text FROM pg_class
         WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1";
    let rows = pool.connection().await.unwrap().query(query, &[]).await.unwrap();
    rows.into_iter().map(|row| row.get(0)).collect()
}

#[tokio::test]
async fn every_commit_is_durable_whatever_the_database_says() {
    let url = Server::shared().database().await;
    let name = url.rsplit('/').next().unwrap();
    let change = format!("ALTER DATABASE {name} SET synchronous_commit = off");
    pool_of(&url).await.connection().await.unwrap().batch_execute(&change).await.unwrap();
    let session = pool_of(&url).await.connection().await.unwrap();
    let shown: String = session.query_one("SHOW synchronous_commit", &[]).await.unwrap().get(0);
    assert_eq!(shown, "on");
}

#[tokio::test]
async fn the_steps_go_up_and_down_and_up_again() {
    let (pool, migrator) = (empty().await, Migrator::default());
    let all = migrator.plan(&pool).await.unwrap().len();
    assert_eq!(all, MIGRATIONS.len());
    let behind = migrator.check(&pool).await.unwrap_err();
    assert!(behind.to_string().contains("sovereign-server migrate up"), "{behind}");
    assert_eq!(migrator.up(&pool).await.unwrap().len(), all);
    migrator.check(&pool).await.unwrap();
    let full = tables(&pool).await;
    assert!(full.iter().any(|table| table == "game_log"));
    assert!(migrator.up(&pool).await.unwrap().is_empty(), "each is taken once");
    assert_eq!(migrator.down(&pool, 0).await.unwrap().len(), all);
    assert_eq!(tables(&pool).await, ["schema_migration"], "each step is taken back whole");
    assert_eq!(migrator.up(&pool).await.unwrap().len(), all);
    assert_eq!(tables(&pool).await, full);
}

#[tokio::test]
async fn steps_are_numbered_without_a_gap() {
    for (number, step) in (1..).zip(MIGRATIONS) {
        assert_eq!(step.version, number);
        assert!(!step.down().is_empty(), "{} has no way back", step.name);
    }
}

#[tokio::test]
async fn nodes_that_start_together_take_each_step_once() {
    let url = Server::shared().database().await;
    let migrate = || async {
        let pool = pool_of(&url).await;
        Migrator::default().up(&pool).await.unwrap().len()
    };
    let (a, b, c) = tokio::join!(migrate(), migrate(), migrate());
    assert_eq!(a + b + c, MIGRATIONS.len());
}

#[tokio::test]
async fn a_step_that_was_changed_is_refused_and_one_that_is_newer_is_not() {
    let (pool, migrator) = (fresh().await, Migrator::default());
    let session = pool.connection().await.unwrap();
    let newer = "INSERT INTO schema_migration VALUES (9999, 'future', '')";
    session.batch_execute(newer).await.unwrap();
    migrator.check(&pool).await.unwrap();
    let status = migrator.status(&pool).await.unwrap();
    assert_eq!(status.last().unwrap().standing, Standing::Newer);
    let refused = migrator.down(&pool, 0).await;
    assert!(matches!(refused, Err(PostgresError::Newer { version: 9999 })), "{refused:?}");
    let changed = "UPDATE schema_migration SET checksum = 'x' WHERE version = 1";
    session.batch_execute(changed).await.unwrap();
    let refused = migrator.check(&pool).await;
    assert!(matches!(refused, Err(PostgresError::Foreign { version: 1 })), "{refused:?}");
}

#[tokio::test]
async fn what_is_wrong_with_an_address_is_said_without_its_password() {
    for url in ["postgres://u:hunter2@127.0.0.1:1/db", "postgres://u:hunter2@127.0.0.1/db?x=1"] {
        let config = PostgresConfig { url: Secret::new(url), ..PostgresConfig::default() };
        let error = Postgres::open(&config, &Limits::default()).await.unwrap_err();
        let text = format!("{error} {error:?}");
        assert!(!text.contains("hunter2") && text.contains("postgres"), "{text}");
    }
}

#[tokio::test]
async fn a_pool_recovers_from_connections_that_were_cut() {
    let url = Server::shared().database().await;
    let (pool, other) = (pool_of(&url).await, pool_of(&url).await);
    let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND pid <> pg_backend_pid()";
    other.connection().await.unwrap().batch_execute(cut).await.unwrap();
    pool.ping().await.unwrap();
}

#[tokio::test]
async fn a_server_that_was_killed_comes_back_with_what_was_committed() {
    let mut server = Server::start(&[]);
    let pool = pool_of(&server.database().await).await;
    let make = "CREATE TABLE kept (n integer); INSERT INTO kept VALUES (7)";
    pool.connection().await.unwrap().batch_execute(make).await.unwrap();
    server.kill();
    assert!(pool.ping().await.unwrap_err().is_outage());
    server.restart();
    let kept = "SELECT n FROM kept";
    let kept: i32 = pool.connection().await.unwrap().query_one(kept, &[]).await.unwrap().get(0);
    assert_eq!(kept, 7);
    server.restart_with(&["max_connections=7"]);
    let shown = "SHOW max_connections";
    let shown: String =
        pool.connection().await.unwrap().query_one(shown, &[]).await.unwrap().get(0);
    assert_eq!(shown, "7");
}
