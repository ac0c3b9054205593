//! `sovereign tournament`.

use std::fs;

use tempfile::tempdir;

use crate::harness::{sovereign, sovereign_in};

#[test]
fn the_number_of_threads_changes_no_byte() {
    let play = |threads: &str, form: &str| {
        let bots = "--bots expander,random,expander:no-structures --seats 2 --blocks 6 --seed 4";
        sovereign(&format!("tournament {bots} --threads {threads}{form}")).leaves(0).out
    };
    for form in ["", " --json", " --sprt 100"] {
        assert_eq!(play("1", form), play("5", form));
    }
}

#[test]
fn the_better_bot_is_found_and_rated() {
    let run = "tournament --bots random,expander --seats 2 --blocks 12 --json";
    let report = sovereign(run).leaves(0).json();
    assert_eq!(report["games"], 24, "both ways of seating two at two seats");
    assert_eq!(report["standings"][0]["bot"], "expander");
    let rating = |at: usize| report["standings"][at]["rating"].as_f64().expect("a number");
    assert!(rating(0) > 25.0 && rating(1) < 25.0, "{report}");
    let pairing = &report["pairings"][0];
    assert_eq!((&pairing["first"], &pairing["verdict"]["found"]), (&"random".into(), &true.into()));
    assert!(pairing["wins"]["high"].as_f64() < Some(0.5), "{pairing}");
}

#[test]
fn a_clear_pairing_ends_early() {
    let run = "tournament --bots random,expander --seats 2 --blocks 500 --sprt 100 --json";
    let report = sovereign(run).leaves(0).json();
    let pairing = &report["pairings"][0];
    assert_eq!(pairing["sprt"]["better"], "second");
    assert!(pairing["games"].as_u64() < Some(200), "{pairing}");
}

#[test]
fn the_pairings_are_written_as_comma_separated_values() {
    let folder = tempdir().expect("a folder");
    let run = "tournament --bots random,expander --seats 4 --blocks 1 --csv out.csv";
    sovereign_in(folder.path(), run).leaves(0);
    let text = fs::read_to_string(folder.path().join("out.csv")).expect("it was written");
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines.len(), 2);
    assert!(lines[1].starts_with("random,expander,6,"), "{text}");
}

#[test]
fn bad_arguments_are_named() {
    for (arguments, named) in [
        ("tournament", "--bots"),
        ("tournament --bots random", "two bots"),
        ("tournament --bots random,random", "twice"),
        ("tournament --bots random,oracle", "oracle"),
        ("tournament --bots random,expander --seats 3", "even"),
        ("tournament --bots random,expander --sprt 0", "--sprt"),
    ] {
        let run = sovereign(arguments).leaves(2);
        assert!(run.err.contains(named), "{arguments}: {}", run.err);
    }
}
