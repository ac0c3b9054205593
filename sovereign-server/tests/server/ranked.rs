//! Ranked games and parties: who is matched, what a result changes, and who goes along.

use serde_json::{Value, json};
use sovereign_core::command::{Command, Surrender};
use sovereign_core::wire::Codec;
use sovereign_server::config::Limits;

use crate::client::Client;
use crate::http_client::{Answer, call};
use crate::running::{Person, Running};

pub(crate) fn roomy() -> Limits {
    Limits { registrations_per_minute: 1_000, ..Limits::default() }
}

pub(crate) async fn member(running: &Running, login: &str) -> Person {
    let body = json!({ "login": login, "name": login, "password": "correct horse" }).to_string();
    let made = call(running.address(), "POST", "/v1/auth/register", &[], Some(&body)).await;
    assert_eq!(made.status, 201, "{}", made.text());
    Person::of(&made.json())
}

pub(crate) async fn enter(running: &Running, person: &Person, ladder: &str) -> Answer {
    running.post("/v1/queue", person, json!({ "ladder": ladder })).await
}

/// Waits until somebody's search has found a game; its id.
pub(crate) async fn matched(running: &Running, person: &Person) -> String {
    let mut told = running.ask("GET", "/v1/queue", person).await.json();
    while told["state"] != "matched" {
        assert!(["waiting", "starting"].contains(&told["state"].as_str().unwrap()), "{told}");
        let path = format!("/v1/queue?since={}", told["rev"]);
        told = running.ask("GET", &path, person).await.json();
    }
    told["game"].as_str().unwrap().to_owned()
}

pub(crate) async fn surrender(running: &Running, person: &Person, game: &str) {
    let address = running.address();
    let mut client = Client::connect(address, game, Some(&person.token), Codec::Msgpack).await;
    client.ready().await;
    client.order(1, Command::Surrender(Surrender {})).await;
    assert!(client.answer(1).await.result.is_ok());
}

/// Waits until somebody's history has a game.
pub(crate) async fn ended(running: &Running, person: &Person) -> Value {
    loop {
        let told = running.ask("GET", "/v1/me/games", person).await.json();
        if !told["games"].as_array().unwrap().is_empty() {
            return told["games"][0].clone();
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn two_meet_and_their_ratings_part() {
    let running = Running::with(roomy()).await;
    let (ada, bob) = (member(&running, "ada").await, member(&running, "bob").await);
    assert_eq!(enter(&running, &ada, "duel").await.json()["state"], "waiting");
    assert_eq!(enter(&running, &ada, "four").await.code(), (409, "searching".to_owned()));
    enter(&running, &bob, "duel").await;
    let game = matched(&running, &ada).await;
    assert_eq!(matched(&running, &bob).await, game);
    let shown = running.get(&format!("/v1/games/{game}")).await.json();
    assert_eq!(
        (shown["ladder"].as_str(), shown["status"].as_str()),
        (Some("duel"), Some("running"))
    );
    assert!(shown["seats"].as_array().unwrap().iter().all(|seat| seat["host"] == false));
    let listed = running.get("/v1/games").await.json();
    assert!(listed["games"].as_array().unwrap().is_empty(), "nobody is invited to watch");
    assert_eq!(enter(&running, &ada, "duel").await.code(), (409, "in_game".to_owned()));

    surrender(&running, &ada, &game).await;
    let (lost, won) = (ended(&running, &ada).await, ended(&running, &bob).await);
    assert_eq!((lost["outcome"].as_str(), won["outcome"].as_str()), (Some("lost"), Some("won")));
    assert_eq!(
        (lost["rating"]["change"].as_i64(), won["rating"]["change"].as_i64()),
        (Some(-158), Some(158))
    );
    assert_eq!((lost["id"].as_str(), lost["replay"].as_bool()), (Some(game.as_str()), Some(true)));
    let running = running.restart().await;
    let ratings = running.ask("GET", "/v1/me/ratings", &bob).await.json();
    let duel = &ratings["ratings"][0];
    assert_eq!((duel["points"].as_i64(), duel["games"].as_i64()), (Some(1_658), Some(1)));
    let ladder = running.get("/v1/ladders/duel").await.json();
    assert_eq!(ladder["leaders"][0]["name"], "bob");
    assert_eq!(enter(&running, &ada, "duel").await.status, 200, "it is over");
    running.server.stop().await;
}

#[tokio::test]
async fn guests_play_for_no_rating_and_a_search_can_be_ended() {
    let running = Running::with(roomy()).await;
    let (ada, guest) = (member(&running, "ada").await, running.guest("Bob").await);
    assert_eq!(enter(&running, &guest, "duel").await.code(), (403, "guests_unranked".to_owned()));
    assert_eq!(enter(&running, &ada, "chess").await.code(), (404, "not_found".to_owned()));
    let nobody = call(running.address(), "GET", "/v1/queue", &[], None).await;
    assert_eq!(nobody.status, 401);
    assert_eq!(running.ask("GET", "/v1/queue", &ada).await.json()["state"], "idle");
    enter(&running, &ada, "duel").await;
    assert_eq!(running.ask("DELETE", "/v1/queue", &ada).await.json()["state"], "ended");
    assert_eq!(enter(&running, &ada, "four").await.json()["ladder"], "four");
    running.server.stop().await;
}

/// A party of Ada's that Bob has joined.
async fn party(running: &Running, ada: &Person, bob: &Person) -> String {
    assert_eq!(running.post("/v1/party", ada, json!({})).await.status, 201);
    let made = running.post("/v1/party/invitation", ada, json!({})).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let token = made.json()["token"].as_str().unwrap().to_owned();
    let joined = running.post("/v1/party/join", bob, json!({ "token": token })).await.json();
    assert_eq!(joined["party"]["members"].as_array().unwrap().len(), 2);
    token
}

#[tokio::test]
async fn a_party_enters_a_lobby_on_one_side_or_not_at_all() {
    let running = Running::start().await;
    let (ada, bob, cy) =
        (running.guest("Ada").await, running.guest("Bob").await, running.guest("Cy").await);
    let wish = json!({ "rules": "teams", "seats": 4 });
    let made = running.post("/v1/games", &cy, wish).await.json();
    let path = format!("/v1/games/{}", made["id"].as_str().unwrap());
    let join = format!("{path}/join");
    let together = json!({ "party": true });
    assert_eq!(running.post(&join, &ada, together.clone()).await.status, 404, "no party");
    party(&running, &ada, &bob).await;
    let member = running.post(&join, &bob, together.clone()).await;
    assert_eq!(member.code(), (403, "not_the_leader".to_owned()));
    let joined = running.post(&join, &ada, together.clone()).await.json();
    let teams: Vec<u64> =
        joined["seats"].as_array().unwrap().iter().map(|s| s["team"].as_u64().unwrap()).collect();
    assert_eq!(teams, [1, 2, 2, 0], "Ada and Bob against Cy");
    let told = running.ask("GET", "/v1/party", &bob).await.json();
    assert_eq!(told["party"]["game"], made["id"], "Bob follows");
    assert_eq!(running.post(&format!("{path}/start"), &cy, json!({})).await.status, 200);
    let late = running.post(&join, &ada, together.clone()).await;
    assert_eq!(late.code(), (409, "started".to_owned()));

    let small =
        running.post("/v1/games", &cy, json!({ "map": "classic", "seats": 2 })).await.json();
    let small = format!("/v1/games/{}", small["id"].as_str().unwrap());
    let full = running.post(&format!("{small}/join"), &ada, together).await;
    assert_eq!(full.code(), (409, "full".to_owned()));
    let left = running.get(&small).await.json();
    assert_eq!(left["seats"][1]["kind"], "open", "all or nobody");
    running.server.stop().await;
}

#[tokio::test]
async fn parties_search_together_and_play_on_one_side() {
    let running = Running::with(roomy()).await;
    let mut people = Vec::new();
    for login in ["ada", "bob", "cyd", "dan"] {
        people.push(member(&running, login).await);
    }
    party(&running, &people[0], &people[1]).await;
    assert_eq!(
        enter(&running, &people[1], "teams").await.code(),
        (403, "not_the_leader".to_owned())
    );
    assert_eq!(
        enter(&running, &people[0], "duel").await.code(),
        (409, "party_too_large".to_owned())
    );
    enter(&running, &people[0], "teams").await;
    let told = running.ask("GET", "/v1/party", &people[1]).await.json();
    assert_eq!(told["queue"], "waiting", "Bob searches with Ada");
    for alone in &people[2..] {
        enter(&running, alone, "teams").await;
    }
    let game = matched(&running, &people[1]).await;
    let shown = running.get(&format!("/v1/games/{game}")).await.json();
    let seats = shown["seats"].as_array().unwrap();
    let team = |name: &str| seats.iter().find(|seat| seat["name"] == name).unwrap()["team"].clone();
    assert_eq!(team("ada"), team("bob"));
    assert_eq!(team("cyd"), team("dan"));
    assert_ne!(team("ada"), team("cyd"));
    running.server.stop().await;
}

#[tokio::test]
async fn whoever_leaves_the_party_ends_its_search() {
    let running = Running::with(roomy()).await;
    let (ada, bob) = (member(&running, "ada").await, member(&running, "bob").await);
    let token = party(&running, &ada, &bob).await;
    enter(&running, &ada, "teams").await;
    running.post("/v1/party/leave", &bob, json!({})).await;
    assert_eq!(running.ask("GET", "/v1/queue", &ada).await.json()["state"], "ended");
    assert!(running.ask("GET", "/v1/party", &bob).await.json()["party"].is_null());
    running.ask("DELETE", "/v1/party/invitation", &ada).await;
    let late = running.post("/v1/party/join", &bob, json!({ "token": token })).await;
    assert_eq!(late.code(), (404, "no_invitation".to_owned()));
    running.server.stop().await;
}
