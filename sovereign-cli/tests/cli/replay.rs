//! `sovereign replay`.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use sovereign_core::Replay;
use tempfile::{TempDir, tempdir};

use crate::harness::sovereign_in;

/// A folder with the replay of one game.
fn one_game() -> TempDir {
    let folder = tempdir().expect("a folder");
    let play = "simulate --map classic --bots expander,random,expander --games 1 --replay-dir .";
    sovereign_in(folder.path(), play).leaves(0);
    folder
}

/// Reads, changes and writes `game-000000.sovr` as `bad.sovr`.
fn corrupt(folder: &Path, change: impl FnOnce(&mut Replay)) {
    let bytes = fs::read(folder.join("game-000000.sovr")).expect("it was recorded");
    let mut replay = Replay::from_bytes(&bytes).expect("it is a replay");
    change(&mut replay);
    fs::write(folder.join("bad.sovr"), replay.to_bytes()).expect("writable");
}

#[test]
fn what_was_recorded_is_verified() {
    let folder = one_game();
    let verify = "replay verify game-000000.sovr";
    let report = sovereign_in(folder.path(), &format!("{verify} --json")).leaves(0).json();
    assert_eq!(report["verified"], true);
    let entry = &report["replays"][0];
    assert!(entry["orders"].as_u64() > Some(10) && entry["winner"].is_u64(), "{entry}");
    let run = sovereign_in(folder.path(), verify).leaves(0);
    assert!(run.out.contains(entry["hash"].as_str().expect("a hash")), "{}", run.out);
}

#[test]
fn the_first_differing_batch_is_named() {
    let folder = one_game();
    let middle = |replay: &Replay| replay.batches.len() / 2;
    let mut at = 0;
    corrupt(folder.path(), |replay| {
        at = middle(replay);
        replay.batches[at].hash ^= 1;
    });
    let verify = "replay verify game-000000.sovr bad.sovr";
    let run = sovereign_in(folder.path(), &format!("{verify} --json")).leaves(1);
    let report = run.json();
    assert_eq!(report["replays"][0]["verified"], true);
    assert_eq!(report["replays"][1]["differs_at"], at);
    let run = sovereign_in(folder.path(), verify).leaves(1);
    assert!(run.out.contains(&format!("batch {at}:")), "{}", run.out);
    assert!(run.err.contains("1 of 2 replays differ"), "{}", run.err);
    let show = sovereign_in(folder.path(), "replay show bad.sovr").leaves(1);
    assert!(show.err.contains("hash"), "{}", show.err);
}

#[test]
fn an_order_that_was_taken_out_is_found() {
    let folder = one_game();
    let mut at = 0;
    corrupt(folder.path(), |replay| {
        at = replay.batches.iter().rposition(|b| !b.orders.is_empty()).expect("there are orders");
        replay.batches[at].orders.pop();
    });
    let report = sovereign_in(folder.path(), "replay verify bad.sovr --json").leaves(1).json();
    assert_eq!(report["replays"][0]["differs_at"], at);
}

#[test]
fn what_is_no_replay_is_bad_input() {
    let folder = one_game();
    let bytes = fs::read(folder.path().join("game-000000.sovr")).expect("it was recorded");
    fs::write(folder.path().join("cut.sovr"), &bytes[..bytes.len() / 2]).expect("writable");
    fs::write(folder.path().join("text.sovr"), "hello").expect("writable");
    for (arguments, named) in [
        ("replay verify cut.sovr", "cut.sovr"),
        ("replay verify text.sovr", "SOVR"),
        ("replay verify nowhere.sovr", "nowhere.sovr"),
        ("replay show text.sovr", "SOVR"),
        ("replay verify game-000000.sovr --map world", "map"),
        ("replay verify game-000000.sovr --map nowhere", "nowhere"),
        ("replay verify", "<FILES>"),
    ] {
        let run = sovereign_in(folder.path(), arguments).leaves(2);
        assert!(run.err.contains(named), "{arguments}: {}", run.err);
    }
}

#[test]
fn a_replay_tells_its_story() {
    let folder = one_game();
    let show = |more: &str| {
        let run = sovereign_in(folder.path(), &format!("replay show game-000000.sovr {more}"));
        run.leaves(0)
    };
    let report = show("--json").json();
    assert_eq!(report["map"], "classic");
    assert_eq!(report["reason"].is_string(), report["winner"].is_u64());
    assert_eq!(report["standings"][0]["place"], 1);
    let count = |report: &serde_json::Value| report["timeline"].as_array().map_or(0, Vec::len);
    assert!(count(&show("--captures --json").json()) > count(&report));
    let early = show("--at 60 --json").json();
    assert_eq!(early["at"], 60);
    assert_eq!(early["standings"][0]["place"], 0);
    let text = show("").out;
    assert!(text.contains("wins") && text.contains("starts in"), "{text}");
}

#[test]
fn a_reader_that_leaves_is_no_error() {
    let folder = one_game();
    let mut child = Command::new(env!("CARGO_BIN_EXE_sovereign"))
        .args(["replay", "show", "game-000000.sovr", "--captures", "--json"])
        .current_dir(folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary was built");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}
