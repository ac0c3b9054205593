//! `sovereign serve`, `token` and `bot`, against each other.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};

use tempfile::{TempDir, tempdir};

use crate::harness::{Run, sovereign, sovereign_in};

/// A server of its own, ended with the test.
struct Server {
    child: Child,
    url: String,
    folder: TempDir,
}

impl Server {
    fn start() -> Self {
        let folder = tempdir().expect("a folder");
        let mut child = Command::new(env!("CARGO_BIN_EXE_sovereign"))
            .args([
                "serve",
                "--port",
                "0",
                "--ops-port",
                "0",
                "--admin-port",
                "0",
                "--data-dir",
                "data",
            ])
            .current_dir(folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary was built with the tests");
        let stdout = BufReader::new(child.stdout.take().expect("it is piped"));
        let port = port_named(stdout).unwrap_or_else(|| {
            let mut said = String::new();
            // The child is over if it closed its output: what it said tells why.
            let _ = child.stderr.take().map(|mut err| err.read_to_string(&mut said));
            panic!("the server did not start: {said}");
        });
        Self { child, url: format!("http://127.0.0.1:{port}"), folder }
    }

    fn sovereign(&self, arguments: &str) -> Run {
        sovereign_in(self.folder.path(), &format!("{arguments} --url {}", self.url))
    }
}

/// The port in the line that says that the server is ready. The rest of what it says is
/// read by a thread, so that the server never waits for its reader.
fn port_named(mut stdout: impl BufRead + Send + 'static) -> Option<u16> {
    let mut line = String::new();
    while stdout.read_line(&mut line).ok()? > 0 {
        if let Some((_, rest)) = line.split_once("http://localhost:") {
            let port = rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok();
            std::thread::spawn(move || std::io::copy(&mut stdout, &mut std::io::sink()));
            return port;
        }
        line.clear();
    }
    None
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may be over already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Rules under which a game on the classic map takes seconds.
fn quick_rules() -> String {
    let mut rules = sovereign("rules show classic").leaves(0).out;
    for (slow, quick) in [
        ("immunity_ticks = 600", "immunity_ticks = 0"),
        ("ticks_per_100 = 40", "ticks_per_100 = 1"),
        ("garrison = 35", "garrison = 0"),
        ("share = 600", "share = 250"),
    ] {
        assert!(rules.contains(slow), "{slow} is not in the shipped rules");
        rules = rules.replace(slow, quick);
    }
    rules
}

#[test]
fn a_bot_plays_on_a_server_to_the_end() {
    let server = Server::start();
    fs::write(server.folder.path().join("quick.toml"), quick_rules()).expect("writable");
    let bot = "bot --game new --map classic --rules quick.toml --against random --json";
    let report = server.sovereign(bot).leaves(0).json();
    assert_eq!(report["seat"], 0);
    assert!(report["place"].as_u64() > Some(0), "{report}");
    assert!(report["orders"].as_u64() > Some(1), "{report}");
    assert_eq!(report["won"], report["winner"] == report["seat"]);
    // The server's dice decide whether land is won before the other has lost his last.
    let reason = report["reason"].as_str();
    assert!(matches!(reason, Some("land" | "last_standing")), "{report}");
}

#[test]
fn guests_get_tokens_and_strangers_are_told() {
    let server = Server::start();
    let guest = server.sovereign("token --name Ada --json").leaves(0).json();
    assert_eq!(guest["name"], "Ada");
    assert_eq!(guest["token"].as_str().map(|token| token.split('.').count()), Some(3));
    let text = server.sovereign("token").leaves(0).out;
    assert_eq!(text.trim_end().split('.').count(), 3, "{text}");
    let lost = server.sovereign("bot --game ZZZZZZ").leaves(2);
    assert!(lost.err.contains("the server refuses"), "{}", lost.err);
    let oracle = server.sovereign("bot --bot oracle").leaves(2);
    assert!(oracle.err.contains("oracle"), "{}", oracle.err);
}

#[test]
fn a_server_that_is_not_there_is_named() {
    let folder = tempdir().expect("a folder");
    let port = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        listener.local_addr().expect("it is bound").port()
    };
    let run = sovereign_in(folder.path(), &format!("token --url http://127.0.0.1:{port}"));
    let run = run.leaves(2);
    assert!(run.err.contains("sovereign serve"), "{}", run.err);
    assert!(sovereign("token --url https://x").leaves(2).err.contains("plain http"));
    assert!(sovereign("serve --set no.such=1").leaves(2).err.contains("no"));
}

#[test]
fn a_load_is_measured_and_every_frame_checked() {
    let server = Server::start();
    let load = |what: &str| {
        let pid = server.child.id();
        let always = "--map classic --seats 3 --warm-up 0 --seconds 2 --json";
        server.sovereign(&format!("load {what} {always} --pid {pid}")).leaves(0).json()
    };
    let play = load("--profile play --sockets 6 --orders 10");
    assert_eq!((play["rooms"].as_u64(), play["sockets"].as_i64()), (Some(2), Some(6)), "{play}");
    assert_eq!(play["wrong"], 0, "{play}");
    assert!(play["done"].as_u64() > Some(0) && play["bodies"].as_u64() > Some(0), "{play}");
    assert!(play["effect_ms"]["p99"].as_f64() > Some(0.0), "{play}");
    assert!(play["server"]["rss_mib"].as_f64() > Some(1.0), "{play}");
    for (what, counted) in
        [("storm --sockets 6", "/join_ms/count"), ("joins --sockets 4", "/burst/sockets")]
    {
        let report = load(&format!("--profile {what} --beside 3"));
        assert_eq!(report["wrong"], 0, "{report}");
        assert!(report.pointer(counted).and_then(|n| n.as_u64()) > Some(3), "{report}");
    }
}

#[test]
fn no_load_leaves_this_machine_or_its_bounds() {
    let other = sovereign("load --url http://192.0.2.1:8080").leaves(2);
    assert!(other.err.contains("--target 192.0.2.1"), "{}", other.err);
    for bound in ["--sockets 20001", "--seconds 601", "--sockets 0", "--orders 41"] {
        sovereign(&format!("load {bound}")).leaves(2);
    }
}
