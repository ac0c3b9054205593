//! `sovereign sweep`.

use std::fs;

use tempfile::tempdir;

use crate::harness::{sovereign, sovereign_in};

/// Two values of a rule, few games.
const SWEEP: &str =
    "sweep --bots expander,random --set victory.share=50,720 --games 8 --results all.jsonl --json";

#[test]
fn what_was_played_is_not_played_again() {
    let folder = tempdir().expect("a folder");
    let path = folder.path().join("all.jsonl");
    let whole = sovereign_in(folder.path(), SWEEP).leaves(0).out;
    let text = fs::read_to_string(&path).expect("it was written");
    assert_eq!(text.lines().count(), 16);
    // The machine goes down in the middle of a line.
    let cut = text.lines().take(9).map(|line| format!("{line}\n")).collect::<String>();
    fs::write(&path, format!("{cut}{}", &text[cut.len()..cut.len() + 30])).expect("writable");
    assert_eq!(sovereign_in(folder.path(), SWEEP).leaves(0).out, whole);
    let again = fs::read_to_string(&path).expect("it is there");
    assert!(again.starts_with(&cut), "what was there stays");
    assert_eq!(again.lines().count(), 16);
    let more = SWEEP.replace("--games 8", "--games 10");
    sovereign_in(folder.path(), &more).leaves(0);
    assert_eq!(fs::read_to_string(&path).expect("it is there").lines().count(), 20);
}

#[test]
fn the_number_of_threads_changes_no_byte() {
    let run = |threads: &str| {
        let sweep = "sweep --bots expander,random --set victory.share=50,720 --games 8 --json";
        sovereign(&format!("{sweep} --threads {threads}")).leaves(0).out
    };
    assert_eq!(run("1"), run("4"));
}

#[test]
fn a_rule_shows_in_the_numbers() {
    let folder = tempdir().expect("a folder");
    let report = sovereign_in(folder.path(), &format!("{SWEEP} --csv all.csv")).leaves(0).json();
    let cells = report["cells"].as_array().expect("a list");
    let median = |at: usize| cells[at]["ticks"]["median"].as_u64().expect("a number");
    assert!(median(0) < median(1), "less land to win is sooner won: {report}");
    assert_eq!(cells[0]["settings"][0]["rule"], "victory.share");
    assert_ne!(cells[0]["rules_hash"], cells[1]["rules_hash"]);
    assert!(cells[0]["used"]["command attack"].as_u64() > Some(0), "{report}");
    let never = cells[0]["never_used"].as_array().expect("a list");
    assert!(never.contains(&"command break_alliance".into()), "{never:?}");
    let text = fs::read_to_string(folder.path().join("all.csv")).expect("it was written");
    let line = format!("victory.share=50,ticks,median,{},,,,,", median(0));
    assert!(text.lines().any(|found| found == line), "{line}: {text}");
}

#[test]
fn doing_without_attacks_on_players_is_a_handicap() {
    let run = "sweep --bots expander,expander --restrict players --games 40 --json";
    let report = sovereign(run).leaves(0).json();
    let bots = report["cells"][1]["bots"].as_array().expect("a list");
    let handicapped = bots.iter().find(|bot| bot["name"] == "expander:no-players");
    let handicapped = handicapped.expect("it played");
    assert_eq!(handicapped["verdict"]["found"], true, "{handicapped}");
    assert!(handicapped["wins"]["high"].as_f64() < Some(0.5), "{handicapped}");
}

#[test]
fn bad_arguments_are_named() {
    for (arguments, named) in [
        ("sweep --set growth.dekay=1", "decay"),
        ("sweep --set growth.decay", "RULE=VALUE"),
        ("sweep --set victory.share=5000", "victory.share"),
        ("sweep --restrict gold", "alliances, structures, players"),
        ("sweep --games 0", "--games"),
    ] {
        let run = sovereign(arguments).leaves(2);
        assert!(run.err.contains(named), "{arguments}: {}", run.err);
    }
    let folder = tempdir().expect("a folder");
    fs::write(folder.path().join("bad.jsonl"), "{\"cell\":1}\n").expect("writable");
    let run = sovereign_in(folder.path(), "sweep --results bad.jsonl").leaves(2);
    assert!(run.err.contains("bad.jsonl, line 1"), "{}", run.err);
}
