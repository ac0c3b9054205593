//! The real binary on a disk that fails: games pause and say so, nothing that was
//! acknowledged is lost, and they go on once the disk does.
#![cfg(target_os = "linux")]

use std::fs::{self, File};
use std::io::Write;
use std::path::PathBuf;
use std::process::Command as Process;

use serde_json::json;
use sovereign_core::wire::{Codec, PauseReason};

use crate::binary::Binary;
use crate::client::Client;
use crate::play::spawn;
use crate::running::{Person, guest, post};

/// Orders sent until a full disk must have been met.
const MANY: u32 = 400;
/// Runs a program with `file too large` as an error in place of a deadly signal.
const WITHOUT_SIGNAL: [&str; 4] = ["sh", "-c", "trap '' XFSZ; exec \"$@\"", "sh"];

/// A game that stays where starts are chosen: its second person never comes.
struct Table {
    id: String,
    person: Person,
    client: Client,
}

impl Table {
    async fn open(server: &Binary) -> Self {
        let person = guest(server.address, "Ada").await;
        let other = guest(server.address, "Bob").await;
        let wish = json!({ "map": "classic", "seats": 2 });
        let game = post(server.address, "/v1/games", &person, wish).await.json();
        let id = game["id"].as_str().unwrap().to_owned();
        post(server.address, &format!("/v1/games/{id}/join"), &other, json!({})).await;
        post(server.address, &format!("/v1/games/{id}/start"), &person, json!({})).await;
        let token = Some(person.token.as_str());
        let mut client = Client::connect(server.address, &id, token, Codec::Msgpack).await;
        client.ready().await;
        Self { id, person, client }
    }

    async fn order(&mut self, seq: u32) {
        self.client.order(seq, spawn(seq % 40)).await;
    }

    /// The game says that it stands still, and does not answer.
    async fn stands_still(&mut self, unanswered: u32) {
        self.client.until(|client| client.paused.is_some()).await;
        assert_eq!(self.client.paused, Some(PauseReason::Storage));
        assert!(!self.client.answers.contains_key(&unanswered), "nothing is promised");
    }

    /// After kill -9 every answer is what it was.
    async fn remembers(&mut self, server: Binary, wrapper: &[&str], folder: &std::path::Path) {
        let known = self.client.answers.clone();
        server.kill().await;
        self.client.until(|_| false).await;
        let server = Binary::launch(wrapper, folder).await;
        let path = format!("/v1/games/{}/ws", self.id);
        self.client.reconnect(server.address, &path, &self.person.token).await;
        self.client.until(|client| client.epoch == 2).await;
        let last = *known.keys().next_back().unwrap();
        self.order(last).await;
        assert_eq!(self.client.answer(last).await, known[&last], "the answer stands");
        self.order(last + 1).await;
        assert!(self.client.answer(last + 1).await.result.is_ok(), "it goes on");
        server.kill().await;
    }
}

/// Sets how long files may become; what is longer fails when it is written.
fn limit_files(pid: u32, bytes: &str) {
    let (pid, limit) = (pid.to_string(), format!("--fsize={bytes}:"));
    let set = Process::new("prlimit").args(["--pid", &pid, &limit]).status().unwrap();
    assert!(set.success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_input_output_error_pauses_visibly_and_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let server = Binary::launch(&WITHOUT_SIGNAL, folder.path()).await;
    let mut table = Table::open(&server).await;
    table.order(1).await;
    assert!(table.client.answer(1).await.result.is_ok());
    limit_files(server.pid(), "4096");
    table.order(2).await;
    table.stands_still(2).await;
    limit_files(server.pid(), "unlimited");
    assert!(table.client.answer(2).await.result.is_ok());
    table.client.until(|client| client.paused.is_none()).await;
    table.remembers(server, &WITHOUT_SIGNAL, folder.path()).await;
}

/// A small disk of its own for one process; `None` where the system does not allow it.
fn small_disk(folder: &str) -> Option<Vec<String>> {
    let root = Process::new("id").arg("-u").output().ok()?.stdout == b"0\n";
    let share = if root { "-m" } else { "-rm" };
    let mount = format!("mount -t tmpfs -o size=4m tmpfs {folder}");
    let allowed = Process::new("unshare").args([share, "sh", "-c", &mount]).status();
    if !allowed.is_ok_and(|status| status.success()) {
        eprintln!("this system lets nobody mount a small disk: nothing was tested");
        return None;
    }
    let run = format!("{mount} && exec \"$@\"");
    Some(["unshare", share, "sh", "-c", &run, "sh"].map(str::to_owned).to_vec())
}

/// Fills a disk to its last byte, and says by which file.
fn fill(server: &Binary, folder: &str) -> PathBuf {
    let ballast = PathBuf::from(format!("/proc/{}/root{folder}/ballast", server.pid()));
    let mut file = File::create(&ballast).unwrap();
    while file.write(&[7; 4_096]).is_ok() {}
    ballast
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_pauses_visibly_until_there_is_room() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    let Some(wrapper) = small_disk(path) else { return };
    let wrapper: Vec<&str> = wrapper.iter().map(String::as_str).collect();
    let server = Binary::launch(&wrapper, folder.path()).await;
    let mut table = Table::open(&server).await;
    table.order(1).await;
    assert!(table.client.answer(1).await.result.is_ok());
    let ballast = fill(&server, path);
    let mut seq = 1;
    // There is still room in pages that are used again.
    while table.client.paused.is_none() && seq < MANY {
        seq += 1;
        table.order(seq).await;
        let heard = |c: &Client| c.answers.contains_key(&seq) || c.paused.is_some();
        table.client.until(heard).await;
    }
    table.stands_still(seq).await;
    fs::remove_file(ballast).unwrap();
    assert!(table.client.answer(seq).await.result.is_ok());
    table.client.until(|client| client.paused.is_none()).await;
    table.order(seq + 1).await;
    assert!(table.client.answer(seq + 1).await.result.is_ok());
    server.kill().await;
}
