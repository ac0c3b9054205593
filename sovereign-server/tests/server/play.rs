//! Playing: joining, orders and answers, coming back.

use serde_json::json;
use sovereign_core::command::{Command, Spawn, Surrender};
use sovereign_core::id::TerritoryId;
use sovereign_core::wire::{CloseCode, Codec, FromClient};
use sovereign_core::{Phase, id::PlayerId};

use crate::client::Client;
use crate::running::Running;

pub(crate) fn spawn(territory: u32) -> Command {
    Command::Spawn(Spawn { territory: TerritoryId(territory) })
}

/// Chooses a start, and another one where a bot was faster; the number of the order that was
/// carried out.
pub(crate) async fn begin(client: &mut Client) -> u32 {
    for seq in 1.. {
        client.order(seq, spawn(client.free_land())).await;
        if client.answer(seq).await.result.is_ok() {
            return seq;
        }
    }
    unreachable!("some land is free")
}

#[tokio::test]
async fn an_order_is_answered_once_and_seen() {
    let running = Running::start().await;
    let ada = running.guest("Ada").await;
    let game = running.game(&ada, &["random", "expander"]).await;
    for codec in Codec::ALL {
        let mut client = Client::connect(running.address(), &game, Some(&ada.token), codec).await;
        client.ready().await;
        assert_eq!(client.welcome.as_ref().unwrap().you, Some(PlayerId(0)));
        assert_eq!(client.welcome.as_ref().unwrap().names[0].name, "Ada");
    }
    let mut client =
        Client::connect(running.address(), &game, Some(&ada.token), Codec::Msgpack).await;
    client.ready().await;
    let seq = begin(&mut client).await;
    let first = client.answers[&seq];
    client.answers.clear();
    client.order(seq, spawn(7)).await;
    assert_eq!(client.answer(seq).await, first, "the same number, the same answer");
    client.until(|c| c.mirror().view().territory_count(PlayerId(0)) == 1).await;
    client.until(|c| c.mirror().view().game().phase == Phase::Playing).await;
    client.until(|c| c.frames > 100).await;
    running.server.stop().await;
}

#[tokio::test]
async fn two_people_meet_by_a_code_and_talk() {
    let running = Running::start().await;
    let (ada, bob) = (running.guest("Ada").await, running.guest("Bob").await);
    let wish = json!({ "map": "classic", "seats": 2, "private": true });
    let made = running.post("/v1/games", &ada, wish).await.json();
    let (id, code) = (made["id"].as_str().unwrap(), made["code"].as_str().unwrap());
    let join = format!("/v1/games/{}/join", code.to_lowercase());
    let joined = running.post(&join, &bob, json!({})).await.json();
    assert_eq!(joined["you"], 1);
    let refused = running.post(&format!("/v1/games/{id}/start"), &bob, json!({})).await;
    assert_eq!(refused.status, 403, "only the host begins");
    let begun = running.post(&format!("/v1/games/{id}/start"), &ada, json!({})).await;
    assert_eq!((begun.status, begun.json()["status"].as_str()), (200, Some("running")));
    let mut first = Client::connect(running.address(), id, Some(&ada.token), Codec::Json).await;
    let mut second = Client::connect(running.address(), id, Some(&bob.token), Codec::Msgpack).await;
    first.ready().await;
    second.ready().await;
    second.say(&FromClient::Emoji { emoji: 0, to: Some(PlayerId(0)) }).await;
    first.until(|c| c.socials == 1).await;
    first.order(1, spawn(3)).await;
    second.order(1, spawn(20)).await;
    assert!(first.answer(1).await.result.is_ok() && second.answer(1).await.result.is_ok());
    running.server.stop().await;
}

#[tokio::test]
async fn g9_a_second_tab_takes_over_cleanly() {
    let running = Running::start().await;
    let ada = running.guest("Ada").await;
    let game = running.game(&ada, &["random"]).await;
    let connect = || Client::connect(running.address(), &game, Some(&ada.token), Codec::Msgpack);
    let mut first = connect().await;
    first.ready().await;
    first.order(1, spawn(first.free_land())).await;
    first.answer(1).await;
    let mut second = connect().await;
    second.ready().await;
    assert_eq!(second.welcome.as_ref().unwrap().last_seq, 1);
    assert_eq!(first.close_code().await, Some(CloseCode::Replaced));
    second.order(2, Command::Surrender(Surrender {})).await;
    second.answer(2).await;
    running.server.stop().await;
}

#[tokio::test]
async fn a_reload_resumes_from_the_ring() {
    let running = Running::start().await;
    let ada = running.guest("Ada").await;
    let game = running.game(&ada, &["expander", "expander"]).await;
    let path = format!("/v1/games/{game}/ws");
    let mut client =
        Client::connect(running.address(), &game, Some(&ada.token), Codec::Msgpack).await;
    client.ready().await;
    client.until(|c| c.frames > 20).await;
    let before = client.frames;
    client.reconnect(running.address(), &path, &ada.token).await;
    client.until(|c| c.frames > before + 20).await;
    assert_eq!(client.snapshots, 1, "the ring had what was missed");
    running.server.stop().await;
}

#[tokio::test]
async fn a_stopped_server_closes_sockets_and_goes_on_where_it_was() {
    let running = Running::start().await;
    let ada = running.guest("Ada").await;
    let game = running.game(&ada, &["expander", "expander"]).await;
    let path = format!("/v1/games/{game}/ws");
    let mut client =
        Client::connect(running.address(), &game, Some(&ada.token), Codec::Msgpack).await;
    client.ready().await;
    let seq = begin(&mut client).await;
    let (running, code) = tokio::join!(running.restart(), client.close_code());
    assert_eq!(code, Some(CloseCode::Restart));
    let tick = client.tick;
    client.reconnect(running.address(), &path, &ada.token).await;
    client.until(|c| c.tick > tick + 40).await;
    assert_eq!(client.epoch, 2);
    assert_eq!(client.welcome.as_ref().unwrap().last_seq, seq);
    running.server.stop().await;
}

#[tokio::test]
async fn g7_who_has_no_seat_may_watch_and_not_play() {
    let running = Running::start().await;
    let ada = running.guest("Ada").await;
    let game = running.game(&ada, &["expander"]).await;
    let mut watcher = Client::connect(running.address(), &game, None, Codec::Msgpack).await;
    watcher.ready().await;
    watcher.order(1, spawn(3)).await;
    watcher.until(|c| c.frames > 10).await;
    assert!(watcher.answers.is_empty());
    running.server.stop().await;
}

#[tokio::test]
async fn a_full_disk_pauses_visibly_and_loses_nothing() {
    use sovereign_server::config::Limits;
    // Room for the first pages of the log and little more.
    let limits = Limits { log_bytes: 12 * 1024, drain_ms: 500, ..Limits::default() };
    let running = Running::with(limits).await;
    let ada = running.guest("Ada").await;
    let game = running.game(&ada, &["expander", "expander", "expander"]).await;
    let path = format!("/v1/games/{game}/ws");
    let mut client =
        Client::connect(running.address(), &game, Some(&ada.token), Codec::Msgpack).await;
    client.ready().await;
    client.order(1, spawn(3)).await;
    let answer = client.answer(1).await;
    client.until(|c| c.paused.is_some()).await;
    assert_eq!(client.paused, Some(sovereign_core::wire::PauseReason::Storage));
    // There is room again: the next server has no such limit.
    let (running, _) = tokio::join!(running.restart(), client.close_code());
    let (tick, seen) = (client.tick, client.seen.clone());
    client.reconnect(running.address(), &path, &ada.token).await;
    client.until(|c| c.tick > tick + 20).await;
    assert_eq!(client.answers[&1], answer);
    assert!(seen.keys().all(|seen| *seen <= tick));
    running.server.stop().await;
}
