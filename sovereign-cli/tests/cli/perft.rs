//! `sovereign perft`.

use tempfile::tempdir;

use crate::harness::{sovereign, sovereign_in};

#[test]
fn a_shipped_position_has_the_count_that_the_list_tells() {
    let list = sovereign("perft --list --json").leaves(0).json();
    let shipped = list["positions"].as_array().expect("a list").iter();
    let turn = shipped.into_iter().find(|one| one["name"] == "turn").expect("it is shipped");
    let counted = sovereign("perft --position turn --divide --json").leaves(0).json();
    assert_eq!(counted["leaves"], turn["leaves"]);
    let parts = counted["parts"].as_array().expect("a list").iter();
    let sum: u64 = parts.map(|part| part["leaves"].as_u64().expect("a number")).sum();
    assert_eq!(turn["leaves"], sum);
}

#[test]
fn a_replay_and_a_new_game_are_counted() {
    let folder = tempdir().expect("a folder");
    let play = "simulate --bots expander,random --games 1 --ticks-max 900 --replay-dir .";
    sovereign_in(folder.path(), play).leaves(0);
    let count = "perft --replay game-000000.sovr --tick 700 --depth 1 --json";
    let counted = sovereign_in(folder.path(), count).leaves(0).json();
    assert_eq!(counted["tick"], 700);
    assert!(counted["leaves"].as_u64().expect("a number") > 2, "{counted}");
    let fresh = sovereign("perft --rules dice --seats 3 --depth 1 --divide").leaves(0);
    assert!(fresh.out.contains(r#"{"deploy":{"territory":"#), "{}", fresh.out);
    assert!(sovereign("perft --position nowhere").leaves(2).err.contains("three-turns"));
}
