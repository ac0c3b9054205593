//! What the server tells its operator, and what it must never tell anybody.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use sovereign_core::wire::{Codec, FromClient};
use sovereign_server::telemetry::metrics::METRICS;

use crate::client::Client;
use crate::http_client::call;
use crate::operate::{Operated, run};
use crate::play::spawn;
use crate::running::{Running, guest, post};

/// Scraped names with their kinds, and the labels that their samples carry.
fn scraped(text: &str) -> BTreeMap<String, (String, Vec<String>)> {
    let mut found = BTreeMap::new();
    for line in text.lines() {
        if let Some(typed) = line.strip_prefix("# TYPE ") {
            let (name, kind) = typed.split_once(' ').unwrap();
            found.insert(name.to_owned(), (kind.to_owned(), Vec::new()));
        } else if let Some((name, rest)) = line.split_once('{') {
            let bare = |suffix| name.strip_suffix(suffix).map(str::to_owned);
            let base = bare("_bucket").or_else(|| bare("_sum")).or_else(|| bare("_count"));
            let base =
                base.filter(|base| found.contains_key(base)).unwrap_or_else(|| name.to_owned());
            let labels = rest.split('}').next().unwrap().split(',');
            let labels = labels.filter_map(|label| Some(label.split_once('=')?.0.to_owned()));
            found.get_mut(&base).unwrap().1.extend(labels.filter(|label| label != "le"));
        }
    }
    found
}

#[tokio::test]
async fn the_metrics_are_those_of_the_table() {
    let running = Running::start().await;
    let ada = running.guest("Ada").await;
    let game = running.game(&ada, &["random"]).await;
    let token = Some(ada.token.as_str());
    let mut client = Client::connect(running.address(), &game, token, Codec::Json).await;
    client.ready().await;
    client.order(1, spawn(client.free_land())).await;
    client.answer(1).await;
    let text = call(running.server.ops, "GET", "/metrics", &[], None).await.text();
    let scraped = scraped(&text);
    for (name, (kind, labels)) in &scraped {
        let known = METRICS.iter().find(|metric| metric.name == name);
        let known = known.unwrap_or_else(|| panic!("{name} is in no table"));
        assert_eq!(known.kind.name(), kind, "{name}");
        assert!(labels.iter().all(|l| known.labels.contains(&l.as_str())), "{name} {labels:?}");
    }
    for metric in METRICS.iter().filter(|metric| metric.labels.is_empty()) {
        assert!(scraped.contains_key(metric.name), "{} is not told\n{text}", metric.name);
    }
    let published = [
        "game_active_count",
        "player_connected_count",
        "message_processed_total",
        "command_latency_ms",
    ];
    assert!(published.iter().all(|name| scraped.contains_key(*name)), "{text}");
    running.server.stop().await;
}

#[tokio::test]
async fn health_is_told_by_the_exit_code() {
    let running = Running::start().await;
    let port = running.server.ops.port().to_string();
    let (code, _, error) = run(&["healthcheck", "--ops-port", &port]).await;
    assert_eq!(code, Some(0), "{error}");
    let (code, _, error) = run(&["healthcheck", "--live", "--ops-port", &port]).await;
    assert_eq!(code, Some(0), "{error}");
    running.server.stop().await;
    let (code, _, error) = run(&["healthcheck", "--ops-port", &port]).await;
    assert!(code == Some(1) && !error.is_empty(), "{error}");
}

/// P3 and P7: neither logs nor metrics nor errors hold what was planted, and no name breaks
/// a line.
#[tokio::test]
async fn p3_p7_what_people_send_is_in_no_log() {
    let folder = tempfile::tempdir().unwrap();
    let name = "Kanarie\r\n\u{1b}[31m{\"level\":\"ERROR\"}";
    let mut server =
        Operated::start(folder.path(), &["--log", "info,sovereign_server=trace"]).await;
    let ada = guest(server.address, name).await;
    let wish = json!({ "map": "classic", "bots": ["random"], "start": true, "chat": "free" });
    let game = post(server.address, "/v1/games", &ada, wish).await.json();
    let game = game["id"].as_str().unwrap().to_owned();
    let mut client = Client::connect(server.address, &game, Some(&ada.token), Codec::Json).await;
    client.ready().await;
    client.order(1, spawn(client.free_land())).await;
    client.answer(1).await;
    let text = "Kanarie".to_owned();
    client.say(&FromClient::Chat { text, to: None, allies: false }).await;
    client.until(|client| !client.words.is_empty()).await;
    let forged = format!("{}Kanarie", ada.token);
    let mut stranger = Client::connect(server.address, &game, Some(&forged), Codec::Json).await;
    stranger.close_code().await;
    let mut errors = String::new();
    let complaints = format!("/v1/games/{game}/reports");
    for (path, body) in [
        ("/v1/games", "{\"map\":\"Kanarie\"}"),
        ("/v1/games", "Kanarie"),
        (complaints.as_str(), "{\"seat\":1,\"reason\":\"abuse\",\"comment\":\"Kanarie\"}"),
        ("/v1/games/Kanarie/start", "{}"),
        ("/v1/games?token=Kanarie", "{}"),
    ] {
        let bearer = format!("Bearer {}", ada.token);
        let from = [("authorization", bearer.as_str()), ("x-canary", "Kanarie")];
        errors += &call(server.address, "POST", path, &from, Some(body)).await.text();
    }
    server.signal("-TERM").await;
    let lines = server.rest_of_the_log().await;
    assert!(lines.len() >= 3, "{lines:?}");
    for line in &lines {
        let value: Value = serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"));
        assert!(value["level"].is_string());
        let signature = ada.token.rsplit('.').next().unwrap();
        for planted in ["Kanarie", signature, "127.0.0.1", &ada.account] {
            assert!(!line.contains(planted), "{planted} in {line}");
        }
    }
    assert!(!errors.contains(&ada.token), "{errors}");
}
