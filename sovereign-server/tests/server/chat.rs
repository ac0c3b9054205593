//! Talk and complaints, from socket to operator.

use serde_json::{Value, json};
use sovereign_core::id::PlayerId;
use sovereign_core::wire::{Codec, FromClient};
use sovereign_server::config::Limits;

use crate::admin::Operator;
use crate::client::Client;
use crate::running::{Person, Running};

fn chat(text: &str) -> FromClient {
    FromClient::Chat { text: text.to_owned(), to: None, allies: false }
}

/// Two people in a game that allows words.
pub(crate) async fn table(running: &Running) -> (String, [Person; 2], [Client; 2]) {
    let (ada, bob) = (running.guest("Ada").await, running.guest("Bob").await);
    let wish = json!({ "map": "classic", "seats": 2, "chat": "free" });
    let game = running.post("/v1/games", &ada, wish).await.json();
    assert_eq!(game["chat"], "free");
    let game = game["id"].as_str().unwrap().to_owned();
    for (path, person) in [("join", &bob), ("start", &ada)] {
        let done = running.post(&format!("/v1/games/{game}/{path}"), person, json!({})).await;
        assert_eq!(done.status, 200, "{}", done.text());
    }
    let mut clients = Vec::new();
    for person in [&ada, &bob] {
        let token = Some(person.token.as_str());
        let mut client = Client::connect(running.address(), &game, token, Codec::Json).await;
        client.ready().await;
        clients.push(client);
    }
    let clients = clients.try_into().ok().expect("two");
    (game, [ada, bob], clients)
}

#[tokio::test]
async fn words_are_made_fit_and_thinned() {
    let limits = Limits { chat_burst: 3, chat_per_minute: 1, ..Limits::default() };
    let running = Running::with(limits).await;
    let (_, _, [mut ada, mut bob]) = table(&running).await;
    for text in [" <script>\u{202e}x</script>\n", "\u{200b}", &"x".repeat(201), "too much"] {
        ada.say(&chat(text)).await;
    }
    ada.until(|client| client.notices.len() == 3).await;
    assert_eq!(ada.notices, ["chat_unfit", "chat_unfit", "rate_limited"]);
    bob.until(|client| !client.words.is_empty()).await;
    assert_eq!(
        bob.words,
        [(Some(0), "<script>x</script>".to_owned())],
        "text, for the page to show"
    );
    running.server.stop().await;
}

#[tokio::test]
async fn a_complaint_comes_before_the_operator_with_what_was_said() {
    let running = Running::start().await;
    let (game, [ada, bob], [mut hers, mut his]) = table(&running).await;
    his.say(&chat("something rude")).await;
    hers.until(|client| !client.words.is_empty()).await;
    his.say(&FromClient::Chat { text: "to nobody".into(), to: Some(PlayerId(1)), allies: false })
        .await;
    his.until(|client| client.words.len() == 2).await;
    let path = format!("/v1/games/{game}/reports");
    for (wish, status) in [
        (json!({ "seat": 1, "reason": "boredom" }), 400),
        (json!({ "seat": 0, "reason": "abuse" }), 404),
        (json!({ "seat": 7, "reason": "abuse" }), 404),
        (json!({ "seat": 1, "reason": "abuse", "comment": "x".repeat(501) }), 400),
    ] {
        let answer = running.post(&path, &ada, wish).await;
        assert_eq!(answer.status, status, "{}", answer.text());
    }
    let stranger = running.guest("Eve").await;
    let complaint = json!({ "seat": 1, "reason": "abuse", "comment": "see for yourself" });
    let refused = running.post(&path, &stranger, complaint.clone()).await;
    assert_eq!((refused.status, &refused.json()["code"]), (403, &json!("not_seated")));
    let made = running.post(&path, &ada, complaint.clone()).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let flood = running.post(&path, &ada, complaint).await;
    assert_eq!(flood.status, 429, "five a minute");
    sees_and_closes(&running, &game, [&ada, &bob]).await;
    running.server.stop().await;
}

async fn sees_and_closes(running: &Running, game: &str, [ada, bob]: [&Person; 2]) {
    let operator = Operator::of(running);
    let seen = operator.get("reports").await["reports"][0].clone();
    for (key, value) in [
        ("game", json!(game)),
        ("account", json!(bob.account)),
        ("reporter", json!(ada.account)),
        ("name", json!("Bob")),
        ("comment", json!("see for yourself")),
        ("closed", json!(false)),
    ] {
        assert_eq!(seen[key], value, "{key}");
    }
    let lines = seen["lines"].as_array().unwrap();
    let said: Vec<&Value> = lines.iter().map(|line| &line["text"]).collect();
    assert_eq!(said, ["something rude"], "not what she has not heard");
    let close = format!("reports/{}/close", seen["number"]);
    operator.act(&close, json!({ "reason": "warned" })).await;
    assert_eq!(operator.ask("POST", &close, Some(json!({}))).await.status, 404, "once");
    assert_eq!(operator.get("reports").await["reports"], json!([]));
    assert_eq!(operator.get("reports?closed=true").await["reports"][0]["closed"], json!(true));
    let noted = operator.noted().await;
    assert_eq!(noted[0], ("close-report".to_owned(), "done".to_owned()));
}
