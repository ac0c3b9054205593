//! `sovereign rules`.

use std::fs;

use sovereign_core::Rules;
use tempfile::tempdir;

use crate::harness::{sovereign, sovereign_in};

#[test]
fn what_is_shown_can_be_edited_and_given_back() {
    let folder = tempdir().expect("a folder");
    let shown = sovereign("rules show classic").leaves(0).out;
    assert!(shown.starts_with("# "), "the comments are kept: {shown}");
    let hash = |text: &str| {
        fs::write(folder.path().join("my.toml"), text).expect("writable");
        let play = "simulate --rules my.toml --games 2 --json";
        let report = sovereign_in(folder.path(), play).leaves(0).json();
        report["rules"]["hash"].as_str().expect("a hash").to_owned()
    };
    let shipped = Rules::preset("classic").expect("shipped");
    assert_eq!(hash(&shown), shipped.hash().to_string());
    let edited = shown.replacen("garrison_min = 1", "garrison_min = 2", 1);
    assert_ne!(edited, shown);
    assert_ne!(hash(&edited), shipped.hash().to_string());
}

#[test]
fn rules_are_listed_and_shown_as_json() {
    let list = sovereign("rules list --json").leaves(0).json();
    assert_eq!(list["rules"][0], "classic");
    let shown = sovereign("rules show --json").leaves(0).json();
    assert_eq!(shown["rules"]["name"], "classic");
    assert!(shown["rules"]["battle"]["lethality"].is_u64());
    assert_eq!(shown["hash"].as_str().map(str::len), Some(64));
}

#[test]
fn every_problem_is_named_at_once() {
    let folder = tempdir().expect("a folder");
    let shown = sovereign("rules show classic").leaves(0).out;
    let bad = shown.replacen("version = 3", "version = 99", 1).replacen(
        "garrison_min = 1",
        "garrison_min = 1000001",
        1,
    );
    fs::write(folder.path().join("bad.toml"), bad).expect("writable");
    let run = sovereign_in(folder.path(), "rules check bad.toml").leaves(1);
    assert!(run.out.contains("rules.version") && run.out.contains("march.garrison_min"));
    assert!(run.err.contains("2 to mend"), "{}", run.err);
    let checked = sovereign_in(folder.path(), "rules check bad.toml --json").leaves(1).json();
    assert_eq!(checked["valid"], false);
    assert_eq!(checked["problems"][0]["field"], "rules.version");
    assert_eq!(checked["problems"][1]["field"], "march.garrison_min");
    sovereign_in(folder.path(), "simulate --rules bad.toml").leaves(2);
}

#[test]
fn what_is_no_toml_is_named_by_its_line() {
    let folder = tempdir().expect("a folder");
    fs::write(folder.path().join("bad.toml"), "version = 3\nname = \n").expect("writable");
    let checked = sovereign_in(folder.path(), "rules check bad.toml --json").leaves(1).json();
    assert_eq!(checked["problems"][0]["line"], 2);
    fs::write(folder.path().join("binary"), b"\xff\xfe").expect("writable");
    assert!(sovereign_in(folder.path(), "rules check binary").leaves(2).err.contains("UTF-8"));
}

#[test]
fn valid_rules_pass() {
    let checked = sovereign("rules check classic --json").leaves(0).json();
    assert_eq!(checked["valid"], true);
    sovereign("rules check nowhere.toml").leaves(2);
}
