//! Replays: stored, listed, downloaded, watched.

use std::sync::Arc;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use sovereign_core::command::{Command, Surrender};
use sovereign_core::quantity::Tick;
use sovereign_core::wire::{Codec, FromClient};
use sovereign_core::{Map, Phase, Replay};
use sovereign_server::auth::verify_result;

use crate::client::{Client, open, request};
use crate::http_client::Answer;
use crate::play::spawn;
use crate::running::{Person, Running};

/// A game that was played to its end.
pub(crate) async fn finished(running: &Running, ada: &Person, more: Value) -> String {
    let mut wish = json!({ "map": "classic", "bots": ["random"], "start": true });
    wish.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let game = running.post("/v1/games", ada, wish).await.json();
    let game = game["id"].as_str().unwrap().to_owned();
    let mut client = sat(running, &game, ada).await;
    client.order(1, spawn(3)).await;
    client.until(|c| c.mirror().view().game().phase == Phase::Playing).await;
    let begun = client.tick;
    client.until(|c| c.tick > begun + 60).await;
    client.order(2, Command::Surrender(Surrender {})).await;
    client.until(|c| c.mirror().view().game().phase == Phase::Finished).await;
    stored(running, &game).await;
    game
}

async fn sat(running: &Running, game: &str, person: &Person) -> Client {
    let token = Some(person.token.as_str());
    let mut client = Client::connect(running.address(), game, token, Codec::Msgpack).await;
    client.ready().await;
    client
}

/// Waits until a finished game's replay is kept.
async fn stored(running: &Running, game: &str) {
    loop {
        let info = running.get(&format!("/v1/games/{game}")).await.json();
        if info["replay"] == true {
            assert_eq!(info["status"], "finished");
            return;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_finished_game_can_be_verified_watched_and_played_again() {
    let running = Running::start().await;
    let ada = running.guest("Ada").await;
    let game = finished(&running, &ada, json!({})).await;
    let list = running.get("/v1/replays").await.json();
    assert_eq!(list["replays"][0]["id"], game.as_str());
    assert_eq!(list["replays"][0]["names"][0]["name"], "Ada");
    let file = running.get(&format!("/v1/replays/{game}")).await;
    let replay = Replay::from_bytes(&file.body).unwrap();
    let map = Arc::new(Map::shipped("classic").unwrap());
    let verified = replay.verify(map).unwrap();
    assert!(!file.text().contains("Ada"), "a replay holds no names");
    is_signed(&running, &game, &file.body, verified.hash).await;
    watch(&running, &game, verified.tick).await;
    let again = running.post(&format!("/v1/games/{game}/rematch"), &ada, json!({})).await.json();
    assert_eq!((again["status"].as_str(), again["you"].as_u64()), (Some("running"), Some(0)));
    assert_ne!(again["id"], game.as_str());
    running.server.stop().await;
}

/// The server's word for how it ended, and its key.
async fn is_signed(running: &Running, game: &str, replay: &[u8], hash: u64) {
    let signed = running.get(&format!("/v1/replays/{game}/result")).await.json();
    let keys = running.get("/v1/results/jwks.json").await.json();
    assert_eq!(keys, running.get("/.well-known/jwks.json").await.json(), "one key so far");
    let signed = verify_result(signed["result"].as_str().unwrap(), &keys).unwrap();
    let result = signed.result;
    assert_eq!((result.game.as_str(), result.winner), (game, Some(1)));
    assert_eq!(result.state_hash, format!("{hash:016x}"));
    let digest: String = Sha256::digest(replay).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(result.replay_hash, digest);
    let places: Vec<u16> = result.seats.iter().map(|seat| seat.place).collect();
    assert_eq!(places, [2, 1]);
    assert_eq!(result.seats[1].bot.as_deref(), Some("random"));
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

#[tokio::test]
async fn replays_of_private_games_are_listed_for_those_who_played_alone() {
    let running = Running::start().await;
    let (ada, eve) = (running.guest("Ada").await, running.guest("Eve").await);
    let open = finished(&running, &ada, json!({})).await;
    let secret = finished(&running, &ada, json!({ "private": true })).await;
    let ids = |answer: Answer| {
        let list = answer.json()["replays"].as_array().unwrap().clone();
        list.iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(ids(running.get("/v1/replays").await), std::slice::from_ref(&open));
    let mine = |person| running.ask("GET", "/v1/me/replays", person);
    assert_eq!(ids(mine(&ada).await), [secret.clone(), open]);
    assert!(ids(mine(&eve).await).is_empty());
    assert_eq!(running.get("/v1/me/replays").await.status, 401);
    assert_eq!(running.get(&format!("/v1/replays/{secret}")).await.status, 200, "by its address");
    running.server.stop().await;
}

/// A game under fog of two who start too far apart to see each other, played to its end.
async fn far_apart(running: &Running, ada: &Person) -> String {
    let bob = running.guest("Bob").await;
    let wish = json!({ "map": "world", "rules": "fog", "seats": 2 });
    let game = running.post("/v1/games", ada, wish).await.json();
    let game = game["id"].as_str().unwrap().to_owned();
    running.post(&format!("/v1/games/{game}/join"), &bob, json!({})).await;
    running.post(&format!("/v1/games/{game}/start"), ada, json!({})).await;
    let (mut hers, mut his) = (sat(running, &game, ada).await, sat(running, &game, &bob).await);
    let land = |name: &str| {
        let map = Map::shipped("world").unwrap();
        map.territories().find(|at| map.territory_name(*at) == name).unwrap().0
    };
    hers.order(1, spawn(land("Peru"))).await;
    his.order(1, spawn(land("Mongolia"))).await;
    hers.until(|c| c.mirror().view().game().phase == Phase::Playing).await;
    let begun = hers.tick;
    hers.until(|c| c.tick > begun + 60).await;
    hers.order(2, Command::Surrender(Surrender {})).await;
    hers.until(|c| c.mirror().view().game().phase == Phase::Finished).await;
    stored(running, &game).await;
    game
}

#[tokio::test]
async fn a_replay_with_fog_can_be_seen_as_each_player_saw_it() {
    let running = Running::start().await;
    let ada = running.guest("Ada").await;
    let game = far_apart(&running, &ada).await;
    let (mut all, mut hers) = (None, None);
    for (view, seen) in [("", &mut all), ("?view=0", &mut hers)] {
        let path = format!("/v1/replays/{game}/ws{view}");
        let mut viewer = Client::greet(running.address(), &path, None, Codec::Json, None).await;
        viewer.ready().await;
        let end = viewer.welcome.as_ref().unwrap().replay_end.unwrap();
        // Before the last order, with which the game ends and the fog lifts.
        let before = Tick(end.0.saturating_sub(40));
        viewer.say(&FromClient::Watch { from: Some(before), speed: 0 }).await;
        viewer.until(|c| c.snapshots >= 2 && c.paused.is_some()).await;
        let view = viewer.mirror().view();
        let land = view.map().territories().filter(|at| view.owner(*at).is_some()).count();
        *seen = Some((land, viewer.mirror().view().game().phase));
    }
    let ((all, phase), (hers, _)) = (all.unwrap(), hers.unwrap());
    assert!(phase == Phase::Playing && hers >= 1 && hers < all, "{phase:?}: {hers} of {all}");
    for (view, status) in [("9", 404), ("x", 400)] {
        let path = format!("/v1/replays/{game}/ws?view={view}");
        let request = request(running.address(), &path, Some(Codec::Json.subprotocol()));
        assert_eq!(open(request).await.unwrap_err().as_u16(), status, "{view}");
    }
    running.server.stop().await;
}
