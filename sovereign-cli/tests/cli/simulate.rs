//! `sovereign simulate`.

use std::fs;

use sovereign_core::{Map, Rules};
use tempfile::tempdir;

use crate::harness::{sovereign, sovereign_in};

#[test]
fn the_number_of_threads_changes_no_byte() {
    let run = |threads: &str, form: &str| {
        let games = "simulate --map classic --bots expander,random,expander --games 24 --seed 5";
        let run = sovereign(&format!("{games} --threads {threads}{form}")).leaves(0);
        assert_eq!(run.err, "", "nobody is looking");
        run.out
    };
    for form in ["", " --json"] {
        let one = run("1", form);
        assert_eq!(one, run("2", form));
        assert_eq!(one, run("7", form));
    }
}

#[test]
fn the_seed_decides_the_results() {
    let hash = |seed| {
        let run = sovereign(&format!("simulate --games 5 --seed {seed} --json")).leaves(0);
        run.json()["results_sha256"].as_str().expect("a hash").to_owned()
    };
    assert_eq!(hash(1), hash(1));
    assert_ne!(hash(1), hash(2));
}

#[test]
fn the_report_says_what_was_played_and_how_it_went() {
    let arguments = "simulate --map classic --bots expander,random --games 20 --seed 3 --json";
    let report = sovereign(arguments).leaves(0).json();
    let map = Map::shipped("classic").expect("shipped");
    assert_eq!(
        report["command"],
        "sovereign simulate --map classic --rules classic --bots expander,random \
         --games 20 --seed 3 --ticks-max 200000"
    );
    assert_eq!(report["engine"]["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(report["map"]["hash"], map.hash().to_string());
    let rules = Rules::preset("classic").expect("shipped");
    assert_eq!(report["rules"]["hash"], rules.hash().to_string());
    assert_eq!(report["results_sha256"].as_str().map(str::len), Some(64));
    let count = |ending: &str| report["endings"][ending].as_u64().expect("a count");
    assert_eq!(
        ["land", "last_standing", "nobody", "time", "draw", "undecided"]
            .map(count)
            .iter()
            .sum::<u64>(),
        20
    );
    let wins = |list: &str| {
        let rows = report[list].as_array().expect("a list").iter();
        rows.map(|row| row["wins"]["count"].as_u64().expect("a count")).sum::<u64>()
    };
    assert_eq!(wins("by_seat"), 20 - count("undecided") - count("nobody"));
    assert_eq!(wins("by_bot"), wins("by_seat"));
    for spread in [&report["length"]["ticks"], &report["orders"]] {
        let at = |part: &str| spread[part].as_u64().expect("a number");
        let rising = ["min", "median", "p90", "p99", "max"].map(at);
        assert!(rising.is_sorted() && rising[0] > 0, "{rising:?}");
    }
}

#[test]
fn rotating_seats_is_fair_to_the_bots() {
    let run = "simulate --bots expander,random --games 10 --rotate --json";
    let report = sovereign(run).leaves(0).json();
    assert!(report["command"].as_str().expect("a text").contains(" --rotate "));
    assert_eq!(report["by_seat"][0].get("bot"), None);
    let seats = report["by_seat"].as_array().expect("a list");
    let won = seats.iter().filter(|seat| seat["wins"]["count"].as_u64() > Some(0));
    assert_eq!(won.count(), 2, "the better bot wins from both seats: {seats:?}");
}

#[test]
fn a_game_that_takes_too_long_is_undecided() {
    let run = "simulate --bots expander,expander --games 4 --ticks-max 50 --json";
    let report = sovereign(run).leaves(0).json();
    assert_eq!(report["endings"]["undecided"], 4);
    assert_eq!(report["length"]["ticks"]["max"], 50);
}

#[test]
fn replays_are_written_for_every_game() {
    let folder = tempdir().expect("a folder");
    let simulate = "simulate --games 3 --replay-dir deep/down --json";
    let with = sovereign_in(folder.path(), simulate).leaves(0);
    let without = sovereign("simulate --games 3 --json").leaves(0);
    assert_eq!(with.out, without.out, "recording changes no result");
    let mut names: Vec<_> = fs::read_dir(folder.path().join("deep/down"))
        .expect("the folder was made")
        .map(|entry| entry.expect("readable").file_name().into_string().expect("a name"))
        .collect();
    names.sort();
    assert_eq!(names, ["game-000000.sovr", "game-000001.sovr", "game-000002.sovr"]);
}

#[test]
fn the_expander_beats_the_random_bot() {
    for game in [
        "--map classic --bots expander,random",
        "--map classic --bots expander,random,expander,random",
        "--map world --bots expander,random",
    ] {
        let run = format!("simulate {game} --rotate --games 100 --json");
        let report = sovereign(&run).leaves(0).json();
        let expander = &report["by_bot"][0];
        assert_eq!(expander["bot"], "expander");
        let wins = expander["wins"]["count"].as_u64().expect("a count");
        assert!(wins >= 95, "{game}: {wins} of 100");
    }
}

#[test]
fn bad_arguments_are_named() {
    for (arguments, named) in [
        ("simulate --map atlantis", "atlantis"),
        ("simulate --rules anarchy", "anarchy"),
        ("simulate --bots expander,oracle", "oracle"),
        ("simulate --bots expander", "2 to 256 seats"),
        ("simulate --games 0", "--games"),
        ("simulate --threads 0", "--threads"),
        ("simulate --ticks-max 99999999", "--ticks-max"),
    ] {
        let run = sovereign(arguments).leaves(2);
        assert!(run.err.contains(named), "{arguments}: {}", run.err);
        assert_eq!(run.out, "");
    }
    let run = sovereign("simulate --map atlantis --json").leaves(2);
    assert!(run.json()["error"].as_str().expect("a text").contains("atlantis"));
}
