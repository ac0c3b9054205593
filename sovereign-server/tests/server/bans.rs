//! Shutting people out.

use std::time::{Duration, Instant};

use serde_json::json;
use sovereign_core::wire::{CloseCode, Codec};

use crate::admin::Operator;
use crate::client::Client;
use crate::http_client::{Answer, call};
use crate::running::{Person, Running};

/// Sockets of who is shut out are closed within this time.
const AT_ONCE: Duration = Duration::from_secs(2);

async fn send(running: &Running, path: &str, body: serde_json::Value) -> Answer {
    call(running.address(), "POST", path, &[], Some(&body.to_string())).await
}

async fn me(running: &Running, person: &Person) -> Answer {
    running.ask("GET", "/v1/me", person).await
}

async fn log_in(running: &Running) -> Answer {
    let wish = json!({ "login": "ada", "password": "correct horse" });
    send(running, "/v1/auth/login", wish).await
}

/// Ada, registered and playing, and her sockets.
async fn ada(running: &Running) -> (Person, Client) {
    let wish = json!({ "login": "ada", "password": "correct horse" });
    let ada = Person::of(&send(running, "/v1/auth/register", wish).await.json());
    let game = running.game(&ada, &["random"]).await;
    let token = Some(ada.token.as_str());
    let mut client = Client::connect(running.address(), &game, token, Codec::Json).await;
    client.ready().await;
    (ada, client)
}

#[tokio::test]
async fn whoever_is_shut_out_is_gone_at_once_and_stays_so_after_a_restart() {
    let running = Running::start().await;
    let (ada, mut client) = ada(&running).await;
    let path = format!("players/{}", ada.account);
    let began = Instant::now();
    let reason = json!({ "reason": "abuse" });
    Operator::of(&running).act(&format!("{path}/ban"), reason.clone()).await;
    assert_eq!(client.close_code().await, Some(CloseCode::Revoked));
    assert!(began.elapsed() < AT_ONCE, "{:?}", began.elapsed());
    let running = running.restart().await;
    let operator = Operator::of(&running);
    let refused = me(&running, &ada).await;
    assert_eq!((refused.status, &refused.json()["code"]), (403, &json!("banned")));
    let refused = log_in(&running).await;
    assert_eq!((refused.status, &refused.json()["code"]), (403, &json!("banned")));
    let spent = send(&running, "/v1/auth/refresh", json!({ "refresh_token": ada.refresh })).await;
    assert_eq!(spent.status, 401, "{}", spent.text());
    let listed = operator.get("bans").await["bans"][0].clone();
    assert_eq!((&listed["account"], &listed["reason"]), (&json!(ada.account), &json!("abuse")));
    assert_eq!(operator.get("players?name=").await["players"][0]["banned"], json!(true));
    operator.act(&format!("{path}/unban"), reason).await;
    assert_eq!(log_in(&running).await.status, 200);
    assert_eq!(me(&running, &ada).await.status, 401, "what she had before stays void");
    let acts = ["ban", "unban"].map(|act| (act.to_owned(), "done".to_owned()));
    assert_eq!(operator.noted().await, acts);
    running.server.stop().await;
}

#[tokio::test]
async fn what_cannot_be_done_is_refused_and_noted() {
    let running = Running::start().await;
    let (ada, _client) = ada(&running).await;
    let operator = Operator::of(&running);
    let nobody = uuid::Uuid::new_v4();
    for (path, wish, status) in [
        (format!("players/{nobody}/ban"), json!({}), 404),
        (format!("players/{}/ban", ada.account), json!({ "until_s": 1 }), 400),
        (format!("players/{}/unban", ada.account), json!({}), 404),
        (format!("players/{}/praise", ada.account), json!({}), 404),
    ] {
        let answer = operator.ask("POST", &path, Some(wish)).await;
        assert_eq!(answer.status, status, "{path}: {}", answer.text());
    }
    let outcomes = operator.noted().await.into_iter().map(|(_, outcome)| outcome);
    assert_eq!(outcomes.collect::<Vec<_>>(), ["not_found", "bad_request", "not_found"]);
    let until_s = sovereign_server::auth::now_s() + 7_200;
    operator.act(&format!("players/{}/ban", ada.account), json!({ "until_s": until_s })).await;
    assert_eq!(log_in(&running).await.json()["hint"], "come back in 2 hours");
    running.server.stop().await;
}

#[tokio::test]
async fn an_operator_logs_somebody_out_everywhere() {
    let running = Running::start().await;
    let (ada, mut client) = ada(&running).await;
    let path = format!("players/{}/log-out", ada.account);
    Operator::of(&running).act(&path, json!({ "reason": "a lost phone" })).await;
    assert_eq!(client.close_code().await, Some(CloseCode::Revoked));
    assert_eq!(me(&running, &ada).await.status, 401);
    assert_eq!(log_in(&running).await.status, 200);
    running.server.stop().await;
}
