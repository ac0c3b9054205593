//! Rows H of the security matrix: who gets a socket, and who does not. H2 and H7 are with the
//! accounts, H8 is beside the code as well.

use std::net::SocketAddr;

use serde_json::json;
use sovereign_core::wire::{CloseCode, Codec, FromClient};
use sovereign_server::config::Limits;

use crate::client::{Client, open, request};
use crate::http_client::{call, raw};
use crate::raw_socket::{BINARY, RawSocket, said};
use crate::running::{Person, Running};

async fn table(limits: Limits) -> (Running, Person, String) {
    let running = Running::with(limits).await;
    let ada = running.guest("Ada").await;
    let game = running.game(&ada, &["random"]).await;
    (running, ada, format!("/v1/games/{game}/ws"))
}

/// The status of the answer to a wish for a socket with one more header.
async fn with_header(address: SocketAddr, path: &str, name: &'static str, value: &str) -> u16 {
    let mut wish = request(address, path, Some("sovereign.v1.json"));
    wish.headers_mut().insert(name, value.parse().unwrap());
    open(wish).await.map_or_else(|status| status.as_u16(), |_| 101)
}

#[tokio::test]
async fn h1_a_page_from_elsewhere_gets_no_socket() {
    let (running, _, path) = table(Limits::default()).await;
    let (address, port) = (running.address(), running.address().port());
    for origin in [
        "null".to_owned(),
        "http://evil.example".to_owned(),
        format!("http://127.0.0.1:{port}.evil.example"),
        format!("http://evil.example:{port}"),
        format!("http://127.0.0.1:{}", port ^ 1),
        "http://127.0.0.1".to_owned(),
        format!("ftp://127.0.0.1:{port}"),
        format!("http://user@127.0.0.1:{port}"),
    ] {
        assert_eq!(with_header(address, &path, "origin", &origin).await, 403, "{origin}");
    }
    for own in [format!("http://127.0.0.1:{port}"), format!("HTTP://127.0.0.1:{port}")] {
        assert_eq!(with_header(address, &path, "origin", &own).await, 101, "{own}");
    }
    running.server.stop().await;
}

/// A program sends no origin; it is somebody only by its token.
#[tokio::test]
async fn h1_without_an_origin_the_token_alone_speaks() {
    let (running, ada, path) = table(Limits::default()).await;
    let bearer = format!("Bearer {}", ada.token);
    assert_eq!(with_header(running.address(), &path, "authorization", &bearer).await, 101);
    assert_eq!(with_header(running.address(), &path, "authorization", "Bearer x").await, 401);
    let mut nobody = Client::greet(running.address(), &path, None, Codec::Json, None).await;
    nobody.ready().await;
    assert_eq!(nobody.welcome.as_ref().unwrap().you, None, "it may watch, and no more");
    running.server.stop().await;
}

#[tokio::test]
async fn h3_no_token_in_an_address() {
    let (running, ada, path) = table(Limits::default()).await;
    for query in [
        format!("token={}", ada.token),
        format!("access_token={}", ada.token),
        "a=b&ToKeN=x".to_owned(),
        "%74oken=x".to_owned(),
        "ticket=x".to_owned(),
        format!("a={}", ada.token),
    ] {
        let wish =
            request(running.address(), &format!("{path}?{query}"), Some("sovereign.v1.json"));
        assert_eq!(open(wish).await.unwrap_err().as_u16(), 400, "{query}");
    }
    let in_address = format!("/v1/me?token={}&access_token={}", ada.token, ada.token);
    assert_eq!(running.get(&in_address).await.status, 401, "nor does it speak for anybody");
    running.server.stop().await;
}

#[tokio::test]
async fn h4_a_socket_that_does_not_say_who_it_is_is_closed() {
    let limits = Limits { auth_ms: 800, ..Limits::default() };
    let (running, ada, path) = table(limits).await;
    let mut silent = Vec::new();
    for _ in 0..8 {
        silent.push(RawSocket::open(running.address(), &path, Codec::Json, "").await);
    }
    for socket in &mut silent {
        assert_eq!(socket.close_code().await, Some(CloseCode::HelloExpected.code()));
    }
    let long = FromClient::Hello { token: Some("x".repeat(2_100)), resume: None };
    let mut talker = RawSocket::open(running.address(), &path, Codec::Msgpack, "").await;
    talker.send(&said(&long, Codec::Msgpack)).await;
    assert_eq!(talker.close_code().await, Some(CloseCode::TooBig.code()));
    let hello = FromClient::Hello { token: Some(ada.token.clone()), resume: None };
    let mut welcome = RawSocket::open(running.address(), &path, Codec::Msgpack, "").await;
    welcome.send(&said(&hello, Codec::Msgpack)).await;
    welcome.until(BINARY).await;
    running.server.stop().await;
}

/// Sockets that have not said who they are count for their address like any other.
#[tokio::test]
async fn h4_so_many_may_wait_from_one_address() {
    let limits = Limits { connections_per_address: 4, ..Limits::default() };
    let (running, _, path) = table(limits).await;
    let mut waiting = Vec::new();
    for _ in 0..4 {
        waiting.push(RawSocket::open(running.address(), &path, Codec::Json, "").await);
    }
    assert!(raw(running.address(), b"GET / HTTP/1.1\r\n\r\n").await.is_none(), "cut at once");
    running.server.stop().await;
}

const UPGRADE: &str = "connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n\
                       sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
                       sec-websocket-protocol: sovereign.v1.json\r\n";

#[tokio::test]
async fn h5_a_handshake_that_is_not_one_switches_nothing() {
    let (running, _, path) = table(Limits::default()).await;
    let key = "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    for (headers, status) in [
        (UPGRADE.replace("13", "8"), 426),
        (UPGRADE.replace("upgrade: websocket", "upgrade: h2c"), 426),
        (UPGRADE.replace("connection: upgrade", "connection: close"), 426),
        (UPGRADE.replace(key, ""), 400),
        (UPGRADE.replace(key, "sec-websocket-key: short\r\n"), 400),
        (UPGRADE.replace(key, "sec-websocket-key: !!!!!!!!!!!!!!!!!!!!!!==\r\n"), 400),
        (format!("{UPGRADE}{key}"), 400),
        (format!("{UPGRADE}sec-websocket-version: 8\r\n"), 426),
    ] {
        let request =
            format!("GET {path} HTTP/1.1\r\nhost: x\r\n{headers}connection: close\r\n\r\n");
        let answer = raw(running.address(), request.as_bytes()).await.expect("an answer");
        assert_eq!(answer.status, status, "{headers}");
    }
    let posted = format!("POST {path} HTTP/1.1\r\nhost: x\r\n{UPGRADE}content-length: 0\r\n\r\n");
    let answer = raw(running.address(), posted.replace("upgrade\r", "close\r").as_bytes()).await;
    assert!(answer.is_some_and(|answer| answer.status >= 400), "only a GET is upgraded");
    running.server.stop().await;
}

/// A request within a request must not be answered, nor one with two lengths.
#[tokio::test]
async fn h5_requests_cannot_be_smuggled() {
    let running = Running::start().await;
    let inner = "GET /v1/maps HTTP/1.1\r\nhost: x\r\n\r\n";
    let chunked = "transfer-encoding: chunked\r\n";
    let lengths = [
        format!("content-length: {}\r\n{chunked}", inner.len() + 5),
        format!("{chunked}content-length: {}\r\n", inner.len() + 5),
        "content-length: 0\r\ncontent-length: 42\r\n".to_owned(),
        "content-length: +5\r\n".to_owned(),
        "transfer-encoding: chunked, identity\r\n".to_owned(),
        "transfer-encoding : chunked\r\n".to_owned(),
    ];
    for length in lengths {
        let request =
            format!("POST /v1/auth/guest HTTP/1.1\r\nhost: x\r\n{length}\r\n0\r\n\r\n{inner}");
        let answer = raw(running.address(), request.as_bytes()).await;
        if let Some(answer) = answer {
            assert!(answer.status >= 400, "{length}: {}", answer.status);
            assert!(!answer.text().contains("HTTP/1.1 200"), "{length}: {}", answer.text());
        }
    }
    running.server.stop().await;
}

#[tokio::test]
async fn h5_headers_are_bounded() {
    let running = Running::start().await;
    let long = format!("GET / HTTP/1.1\r\nhost: x\r\nx: {}\r\n\r\n", "y".repeat(100_000));
    let many = format!("GET / HTTP/1.1\r\nhost: x\r\n{}\r\n", "x: y\r\n".repeat(1_000));
    let path = format!("GET /{} HTTP/1.1\r\nhost: x\r\n\r\n", "y".repeat(100_000));
    for request in [long, many, path] {
        let answer = raw(running.address(), request.as_bytes()).await;
        assert!(answer.is_none_or(|answer| matches!(answer.status, 400 | 414 | 431)));
        assert_eq!(running.get("/v1/maps").await.status, 200, "others do not notice");
    }
    running.server.stop().await;
}

#[tokio::test]
async fn h6_a_socket_needs_a_known_subprotocol() {
    let (running, _, path) = table(Limits::default()).await;
    for protocol in [None, Some("graphql-ws"), Some("SOVEREIGN.V1.JSON")] {
        let refused = open(request(running.address(), &path, protocol)).await.unwrap_err();
        assert_eq!(refused.as_u16(), 400, "{protocol:?}");
    }
    running.server.stop().await;
}

/// Made-up addresses buy nobody another share of a limit.
#[tokio::test]
async fn h8_a_forwarded_address_is_believed_of_named_proxies_alone() {
    let limits = Limits { guests_per_minute: 3, ..Limits::default() };
    let running = Running::with(limits).await;
    let mut statuses = Vec::new();
    for n in 0..6 {
        let made_up = format!("192.0.2.{n}");
        let headers = [("x-forwarded-for", made_up.as_str()), ("forwarded", "for=192.0.2.7")];
        let body = json!({ "name": "Eve" }).to_string();
        let answer = call(running.address(), "POST", "/v1/auth/guest", &headers, Some(&body)).await;
        statuses.push(answer.status);
    }
    assert_eq!(statuses, [201, 201, 201, 429, 429, 429]);
    running.server.stop().await;
}
