//! What an operator does with the real binary.

use std::path::Path;
use std::process::Stdio;

use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStderr, Command as Process};
use tokio::time::timeout;

use crate::http_client::{PATIENCE, call};

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

async fn run(args: &[&str]) -> (Option<i32>, String, String) {
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
