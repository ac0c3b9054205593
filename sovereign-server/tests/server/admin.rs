//! The admin listener.

use std::net::SocketAddr;

use serde_json::{Value, json};
use sovereign_core::wire::{CloseCode, Codec};

use crate::client::Client;
use crate::http_client::{Answer, call};
use crate::operate::run;
use crate::running::{Person, Running};

pub(crate) struct Operator {
    address: SocketAddr,
    bearer: String,
}

impl Operator {
    pub(crate) fn of(running: &Running) -> Self {
        let token = std::fs::read_to_string(running.folder.path().join("data/admin-token"));
        Self { address: running.server.admin, bearer: format!("Bearer {}", token.unwrap()) }
    }

    pub(crate) async fn ask(&self, method: &str, path: &str, body: Option<Value>) -> Answer {
        let headers = [("authorization", self.bearer.as_str())];
        let body = body.map(|body| body.to_string());
        call(self.address, method, &format!("/admin/v1/{path}"), &headers, body.as_deref()).await
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        let answer = self.ask("GET", path, None).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        answer.json()
    }

    pub(crate) async fn act(&self, path: &str, body: Value) {
        let answer = self.ask("POST", path, Some(body)).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    }

    /// Acts and outcomes, oldest first.
    pub(crate) async fn noted(&self) -> Vec<(String, String)> {
        let audit = self.get("audit").await;
        let text = |row: &Value, key: &str| row[key].as_str().unwrap().to_owned();
        let rows = audit["audit"].as_array().unwrap().iter().rev();
        rows.map(|row| (text(row, "action"), text(row, "outcome"))).collect()
    }
}

/// A game in which somebody plays, and the operator.
struct Stage {
    running: Running,
    operator: Operator,
    ada: Person,
    game: String,
    client: Client,
}

impl Stage {
    async fn open() -> Self {
        let running = Running::start().await;
        let operator = Operator::of(&running);
        let ada = running.guest("Ada").await;
        let game = running.game(&ada, &["random"]).await;
        let token = Some(ada.token.as_str());
        let mut client = Client::connect(running.address(), &game, token, Codec::Json).await;
        client.ready().await;
        Self { running, operator, ada, game, client }
    }
}

#[tokio::test]
async fn p1_without_the_token_there_is_nothing_but_an_empty_page() {
    let running = Running::start().await;
    let operator = Operator::of(&running);
    let ada = running.guest("Ada").await;
    let game = running.game(&ada, &["random"]).await;
    let players = format!("Bearer {}", ada.token);
    let wrong = format!("{}0", operator.bearer);
    for bearer in ["", "Bearer ", &players, &wrong] {
        for (method, path) in [
            ("GET", "games".to_owned()),
            ("GET", "audit".to_owned()),
            ("GET", "players?name=".to_owned()),
            ("POST", format!("games/{game}/end")),
            ("POST", "announce".to_owned()),
            ("DELETE", "games".to_owned()),
        ] {
            let path = format!("/admin/v1/{path}");
            let from = [("authorization", bearer)];
            let answer = call(operator.address, method, &path, &from, Some("{}")).await;
            assert_eq!(
                (answer.status, &answer.json()["code"]),
                (404, &json!("not_found")),
                "{path}"
            );
        }
    }
    let own = [("authorization", operator.bearer.as_str()), ("origin", "http://evil.example")];
    let foreign = call(operator.address, "GET", "/admin/v1/games", &own, None).await;
    assert_eq!(foreign.status, 404, "a foreign page gets nothing even with the token");
    let page = call(operator.address, "GET", "/", &[], None).await;
    assert_eq!(page.status, 200);
    assert!(!page.text().contains(&game) && page.header("content-security-policy").is_some());
    let public = call(running.address(), "GET", "/admin/v1/games", &own[..1], None).await;
    assert_eq!(public.status, 404, "players' listener knows no admin");
    let denied = operator.noted().await.iter().filter(|(_, outcome)| outcome == "denied").count();
    assert!(denied >= 20, "{denied} denials are noted");
    running.server.stop().await;
}

#[tokio::test]
async fn an_operator_freezes_ends_and_tells() {
    let Stage { running, operator, ada, game, mut client } = Stage::open().await;
    let listed = operator.get("games").await;
    assert_eq!(listed["games"][0]["id"], json!(game));
    let looked = operator.get(&format!("games/{game}")).await;
    assert_eq!(looked["accounts"][0]["account"], json!(ada.account));
    operator.act("announce", json!({ "message": "We restart at noon." })).await;
    client.until(|client| client.notices.contains(&"announcement".to_owned())).await;
    operator.act(&format!("games/{game}/freeze"), json!({ "reason": "a look" })).await;
    client.until(|client| client.mirror().view().game().paused).await;
    operator.act(&format!("games/{game}/unfreeze"), json!({})).await;
    client.until(|client| !client.mirror().view().game().paused).await;
    operator.act(&format!("games/{game}/end"), json!({ "reason": "enough" })).await;
    assert_eq!(client.close_code().await, Some(CloseCode::Normal));
    let gone = operator.ask("POST", "games/NONE/freeze", Some(json!({}))).await;
    assert_eq!(gone.status, 404, "{}", gone.text());
    let acts = operator.noted().await;
    let wanted = [
        ("announce", "done"),
        ("freeze", "done"),
        ("unfreeze", "done"),
        ("end", "done"),
        ("freeze", "not_found"),
    ];
    let acts: Vec<(&str, &str)> = acts.iter().map(|(a, o)| (a.as_str(), o.as_str())).collect();
    assert_eq!(acts, wanted);
    let folder = running.folder.path().join("data");
    let (code, out, error) =
        run(&["audit", "verify", "--data-dir", folder.to_str().unwrap()]).await;
    assert!(code == Some(0) && out.contains("whole: 5 rows"), "{out}{error}");
    let chain = operator.get("audit/check").await;
    assert_eq!((&chain["rows"], &chain["broken_at"]), (&json!(5), &Value::Null));
    running.server.stop().await;
}

#[tokio::test]
async fn g7_a_kicked_player_is_out_of_the_game() {
    let Stage { running, operator, game, mut client, .. } = Stage::open().await;
    let none = operator.ask("POST", &format!("games/{game}/kick"), Some(json!({}))).await;
    assert_eq!(none.status, 400, "it must say who");
    operator.act(&format!("games/{game}/kick"), json!({ "seat": 0, "reason": "abuse" })).await;
    // With the only person gone the bot has won.
    let over = |client: &Client| client.mirror().view().game().winner.is_some();
    client.until(over).await;
    running.server.stop().await;
}
