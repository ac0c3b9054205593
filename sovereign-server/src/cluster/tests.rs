//! Nodes with real listeners and links, around a directory in memory.

use std::collections::HashSet;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::header::{CONNECTION, HeaderValue, SEC_WEBSOCKET_PROTOCOL, UPGRADE};
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;
use uuid::Uuid;
use warp::reply::{Reply, Response};

use super::directory::MemoryDirectory;
use super::fleet::Parts;
use super::member::tests::node;
use super::members::MemoryMembers;
use super::proof::{self, Proofs};
use super::{
    Companies, Directory, Fleet, GameName, Games, Located, Member, PeerService, Relayed, door,
};
use crate::config::{Limits, Secret};
use crate::error::ApiError;
use crate::gateway::connections::Connections;
use crate::gateway::listener;
use crate::gateway::proxies::Proxies;
use crate::lobby::GameInfo;
use crate::log::GameId;
use crate::room::Left;
use crate::store::Account;

mod leaving;
mod placing;

const PATIENCE: Duration = Duration::from_secs(20);

/// Games that are but names.
#[derive(Debug, Default)]
struct Names(Mutex<HashSet<GameId>>, AtomicBool);

#[async_trait]
impl Games for Names {
    async fn has(&self, name: &GameName) -> bool {
        matches!(name, GameName::Id(id) if self.0.lock().unwrap().contains(id))
    }

    async fn adopt(&self, games: &[GameId]) {
        self.0.lock().unwrap().extend(games);
    }

    /// As at a node of a version that makes none, unless a test says otherwise.
    async fn warm(&self, _games: &[GameId]) -> bool {
        self.1.load(Ordering::Relaxed)
    }

    async fn release(&self, game: GameId) -> Option<Left> {
        self.0.lock().unwrap().remove(&game).then(Left::default)
    }

    async fn keep_only(&self, games: &[GameId]) {
        self.0.lock().unwrap().retain(|game| games.contains(game));
    }

    fn count(&self) -> usize {
        self.0.lock().unwrap().len()
    }

    fn is_full(&self) -> bool {
        self.1.load(Ordering::Relaxed)
    }

    async fn listed(&self) -> Vec<GameInfo> {
        Vec::new()
    }

    fn tell_of_list(&self) {}

    async fn in_ranked_game(&self, _account: Uuid) -> bool {
        self.1.load(Ordering::Relaxed)
    }

    async fn announce(&self, _message: &str) -> usize {
        self.count()
    }

    async fn forget_person(&self, _account: Uuid) -> Result<(), ApiError> {
        Ok(())
    }
}

/// Parties that nobody has.
#[derive(Debug)]
struct Nobody;

impl Companies for Nobody {
    fn led_by(&self, account: Uuid) -> Result<Option<Vec<Account>>, ApiError> {
        Ok(Some(vec![Account::guest(account, "Ada".to_owned())]))
    }

    fn moved(&self, _leader: Uuid, _game: GameId) {}

    fn close(&self) {}
}

/// One node; it ends when it is dropped, without a farewell.
struct Node {
    fleet: Fleet,
    address: SocketAddr,
    games: Arc<Names>,
    stop: CancellationToken,
    _tasks: Vec<AbortOnDropHandle<()>>,
}

impl Drop for Node {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

#[derive(Default)]
struct World {
    directory: Arc<MemoryDirectory>,
    members: Arc<MemoryMembers>,
}

fn secret() -> Secret {
    Secret::new("9f2c64d1b7e8a0359f2c64d1b7e8a035")
}

impl World {
    async fn node(&self, name: &str) -> Node {
        let limits = Limits {
            // Heartbeats alone would take long.
            node_silence_ms: 600_000,
            node_beat_ms: 20,
            link_beat_ms: 20,
            fleet_cache_ms: 1,
            follow_ms: 1_000,
            ..Limits::default()
        };
        let listener = listener::bind(([127, 0, 0, 1], 0).into(), &limits).unwrap();
        let address = listener.local_addr().unwrap();
        let games = Arc::new(Names::default());
        let stop = CancellationToken::new();
        let parts = Parts {
            me: Member { address, ..node(name) },
            proofs: Proofs::new(&secret(), name),
            directory: Arc::clone(&self.directory) as Arc<dyn Directory>,
            members: Arc::clone(&self.members) as Arc<dyn super::Members>,
            games: Arc::clone(&games) as Arc<dyn Games>,
            companies: Arc::new(Nobody),
            limits: limits.clone(),
        };
        let fleet = Fleet::new(parts, stop.clone());
        let (public, told) = (fleet.clone(), fleet.clone());
        let routes = service_fn(move |request| tell_who(told.clone(), request));
        let doors = service_fn(move |request| {
            door::answer(Some(public.clone()), 100, routes.clone(), request)
        });
        let service = PeerService::new(fleet.clone(), doors);
        let connections = Connections::new(
            &Limits { connections_per_address: 1_000, ..limits.clone() },
            Proxies::default(),
        );
        let serving = listener::serve(listener, service, connections, None, limits, stop.clone());
        fleet.beat().await.unwrap();
        let tasks = [
            tokio::spawn(serving),
            tokio::spawn(fleet.clone().keep_beating()),
            tokio::spawn(fleet.clone().keep_links()),
            tokio::spawn(fleet.clone().keep_games()),
        ];
        let _tasks = tasks.into_iter().map(AbortOnDropHandle::new).collect();
        Node { fleet, address, games, stop, _tasks }
    }

    /// Nodes that know each other.
    async fn nodes<const N: usize>(&self, names: [&str; N]) -> Vec<Node> {
        let mut nodes = Vec::new();
        for name in names {
            nodes.push(self.node(name).await);
        }
        for node in &nodes {
            node.sees(&names).await;
        }
        nodes
    }

    fn game(&self, node: &Node) -> GameId {
        let game = GameId::new_v4();
        let node_name = node.fleet.roster().me().name;
        self.directory
            .put("CODE42", Located { game, node: node_name, finished: false, rules: None });
        node.games.0.lock().unwrap().insert(game);
        game
    }
}

impl Node {
    /// Waits until this node knows that these live and no others.
    async fn sees(&self, names: &[&str]) {
        let mut living = self.fleet.roster().watch();
        let seen = living
            .wait_for(|living| living.iter().map(|m| m.name.as_str()).eq(names.iter().copied()));
        timeout(PATIENCE, seen).await.expect("in time").expect("the roster lives");
    }

    /// A player's request, as if it had come to this node.
    async fn ask(&self, path: &str) -> (StatusCode, String) {
        let me = self.fleet.roster().me();
        let mut request = Request::new(Full::new(Bytes::from_static(b"a body")));
        (*request.method_mut(), *request.uri_mut()) = (Method::POST, path.parse().unwrap());
        let (head, _) = request.into_parts();
        let whole = super::relay::Whole {
            head,
            body: Bytes::from_static(b"a body"),
            client: "203.0.113.9".parse().unwrap(),
        };
        let subject = path
            .split('/')
            .nth(3)
            .map_or(super::Subject::NewGame, |name| super::Subject::Game(GameName::of(name)));
        let response = match self.fleet.route(&subject, false).await {
            Ok(super::Route::Here) => self.fleet.pass(whole, &subject, me).await,
            Ok(super::Route::There(to)) => self.fleet.pass(whole, &subject, to).await,
            Err(error) => error.response(),
        };
        let status = response.status();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }
}

/// Says which node this is, who asked and what; or echoes, if it is asked to switch, under
/// the name that it is offered.
async fn tell_who(fleet: Fleet, mut request: Request<Incoming>) -> Result<Response, Infallible> {
    let client = request.extensions().get::<Relayed>().map(|relayed| relayed.client.to_string());
    if request.headers().contains_key(UPGRADE) {
        let upgrade = hyper::upgrade::on(&mut request);
        tokio::spawn(async move {
            let (mut read, mut write) = tokio::io::split(TokioIo::new(upgrade.await.unwrap()));
            let _ = tokio::io::copy(&mut read, &mut write).await;
        });
        let mut response = StatusCode::SWITCHING_PROTOCOLS.into_response();
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("upgrade"));
        response.headers_mut().insert(UPGRADE, HeaderValue::from_static("echo"));
        if let Some(name) = request.headers().get(SEC_WEBSOCKET_PROTOCOL) {
            response.headers_mut().insert(SEC_WEBSOCKET_PROTOCOL, name.clone());
        }
        return Ok(response);
    }
    let body = request.into_body().collect().await.unwrap().to_bytes();
    let body = String::from_utf8(body.to_vec()).unwrap();
    let name = fleet.roster().me().name;
    Ok(format!("{name} for {} says {body}", client.unwrap_or_default()).into_response())
}

#[tokio::test]
async fn a_request_at_the_wrong_node_is_answered_by_the_right_one() {
    let world = World::default();
    let nodes = world.nodes(["a", "b", "c"]).await;
    let game = world.game(&nodes[1]);
    let expected = (StatusCode::OK, "b for 203.0.113.9 says a body".to_owned());
    for node in &nodes {
        for name in [game.to_string(), "code42".to_owned()] {
            assert_eq!(node.ask(&format!("/v1/games/{name}/join")).await, expected, "{name}");
        }
    }
}

#[tokio::test]
async fn a_socket_at_the_wrong_node_speaks_with_the_right_one() {
    let world = World::default();
    let nodes = world.nodes(["a", "b"]).await;
    let game = world.game(&nodes[1]);
    // To `a`, which has it from nobody: as the request of a player at `b` would be, were `a` right.
    let mut socket = socket(&nodes[0], game, "").await;
    for words in [&b"hello"[..], &[7; 70_000]] {
        socket.write_all(words).await.unwrap();
        let mut back = vec![0; words.len()];
        timeout(PATIENCE, socket.read_exact(&mut back)).await.unwrap().unwrap();
        assert_eq!(back, words);
    }
    // Its owner is gone: the socket ends, so that the player comes back.
    drop(nodes.into_iter().nth(1));
    let end = timeout(PATIENCE, socket.read_u8()).await.unwrap();
    assert!(end.is_err());
}

/// A player's socket at a node, with these headers more.
async fn socket(node: &Node, game: GameId, more: &str) -> TcpStream {
    let mut socket = TcpStream::connect(front(node).await).await.unwrap();
    let upgrade = "host: a\r\nconnection: upgrade\r\nupgrade: echo\r\n";
    let request = format!("GET /v1/games/{game}/ws HTTP/1.1\r\n{upgrade}{more}\r\n");
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(timeout(PATIENCE, socket.read_u8()).await.unwrap().unwrap());
    }
    assert!(head.starts_with(b"HTTP/1.1 101"), "{}", String::from_utf8_lossy(&head));
    socket
}

/// A public listener in front of a node.
async fn front(node: &Node) -> SocketAddr {
    let limits = Limits::default();
    let listener = listener::bind(([127, 0, 0, 1], 0).into(), &limits).unwrap();
    let address = listener.local_addr().unwrap();
    let (fleet, told) = (node.fleet.clone(), node.fleet.clone());
    let routes = service_fn(move |request| tell_who(told.clone(), request));
    let service =
        service_fn(move |request| door::answer(Some(fleet.clone()), 100, routes.clone(), request));
    let connections = Connections::new(&limits, Proxies::default());
    tokio::spawn(listener::serve(listener, service, connections, None, limits, node.stop.clone()));
    address
}

#[tokio::test]
async fn a_relayed_request_is_never_relayed_again() {
    let world = World::default();
    let nodes = world.nodes(["a", "b"]).await;
    let game = world.game(&nodes[1]);
    let (status, text) = raw(nodes[0].address, &format!("/v1/games/{game}"), |method, uri| {
        let client = Some("203.0.113.9".parse().unwrap());
        Some(Proofs::new(&secret(), "b").header("a", (method, uri), client, crate::auth::now_s()))
    })
    .await;
    assert_eq!(status, StatusCode::MISDIRECTED_REQUEST, "{text}");
    assert!(text.contains("misdirected"), "{text}");
}

#[tokio::test]
async fn without_the_fleets_secret_nobody_is_heard() {
    let world = World::default();
    let node = world.node("a").await;
    let now = crate::auth::now_s();
    for path in ["/peer/games", "/peer/link", "/v1/games", "/index.html"] {
        let none = raw(node.address, path, |_, _| None).await;
        let other = Secret::new("00000000000000000000000000000000");
        let wrong = raw(node.address, path, |method, uri| {
            Some(Proofs::new(&other, "b").header("a", (method, uri), None, now))
        });
        let late = raw(node.address, path, |method, uri| {
            Some(Proofs::new(&secret(), "b").header("a", (method, uri), None, now - 3_600))
        });
        for (status, text) in [none, wrong.await, late.await] {
            assert_eq!(status, StatusCode::UNAUTHORIZED, "{path}: {text}");
        }
    }
}

/// A GET to a node's listener for others.
async fn raw(
    address: SocketAddr,
    path: &str,
    proof: impl FnOnce(&Method, &http::Uri) -> Option<HeaderValue>,
) -> (StatusCode, String) {
    let stream = TcpStream::connect(address).await.unwrap();
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let mut request = Request::new(Full::new(Bytes::new()));
    *request.uri_mut() = path.parse().unwrap();
    if let Some(value) = proof(request.method(), request.uri()) {
        request.headers_mut().insert(proof::HEADER, value);
    }
    let response = sender.send_request(request).await.unwrap();
    let status = response.status();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8_lossy(&body).into_owned())
}

#[tokio::test]
async fn the_ranked_queue_and_the_parties_are_at_one_node() {
    let world = World::default();
    let nodes = world.nodes(["a", "b", "c"]).await;
    let here = nodes.iter().filter(|node| node.fleet.people_elsewhere().is_none());
    assert_eq!(here.count(), 1);
    let leader = Uuid::new_v4();
    for node in &nodes {
        let party = node.fleet.party_led_by(leader).await.unwrap().unwrap();
        assert_eq!(party, [Account::guest(leader, "Ada".to_owned())]);
        node.fleet.party_moved(leader, GameId::new_v4()).await;
    }
}
