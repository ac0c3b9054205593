//! The real binary, killed in the middle of a game with connected clients.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use serde_json::json;
use sovereign_core::command::Command;
use sovereign_core::wire::Codec;
use sovereign_core::{Answer, Map, Order, Phase, Replay};
use tokio::time::timeout;

use crate::binary::Binary;
use crate::client::Client;
use crate::http_client::{PATIENCE, call};
use crate::play::spawn;
use crate::running::{Person, guest, post};

/// How often the server is killed.
const KILLS: u32 = 3;

/// A player who remembers what was acknowledged, and resends what was not.
pub(crate) struct Veteran {
    pub(crate) client: Client,
    pub(crate) person: Person,
    seq: u32,
    pub(crate) unanswered: BTreeMap<u32, Command>,
    acknowledged: BTreeMap<u32, Answer>,
}

impl Veteran {
    /// In a game that has begun.
    pub(crate) async fn enter(address: SocketAddr, game: &str, person: Person) -> Self {
        let token = Some(person.token.as_str());
        let mut client = Client::connect(address, game, token, Codec::Msgpack).await;
        client.ready().await;
        let (unanswered, acknowledged) = (BTreeMap::new(), BTreeMap::new());
        Self { client, person, seq: 0, unanswered, acknowledged }
    }

    async fn order(&mut self, territory: u32) {
        self.seq += 1;
        self.unanswered.insert(self.seq, spawn(territory));
        self.client.order(self.seq, spawn(territory)).await;
    }

    pub(crate) fn note(&mut self) {
        for (seq, answer) in &self.client.answers {
            if self.unanswered.remove(seq).is_some() {
                self.acknowledged.insert(*seq, *answer);
            }
            if answer.result.is_ok() {
                assert_eq!(self.acknowledged.get(seq), Some(answer), "an answer has changed");
            }
        }
    }

    /// Waits for all answers that are missing.
    pub(crate) async fn settle(&mut self) {
        let open: Vec<u32> = self.unanswered.keys().copied().collect();
        for seq in open {
            self.client.answer(seq).await;
        }
        self.note();
    }

    async fn come_back(&mut self, address: SocketAddr, path: &str) {
        self.client.reconnect(address, path, &self.person.token).await;
        self.client.ready().await;
        for (seq, command) in self.unanswered.clone() {
            self.client.order(seq, command).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_and_nothing_runs_twice() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Binary::start(folder.path()).await;
    let (ada, bob) = (guest(server.address, "Ada").await, guest(server.address, "Bob").await);
    let wish = json!({ "map": "classic", "seats": 3 });
    let game = post(server.address, "/v1/games", &ada, wish).await.json();
    let id = game["id"].as_str().unwrap().to_owned();
    // The third never chooses a start, so that the others can change theirs for long.
    let cy = guest(server.address, "Cy").await;
    for person in [&bob, &cy] {
        post(server.address, &format!("/v1/games/{id}/join"), person, json!({})).await;
    }
    post(server.address, &format!("/v1/games/{id}/start"), &ada, json!({})).await;
    let path = format!("/v1/games/{id}/ws");
    let mut veterans = Vec::new();
    for person in [ada, bob] {
        veterans.push(Veteran::enter(server.address, &id, person).await);
    }
    for round in 0..KILLS {
        play_some(&mut veterans, round).await;
        server.kill().await;
        for veteran in &mut veterans {
            // What arrived before the kill counts as acknowledged.
            veteran.client.until(|_| false).await;
            veteran.note();
        }
        server = Binary::start(folder.path()).await;
        for veteran in &mut veterans {
            veteran.come_back(server.address, &path).await;
        }
    }
    for veteran in &mut veterans {
        veteran.settle().await;
    }
    let replay = end(server.address, &id, &mut veterans).await;
    check(&replay, &veterans);
    server.kill().await;
}

/// Each sends orders; the last ones are not waited for.
pub(crate) async fn play_some(veterans: &mut [Veteran], round: u32) {
    for (number, veteran) in veterans.iter_mut().enumerate() {
        for order in 0..5 {
            veteran.order(number as u32 * 20 + round * 5 + order).await;
        }
        let waited_for = veteran.seq - 2;
        veteran.client.answer(waited_for).await;
        veteran.note();
    }
}

/// Both give up, so that the game ends and its replay is stored.
pub(crate) async fn end(address: SocketAddr, id: &str, veterans: &mut [Veteran]) -> Replay {
    // All at once: who does not read does not answer pings, and is taken for dead.
    let begun = |c: &Client| c.mirror().view().game().phase != Phase::Spawn;
    futures_util::future::join_all(veterans.iter_mut().map(|v| v.client.until(begun))).await;
    let replay = format!("/v1/replays/{id}");
    for veteran in veterans.iter_mut() {
        veteran.seq += 1;
        let surrender = Command::Surrender(sovereign_core::command::Surrender {});
        veteran.client.order(veteran.seq, surrender).await;
        veteran.client.answer(veteran.seq).await;
    }
    let finished = |c: &Client| c.mirror().view().game().phase == Phase::Finished;
    timeout(PATIENCE, veterans[0].client.until(finished)).await.expect("the third has won");
    loop {
        let answer = call(address, "GET", &replay, &[], None).await;
        if answer.status == 200 {
            return Replay::from_bytes(&answer.body).unwrap();
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

pub(crate) fn check(replay: &Replay, veterans: &[Veteran]) {
    replay.verify(Arc::new(Map::shipped("classic").unwrap())).unwrap();
    let mut executed = BTreeMap::new();
    for batch in &replay.batches {
        for order in &batch.orders {
            if let Order::Player { player, seq, .. } = order {
                let twice = executed.insert((player.0, *seq), batch.tick);
                assert_eq!(twice, None, "order {seq} of {player} ran twice");
            }
        }
    }
    for (player, veteran) in veterans.iter().enumerate() {
        let carried_out = veteran.acknowledged.values().filter(|a| a.result.is_ok()).count();
        assert!(carried_out >= 9, "{:?}", veteran.acknowledged);
        for (seq, answer) in &veteran.acknowledged {
            let tick = executed.get(&(player as u16, *seq));
            assert_eq!(answer.result.ok().as_ref(), tick, "order {seq} of player {player}");
        }
    }
}
