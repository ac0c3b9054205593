//! Sockets that break rules: each hears why, nobody else notices.

use futures_util::SinkExt;
use serde_json::json;
use sovereign_core::command::{Command, Surrender};
use sovereign_core::wire::{CloseCode, Codec, FromClient};
use sovereign_server::config::Limits;
use tokio_tungstenite::tungstenite::Message;

use crate::client::{Client, message, open, request};
use crate::play::begin;
use crate::running::{Person, Running};

async fn table(limits: Limits) -> (Running, Person, String) {
    let running = Running::with(limits).await;
    let ada = running.guest("Ada").await;
    let game = running.game(&ada, &["random"]).await;
    (running, ada, game)
}

/// A socket that has sent `first` and nothing else.
async fn first(running: &Running, game: &str, codec: Codec, first: Message) -> Client {
    let path = format!("/v1/games/{game}/ws");
    let request = request(running.address(), &path, Some(codec.subprotocol()));
    let mut client = Client::of(open(request).await.unwrap(), codec);
    client.socket.send(first).await.unwrap();
    client
}

/// A browser shows a page the code of a close, but not why a socket was not opened.
#[tokio::test]
async fn h6_a_client_of_another_version_is_told_so() {
    let (running, ada, game) = table(Limits::default()).await;
    let replay = "/v1/replays/01890000-0000-7000-8000-000000000000/ws".to_owned();
    for path in [format!("/v1/games/{game}/ws"), replay] {
        for protocol in ["sovereign.v0.json", "sovereign.v2.msgpack, sovereign.v3.msgpack"] {
            let opened = open(request(running.address(), &path, Some(protocol))).await.unwrap();
            let mut client = Client::of(opened, Codec::Json);
            // What it says in its own version is not read.
            client.socket.send(Message::text("[\"hello\"]")).await.unwrap();
            assert_eq!(client.close_code().await, Some(CloseCode::Version), "{path} {protocol}");
            let said = "version this server speaks sovereign.v1.msgpack and sovereign.v1.json: \
                        update the client";
            assert_eq!(client.close_reason, said);
        }
    }
    // One that speaks ours as well gets ours.
    let path = format!("/v1/games/{game}/ws");
    let both = request(running.address(), &path, Some("sovereign.v0.json, sovereign.v1.json"));
    let mut client = Client::of(open(both).await.unwrap(), Codec::Json);
    client.say(&FromClient::Hello { token: Some(ada.token), resume: None }).await;
    client.ready().await;
    running.server.stop().await;
}

#[tokio::test]
async fn h4_the_first_message_must_be_a_good_hello_in_time() {
    let (running, _, game) = table(Limits { auth_ms: 300, ..Limits::default() }).await;
    let hello = |token: &str| {
        let token = Some(token.to_owned());
        message(FromClient::Hello { token, resume: None }.encode(Codec::Json))
    };
    let order = message(FromClient::Ping { nonce: 1 }.encode(Codec::Json));
    for (words, code) in [
        (hello("forged"), CloseCode::Auth),
        (hello(&"x".repeat(3_000)), CloseCode::TooBig),
        (order, CloseCode::HelloExpected),
        (Message::text("{"), CloseCode::BadFrame),
        (Message::binary(vec![1, 2, 3]), CloseCode::WrongKind),
        (Message::Ping(Vec::new().into()), CloseCode::HelloExpected),
    ] {
        let mut client = first(&running, &game, Codec::Json, words.clone()).await;
        assert_eq!(client.close_code().await, Some(code), "{words:?}");
    }
    running.server.stop().await;
}

#[tokio::test]
async fn a_game_that_is_not_there_is_said_to_be() {
    let (running, ada, _) = table(Limits::default()).await;
    let mut lost =
        Client::connect(running.address(), "ABCDEF", Some(&ada.token), Codec::Json).await;
    assert_eq!(lost.close_code().await, Some(CloseCode::NoSuchGame));
    let made = running.post("/v1/games", &ada, json!({})).await.json();
    let id = made["id"].as_str().unwrap();
    let mut early = Client::connect(running.address(), id, Some(&ada.token), Codec::Json).await;
    assert_eq!(early.close_code().await, Some(CloseCode::TryLater));
    assert_eq!(early.notices, ["not_started"]);
    running.server.stop().await;
}

#[tokio::test]
async fn m2_any_bytes_end_only_the_socket_that_sent_them() {
    let (running, ada, game) = table(Limits::default()).await;
    let bob = running.guest("Bob").await;
    let mut honest =
        Client::connect(running.address(), &game, Some(&ada.token), Codec::Msgpack).await;
    honest.ready().await;
    let last = begin(&mut honest).await;
    let deep = [vec![0x91; 100_000], vec![0xc0]].concat();
    let bombs: [Vec<u8>; 7] = [
        vec![],
        vec![0xdd, 0xff, 0xff, 0xff, 0xff],
        vec![0xdf, 0xff, 0xff, 0xff, 0xff],
        vec![0xdb, 0xff, 0xff, 0xff, 0xff],
        vec![0xc6, 0xff, 0xff, 0xff, 0xff],
        deep[..8_000].to_vec(),
        vec![0xc1; 100],
    ];
    for bomb in bombs {
        let mut hostile =
            Client::connect(running.address(), &game, Some(&bob.token), Codec::Msgpack).await;
        hostile.ready().await;
        hostile.socket.send(Message::binary(bomb.clone())).await.unwrap();
        assert_eq!(hostile.close_code().await, Some(CloseCode::BadFrame), "{bomb:?}");
    }
    let mut long = Client::connect(running.address(), &game, None, Codec::Msgpack).await;
    long.ready().await;
    let _ = long.socket.send(Message::binary(vec![0; 100_000])).await;
    assert_eq!(long.close_code().await, Some(CloseCode::TooBig));
    honest.order(last + 1, Command::Surrender(Surrender {})).await;
    assert!(honest.answer(last + 1).await.result.is_ok());
    running.server.stop().await;
}

#[tokio::test]
async fn a1_a_flood_is_noticed_then_ended() {
    let limits = Limits {
        messages_per_second: 1,
        messages_burst: 5,
        offences_per_socket: 10,
        ..Limits::default()
    };
    let (running, ada, game) = table(limits).await;
    let mut client = Client::connect(running.address(), &game, Some(&ada.token), Codec::Json).await;
    client.ready().await;
    for nonce in 0..100 {
        client.say(&FromClient::Ping { nonce }).await;
    }
    assert_eq!(client.close_code().await, Some(CloseCode::Policy));
    assert!(client.notices.iter().all(|code| code == "rate_limited"));
    running.server.stop().await;
}

#[tokio::test]
async fn a1_connections_of_one_address_are_limited() {
    let limits = Limits { connections_per_address: 3, ..Limits::default() };
    let (running, _, game) = table(limits).await;
    let path = format!("/v1/games/{game}/ws");
    let mut open_ones = Vec::new();
    while open_ones.len() < 3 {
        let asked = request(running.address(), &path, Some("sovereign.v1.json"));
        open_ones.push(open(asked).await.unwrap());
    }
    let mut turned_away = tokio::net::TcpStream::connect(running.address()).await.unwrap();
    use tokio::io::AsyncReadExt;
    let read = turned_away.read(&mut [0; 1]).await;
    assert!(matches!(read, Ok(0) | Err(_)), "closed at once");
    drop(open_ones);
    running.server.stop().await;
}
