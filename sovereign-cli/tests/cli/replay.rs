//! `sovereign replay`.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use sovereign_core::Replay;
use sovereign_server::auth::{GameResult, Keys, Seal};
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
    let count = |report: &Value| report["timeline"].as_array().map_or(0, Vec::len);
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

#[test]
fn the_board_is_shown_at_any_tick() {
    let folder = one_game();
    let seek = |more: &str| {
        sovereign_in(folder.path(), &format!("replay seek game-000000.sovr {more}")).leaves(0)
    };
    let board = seek("700 --json").json();
    assert_eq!(board["tick"], 700);
    assert_eq!(board["game"]["phase"], "playing");
    let lands = board["territories"].as_array().expect("a list");
    assert_eq!(lands.len(), 42);
    let held = lands.iter().filter(|land| land["owner"] == 0).count();
    let standing = board["standings"].as_array().expect("a list").iter().find(|s| s["seat"] == 0);
    assert_eq!(standing.expect("seat 0")["territories"], held);
    let text = seek("700").out;
    assert!(text.contains("tick 700 (0:35.0)") && text.contains("territory"), "{text}");
    assert_eq!(seek("16000000 --json").json()["game"]["phase"], "finished");
}

#[test]
fn the_first_difference_of_two_replays_is_named() {
    let folder = one_game();
    let diff = |more: &str| sovereign_in(folder.path(), &format!("replay diff {more}"));
    let same = diff("game-000000.sovr game-000000.sovr --json").leaves(0).json();
    assert_eq!((&same["same"], &same["batch"]), (&true.into(), &Value::Null));
    let fork =
        "replay fork game-000000.sovr --at 1500 --bots random,random,random --out other.sovr";
    sovereign_in(folder.path(), fork).leaves(0);
    let report = diff("game-000000.sovr other.sovr --json").leaves(1).json();
    assert_eq!(report["same"], false);
    assert_eq!(report["header"], serde_json::json!([]));
    assert!(report["ticks"][0].as_u64() > Some(1_500), "{report}");
    assert_eq!(report["orders"].as_array().map(Vec::len), Some(2));
    let run = diff("game-000000.sovr other.sovr").leaves(1);
    assert!(run.out.contains("is the first that differs"), "{}", run.out);
    corrupt(folder.path(), |replay| replay.header.seats += 1);
    let report = diff("game-000000.sovr bad.sovr --json").leaves(1).json();
    assert_eq!(report["header"][0]["field"], "seats");
}

#[test]
fn a_game_goes_on_with_other_bots_and_can_be_verified() {
    let folder = one_game();
    let run = |more: &str| sovereign_in(folder.path(), &format!("replay {more}"));
    let fork = "fork game-000000.sovr --at 900 --bots expander,expander,random --json";
    let report = run(&format!("{fork} --games 4 --out other.sovr")).leaves(0).json();
    assert_eq!((&report["at"], &report["games"]), (&900.into(), &4.into()));
    assert_eq!(report["seats"][1]["bot"], "expander");
    let wins = report["seats"].as_array().expect("a list").iter();
    let won: u64 = wins.filter_map(|seat| seat["wins"]["count"].as_u64()).sum();
    assert_eq!(won + report["undecided"].as_u64().expect("a count"), 4);
    run("verify other.sovr").leaves(0);
    let again = run(&format!("{fork} --games 4 --threads 1")).leaves(0).json();
    assert_eq!(again, report, "the same each time");
}

#[test]
fn a_game_goes_on_by_other_rules() {
    let folder = one_game();
    let rules = sovereign_in(folder.path(), "rules show classic").leaves(0).out;
    let quick = rules.replace("share = 600", "share = 50");
    assert_ne!(quick, rules);
    fs::write(folder.path().join("quick.toml"), quick).expect("writable");
    let fork = "replay fork game-000000.sovr --at 1500 --bots expander,random,expander";
    let ticks = |more: &str| {
        let run = sovereign_in(folder.path(), &format!("{fork} {more} --json")).leaves(0);
        run.json()["ticks"]["max"].as_u64().expect("a number")
    };
    assert!(ticks("--rules quick.toml") < ticks(""), "less land to win is sooner won");
    for (more, named) in [
        ("--rules quick.toml --out x.sovr", "--out"),
        ("--bots expander", "3 seats"),
        ("--rules nowhere", "nowhere"),
    ] {
        let fork = if more.starts_with("--bots") { &fork[..38] } else { fork };
        let run = sovereign_in(folder.path(), &format!("{fork} {more}")).leaves(2);
        assert!(run.err.contains(named), "{more}: {}", run.err);
    }
    let late = "replay fork game-000000.sovr --at 16000000 --bots expander,random,expander";
    assert!(sovereign_in(folder.path(), late).leaves(2).err.contains("over"));
}

#[test]
fn the_changed_cells_of_every_tick_are_exported() {
    let folder = one_game();
    let export = "replay export game-000000.sovr";
    let text = sovereign_in(folder.path(), export).leaves(0).out;
    let lines: Vec<Value> =
        text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(lines[0]["map"], "classic");
    let bytes = fs::read(folder.path().join("game-000000.sovr")).expect("it was recorded");
    let replay = Replay::from_bytes(&bytes).expect("a replay");
    assert_eq!(lines.len(), 1 + replay.batches.len());
    for (line, batch) in lines[1..].iter().zip(&replay.batches) {
        assert_eq!(line["tick"], batch.tick.0);
        assert_eq!(line["hash"], format!("{:016x}", batch.hash));
    }
    let changed = lines[1..].iter().filter_map(|line| line["territories"].as_array());
    assert!(changed.map(Vec::len).sum::<usize>() > 100, "{}", lines[1]);
    sovereign_in(folder.path(), &format!("{export} --out cells.jsonl")).leaves(0);
    assert_eq!(fs::read_to_string(folder.path().join("cells.jsonl")).expect("written"), text);
}

/// Writes what a server would sign of the recorded game, with this hash of its last state.
fn sign(folder: &Path, state_hash: &str) {
    let keys = Keys::open(folder, 960, 1_000).expect("keys can be made");
    let bytes = fs::read(folder.join("game-000000.sovr")).expect("it was recorded");
    let header = Replay::from_bytes(&bytes).expect("it is a replay").header;
    let result = GameResult {
        game: "0192f0c1-7a3b-7c4d-8e5f-0123456789ab".to_owned(),
        map: header.map,
        map_hash: header.map_hash.to_string(),
        rules_hash: header.rules_hash.to_string(),
        rules_version: header.rules_version,
        ranked: false,
        seats: Vec::new(),
        winner: None,
        reason: None,
        ticks: 1,
        state_hash: state_hash.to_owned(),
        replay_hash: Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect(),
    };
    let seal = Seal::new(keys, "https://play.example".to_owned());
    let sealed = seal.sign(result).expect("it can be signed");
    let write = |name: &str, value: Value| fs::write(folder.join(name), value.to_string());
    write("result.json", json!({ "result": sealed.jws })).expect("writable");
    write("jwks.json", json!({ "keys": [sealed.jwk] })).expect("writable");
}

#[test]
fn a_signed_result_is_held_against_the_replay() {
    let folder = one_game();
    let verify = "replay verify game-000000.sovr";
    let report = sovereign_in(folder.path(), &format!("{verify} --json")).leaves(0).json();
    let hash = report["replays"][0]["hash"].as_str().expect("a hash").to_owned();
    let signed = format!("{verify} --result result.json --keys jwks.json");
    sign(folder.path(), &hash);
    let run = sovereign_in(folder.path(), &signed).leaves(0);
    assert!(run.out.contains("signed by https://play.example"), "{}", run.out);
    sign(folder.path(), "0000000000000000");
    let run = sovereign_in(folder.path(), &signed).leaves(1);
    assert!(run.out.contains("another end"), "{}", run.out);
    fs::write(folder.path().join("jwks.json"), r#"{"keys":[]}"#).expect("writable");
    let run = sovereign_in(folder.path(), &signed).leaves(1);
    assert!(run.err.contains("not in the key set"), "{}", run.err);
    sovereign_in(folder.path(), &format!("{verify} --result result.json")).leaves(2);
}
