//! Lobbies: what hosts arrange, how they are found, and how changes are waited for.

use serde_json::{Value, json};
use sovereign_server::config::Limits;

use crate::http_client::{Answer, call};
use crate::running::{Person, Running, send};

/// A lobby of Ada's; her, Bob, and its address.
async fn lobby(running: &Running, wish: Value) -> (Person, Person, String) {
    let (ada, bob) = (running.guest("Ada").await, running.guest("Bob").await);
    let made = running.post("/v1/games", &ada, wish).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let path = format!("/v1/games/{}", made.json()["id"].as_str().unwrap());
    let joined = running.post(&format!("{path}/join"), &bob, json!({})).await;
    assert_eq!(joined.status, 200, "{}", joined.text());
    (ada, bob, path)
}

async fn change(running: &Running, path: &str, person: &Person, wish: Value) -> Answer {
    send(running.address(), "PATCH", path, person, Some(wish)).await
}

fn names(game: &Value) -> Vec<&str> {
    game["seats"].as_array().unwrap().iter().map(|seat| seat["name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_host_arranges_the_game_until_it_begins() {
    let running = Running::start().await;
    let wish = json!({ "map": "classic", "seats": 4, "private": true });
    let (ada, bob, path) = lobby(&running, wish).await;
    let refused = change(&running, &path, &bob, json!({ "map": "world" })).await;
    assert_eq!(refused.code(), (403, "forbidden".to_owned()));
    let nonsense = change(&running, &path, &ada, json!({ "map": "atlantis" })).await;
    assert_eq!(nonsense.code(), (400, "bad_request".to_owned()));
    let tight = json!({ "seats": 2, "bots": ["random"] });
    let full = change(&running, &path, &ada, tight).await;
    assert_eq!(full.code(), (409, "seats_taken".to_owned()));
    let wish = json!({ "map": "world", "rules": "blitz", "bots": ["random"], "private": false });
    let changed = change(&running, &path, &ada, wish).await.json();
    assert_eq!(
        (changed["map"].as_str(), changed["rules"].as_str()),
        (Some("world"), Some("blitz"))
    );
    assert_eq!(names(&changed), ["Ada", "Bob", "", "", "Random 1"]);

    let running = running.restart().await;
    let kept = running.get(&path).await.json();
    assert_eq!((names(&kept).len(), kept["private"].as_bool()), (5, Some(false)));
    let settings = running.get(&format!("{path}/settings")).await.json();
    assert_eq!((settings["rules"].as_str(), settings["seats"].as_u64()), (Some("blitz"), Some(5)));
    running.post(&format!("{path}/start"), &ada, json!({})).await;
    let late = change(&running, &path, &ada, json!({ "map": "classic" })).await;
    assert_eq!(late.code(), (409, "started".to_owned()));
    running.server.stop().await;
}

#[tokio::test]
async fn fewer_seats_move_people_together() {
    let running = Running::start().await;
    let (ada, bob, path) = lobby(&running, json!({ "map": "classic", "seats": 6 })).await;
    let cy = running.guest("Cy").await;
    running.post(&format!("{path}/join"), &cy, json!({})).await;
    running.post(&format!("{path}/leave"), &bob, json!({})).await;
    let changed = change(&running, &path, &ada, json!({ "seats": 2 })).await.json();
    assert_eq!(names(&changed), ["Ada", "Cy"]);
    running.server.stop().await;
}

#[tokio::test]
async fn a_host_puts_out_and_hands_on() {
    let running = Running::start().await;
    let (ada, bob, path) = lobby(&running, json!({ "map": "classic", "seats": 3 })).await;
    let act = |person: &Person, verb: &str, about: Value| {
        let (person, path) = (person.clone(), format!("{path}/{verb}"));
        let running = &running;
        async move { running.post(&path, &person, about).await }
    };
    assert_eq!(act(&bob, "kick", json!({ "seat": 0 })).await.status, 403);
    assert_eq!(act(&ada, "kick", json!({ "seat": 0 })).await.status, 404, "not oneself");
    assert_eq!(act(&ada, "kick", json!({})).await.status, 400);
    let kicked = act(&ada, "kick", json!({ "seat": 1 })).await.json();
    assert_eq!(names(&kicked), ["Ada", "", ""]);
    let back = act(&bob, "join", json!({})).await;
    assert_eq!(back.code(), (403, "forbidden".to_owned()));
    let cy = running.guest("Cy").await;
    act(&cy, "join", json!({})).await;
    let handed = act(&ada, "host", json!({ "seat": 1 })).await.json();
    assert_eq!(handed["seats"][1]["host"], true);
    assert_eq!(act(&ada, "start", json!({})).await.status, 403, "no longer the host");
    assert_eq!(act(&cy, "start", json!({})).await.json()["status"], "running");
    running.server.stop().await;
}

#[tokio::test]
async fn teams_are_chosen_or_dealt_out() {
    let running = Running::start().await;
    let wish = json!({ "rules": "teams", "seats": 4, "bots": ["random"] });
    let (ada, bob, path) = lobby(&running, wish).await;
    let teams = |game: &Value| -> Vec<u64> {
        let seats = game["seats"].as_array().unwrap();
        seats.iter().map(|seat| seat["team"].as_u64().unwrap()).collect()
    };
    assert_eq!(teams(&running.get(&path).await.json()), [1, 2, 0, 1]);
    let team = format!("{path}/team");
    let own = running.post(&team, &bob, json!({ "team": 1 })).await.json();
    assert_eq!(teams(&own), [2, 1, 0, 1], "others are dealt out around what is chosen");
    assert_eq!(running.post(&team, &bob, json!({ "seat": 0, "team": 1 })).await.status, 403);
    assert_eq!(running.post(&team, &ada, json!({ "team": 3 })).await.status, 400);
    running.post(&team, &ada, json!({ "team": 1 })).await;
    running.post(&team, &ada, json!({ "seat": 3, "team": 1 })).await;
    let alone = running.post(&format!("{path}/start"), &ada, json!({})).await;
    assert_eq!(alone.code(), (409, "too_few_players".to_owned()), "all on one side");
    running.post(&team, &ada, json!({ "seat": 3, "team": 2 })).await;
    let begun = running.post(&format!("{path}/start"), &ada, json!({})).await.json();
    assert_eq!((teams(&begun), begun["status"].as_str()), (vec![1, 1, 0, 2], Some("running")));
    running.server.stop().await;
}

#[tokio::test]
async fn whoever_waits_is_told_of_changes() {
    let running = Running::start().await;
    let list = running.get("/v1/games").await.json();
    let (address, path) = (running.address(), format!("/v1/games?since={}", list["rev"]));
    let waiting = tokio::spawn(async move { call(address, "GET", &path, &[], None).await });
    let (_, _, path) = lobby(&running, json!({ "map": "classic", "seats": 3 })).await;
    let told = waiting.await.unwrap().json();
    assert_eq!(told["games"][0]["map"], "classic");
    assert_ne!(told["rev"], list["rev"]);

    let game = running.get(&path).await.json();
    let since = format!("{path}?since={}", game["rev"]);
    let waiting = tokio::spawn(async move { call(address, "GET", &since, &[], None).await });
    let cy = running.guest("Cy").await;
    running.post(&format!("{path}/join"), &cy, json!({})).await;
    assert_eq!(names(&waiting.await.unwrap().json()), ["Ada", "Bob", "Cy"]);
    running.server.stop().await;
}

#[tokio::test]
async fn waiting_is_bounded_and_ends_with_the_server() {
    let limits = Limits { waiting_requests: 1, ..Limits::default() };
    let running = Running::with(limits).await;
    let path = format!("/v1/games?since={}", running.get("/v1/games").await.json()["rev"]);
    let ask = || {
        let (address, path) = (running.address(), path.clone());
        tokio::spawn(async move { call(address, "GET", &path, &[], None).await })
    };
    // Whichever comes second is turned away; the first one waits.
    let (mut one, mut two) = (ask(), ask());
    let (refused, waits) = tokio::select! {
        answer = &mut one => (answer, two),
        answer = &mut two => (answer, one),
    };
    assert_eq!(refused.unwrap().code(), (503, "unavailable".to_owned()));
    running.server.stop().await;
    assert_eq!(waits.await.unwrap().status, 200, "it is answered before the server ends");
}

#[tokio::test]
async fn public_games_are_browsed() {
    let running = Running::start().await;
    let (ada, _, _) = lobby(&running, json!({ "map": "classic", "seats": 3 })).await;
    running.post("/v1/games", &ada, json!({ "map": "world", "private": true })).await;
    let wish = json!({ "map": "world", "rules": "blitz", "seats": 8 });
    running.post("/v1/games", &ada, wish).await;
    let maps = async |query: &str| -> Vec<String> {
        let answer = running.get(&format!("/v1/games?{query}")).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let games = answer.json()["games"].as_array().unwrap().clone();
        games.iter().map(|game| game["map"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(maps("status=lobby&sort=oldest").await, ["classic", "world"]);
    assert_eq!(maps("open=2").await, ["world"]);
    assert_eq!(maps("rules=blitz&map=world&sort=fullest").await, ["world"]);
    assert_eq!(running.get("/v1/games?sort=sideways").await.status, 400);
    assert_eq!(running.get("/v1/games?colour=red").await.status, 400);
    running.server.stop().await;
}

#[tokio::test]
async fn changes_have_their_rate() {
    let running = Running::with(Limits { acts_per_minute: 3, ..Limits::default() }).await;
    let ada = running.guest("Ada").await;
    let made = running.post("/v1/games", &ada, json!({ "map": "classic" })).await;
    let path = format!("/v1/games/{}", made.json()["id"].as_str().unwrap());
    let mut statuses = Vec::new();
    for private in [true, false, true, false] {
        let answer = change(&running, &path, &ada, json!({ "private": private })).await;
        statuses.push(answer.status);
    }
    assert_eq!(statuses, [200, 200, 200, 429]);
    running.server.stop().await;
}
