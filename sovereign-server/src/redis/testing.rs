//! Throw-away Redis servers and Sentinels for tests.
//!
//! Names nothing of this crate, so that tests in other places can include this file.

use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, TcpListener};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

/// Starts the server, says its number, and kills it when its input ends, which it does with this
/// process however that ends.
const KEEPER: &str = r#"
trap '' INT TERM HUP
redis-server "$@" >/dev/null 2>&1 &
echo $!
cat >/dev/null
kill -9 $! 2>/dev/null
"#;

/// A server of one's own, gone with this value and with the process.
#[derive(Debug)]
pub(crate) struct Server {
    port: u16,
    arguments: Vec<String>,
    folder: TempDir,
    keeper: Option<(Child, u32)>,
}

impl Server {
    /// One that keeps nothing.
    pub(crate) fn start() -> Self {
        Self::with(free_port(), &[])
    }

    /// A copy of another one.
    pub(crate) fn replica_of(master: &Self) -> Self {
        let master = format!("127.0.0.1 {}", master.port);
        Self::with(free_port(), &["--replicaof", &master])
    }

    /// A Sentinel that alone watches over a master, of name `m`, and misses it soon.
    pub(crate) fn sentinel_of(master: &Self) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let (port, file) = (free_port(), folder.path().join("sentinel.conf"));
        let watch = format!("sentinel monitor m 127.0.0.1 {} 1", master.port);
        let soon = "sentinel down-after-milliseconds m 300\nsentinel failover-timeout m 3000";
        let bind = format!("bind 127.0.0.1\nport {port}\n{watch}\n{soon}\n");
        std::fs::write(&file, bind).expect("a file");
        let arguments = vec![file.display().to_string(), "--sentinel".to_owned()];
        Self::of(port, arguments, folder)
    }

    fn with(port: u16, more: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let (number, place) = (port.to_string(), folder.path().display().to_string());
        let usual = ["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--port", &number];
        let arguments = [&usual[..], &["--dir", &place], more].concat();
        Self::of(port, arguments.into_iter().map(str::to_owned).collect(), folder)
    }

    fn of(port: u16, arguments: Vec<String>, folder: TempDir) -> Self {
        let mut server = Self { port, arguments, folder, keeper: None };
        server.start_again();
        server
    }

    /// Where it listens.
    pub(crate) const fn port(&self) -> u16 {
        self.port
    }

    /// Its address.
    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/", self.port)
    }

    /// Starts what was killed, empty.
    pub(crate) fn start_again(&mut self) {
        let mut keeper = Command::new("sh");
        keeper.args(["-c", KEEPER, "keeper"]).args(&self.arguments).current_dir(self.folder.path());
        let piped = keeper.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = piped.spawn().expect("a shell");
        let mut line = String::new();
        let said = child.stdout.take().expect("its output");
        BufReader::new(said).read_line(&mut line).expect("the server's number");
        self.keeper = Some((child, line.trim().parse().expect("a number")));
    }

    /// Ends it at once.
    pub(crate) fn kill(&mut self) {
        if let Some((mut keeper, _)) = self.keeper.take() {
            keeper.stdin = None;
            let _ = keeper.wait();
        }
    }

    /// Sends it a signal, such as `-STOP`.
    pub(crate) fn signal(&self, signal: &str) {
        let (_, pid) = self.keeper.as_ref().expect("it runs");
        let sent = Command::new("kill").args([signal, &pid.to_string()]).status();
        assert!(sent.expect("kill").success());
    }

    /// What it answers to a command.
    pub(crate) fn say(&self, words: &[&str]) -> String {
        let mut client = Command::new("redis-cli");
        let said = client.args(["-p", &self.port.to_string()]).args(words).output();
        String::from_utf8_lossy(&said.expect("redis-cli").stdout).trim().to_owned()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    listener.local_addr().expect("its address").port()
}
