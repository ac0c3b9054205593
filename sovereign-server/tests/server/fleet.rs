//! Three real nodes around a real PostgreSQL: players who come to the wrong one, and nodes that die.

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::{Value, json};
use sovereign_core::wire::{Codec, FromClient};
use tempfile::TempDir;
use tokio::time::{Instant, sleep, timeout};

use crate::binary::Binary;
use crate::client::{Client, open, request};
use crate::crash::{self, Veteran};
use crate::http_client::{PATIENCE, call, eventually};
use crate::play::spawn;
use crate::postgres::Server;
use crate::running::{Person, guest, migrate, post, send};

/// How often a node is killed.
const KILLS: u32 = 3;
pub(crate) const NAMES: [&str; 3] = ["n1", "n2", "n3"];

/// Three nodes; each can be killed and started again.
pub(crate) struct Fleet {
    url: String,
    keys: TempDir,
    folders: [TempDir; 3],
    nodes: Vec<Option<Binary>>,
    more: Vec<String>,
}

impl Fleet {
    /// One on which many games are made and played from one address; `more` is raised too.
    pub(crate) async fn for_many(more: &str) -> Self {
        let raised = [
            "ACTS_PER_MINUTE",
            "CONNECTIONS_PER_ADDRESS",
            "CONNECTIONS_PER_ADDRESS_PER_SECOND",
            "GAMES_PER_MINUTE",
            "REQUESTS_BURST",
            "REQUESTS_PER_SECOND",
            "ROOMS_PER_ACCOUNT",
            "SOCKETS_PER_ACCOUNT",
            more,
        ];
        let limits = raised.map(|name| format!("SOVEREIGN_LIMITS__{name}=10000"));
        Self::start(&limits.each_ref().map(String::as_str)).await
    }

    pub(crate) async fn start(more: &[&str]) -> Self {
        Self::on(Server::shared().database().await, more).await
    }

    /// One around this database.
    pub(crate) async fn on(url: String, more: &[&str]) -> Self {
        migrate(&url).await;
        let folder = || tempfile::tempdir().unwrap();
        let more = more.iter().map(|&one| one.to_owned()).collect();
        let folders = [folder(), folder(), folder()];
        let mut fleet = Self { url, keys: folder(), folders, nodes: Vec::new(), more };
        for number in 0..NAMES.len() {
            let node = fleet.launch(number).await;
            fleet.nodes.push(Some(node));
        }
        fleet.know_each_other().await;
        fleet
    }

    async fn launch(&self, number: usize) -> Binary {
        let keys = self.keys.path().display();
        let mut settings = vec![
            "env".to_owned(),
            format!("SOVEREIGN_CLUSTER__NODE={}", NAMES[number]),
            "SOVEREIGN_CLUSTER__PORT=0".to_owned(),
            "SOVEREIGN_CLUSTER__SECRET=9f2c64d1b7e8a0359f2c64d1b7e8a035".to_owned(),
            format!("SOVEREIGN_POSTGRES__URL={}", self.url),
            format!("SOVEREIGN_AUTH__KEYS_DIR={keys}"),
        ];
        settings.extend(self.more.iter().cloned());
        let settings: Vec<&str> = settings.iter().map(String::as_str).collect();
        Binary::launch(&settings, self.folders[number].path()).await
    }

    /// A list that has the games of all is one of nodes that know each other.
    async fn know_each_other(&self) {
        let maker = guest(self.at(0), "Maker").await;
        let mut made = Vec::new();
        for number in 0..NAMES.len() {
            let wish = json!({ "map": "classic", "seats": 2 });
            let game = post(self.at(number), "/v1/games", &maker, wish).await.json();
            made.push(game["id"].clone());
        }
        for number in 0..NAMES.len() {
            eventually(async || {
                let listed = call(self.at(number), "GET", "/v1/games", &[], None).await.json();
                let games = listed["games"].as_array().cloned().unwrap_or_default();
                made.iter().all(|id| games.iter().any(|game| game["id"] == *id))
            })
            .await;
        }
        for id in made {
            let leave = format!("/v1/games/{}/leave", id.as_str().unwrap());
            post(self.at(0), &leave, &maker, json!({})).await;
        }
    }

    pub(crate) fn all(&self) -> [SocketAddr; 3] {
        [0, 1, 2].map(|number| self.at(number))
    }

    pub(crate) fn at(&self, number: usize) -> SocketAddr {
        self.nodes[number].as_ref().expect("the node runs").address
    }

    /// Asks a node to stop, and waits until it has.
    pub(crate) async fn stop(&mut self, number: usize) {
        let node = self.nodes[number].take().expect("the node runs");
        signal(&node, "-TERM");
        node.ended().await;
    }

    pub(crate) async fn kill(&mut self, number: usize) {
        self.nodes[number].take().expect("the node runs").kill().await;
    }

    fn signal(&self, number: usize, name: &str) {
        signal(self.nodes[number].as_ref().expect("the node runs"), name);
    }

    async fn start_again(&mut self, number: usize) {
        self.nodes[number] = Some(self.launch(number).await);
    }

    /// The node that has a game, as it is stored.
    pub(crate) async fn owner(&self, game: &str) -> usize {
        let row = self.row(&format!("SELECT node FROM game WHERE id = '{game}'")).await;
        let name: String = row.get(0);
        NAMES.iter().position(|known| *known == name).unwrap()
    }

    /// Stores that a node has a game, as one does that takes another for dead.
    pub(crate) async fn give(&self, game: &str, number: usize) {
        let name = NAMES[number];
        self.row(&format!("UPDATE game SET node = '{name}' WHERE id = '{game}' RETURNING 1")).await;
    }

    async fn row(&self, statement: &str) -> tokio_postgres::Row {
        let (client, line) =
            tokio_postgres::connect(&self.url, tokio_postgres::NoTls).await.unwrap();
        let line = tokio::spawn(line);
        let row = client.query_one(statement, &[]).await.unwrap();
        drop(client);
        line.await.unwrap().unwrap();
        row
    }
}

fn signal(node: &Binary, signal: &str) {
    let kill = std::process::Command::new("kill").args([signal, &node.pid().to_string()]).status();
    assert!(kill.unwrap().success());
}

/// A game of three in which all nodes had a part.
async fn game(fleet: &Fleet) -> (String, Vec<Veteran>) {
    game_at(&fleet.all()).await
}

/// A game of three, made at the first address and joined through the others; its two first
/// players are in.
pub(crate) async fn game_at(at: &[SocketAddr; 3]) -> (String, Vec<Veteran>) {
    let mut people = Vec::new();
    for (number, name) in ["Ada", "Bob", "Cy"].into_iter().enumerate() {
        people.push(guest(at[number], name).await);
    }
    let wish = json!({ "map": "classic", "seats": 3 });
    let game = post(at[0], "/v1/games", &people[0], wish).await.json();
    let (id, code) = (game["id"].as_str().unwrap(), game["code"].as_str().unwrap());
    for (number, name) in [(1, code), (2, id)] {
        let join = format!("/v1/games/{name}/join");
        let joined = post(at[number], &join, &people[number], json!({})).await;
        assert_eq!(joined.status, 200, "{}", joined.text());
    }
    let begun = post(at[2], &format!("/v1/games/{id}/start"), &people[0], json!({})).await;
    assert_eq!(begun.status, 200, "{}", begun.text());
    let mut veterans = Vec::new();
    for (number, person) in people.into_iter().take(2).enumerate() {
        veterans.push(Veteran::enter(at[number + 1], id, person).await);
    }
    (id.to_owned(), veterans)
}

/// A running game for two, made at this address; nobody has come in, so that it has not begun in
/// earnest.
pub(crate) async fn game_for_two(at: SocketAddr, ada: &Person, bob: &Person) -> String {
    let wish = json!({ "map": "classic", "seats": 2 });
    let game = post(at, "/v1/games", ada, wish).await;
    assert_eq!(game.status, 201, "{}", game.text());
    let id = game.json()["id"].as_str().unwrap().to_owned();
    post(at, &format!("/v1/games/{id}/join"), bob, json!({})).await;
    let begun = post(at, &format!("/v1/games/{id}/start"), ada, json!({})).await;
    assert_eq!(begun.status, 200, "{}", begun.text());
    id
}

/// Comes back through this node, as often as it takes; how long that took.
pub(crate) async fn come_back(veteran: &mut Veteran, address: SocketAddr, id: &str) -> Duration {
    let (path, began) = (format!("/v1/games/{id}/ws"), Instant::now());
    let again = async {
        loop {
            let wish = request(address, &path, Some(Codec::Msgpack.subprotocol()));
            if let Ok(socket) = open(wish).await {
                let (client, token) = (&mut veteran.client, Some(veteran.person.token.clone()));
                (client.socket, client.closed, client.welcome) = (socket, None, None);
                let resume = Some(client.resume());
                client.say(&FromClient::Hello { token, resume }).await;
                client.until(|client| client.welcome.is_some()).await;
                veteran.note();
                if veteran.client.welcome.is_some() {
                    return;
                }
            }
            sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(PATIENCE, again).await.expect("the game goes on");
    let took = began.elapsed();
    for (seq, command) in veteran.unanswered.clone() {
        veteran.client.order(seq, command).await;
    }
    took
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_when_the_owner_is_killed() {
    let mut fleet = Fleet::start(&[]).await;
    let (id, mut veterans) = game(&fleet).await;
    for round in 0..KILLS {
        crash::play_some(&mut veterans, round).await;
        let owner = fleet.owner(&id).await;
        fleet.kill(owner).await;
        let others: Vec<usize> = (0..NAMES.len()).filter(|number| *number != owner).collect();
        for (veteran, other) in veterans.iter_mut().zip(&others) {
            // What arrived before the kill counts as acknowledged.
            veteran.client.until(|_| false).await;
            veteran.note();
            let took = come_back(veteran, fleet.at(*other), &id).await;
            println!("back after {} ms", took.as_millis());
        }
        assert_ne!(fleet.owner(&id).await, owner);
        fleet.start_again(owner).await;
    }
    for veteran in &mut veterans {
        veteran.settle().await;
    }
    let replay = crash::end(fleet.at(0), &id, &mut veterans).await;
    crash::check(&replay, &veterans);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_does_not_change_over_is_told_to_reconnect() {
    let mut fleet = Fleet::start(&["SOVEREIGN_LIMITS__FOLLOW_MS=1000"]).await;
    let (id, mut veterans) = game(&fleet).await;
    crash::play_some(&mut veterans, 0).await;
    let owner = fleet.owner(&id).await;
    let node = fleet.nodes[owner].take().unwrap();
    assert!(
        std::process::Command::new("kill").arg(node.pid().to_string()).status().unwrap().success()
    );
    for (veteran, other) in veterans.iter_mut().zip((0..3).filter(|number| *number != owner)) {
        veteran.client.until(|_| false).await;
        veteran.note();
        assert_eq!(veteran.client.closed, Some(4010), "another server has the game");
        let took = come_back(veteran, fleet.at(other), &id).await;
        println!("back after {} ms", took.as_millis());
    }
    assert_ne!(fleet.owner(&id).await, owner);
    crash::play_some(&mut veterans, 1).await;
    let address = fleet.nodes.iter().flatten().next().unwrap().address;
    for veteran in &mut veterans {
        veteran.settle().await;
    }
    drop(node);
    let replay = crash::end(address, &id, &mut veterans).await;
    replay.verify(std::sync::Arc::new(sovereign_core::Map::shipped("classic").unwrap())).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_owner_that_stood_still_finds_that_its_game_has_moved() {
    let fleet = Fleet::start(&[]).await;
    let (id, mut veterans) = game(&fleet).await;
    crash::play_some(&mut veterans, 0).await;
    let owner = fleet.owner(&id).await;
    fleet.signal(owner, "-STOP");
    for (veteran, other) in veterans.iter_mut().zip((0..3).filter(|number| *number != owner)) {
        come_back(veteran, fleet.at(other), &id).await;
    }
    let heir = fleet.owner(&id).await;
    assert_ne!(heir, owner);
    fleet.signal(owner, "-CONT");
    crash::play_some(&mut veterans, 1).await;
    // Through the old owner too the new one is reached.
    come_back(&mut veterans[0], fleet.at(owner), &id).await;
    crash::play_some(&mut veterans, 2).await;
    assert_eq!(fleet.owner(&id).await, heir);
    for veteran in &mut veterans {
        veteran.settle().await;
    }
    let replay = crash::end(fleet.at(owner), &id, &mut veterans).await;
    crash::check(&replay, &veterans);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lobby_outlives_its_node() {
    let mut fleet = Fleet::start(&[]).await;
    let ada = guest(fleet.at(1), "Ada").await;
    let wish = json!({ "map": "classic", "seats": 2 });
    let made = post(fleet.at(0), "/v1/games", &ada, wish).await.json();
    let path = format!("/v1/games/{}", made["id"].as_str().unwrap());
    fleet.kill(0).await;
    let mut game = Value::Null;
    eventually(async || send(fleet.at(2), "GET", &path, &ada, None).await.status == 200).await;
    for number in [1, 2] {
        game = send(fleet.at(number), "GET", &path, &ada, None).await.json();
        assert_eq!((&game["status"], &game["you"]), (&json!("lobby"), &json!(0)), "{game}");
    }
    assert_eq!(game["code"], made["code"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_party_and_the_queue_are_the_same_at_every_node() {
    let fleet = Fleet::start(&[]).await;
    let ada = guest(fleet.at(0), "Ada").await;
    let founded = post(fleet.at(0), "/v1/party", &ada, json!({})).await;
    assert_eq!(founded.status, 201, "{}", founded.text());
    for number in 0..NAMES.len() {
        let party = send(fleet.at(number), "GET", "/v1/party", &ada, None).await.json();
        assert_eq!(party["party"]["members"].as_array().map(Vec::len), Some(1), "{party}");
        let queue = send(fleet.at(number), "GET", "/v1/queue", &ada, None).await;
        assert_eq!(queue.status, 200, "{}", queue.text());
    }
}

/// A player's sight of a game that is at another node is that of one at his own.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_socket_at_the_wrong_node_plays_a_game() {
    let fleet = Fleet::start(&[]).await;
    let ada = guest(fleet.at(0), "Ada").await;
    let wish = json!({ "map": "classic", "bots": ["expander"], "start": true });
    let made = post(fleet.at(0), "/v1/games", &ada, wish).await.json();
    let id = made["id"].as_str().unwrap();
    for number in 0..NAMES.len() {
        let token = Some(ada.token.as_str());
        let mut client = Client::connect(fleet.at(number), id, token, Codec::Json).await;
        client.ready().await;
        let land = client.free_land();
        let seq = number as u32 + 1;
        client.order(seq, spawn(land)).await;
        // The first begins the game, which refuses the others.
        assert_eq!(client.answer(seq).await.result.is_ok(), number == 0);
    }
    // Whoever waits at one node for news of the list hears of a game at another one.
    let wish = json!({ "map": "world", "seats": 2 });
    let hears = async {
        let mut listed = call(fleet.at(2), "GET", "/v1/games", &[], None).await.json();
        while !listed["games"].as_array().unwrap().iter().any(|game| game["map"] == "world") {
            let path = format!("/v1/games?since={}", listed["rev"]);
            listed = call(fleet.at(2), "GET", &path, &[], None).await.json();
        }
    };
    let soon = timeout(Duration::from_secs(10), hears);
    let (heard, _) = tokio::join!(soon, post(fleet.at(1), "/v1/games", &ada, wish));
    heard.expect("sooner than the wait for news ends");
    let nowhere = call(fleet.at(1), "GET", "/v1/games/NOSUCH", &[], None).await;
    assert_eq!(nowhere.status, 404, "{}", nowhere.text());
}

/// Two of three at once: the last one has to see that both are gone, and take all there is.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_game_goes_on_when_two_nodes_die_at_once() {
    let mut fleet = Fleet::start(&[]).await;
    let (id, mut veterans) = game(&fleet).await;
    crash::play_some(&mut veterans, 0).await;
    let owner = fleet.owner(&id).await;
    let (other, last) = ((owner + 1) % 3, (owner + 2) % 3);
    fleet.signal(other, "-KILL");
    fleet.signal(owner, "-KILL");
    let killed = Instant::now();
    for veteran in &mut veterans {
        veteran.client.until(|_| false).await;
        veteran.note();
        come_back(veteran, fleet.at(last), &id).await;
    }
    crash::play_some(&mut veterans, 1).await;
    println!("played on after {} ms", killed.elapsed().as_millis());
    assert_eq!(fleet.owner(&id).await, last);
    for number in [owner, other] {
        fleet.kill(number).await;
    }
    for veteran in &mut veterans {
        veteran.settle().await;
    }
    let replay = crash::end(fleet.at(last), &id, &mut veterans).await;
    crash::check(&replay, &veterans);
}

/// How long the players of a hundred games wait when their node is killed; for `docs/reliability.md`,
/// printed by
/// `cargo test --release -p sovereign-server --test server a_hundred_games -- --ignored --nocapture`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes a while, and is there for its figures"]
async fn a_hundred_games_go_on_when_their_node_is_killed() {
    const GAMES: usize = 100;
    let mut fleet = Fleet::for_many("NODE_FULL_PERCENT").await;
    let (ada, bob) = (guest(fleet.at(0), "Ada").await, guest(fleet.at(0), "Bob").await);
    let make = async |number| {
        let id = game_for_two(fleet.at(0), &ada, &bob).await;
        (id.clone(), Veteran::enter(fleet.at(1 + number % 2), &id, ada.clone()).await)
    };
    let mut players = Vec::new();
    for number in (0..GAMES).step_by(10) {
        players.extend(futures_util::future::join_all((number..number + 10).map(&make)).await);
    }
    fleet.kill(0).await;
    let killed = Instant::now();
    let back = players.iter_mut().enumerate().map(async |(number, (id, veteran))| {
        let land = veteran.client.free_land();
        veteran.unanswered.insert(1, spawn(land));
        while !veteran.client.answers.contains_key(&1) {
            veteran.client.until(|_| false).await;
            come_back(veteran, fleet.at(1 + number % 2), id).await;
            veteran.client.until(|client| client.answers.contains_key(&1)).await;
        }
        assert!(veteran.client.answers[&1].result.is_ok());
        killed.elapsed().as_millis()
    });
    let mut waits = futures_util::future::join_all(back).await;
    waits.sort_unstable();
    println!(
        "p50 {} ms, p99 {} ms, most {} ms",
        waits[GAMES / 2],
        waits[GAMES - 2],
        waits[GAMES - 1]
    );
}
