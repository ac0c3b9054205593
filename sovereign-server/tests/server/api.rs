//! The HTTP interface: typed answers, limits, origins.

use std::io::Read;

use serde_json::json;
use sovereign_core::wire::Codec;
use sovereign_server::config::Limits;

use crate::client::Client;
use crate::http_client::{call, raw};
use crate::running::Running;

#[tokio::test]
async fn every_refusal_is_typed() {
    let running = Running::start().await;
    let ada = running.guest("Ada").await;
    let get = |path: &'static str| running.get(path);
    for (answer, status, code) in [
        (get("/v1/nowhere").await, 404, "not_found"),
        (get("/v1/games/ABCDEF").await, 404, "not_found"),
        (get("/v1/maps/atlantis").await, 404, "not_found"),
        (get("/v1/rules/none").await, 404, "not_found"),
        (get("/v1/replays/01890000-0000-7000-8000-000000000000").await, 404, "not_found"),
        (running.post("/v1/games", &ada, json!({ "map": 7 })).await, 400, "bad_request"),
        (running.post("/v1/games", &ada, json!({ "mop": "x" })).await, 400, "bad_request"),
        (running.post("/v1/games/ABCDEF/join", &ada, json!({})).await, 404, "not_found"),
        (call(running.address(), "POST", "/v1/games", &[], Some("{}")).await, 401, "token_missing"),
        (
            call(running.address(), "PUT", "/v1/games", &[], Some("{}")).await,
            405,
            "method_not_allowed",
        ),
        (get("/v1/games/x/ws").await, 426, "upgrade_required"),
    ] {
        assert_eq!((answer.status, answer.json()["code"].as_str()), (status, Some(code)));
        assert!(answer.json()["message"].is_string() && answer.json()["hint"].is_string());
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    }
    running.server.stop().await;
}

#[tokio::test]
async fn bodies_are_bounded() {
    let running = Running::start().await;
    let ada = running.guest("Ada").await;
    let long = json!({ "rules": "x".repeat(100_000) });
    let answer = running.post("/v1/games", &ada, long).await;
    assert_eq!((answer.status, answer.json()["code"].as_str()), (413, Some("too_large")));
    running.server.stop().await;
}

/// What a caller that takes gzip gets, unpacked.
async fn unpacked(running: &Running, path: &str) -> Vec<u8> {
    let answer = call(running.address(), "GET", path, &[("accept-encoding", "gzip")], None).await;
    assert_eq!(answer.header("content-encoding"), Some("gzip"));
    let mut plain = Vec::new();
    flate2::read::GzDecoder::new(answer.body.as_slice()).read_to_end(&mut plain).unwrap();
    plain
}

#[tokio::test]
async fn maps_and_rules_can_be_looked_up() {
    let running = Running::start().await;
    let maps = running.get("/v1/maps").await.json();
    let names: Vec<&str> =
        maps["maps"].as_array().unwrap().iter().map(|map| map["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["classic", "us-counties", "world"]);
    let map = running.get("/v1/maps/classic").await;
    let tag = map.header("etag").unwrap();
    let again =
        call(running.address(), "GET", "/v1/maps/classic", &[("if-none-match", tag)], None).await;
    assert_eq!((again.status, again.body.len()), (304, 0));
    assert_eq!(unpacked(&running, "/v1/maps/classic").await, map.body);
    let rules = running.get("/v1/rules/classic").await.json();
    assert!(rules["toml"].as_str().unwrap().contains("[spawn]"));
    assert!(rules["numbers"]["spawn"]["troops"].is_number());
    running.server.stop().await;
}

#[tokio::test]
async fn h1_foreign_pages_are_refused_and_cookies_mean_nothing() {
    let running = Running::start().await;
    let ada = running.guest("Ada").await;
    let origin = [("origin", "http://evil.example")];
    let answer = call(running.address(), "GET", "/v1/games", &origin, None).await;
    assert_eq!((answer.status, answer.json()["code"].as_str()), (403, Some("origin_forbidden")));
    let own = format!("http://{}", running.address());
    let answer = call(running.address(), "GET", "/v1/games", &[("origin", &own)], None).await;
    assert_eq!(answer.status, 200);
    let cookie = format!("token={}", ada.token);
    let answer =
        call(running.address(), "POST", "/v1/games", &[("cookie", &cookie)], Some("{}")).await;
    assert_eq!(answer.status, 401);
    running.server.stop().await;
}

#[tokio::test]
async fn rates_and_rooms_are_limited() {
    let limits = Limits { rooms_per_account: 2, guests_per_minute: 3, ..Limits::default() };
    let running = Running::with(limits).await;
    let ada = running.guest("Ada").await;
    for status in [201, 201, 429] {
        let answer = running.post("/v1/games", &ada, json!({})).await;
        assert_eq!(answer.status, status, "{}", answer.text());
    }
    running.guest("Bob").await;
    running.guest("Cy").await;
    let refused = call(running.address(), "POST", "/v1/auth/guest", &[], Some("{}")).await;
    assert_eq!(refused.status, 429);
    // Of three a minute there is one every twenty seconds.
    let wait: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=20).contains(&wait), "{wait}");
    running.server.stop().await;
}

#[tokio::test]
async fn a_lobby_is_left_and_handed_on() {
    let running = Running::start().await;
    let (ada, bob) = (running.guest("Ada").await, running.guest("Bob").await);
    let made = running.post("/v1/games", &ada, json!({ "map": "classic", "seats": 3 })).await;
    let id = made.json()["id"].as_str().unwrap().to_owned();
    let early = running.post(&format!("/v1/games/{id}/start"), &ada, json!({})).await;
    assert_eq!(early.json()["code"], "too_few_players");
    running.post(&format!("/v1/games/{id}/join"), &bob, json!({})).await;
    let left = running.post(&format!("/v1/games/{id}/leave"), &ada, json!({})).await.json();
    assert_eq!((left["you"].is_null(), left["seats"][1]["host"].as_bool()), (true, Some(true)));
    assert_eq!(running.get("/v1/games").await.json()["games"][0]["id"], id.as_str());
    let running = running.restart().await;
    let kept = running.get(&format!("/v1/games/{id}")).await.json();
    assert_eq!(kept["seats"][1]["name"], "Bob", "a lobby survives a restart");
    running.post(&format!("/v1/games/{id}/leave"), &bob, json!({})).await;
    assert_eq!(running.get(&format!("/v1/games/{id}")).await.status, 404);
    running.server.stop().await;
}

#[tokio::test]
async fn the_operator_sees_what_is_going_on() {
    let running = Running::start().await;
    let ada = running.guest("Ada").await;
    let game = running.game(&ada, &["random"]).await;
    let mut client =
        Client::connect(running.address(), &game, Some(&ada.token), Codec::Msgpack).await;
    client.ready().await;
    let ops = running.server.ops;
    let get = |path: &'static str| call(ops, "GET", path, &[], None);
    assert_eq!(get("/livez").await.status, 200);
    assert_eq!(get("/readyz").await.status, 200);
    assert_eq!(get("/version").await.json()["name"], "sovereign-server");
    let metrics = get("/metrics").await.text();
    for name in ["game_active_count", "player_connected_count", "tick_duration_seconds_bucket"] {
        assert!(metrics.contains(name), "{name}");
    }
    assert!(!metrics.contains(&ada.account) && !metrics.contains("Ada"));
    assert_eq!(get("/elsewhere").await.status, 404);
    running.server.stop().await;
}

#[tokio::test]
async fn h5_malformed_requests_end_alone() {
    let running = Running::start().await;
    let huge = format!("GET / HTTP/1.1\r\nhost: x\r\nx: {}\r\n\r\n", "y".repeat(100_000));
    let smuggled = "POST /v1/auth/guest HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\
         content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n{}";
    for request in [huge.as_bytes(), smuggled.as_bytes(), b"\0\xff\xfe garbage\r\n\r\n", b"GET"] {
        let answer = tokio::join!(raw_or_cut(running.address(), request), running.get("/v1/maps"));
        assert!(answer.0.is_none_or(|status| status >= 400), "{:?}", answer.0);
        assert_eq!(answer.1.status, 200, "others do not notice");
    }
    running.server.stop().await;
}

/// The status of the answer to a request whose sender then stops sending.
async fn raw_or_cut(address: std::net::SocketAddr, request: &[u8]) -> Option<u16> {
    if request.ends_with(b"\r\n\r\n") || request.ends_with(b"{}") {
        return raw(address, request).await.map(|answer| answer.status);
    }
    use tokio::io::AsyncWriteExt;
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    stream.write_all(request).await.unwrap();
    None
}
