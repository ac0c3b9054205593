//! The real binary, in a process of its own.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command as Process};
use tokio::time::timeout;

use crate::http_client::PATIENCE;

pub(crate) struct Binary {
    child: Child,
    pub(crate) address: SocketAddr,
}

impl Binary {
    pub(crate) async fn start(folder: &Path) -> Self {
        Self::launch(&["env"], folder).await
    }

    /// Starts it by a command that runs what follows it, in the same process.
    pub(crate) async fn launch(wrapper: &[&str], folder: &Path) -> Self {
        let mut child = Process::new(wrapper[0])
            .args(&wrapper[1..])
            .arg(env!("CARGO_BIN_EXE_sovereign-server"))
            .args(["--port", "0", "--ops-port", "0", "--admin-port", "0", "--data-dir"])
            .arg(folder)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let stdout = child.stdout.take().unwrap();
        let mut lines = BufReader::new(stdout).lines();
        let line = timeout(PATIENCE, lines.next_line()).await.unwrap().unwrap().unwrap();
        assert!(line.starts_with("Sovereign Lines is ready: http://localhost:"), "{line}");
        let port = line.split("localhost:").nth(1).unwrap();
        let port = port.split(' ').next().unwrap().parse::<u16>().unwrap();
        Self { child, address: SocketAddr::from(([127, 0, 0, 1], port)) }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id().expect("it has not been waited for")
    }

    /// Waits until it has ended by itself.
    pub(crate) async fn ended(mut self) {
        let status = timeout(PATIENCE, self.child.wait()).await.expect("in time").unwrap();
        assert!(status.success(), "{status}");
    }

    /// kill -9.
    pub(crate) async fn kill(mut self) {
        self.child.kill().await.unwrap();
    }
}
