//! `keys rotate` beside a running server: row J12 of the security matrix, end to end.

use std::path::Path;
use std::process::Output;

use serde_json::Value;
use tokio::process::Command;
use tokio::time::{sleep, timeout};

use crate::http_client::PATIENCE;
use crate::running::{Person, Running};

async fn keys(data: &Path, arguments: &[&str]) -> String {
    let Output { status, stdout, stderr } = Command::new(env!("CARGO_BIN_EXE_sovereign-server"))
        .arg("keys")
        .args(arguments)
        .arg("--data-dir")
        .arg(data)
        .output()
        .await
        .unwrap();
    assert!(status.success(), "{}", String::from_utf8_lossy(&stderr));
    String::from_utf8(stdout).unwrap()
}

/// The names of the published keys, once they are what is expected.
async fn published(running: &Running, expected: impl Fn(&[String]) -> bool) -> Vec<String> {
    let looking = async {
        loop {
            let set = running.get("/.well-known/jwks.json").await.json();
            let name = |key: &Value| key["kid"].as_str().unwrap().to_owned();
            let names: Vec<String> = set["keys"].as_array().unwrap().iter().map(name).collect();
            if expected(&names) {
                return names;
            }
            sleep(std::time::Duration::from_millis(50)).await;
        }
    };
    timeout(PATIENCE, looking).await.expect("the server takes up its keys")
}

async fn status(running: &Running, person: &Person) -> u16 {
    running.ask("GET", "/v1/me", person).await.status
}

#[tokio::test]
async fn j12_a_rotation_logs_nobody_out_and_a_compromised_key_is_void() {
    let running = Running::start().await;
    let data = running.folder.path().join("data");
    let ada = running.guest("Ada").await;
    let first = published(&running, |names| names.len() == 1).await.remove(0);
    assert!(keys(&data, &["rotate", "--after", "0"]).await.contains(&first));
    let both = published(&running, |names| names.len() == 2).await;
    assert!(both.contains(&first), "the old key still verifies");
    let bob = running.guest("Bob").await;
    assert_eq!((status(&running, &ada).await, status(&running, &bob).await), (200, 200));

    let listed = keys(&data, &["list"]).await;
    let line = |name: &str| listed.lines().find(|line| line.starts_with(name)).unwrap().to_owned();
    assert!(line(&first).contains("verifies for another"), "{listed}");

    keys(&data, &["rotate", "--compromised"]).await;
    let last = published(&running, |names| names.len() == 1).await;
    assert!(!both.contains(&last[0]));
    assert_eq!((status(&running, &ada).await, status(&running, &bob).await), (401, 401));
    let spend = serde_json::json!({ "refresh_token": ada.refresh });
    let renewed = running.post("/v1/auth/refresh", &ada, spend).await;
    assert_eq!(status(&running, &Person::of(&renewed.json())).await, 200, "sessions go on");
    running.server.stop().await;
}
