//! PostgreSQL is killed under running games and comes back: they wait, say so, lose nothing and
//! go on.

use std::net::SocketAddr;

use futures_util::future::join_all;
use serde_json::{Value, json};
use sovereign_core::wire::{Codec, PauseReason};
use sovereign_server::app::Server;
use sovereign_server::config::{Limits, Secret};
use tokio::time::{Duration, sleep, timeout};

use crate::client::Client;
use crate::fleet::{Fleet, NAMES};
use crate::http_client::{PATIENCE, call};
use crate::play::spawn;
use crate::postgres;
use crate::running::{config, guest, migrate, post};

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

/// A player whose order was carried out, in a new game at one server, through another.
async fn player(made_at: SocketAddr, through: SocketAddr) -> Client {
    let ada = guest(made_at, "Ada").await;
    // Two never choose a start, so that the third can change hers for long.
    let game = post(made_at, "/v1/games", &ada, json!({ "map": "classic", "seats": 3 })).await;
    let game = game.json();
    let id = game["id"].as_str().unwrap();
    for name in ["Bob", "Cy"] {
        let person = guest(made_at, name).await;
        post(made_at, &format!("/v1/games/{id}/join"), &person, json!({})).await;
    }
    post(made_at, &format!("/v1/games/{id}/start"), &ada, json!({})).await;
    let mut client = Client::connect(through, id, Some(&ada.token), Codec::Msgpack).await;
    client.ready().await;
    client.order(1, spawn(1)).await;
    assert!(client.answer(1).await.result.is_ok());
    client
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_games_of_a_fleet_wait_for_its_database_and_go_on() {
    let database = postgres::Server::start(&["max_connections=300"]);
    let fleet = Fleet::on(database.database().await, &[]).await;
    let mut clients = Vec::new();
    for number in 0..NAMES.len() {
        let next = fleet.at((number + 1) % NAMES.len());
        clients.push(player(fleet.at(number), next).await);
    }
    tokio::task::block_in_place(|| database.kill());
    // All at once: who does not read does not answer pings, and is taken for dead.
    join_all(clients.iter_mut().map(async |client| {
        client.order(2, spawn(2)).await;
        client.until(|client| client.paused.is_some()).await;
        assert_eq!(client.paused, Some(PauseReason::Storage));
        assert!(!client.answers.contains_key(&2), "nothing is answered that is not durable");
    }))
    .await;
    tokio::task::block_in_place(|| database.restart());
    join_all(clients.iter_mut().map(async |client| {
        assert!(client.answer(2).await.result.is_ok());
        client.order(3, spawn(3)).await;
        assert!(client.answer(3).await.result.is_ok());
        assert_eq!(client.paused, None);
    }))
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_game_waits_for_its_database_and_goes_on() {
    let database = postgres::Server::start(&[]);
    let url = database.database().await;
    migrate(&url).await;
    let folder = tempfile::tempdir().unwrap();
    let mut config = config(folder.path(), Limits::default());
    config.postgres.url = Secret::new(url);
    let server = Server::start(config).await.unwrap();
    readiness(&server, 200).await;

    let mut client = player(server.public, server.public).await;

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
