//! How long a socket may speak for somebody: row J13 of the security matrix on virtual
//! time, and over real sockets what ends one and what keeps it.

use std::time::Duration;

use futures_util::FutureExt;
use serde_json::json;
use sovereign_core::wire::{CloseCode, Codec, FromClient};
use sovereign_server::auth::{Identity, Lease, LeaseEnd, Revocations, now_s};
use sovereign_server::store::people::Revocation;
use tokio::time::{Instant, timeout};
use uuid::Uuid;

use crate::client::Client;
use crate::running::{Person, Running, post, send};

/// The longest that a socket may outlive its token.
const MINUTE: Duration = Duration::from_secs(60);

fn identity(account: Uuid, life_s: u64) -> Identity {
    let issued = now_s();
    Identity { account, session: Uuid::new_v4(), issued, expires: issued + life_s, outside: None }
}

#[tokio::test(start_paused = true)]
async fn j13_the_right_ends_within_a_minute_of_its_token() {
    for leeway_s in [0, 30, 60] {
        let ada = identity(Uuid::new_v4(), 900);
        let lease = Lease::new(&ada, &Revocations::default(), leeway_s);
        let began = Instant::now();
        assert_eq!(lease.ended().await, LeaseEnd::Expired);
        let lived = began.elapsed();
        let token = Duration::from_secs(899);
        assert!(lived >= token && lived <= token + MINUTE + Duration::from_secs(1), "{lived:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn j13_a_renewed_token_prolongs_the_right() {
    let account = Uuid::new_v4();
    let revocations = Revocations::default();
    let mut lease = Lease::new(&identity(account, 100), &revocations, 30);
    tokio::time::advance(Duration::from_secs(90)).await;
    assert!(!lease.renew(&identity(Uuid::new_v4(), 5_000)), "another account's token");
    assert!(lease.renew(&identity(account, 900)));
    let early = timeout(Duration::from_secs(900), lease.ended()).await;
    assert!(early.is_err(), "the first token is over, the second is not");
    assert_eq!(timeout(MINUTE, lease.ended()).await, Ok(LeaseEnd::Expired));
}

#[tokio::test(start_paused = true)]
async fn j12_a_revocation_ends_the_right_at_once() {
    let revocations = Revocations::default();
    let (old, new) = (identity(Uuid::new_v4(), 900), identity(Uuid::new_v4(), 900));
    let new = Identity { account: old.account, ..new };
    let mut lease = Lease::new(&old, &revocations, 30);
    let end = |id| revocations.add(&[Revocation { id, issued_s: u64::MAX, until_s: u64::MAX }]);
    assert!(lease.renew(&new));
    end(old.session);
    assert_eq!(lease.ended().now_or_never(), None, "it lives by the new session");
    end(new.session);
    assert_eq!(lease.ended().now_or_never(), Some(LeaseEnd::Revoked));
    let late = Lease::new(&new, &revocations, 30);
    assert_eq!(late.ended().now_or_never(), Some(LeaseEnd::Revoked));
}

async fn playing(running: &Running) -> (Person, Client) {
    let ada = running.guest("Ada").await;
    let game = running.game(&ada, &["random"]).await;
    let mut client =
        Client::connect(running.address(), &game, Some(&ada.token), Codec::Msgpack).await;
    client.ready().await;
    (ada, client)
}

#[tokio::test]
async fn a_socket_is_closed_when_its_person_leaves() {
    let running = Running::start().await;
    for way in ["logout", "logout-all"] {
        let (ada, mut client) = playing(&running).await;
        let path = format!("/v1/auth/{way}");
        assert_eq!(post(running.address(), &path, &ada, json!({})).await.status, 204);
        assert_eq!(client.close_code().await, Some(CloseCode::Revoked), "{way}");
        assert_eq!(client.notices, ["token_revoked"]);
    }
    running.server.stop().await;
}

#[tokio::test]
async fn a_copied_refresh_token_and_an_erasure_close_sockets_too() {
    let running = Running::start().await;
    let (ada, mut client) = playing(&running).await;
    let spend = json!({ "refresh_token": ada.refresh });
    for status in [200, 401] {
        let answer = post(running.address(), "/v1/auth/refresh", &ada, spend.clone()).await;
        assert_eq!(answer.status, status);
    }
    assert_eq!(client.close_code().await, Some(CloseCode::Revoked));
    let (bob, mut client) = playing(&running).await;
    let erased = send(running.address(), "DELETE", "/v1/me", &bob, Some(json!({}))).await;
    assert_eq!(erased.status, 204);
    assert_eq!(client.close_code().await, Some(CloseCode::Revoked));
    running.server.stop().await;
}

#[tokio::test]
async fn a_token_is_renewed_within_the_connection() {
    let running = Running::start().await;
    let (ada, mut client) = playing(&running).await;
    let eve = running.guest("Eve").await;
    for (token, notice) in [(&eve.token, "other_account"), (&"forged".into(), "token_invalid")] {
        client.say(&FromClient::Renew { token: token.clone() }).await;
        client.until(|client| client.notices.last().is_some_and(|last| last == notice)).await;
    }
    let spend = json!({ "refresh_token": ada.refresh });
    let next = post(running.address(), "/v1/auth/refresh", &ada, spend).await.json();
    let token = next["token"].as_str().unwrap().to_owned();
    client.say(&FromClient::Renew { token }).await;
    client.until(|client| client.renewed.is_some()).await;
    assert_eq!(client.renewed, next["expires"].as_u64());
    let next = Person::of(&next);
    post(running.address(), "/v1/auth/logout", &next, json!({})).await;
    assert_eq!(client.close_code().await, Some(CloseCode::Revoked), "it lives by the new token");
    running.server.stop().await;
}

#[tokio::test]
async fn a_revoked_token_opens_no_socket() {
    let running = Running::start().await;
    let ada = running.guest("Ada").await;
    let game = running.game(&ada, &["random"]).await;
    post(running.address(), "/v1/auth/logout", &ada, json!({})).await;
    let running = running.restart().await;
    let mut late = Client::connect(running.address(), &game, Some(&ada.token), Codec::Json).await;
    assert_eq!(late.close_code().await, Some(CloseCode::Revoked), "after a restart too");
    running.server.stop().await;
}
