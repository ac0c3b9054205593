//! Rows A of the security matrix: floods, the slow, the silent and the many. A9 is with the
//! accounts; A2, A8 and A10 have tests on virtual time beside the rooms, too.

use std::time::Duration;

use serde_json::{Value, json};
use sovereign_core::wire::{CloseCode, Codec, FromClient};
use sovereign_server::config::Limits;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;

use crate::binary::Binary;
use crate::client::Client;
use crate::http_client::{PATIENCE, call, eventually};
use crate::play::begin;
use crate::raw_socket::{RawSocket, TEXT, said};
use crate::running::{Person, Running, guest, post};

async fn table(limits: Limits) -> (Running, Person, String) {
    let running = Running::with(limits).await;
    let ada = running.guest("Ada").await;
    let game = running.game(&ada, &["random"]).await;
    (running, ada, game)
}

async fn join(running: &Running, game: &str, person: &Person) -> Client {
    let token = Some(person.token.as_str());
    let mut client = Client::connect(running.address(), game, token, Codec::Json).await;
    client.ready().await;
    client
}

/// Whether the server hangs up on this stream, whatever it says before.
async fn hangs_up(mut stream: TcpStream) -> Vec<u8> {
    let mut said = Vec::new();
    let _ = timeout(PATIENCE, stream.read_to_end(&mut said)).await.expect("the server hangs up");
    said
}

/// How often a limit was hit, by this process's metrics.
async fn hits(running: &Running, limit: &str) -> u64 {
    let metrics = call(running.server.ops, "GET", "/metrics", &[], None).await.text();
    let line = format!("limit_hit_total{{limit=\"{limit}\"}} ");
    let count = metrics.lines().find_map(|found| found.strip_prefix(&line));
    count.map_or(0, |count| count.parse().unwrap())
}

/// What a person has used up stays so on the next socket.
#[tokio::test]
async fn a1_a_reconnect_does_not_fill_a_persons_bucket() {
    let limits = Limits {
        messages_per_second: 1_000,
        messages_burst: 1_000,
        account_messages_per_second: 2,
        offences_per_socket: 1_000,
        ..Limits::default()
    };
    let (running, ada, game) = table(limits).await;
    let mut first = join(&running, &game, &ada).await;
    for nonce in 0..20 {
        first.say(&FromClient::Ping { nonce }).await;
    }
    first.until(|client| client.notices.len() >= 10).await;
    let before = hits(&running, "account_messages_per_second").await;
    let mut second = join(&running, &game, &ada).await;
    for nonce in 0..20 {
        second.say(&FromClient::Ping { nonce }).await;
    }
    second.until(|client| client.notices.len() >= 10).await;
    assert!(second.notices.iter().all(|code| code == "rate_limited"), "{:?}", second.notices);
    assert!(hits(&running, "account_messages_per_second").await >= before + 10, "it is counted");
    running.server.stop().await;
}

#[tokio::test]
async fn a1_one_address_cannot_take_what_there_is_for_all() {
    let limits = Limits { requests_per_second: 1, requests_burst: 8, ..Limits::default() };
    let running = Running::with(limits).await;
    let mut refused = 0;
    for _ in 0..20 {
        refused += u32::from(running.get("/v1/maps").await.status == 429);
    }
    assert!(refused >= 10, "{refused} were refused");
    assert!(hits(&running, "requests_per_second").await >= 10);
    let own = running.server.ops;
    assert_eq!(call(own, "GET", "/livez", &[], None).await.status, 200, "others are not touched");
    running.server.stop().await;
}

/// One who reads nothing costs the server a bounded queue, then his socket.
#[tokio::test]
async fn a2_one_who_does_not_read_is_closed_and_nobody_else_notices() {
    let limits = Limits {
        out_queue_bytes: 4_096,
        send_buffer_bytes: 4_096,
        write_ms: 1_000,
        messages_per_second: 100_000,
        messages_burst: 100_000,
        account_messages_per_second: 100_000,
        ..Limits::default()
    };
    let (running, ada, game) = table(limits).await;
    let path = format!("/v1/games/{game}/ws");
    let mut honest = join(&running, &game, &ada).await;
    let mut deaf = RawSocket::open(running.address(), &path, Codec::Json, "").await;
    deaf.send(&said(&FromClient::Hello { token: None, resume: None }, Codec::Json)).await;
    deaf.until(TEXT).await;
    // Answers that nobody fetches: more than the kernel holds.
    let asked = said(&FromClient::Ping { nonce: 1 }, Codec::Json).repeat(1_000);
    let deafness = tokio::spawn(async move {
        for _ in 0..60 {
            deaf.send(&asked).await;
        }
        deaf.close_code().await
    });
    begin(&mut honest).await;
    while !deafness.is_finished() {
        let tick = honest.tick;
        honest.until(|client| client.tick > tick).await;
        assert_eq!(honest.closed, None);
    }
    assert_eq!(honest.snapshots, 1, "who reads loses nothing");
    running.server.stop().await;
}

#[tokio::test]
async fn a3_a_socket_whose_other_end_is_gone_is_closed() {
    let limits = Limits { silence_ms: 400, ping_ms: 100_000, ..Limits::default() };
    let (running, ada, game) = table(limits).await;
    let mut client = join(&running, &game, &ada).await;
    assert_eq!(client.close_code().await, Some(CloseCode::Silent));
    running.server.stop().await;
}

#[tokio::test]
async fn a4_whoever_is_slow_before_or_in_a_request_is_cut() {
    let limits = Limits { header_read_ms: 300, request_ms: 300, ..Limits::default() };
    let running = Running::with(limits).await;
    let headers = hits(&running, "header_read_ms").await;
    for begun in ["", "GET /", "GET / HTTP/1.1\r\nhost: x\r\nx-", "GET / HTTP/1.1\r\n"] {
        let mut stream = TcpStream::connect(running.address()).await.unwrap();
        stream.write_all(begun.as_bytes()).await.unwrap();
        hangs_up(stream).await;
    }
    assert!(hits(&running, "header_read_ms").await > headers);
    let mut stream = TcpStream::connect(running.address()).await.unwrap();
    let slow = "POST /v1/auth/guest HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{";
    stream.write_all(slow.as_bytes()).await.unwrap();
    let said = String::from_utf8(hangs_up(stream).await).unwrap();
    assert!(said.starts_with("HTTP/1.1 408"), "the body did not come: {said}");
    assert!(hits(&running, "request_ms").await > 0);
    // An answer, and then nothing more.
    let mut stream = TcpStream::connect(running.address()).await.unwrap();
    stream.write_all(b"GET /v1/maps HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    assert!(hangs_up(stream).await.starts_with(b"HTTP/1.1 200"), "nor is an idle one kept");
    running.server.stop().await;
}

/// One connection is all that this address has: others come in once it has been cut.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a4_whoever_does_not_take_an_answer_is_cut() {
    let limits = Limits {
        connections_per_address: 1,
        send_buffer_bytes: 4_096,
        write_ms: 500,
        ..Limits::default()
    };
    let running = Running::with(limits).await;
    let deaf = TcpSocket::new_v4().unwrap();
    deaf.set_recv_buffer_size(4_096).unwrap();
    let mut deaf = deaf.connect(running.address()).await.unwrap();
    deaf.write_all(b"GET /v1/maps/us-counties HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    deaf.readable().await.unwrap();
    let comes_in = async || {
        let mut stream = TcpStream::connect(running.address()).await.unwrap();
        let asked = b"GET /v1/maps HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
        // Whoever is refused may see so by a reset.
        let _ = stream.write_all(asked).await;
        hangs_up(stream).await.starts_with(b"HTTP/1.1 200")
    };
    assert!(!comes_in().await);
    eventually(comes_in).await;
    running.server.stop().await;
}

#[tokio::test]
async fn a4_whoever_is_slow_after_the_upgrade_is_cut() {
    let limits = Limits { auth_ms: 400, silence_ms: 1_200, ping_ms: 100_000, ..Limits::default() };
    let (running, _, game) = table(limits).await;
    let path = format!("/v1/games/{game}/ws");
    let hello = said(&FromClient::Hello { token: None, resume: None }, Codec::Json);
    let mut slow = RawSocket::open(running.address(), &path, Codec::Json, "").await;
    slow.send(&hello[..hello.len() - 1]).await;
    assert_eq!(slow.close_code().await, Some(CloseCode::HelloExpected.code()));
    let mut slow = RawSocket::open(running.address(), &path, Codec::Json, "").await;
    slow.send(&[&hello[..], &hello[..3]].concat()).await;
    assert_eq!(slow.close_code().await, Some(CloseCode::Silent.code()));
    running.server.stop().await;
}

/// More connections than the process may have files: those that are in play on, and when
/// there is room again the next ones come in.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a5_the_accept_loop_outlives_a_want_of_file_descriptors() {
    let folder = tempfile::tempdir().unwrap();
    let server = Binary::launch(&["prlimit", "--nofile=64:64"], folder.path()).await;
    let ada = guest(server.address, "Ada").await;
    let wish = json!({ "map": "classic", "bots": ["random"], "start": true });
    let game = post(server.address, "/v1/games", &ada, wish).await.json();
    let id = game["id"].as_str().unwrap();
    let token = Some(ada.token.as_str());
    let mut honest = Client::connect(server.address, id, token, Codec::Json).await;
    honest.ready().await;
    let mut idle = Vec::new();
    for n in 0..62 {
        // Another network each, so that no limit of one address is met first.
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(format!("127.0.1.{}:0", n + 1).parse().unwrap()).unwrap();
        idle.push(socket.connect(server.address).await.unwrap());
    }
    let mut late = TcpStream::connect(server.address).await.unwrap();
    late.write_all(b"GET /v1/maps HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    let answer = timeout(Duration::from_millis(500), late.read_u8()).await;
    assert!(answer.is_err(), "there is no file for it");
    begin(&mut honest).await;
    drop(idle);
    assert_eq!(timeout(PATIENCE, late.read_u8()).await.unwrap().unwrap(), b'H', "now there is");
    server.kill().await;
}

/// After a server has died, everybody comes at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a6_all_come_back_at_once_after_a_restart() {
    let (running, ada, game) = table(Limits::default()).await;
    let path = format!("/v1/games/{game}/ws");
    let mut player = join(&running, &game, &ada).await;
    let seq = begin(&mut player).await;
    let mut watchers = Vec::new();
    for _ in 0..50 {
        let mut watcher = Client::connect(running.address(), &game, None, Codec::Msgpack).await;
        watcher.ready().await;
        watchers.push(watcher);
    }
    let running = running.restart().await;
    player.close_code().await;
    let (address, game) = (running.address(), game.as_str());
    let back = watchers.into_iter().map(|mut watcher| async move {
        watcher.close_code().await;
        let mut again = Client::connect(address, game, None, Codec::Msgpack).await;
        again.ready().await;
        again
    });
    let (all, ()) = tokio::join!(
        futures_util::future::join_all(back),
        player.reconnect(running.address(), &path, &ada.token)
    );
    let tick = player.tick;
    player.until(|client| client.tick > tick + 20).await;
    assert_eq!(player.welcome.as_ref().unwrap().last_seq, seq);
    assert_eq!((all.len(), player.closed), (50, None));
    running.server.stop().await;
}

#[tokio::test]
async fn a7_games_cannot_be_made_without_end() {
    let limits =
        Limits { rooms_per_account: 2, games_per_minute: 4, rooms: 3, ..Limits::default() };
    let running = Running::with(limits).await;
    let (ada, bob) = (running.guest("Ada").await, running.guest("Bob").await);
    let mut made = Vec::new();
    for _ in 0..5 {
        made.push(running.post("/v1/games", &ada, json!({})).await.status);
    }
    assert_eq!(made, [201, 201, 429, 429, 429]);
    let of_bob = running.post("/v1/games", &bob, json!({})).await.status;
    assert_eq!(of_bob, 201, "another person is not touched");
    assert_eq!(running.post("/v1/games", &bob, json!({})).await.status, 503, "the server is full");
    for limit in ["rooms_per_account", "games_per_minute", "rooms"] {
        assert!(hits(&running, limit).await > 0, "{limit}");
    }
    running.server.stop().await;
}

/// Coming and going leaves nothing behind.
#[tokio::test]
async fn a7_joining_and_leaving_leaves_nothing_behind() {
    let limits = Limits { requests_burst: 10_000, acts_per_minute: 10_000, ..Limits::default() };
    let running = Running::with(limits).await;
    let (ada, bob) = (running.guest("Ada").await, running.guest("Bob").await);
    let made = running.post("/v1/games", &ada, json!({ "map": "classic", "seats": 3 })).await;
    let id = made.json()["id"].as_str().unwrap().to_owned();
    let before = running.get(&format!("/v1/games/{id}")).await.json();
    let seats = |answer: Value| answer["seats"].clone();
    for _ in 0..30 {
        for verb in ["join", "join", "leave", "leave"] {
            running.post(&format!("/v1/games/{id}/{verb}"), &bob, json!({})).await;
        }
    }
    let after = running.get(&format!("/v1/games/{id}")).await.json();
    assert_eq!(seats(after), seats(before));
    running.post(&format!("/v1/games/{id}/leave"), &ada, json!({})).await;
    assert_eq!(
        running.get("/v1/games").await.json()["games"],
        json!([]),
        "nor does the lobby stay"
    );
    running.server.stop().await;
}

#[tokio::test]
async fn a7_names_carry_nothing_but_a_name() {
    let running = Running::start().await;
    for (wish, shown) in [
        ("\u{202e}Ada\u{200f}\u{7}", "Ada"),
        ("A\r\nB\u{1b}[31m", "AB[31m"),
        (&"x".repeat(10_000), ""),
    ] {
        let body = json!({ "name": wish }).to_string();
        let made = call(running.address(), "POST", "/v1/auth/guest", &[], Some(&body)).await;
        let name = made.json()["name"].as_str().unwrap_or_default().to_owned();
        assert!(name.chars().count() <= 32, "{name}");
        assert!(!name.chars().any(char::is_control) && !name.contains('\u{202e}'), "{name:?}");
        assert!(shown.is_empty() || name.replace(' ', "") == shown, "{name:?}");
    }
    running.server.stop().await;
}
