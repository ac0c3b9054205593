//! What an operator does with the real binary.

use std::path::Path;
use std::process::Stdio;

use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStderr, Command as Process};
use tokio::time::timeout;

use serde_json::json;
use sovereign_core::wire::{CloseCode, Codec};

use crate::client::Client;
use crate::http_client::{PATIENCE, call};
use crate::running::{guest, post};

const SERVER: &str = env!("CARGO_BIN_EXE_sovereign-server");

/// A server as an operator starts it, with its log.
pub(crate) struct Operated {
    pub(crate) child: Child,
    pub(crate) address: std::net::SocketAddr,
    log: Lines<BufReader<ChildStderr>>,
}

impl Operated {
    pub(crate) async fn start(folder: &Path, args: &[&str]) -> Self {
        let mut child = Process::new(SERVER)
            .args(["--port", "0", "--ops-port", "0", "--admin-port", "0", "--data-dir"])
            .arg(folder.join("data"))
            .args(args)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let greeting = timeout(PATIENCE, lines.next_line()).await.unwrap().unwrap().unwrap();
        let port = greeting.split("localhost:").nth(1).unwrap().split(' ').next().unwrap();
        let address = format!("127.0.0.1:{port}").parse().unwrap();
        let log = BufReader::new(child.stderr.take().unwrap()).lines();
        Self { child, address, log }
    }

    pub(crate) async fn signal(&self, name: &str) {
        let pid = self.child.id().unwrap().to_string();
        assert!(Process::new("kill").args([name, &pid]).status().await.unwrap().success());
    }

    /// All lines of the log until the process ends.
    pub(crate) async fn rest_of_the_log(&mut self) -> Vec<String> {
        let mut lines = Vec::new();
        while let Some(line) =
            timeout(PATIENCE, self.log.next_line()).await.expect("an end in time").unwrap()
        {
            lines.push(line);
        }
        lines
    }

    /// The next line of the log that holds `text`.
    pub(crate) async fn logged(&mut self, text: &str) -> String {
        loop {
            let line = timeout(PATIENCE, self.log.next_line()).await.expect("a line in time");
            let line = line.unwrap().expect("the log goes on");
            if line.contains(text) {
                return line;
            }
        }
    }
}

/// Runs the binary to its end: exit code, output and errors.
pub(crate) async fn run(args: &[&str]) -> (Option<i32>, String, String) {
    let output = Process::new(SERVER).args(args).output().await.unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

#[tokio::test]
async fn settings_are_checked_and_shown_without_a_server() {
    let (code, out, _) = run(&["config", "check"]).await;
    assert_eq!((code, out.as_str()), (Some(0), "the settings are right\n"));
    let (code, _, error) = run(&["config", "check", "--set", "limits.romms=1"]).await;
    assert!(code == Some(2) && error.contains("did you mean limits.rooms?"), "{error}");
    let (code, _, error) = run(&["config", "check", "--bind", "0.0.0.0"]).await;
    assert!(code == Some(2) && error.contains("server.origins"), "{error}");
    for endpoint in ["https://collector.example/v1/traces", "http://no address"] {
        let setting = format!("telemetry.otlp_endpoint={endpoint}");
        let (code, _, error) = run(&["config", "check", "--set", &setting]).await;
        assert!(code == Some(2) && !error.is_empty(), "{endpoint}: {error}");
    }
    let (code, _, error) = run(&["config", "check", "--log", "=="]).await;
    assert!(code == Some(2) && !error.is_empty());
    let token = "9f2c64d1b7e8a0359f2c64d1b7e8a035";
    let set = format!("admin.token={token}");
    let (code, out, _) = run(&["config", "print", "--redacted", "--set", &set]).await;
    assert!(code == Some(0) && out.contains("port = 8080") && !out.contains(token), "{out}");
    let (_, out, _) = run(&["config", "schema"]).await;
    assert!(out.contains("| `limits.") || out.contains("| `rooms` |"), "{out}");
}

#[tokio::test]
async fn a_hangup_reads_the_settings_again() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("settings.toml");
    std::fs::write(&file, "[limits]\nrooms = 5\n").unwrap();
    let mut server = Operated::start(folder.path(), &["--config", file.to_str().unwrap()]).await;
    let from = [("origin", "https://friend.example")];
    let ask = || call(server.address, "GET", "/v1/games", &from, None);
    assert_eq!(ask().await.status, 403);
    let changed = "[server]\norigins = [\"https://friend.example\"]\nmaps_dir = \"/elsewhere\"\n";
    std::fs::write(&file, changed).unwrap();
    server.signal("-HUP").await;
    let line = server.logged("read again").await;
    assert!(line.contains("\"applied\":\"server.origins limits.rooms\""), "{line}");
    assert!(line.contains("\"needs_restart\":\"server.maps_dir\""), "{line}");
    assert_eq!(call(server.address, "GET", "/v1/games", &from, None).await.status, 200);
    std::fs::write(&file, "[server]\norigns = []\n").unwrap();
    server.signal("-HUP").await;
    let line = server.logged("stay in force").await;
    assert!(line.contains("did you mean server.origins?"), "{line}");
    assert_eq!(call(server.address, "GET", "/v1/games", &from, None).await.status, 200);
}

#[tokio::test]
async fn a_stop_tells_when_to_come_back_and_a_second_signal_does_not_wait() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Operated::start(folder.path(), &["--set", "limits.restart_s=7"]).await;
    let ada = guest(server.address, "Ada").await;
    let wish = json!({ "map": "classic", "bots": ["random"], "start": true });
    let game = post(server.address, "/v1/games", &ada, wish).await.json();
    let game = game["id"].as_str().unwrap();
    let mut client = Client::connect(server.address, game, Some(&ada.token), Codec::Json).await;
    client.ready().await;
    server.signal("-TERM").await;
    assert_eq!(client.close_code().await, Some(CloseCode::Restart));
    assert_eq!(client.close_reason, "restart retry_after_s=7");
    assert_eq!(timeout(PATIENCE, server.child.wait()).await.unwrap().unwrap().code(), Some(0));

    // A log that takes nothing would hold the stop up for a minute.
    let stuck = ["--set", "limits.log_bytes=12288", "--set", "limits.drain_ms=60000"];
    let mut server = Operated::start(&folder.path().join("stuck"), &stuck).await;
    let bob = guest(server.address, "Bob").await;
    let wish = json!({ "map": "classic", "bots": ["expander", "expander"], "start": true });
    let game = post(server.address, "/v1/games", &bob, wish).await.json();
    let game = game["id"].as_str().unwrap();
    let mut client = Client::connect(server.address, game, Some(&bob.token), Codec::Json).await;
    client.until(|client| client.paused.is_some()).await;
    server.signal("-TERM").await;
    server.logged("a second signal").await;
    server.signal("-TERM").await;
    let ended = timeout(PATIENCE, server.child.wait()).await.expect("it does not wait").unwrap();
    assert_eq!(ended.code(), Some(130));
}
