//! Replays: stored, listed, downloaded, watched.

use std::sync::Arc;

use serde_json::json;
use sovereign_core::command::{Command, Surrender};
use sovereign_core::quantity::Tick;
use sovereign_core::wire::{Codec, FromClient};
use sovereign_core::{Map, Phase, Replay};

use crate::client::Client;
use crate::play::spawn;
use crate::running::{Person, Running};

/// A game that was played to its end.
async fn finished(running: &Running, ada: &Person) -> String {
    let game = running.game(ada, &["random"]).await;
    let mut client =
        Client::connect(running.address(), &game, Some(&ada.token), Codec::Msgpack).await;
    client.ready().await;
    client.order(1, spawn(3)).await;
    client.until(|c| c.mirror().view().game().phase == Phase::Playing).await;
    client.order(2, Command::Surrender(Surrender {})).await;
    client.until(|c| c.mirror().view().game().phase == Phase::Finished).await;
    loop {
        let info = running.get(&format!("/v1/games/{game}")).await.json();
        if info["replay"] == true {
            assert_eq!(info["status"], "finished");
            return game;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_finished_game_can_be_verified_watched_and_played_again() {
    let running = Running::start().await;
    let ada = running.guest("Ada").await;
    let game = finished(&running, &ada).await;
    let list = running.get("/v1/replays").await.json();
    assert_eq!(list["replays"][0]["id"], game.as_str());
    assert_eq!(list["replays"][0]["names"][0]["name"], "Ada");
    let file = running.get(&format!("/v1/replays/{game}")).await;
    let replay = Replay::from_bytes(&file.body).unwrap();
    let map = Arc::new(Map::shipped("classic").unwrap());
    let verified = replay.verify(map).unwrap();
    assert!(!file.text().contains("Ada"), "a replay holds no names");
    watch(&running, &game, verified.tick).await;
    let again = running.post(&format!("/v1/games/{game}/rematch"), &ada, json!({})).await.json();
    assert_eq!((again["status"].as_str(), again["you"].as_u64()), (Some("running"), Some(0)));
    assert_ne!(again["id"], game.as_str());
    running.server.stop().await;
}

async fn watch(running: &Running, game: &str, end: Tick) {
    let path = format!("/v1/replays/{game}/ws");
    let mut viewer = Client::greet(running.address(), &path, None, Codec::Json, None).await;
    viewer.ready().await;
    assert_eq!(viewer.welcome.as_ref().unwrap().replay_end, Some(end));
    viewer.say(&FromClient::Watch { from: None, speed: 64_000 }).await;
    viewer.until(|c| c.tick == end.0).await;
    let last = viewer.mirror().check();
    viewer.say(&FromClient::Watch { from: Some(Tick(5)), speed: 0 }).await;
    viewer.until(|c| c.snapshots == 2 && c.paused.is_some()).await;
    assert!(viewer.tick <= 5);
    viewer.say(&FromClient::Watch { from: Some(end), speed: 0 }).await;
    viewer.until(|c| c.snapshots == 3).await;
    assert_eq!(viewer.mirror().check(), last, "a jump shows what playing shows");
    viewer.order(1, spawn(3)).await;
    viewer.until(|c| !c.notices.is_empty()).await;
    assert_eq!(viewer.notices, ["replay"]);
}
