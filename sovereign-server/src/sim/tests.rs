//! What the simulator is asked.

use std::ops::Range;
use std::time::{Duration, Instant};

use super::mutant::Mutant;
use super::play;
use super::world::SPAN;

/// Seeds of an ordinary test run.
const SEEDS: Range<u64> = 0..16;
/// Seeds after which a planted bug counts as not found.
const TRIES: u64 = 3_000;
/// A seed that finds each planted bug.
const FOUND: &[(Mutant, u64)] = &[
    (Mutant::DropFence, 0),
    (Mutant::DropNumber, 2),
    (Mutant::AnswerUnsynced, 1),
    (Mutant::TakeBack, 0),
    (Mutant::KeepEpoch, 0),
    (Mutant::SkipLast, 0),
    (Mutant::AnswerEarly, 0),
    (Mutant::ReleaseByTick, 0),
    (Mutant::IgnoreFence, 0),
    (Mutant::RefuseEarly, 0),
    (Mutant::FeedEarly, 0),
    (Mutant::EnterEarly, 0),
    (Mutant::EnterBetween, 4),
    (Mutant::Renumber, 0),
    (Mutant::TrustDoubt, 0),
    (Mutant::ForgetEpoch, 7),
    (Mutant::Overtake, 0),
    (Mutant::LoseAnswers, 1),
    (Mutant::SnapshotAhead, 0),
    (Mutant::WelcomeEarly, 2),
    (Mutant::ForgetLast, 0),
    (Mutant::SkipEmpty, 0),
    (Mutant::RunAhead, 0),
    (Mutant::RingWithGap, 6),
    (Mutant::StayPaused, 0),
    (Mutant::LiftFog, 0),
];

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().expect(name))
}

/// Processor time that this process has used.
fn processor_time() -> Duration {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = text.rsplit(')').next().unwrap_or("").split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|text| text.parse::<u64>().ok()).unwrap_or(0);
    Duration::from_millis((ticks(11) + ticks(12)) * 10)
}

fn play_all(seeds: Range<u64>) {
    let (mut answered, mut epochs, mut pauses, mut slowest) = (0, 0, 0, Duration::ZERO);
    let (started, count, mut failed) = (processor_time(), seeds.end - seeds.start, Vec::new());
    for seed in seeds {
        match play(seed, None) {
            Ok(outcome) => {
                answered += outcome.answered;
                epochs += outcome.epochs;
                pauses += outcome.pauses;
                slowest = slowest.max(outcome.recovery);
            }
            Err(finding) => {
                println!("seed {seed}: {}: {}", finding.invariant, finding.what);
                failed.push((seed, finding.invariant));
            }
        }
    }
    let (virtually, really) = (SPAN * count as u32, processor_time() - started);
    let speed = virtually.as_secs_f64() / really.as_secs_f64().max(0.01);
    println!(
        "{count} seeds: {answered} orders answered, {epochs} epochs, {pauses} pauses, recovery at most {slowest:?}"
    );
    println!("{virtually:?} of virtual time in {really:?} of processor time: {speed:.0} x");
    assert!(failed.is_empty(), "{failed:?}");
    assert!(answered > 20 * count as usize, "{answered} answers: too little was played");
    assert!(epochs > 3 * count, "{epochs} epochs: too few owners changed");
    assert!(pauses as u64 > count, "{pauses} pauses: the faults were not felt");
}

#[test]
fn nothing_acknowledged_is_lost_whatever_goes_wrong() {
    play_all(SEEDS);
}

#[test]
fn each_planted_bug_is_found_by_its_seed() {
    let missed = |(mutant, seed): &&(Mutant, u64)| play(*seed, Some(*mutant)).is_ok();
    let missed: Vec<_> = FOUND.iter().filter(missed).collect();
    assert!(missed.is_empty(), "not found: {missed:?}");
}

#[test]
fn a_seed_makes_the_same_history_again() {
    assert_eq!(play(3, None), play(3, None));
}

#[test]
#[ignore = "as long as one likes: scripts/sim"]
fn many_seeds() {
    let from = number("SOVEREIGN_SIM_FROM", 0);
    play_all(from..from + number("SOVEREIGN_SIM_SEEDS", 1_000));
}

/// The first seed that finds a bug, by which invariant, and what it says.
fn find(mutant: Mutant) -> Option<(u64, &'static str, String)> {
    let found = |seed| {
        let finding = play(seed, Some(mutant)).err()?;
        assert_eq!(play(seed, None).err(), None, "seed {seed} finds something without {mutant:?}");
        Some((seed, finding.invariant, finding.what))
    };
    (0..number("SOVEREIGN_SIM_SEEDS", TRIES)).find_map(found)
}

#[test]
#[ignore = "minutes: scripts/mutants"]
fn planted_bugs_are_found() {
    let only = std::env::var("SOVEREIGN_SIM_MUTANT").unwrap_or_default();
    println!("| bug | seed | invariant | seconds | what is wrong |\n|---|---|---|---|---|");
    let mut missed = Vec::new();
    for &mutant in Mutant::ALL.iter().filter(|mutant| format!("{mutant:?}").contains(&only)) {
        let started = Instant::now();
        let found = find(mutant);
        let seconds = started.elapsed().as_secs_f64();
        match &found {
            Some((seed, invariant, what)) => {
                println!(
                    "| {mutant:?} | {seed} | {invariant} | {seconds:.1} | {} |",
                    mutant.meaning()
                );
                eprintln!("{mutant:?}: {what}");
            }
            None => missed.push(mutant),
        }
    }
    assert!(missed.is_empty(), "not found: {missed:?}");
}
