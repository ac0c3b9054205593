//! What nodes share by Redis, and what becomes of it when Redis is lost: games go on.

use serde_json::json;
use sovereign_core::wire::{CloseCode, Codec};
use sovereign_server::app::Server;
use sovereign_server::cluster::duty::PEOPLE;
use sovereign_server::cluster::{Load, Member, place_job};
use sovereign_server::config::{Limits, Secret};
use tempfile::TempDir;

use crate::admin::Operator;
use crate::client::Client;
use crate::http_client::{call, eventually};
use crate::play::spawn;
use crate::ranked::{enter, matched, member, roomy, surrender};
use crate::running::{Person, Running, config, guest, migrate, post, send};
use crate::{postgres, redis};

/// So seldom that nothing is found by looking.
const NEVER: u64 = 3_600_000;

/// Two nodes of this process around one PostgreSQL and one Redis.
pub(crate) struct Pair {
    pub(crate) nodes: Vec<Running>,
    pub(crate) redis: redis::Server,
    _keys: TempDir,
}

impl Pair {
    pub(crate) async fn start(limits: &Limits) -> Self {
        let (url, redis) = (postgres::Server::shared().database().await, redis::Server::start());
        migrate(&url).await;
        let keys = tempfile::tempdir().unwrap();
        let mut nodes = Vec::new();
        for name in ["n1", "n2"] {
            let folder = tempfile::tempdir().unwrap();
            let mut config = config(folder.path(), limits.clone());
            config.postgres.url = Secret::new(&*url);
            config.redis.url = Secret::new(redis.url());
            config.auth.keys_dir = Some(keys.path().to_owned());
            config.cluster.node = name.to_owned();
            config.cluster.port = 0;
            config.cluster.public_url = Some(format!("https://{name}.play.example"));
            config.cluster.secret = Secret::new("9f2c64d1b7e8a0359f2c64d1b7e8a035");
            let server = Server::start(config).await.unwrap();
            nodes.push(Running { server, folder, postgres: Some(url.clone()) });
        }
        let pair = Self { nodes, redis, _keys: keys };
        pair.listen().await;
        pair.acquainted().await;
        pair
    }

    /// Waits until both nodes hear each other.
    pub(crate) async fn listen(&self) {
        let listeners = || self.redis.say(&["PUBSUB", "NUMSUB", "sovereign:news"]);
        eventually(async || listeners().ends_with('2')).await;
    }

    /// Waits until each node knows of the other, which is when it lets the page go there.
    async fn acquainted(&self) {
        let allowed = "connect-src 'self' wss://n1.play.example wss://n2.play.example;";
        for node in &self.nodes {
            let policy =
                async || node.get("/").await.header("content-security-policy").unwrap().to_owned();
            eventually(async || policy().await.contains(allowed)).await;
        }
    }

    pub(crate) async fn stop(self) {
        for node in self.nodes {
            node.server.stop().await;
        }
    }

    /// Somebody who plays at the first node.
    async fn player(&self, name: &str) -> (Person, Client) {
        let (node, person) = (&self.nodes[0], guest(self.nodes[0].address(), name).await);
        let game = node.game(&person, &["random"]).await;
        let token = Some(person.token.as_str());
        let mut client = Client::connect(node.address(), &game, token, Codec::Json).await;
        client.ready().await;
        (person, client)
    }

    /// Logs somebody out at the second node, whose socket is at the first.
    async fn log_out(&self, person: &Person, mut client: Client) {
        let out = post(self.nodes[1].address(), "/v1/auth/logout", person, json!({})).await;
        assert_eq!(out.status, 204, "{}", out.text());
        assert_eq!(client.close_code().await, Some(CloseCode::Revoked));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_one_node_revokes_or_announces_reaches_the_other_at_once() {
    let limits = Limits { revocation_look_ms: NEVER, ..Limits::default() };
    let pair = Pair::start(&limits).await;
    let (ada, mut client) = pair.player("Ada").await;
    let operator = Operator::of(&pair.nodes[1]);
    operator.act("announce", json!({ "message": "soon" })).await;
    client.until(|client| client.notices.iter().any(|code| code == "announcement")).await;
    pair.log_out(&ada, client).await;
    let (bob, mut client) = pair.player("Bob").await;
    operator.act(&format!("players/{}/ban", bob.account), json!({ "reason": "abuse" })).await;
    assert_eq!(client.close_code().await, Some(CloseCode::Revoked));
    let me = async || pair.nodes[0].ask("GET", "/v1/me", &bob).await.json()["code"].clone();
    assert_eq!(me().await, "banned");
    operator.act(&format!("players/{}/unban", bob.account), json!({ "reason": "mercy" })).await;
    eventually(async || me().await != "banned").await;
    pair.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_many_ask_for_is_kept_until_another_node_changes_it() {
    let limits = Limits { hot_answer_ms: NEVER, ..Limits::default() };
    let pair = Pair::start(&limits).await;
    let [here, there] = &pair.nodes[..] else { panic!("two nodes") };
    let list = async || there.get("/v1/replays").await.json()["replays"].clone();
    assert_eq!(list().await, json!([]));
    let ada = here.guest("Ada").await;
    let game = here.game(&ada, &["random"]).await;
    Operator::of(here).act(&format!("games/{game}/end"), json!({ "reason": "tidy" })).await;
    eventually(async || list().await[0]["id"] == game.as_str()).await;
    assert_eq!(list().await[0]["names"][0]["name"], "Ada");
    let erased = send(here.address(), "DELETE", "/v1/me", &ada, Some(json!({}))).await;
    assert_eq!(erased.status, 204, "{}", erased.text());
    eventually(async || list().await[0]["names"][0]["name"] == "Player 1").await;
    pair.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_page_and_nothing_else_may_open_sockets_at_each_node() {
    let pair = Pair::start(&Limits::default()).await;
    pair.acquainted().await;
    for path in ["/v1/rules", "/main.js"] {
        let answer = pair.nodes[0].get(path).await;
        let policy = answer.header("content-security-policy").unwrap();
        assert!(policy.contains("connect-src 'self';"), "{path}: {policy}");
    }
    pair.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sockets_are_counted_and_people_seen_in_the_whole_fleet() {
    let limits = Limits { sockets_per_account: 2, ..Limits::default() };
    let mut pair = Pair::start(&limits).await;
    let [here, there] = &pair.nodes[..] else { panic!("two nodes") };
    let ada = here.guest("Ada").await;
    here.post("/v1/party", &ada, json!({})).await;
    let is_online = async || {
        let party = here.ask("GET", "/v1/party", &ada).await.json();
        party["party"]["members"][0]["online"].as_bool().unwrap()
    };
    assert!(!is_online().await);
    // One of them has the party, and knows of the other's sockets by Redis.
    let first = play(there, &ada).await;
    assert!(is_online().await);
    drop(first);
    eventually(async || !is_online().await).await;
    let _kept = play(here, &ada).await;
    assert!(is_online().await);
    let other = play(there, &ada).await;
    let third = here.game(&ada, &["random"]).await;
    let mut refused = connect(here, &ada, &third).await;
    assert_eq!(refused.close_code().await, Some(CloseCode::TryLater));
    assert_eq!(refused.notices, ["too_many_sockets"]);
    drop(other);
    eventually(async || {
        let mut socket = connect(here, &ada, &third).await;
        socket.until(|client| client.welcome.is_some()).await;
        socket.closed.is_none()
    })
    .await;
    pair.redis.kill();
    // Each node counts its own.
    let _more = [play(there, &ada).await, play(there, &ada).await];
    pair.stop().await;
}

/// Which of the two nodes has the queue.
fn has_queue() -> usize {
    let node = |name: &str| Member {
        name: name.to_owned(),
        incarnation: 1,
        address: ([127, 0, 0, 1], 1).into(),
        public_url: None,
        rules: (1, 1),
        load: Load { rooms: 0, most: 1 },
        leaving: false,
    };
    let nodes = ["n1", "n2"].map(node);
    let has = place_job(PEOPLE.as_bytes(), &nodes).unwrap();
    nodes.iter().position(|node| node.name == has.name).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ranked_game_is_played_where_there_is_room() {
    let pair = Pair::start(&Limits { rooms: 1, ..roomy() }).await;
    let (full, other) = (&pair.nodes[has_queue()], &pair.nodes[1 - has_queue()]);
    let host = full.guest("Host").await;
    full.game(&host, &["random"]).await;
    let (ada, bob) = (member(full, "ada").await, member(other, "bob").await);
    for person in [&ada, &bob] {
        assert_eq!(enter(full, person, "duel").await.json()["state"], "waiting");
    }
    let game = matched(other, &ada).await;
    let there = Operator::of(other).get("games").await["games"].clone();
    assert_eq!((there.as_array().unwrap().len(), &there[0]["id"]), (1, &json!(game)));
    // Whoever is in a game at one node does not search at another.
    assert_eq!(enter(full, &ada, "duel").await.code(), (409, "in_game".to_owned()));
    surrender(full, &ada, &game).await;
    eventually(async || enter(full, &bob, "duel").await.status == 200).await;
    pair.stop().await;
}

async fn connect(node: &Running, person: &Person, game: &str) -> Client {
    Client::connect(node.address(), game, Some(&person.token), Codec::Json).await
}

/// A socket at a new game of somebody's own.
async fn play(node: &Running, person: &Person) -> Client {
    let game = node.game(person, &["random"]).await;
    let mut client = connect(node, person, &game).await;
    client.ready().await;
    client
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn games_go_on_whatever_becomes_of_redis() {
    let mut pair = Pair::start(&Limits::default()).await;
    let (ada, mut client) = pair.player("Ada").await;
    let mut seq = 0;
    let mut plays = async |client: &mut Client| {
        seq += 1;
        let land = client.free_land();
        client.order(seq, spawn(land)).await;
        client.answer(seq).await;
    };
    for fault in ["killed", "emptied", "stopped", "started again"] {
        match fault {
            "killed" => pair.redis.kill(),
            "emptied" => drop(pair.redis.say(&["FLUSHALL"])),
            "stopped" => pair.redis.signal("-STOP"),
            _ => pair.redis.signal("-CONT"),
        }
        plays(&mut client).await;
        // People come in, and what is revoked is found without it.
        let (other, socket) = pair.player("Bob").await;
        pair.log_out(&other, socket).await;
        let said = client.notices.len();
        Operator::of(&pair.nodes[1]).act("announce", json!({ "message": "soon" })).await;
        client.until(|client| client.notices[said..].iter().any(|n| n == "announcement")).await;
        if fault == "killed" {
            pair.redis.start_again();
            pair.listen().await;
        }
    }
    pair.listen().await;
    plays(&mut client).await;
    pair.log_out(&ada, client).await;
    pair.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_somebody_may_have_he_has_once_in_the_whole_fleet() {
    let limits = Limits { guests_per_minute: 6, rooms_per_account: 2, ..Limits::default() };
    let pair = Pair::start(&limits).await;
    let enter = async |node: usize| {
        let address = pair.nodes[node].address();
        call(address, "POST", "/v1/auth/guest", &[], Some(r#"{"name":"Ada"}"#)).await
    };
    let mut people = Vec::new();
    for number in 0..12 {
        let entered = enter(number % 2).await;
        if entered.status == 201 {
            people.push(Person::of(&entered.json()));
        } else {
            assert_eq!(entered.status, 429, "{}", entered.text());
        }
    }
    // One more may have come meanwhile, every ten seconds.
    assert!((6..=7).contains(&people.len()), "{}", people.len());
    let mut made = 0;
    for number in 0..4 {
        let (address, wish) =
            (pair.nodes[number % 2].address(), json!({ "map": "classic", "seats": 2 }));
        made += u32::from(post(address, "/v1/games", &people[0], wish).await.status == 201);
    }
    assert_eq!(made, 2);
    pair.stop().await;
}
