//! PostgreSQL is killed under a running game and comes back: the game waits, says so, loses
//! nothing and goes on.

use serde_json::Value;
use sovereign_core::wire::Codec;
use sovereign_server::app::Server;
use sovereign_server::config::{Limits, PostgresConfig, Secret};
use sovereign_server::postgres::{Migrator, Postgres};
use tokio::time::{Duration, sleep, timeout};

use crate::client::Client;
use crate::http_client::{PATIENCE, call};
use crate::play::spawn;
use crate::postgres;
use crate::running::{config, guest, post};

/// What `/readyz` says, once it answers with this status.
async fn readiness(server: &Server, status: u16) -> Value {
    let asking = async {
        loop {
            let answer = call(server.ops, "GET", "/readyz", &[], None).await;
            if answer.status == status {
                return answer.json();
            }
            sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(PATIENCE, asking).await.expect("in time")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_game_waits_for_its_database_and_goes_on() {
    let database = postgres::Server::start(&[]);
    let url = Secret::new(database.database().await);
    let shared = PostgresConfig { url, ..PostgresConfig::default() };
    let pool = Postgres::open(&shared, &Limits::default()).await.unwrap();
    Migrator::default().up(&pool).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut config = config(folder.path(), Limits::default());
    config.postgres = shared;
    let server = Server::start(config).await.unwrap();
    readiness(&server, 200).await;

    let ada = guest(server.public, "Ada").await;
    // A seat stays free, so that the start can be chosen again and again.
    let wish = serde_json::json!({ "map": "classic", "seats": 3 });
    let game = post(server.public, "/v1/games", &ada, wish).await.json();
    let id = game["id"].as_str().unwrap();
    for name in ["Bob", "Cy"] {
        let person = guest(server.public, name).await;
        post(server.public, &format!("/v1/games/{id}/join"), &person, serde_json::json!({})).await;
    }
    post(server.public, &format!("/v1/games/{id}/start"), &ada, serde_json::json!({})).await;
    let mut client = Client::connect(server.public, id, Some(&ada.token), Codec::Msgpack).await;
    client.ready().await;
    client.order(1, spawn(1)).await;
    assert!(client.answer(1).await.result.is_ok());

    tokio::task::block_in_place(|| database.kill());
    client.order(2, spawn(2)).await;
    let lost = readiness(&server, 503).await;
    assert!(lost["store"].as_str().unwrap().contains("PostgreSQL"), "{lost}");
    assert!(!client.answers.contains_key(&2), "nothing is answered that is not durable");

    tokio::task::block_in_place(|| database.restart());
    assert!(client.answer(2).await.result.is_ok());
    client.order(3, spawn(3)).await;
    assert!(client.answer(3).await.result.is_ok());
    readiness(&server, 200).await;
    drop(client);
    server.stop().await;
}
