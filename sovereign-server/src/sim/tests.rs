//! What the simulator is asked.

use std::ops::Range;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::history::Finding;
use super::mutant::Mutant;
use super::play;
use super::world::{Outcome, SPAN};

/// Seeds of an ordinary test run.
const SEEDS: Range<u64> = 0..16;
/// Seeds from one sign of life to the next.
const SIGN: usize = 5_000;
/// Seeds after which a planted bug counts as not found.
const TRIES: u64 = 20_000;
/// A seed that finds each planted bug.
const FOUND: &[(Mutant, u64)] = &[
    (Mutant::DropFence, 4),
    (Mutant::DropNumber, 4),
    (Mutant::AnswerUnsynced, 0),
    (Mutant::TakeBack, 0),
    (Mutant::KeepEpoch, 19),
    (Mutant::SkipLast, 0),
    (Mutant::AnswerEarly, 0),
    (Mutant::ReleaseByTick, 0),
    (Mutant::IgnoreFence, 0),
    (Mutant::RefuseEarly, 0),
    (Mutant::FeedEarly, 0),
    (Mutant::EnterEarly, 0),
    (Mutant::EnterBetween, 0),
    (Mutant::Renumber, 0),
    (Mutant::TrustDoubt, 0),
    (Mutant::ForgetEpoch, 8),
    (Mutant::Overtake, 1),
    (Mutant::LoseAnswers, 0),
    (Mutant::SnapshotAhead, 1),
    (Mutant::RunAgain, 3),
    (Mutant::ForgetLast, 0),
    (Mutant::SkipEmpty, 0),
    (Mutant::RunAhead, 0),
    (Mutant::RingWithGap, 2),
    (Mutant::StayPaused, 0),
    (Mutant::LiftFog, 0),
    (Mutant::SkipTail, 2),
    (Mutant::LeaveEarly, 0),
    (Mutant::AnswerLate, 4),
    (Mutant::KeepEpochs, 6),
    (Mutant::ReadBeforeRaise, 15),
    (Mutant::RaiseRunning, 0),
    (Mutant::TwoSockets, 16_045),
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

/// Does something with each, in as many threads as there are processors (or as
/// `SOVEREIGN_SIM_THREADS` says): worlds know nothing of each other.
fn each<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let processors = thread::available_parallelism().map_or(1, usize::from);
    let threads = number("SOVEREIGN_SIM_THREADS", processors as u64);
    let (next, done) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let toil = || {
        while let Some((number, item)) =
            items.iter().enumerate().nth(next.fetch_add(1, Ordering::Relaxed))
        {
            let result = work(item);
            let mut done = done.lock().unwrap();
            done.push((number, result));
            if done.len() % SIGN == 0 {
                println!("{} of {}", done.len(), items.len());
            }
        }
    };
    thread::scope(|scope| (0..threads).for_each(|_| _ = scope.spawn(toil)));
    let mut done = done.into_inner().unwrap();
    done.sort_by_key(|(number, _)| *number);
    done.into_iter().map(|(_, result)| result).collect()
}

fn tried(seed: &u64) -> Option<Outcome> {
    let played = play(*seed, None);
    let told = |finding: Finding| println!("seed {seed}: {}: {}", finding.invariant, finding.what);
    played.map_err(told).ok()
}

fn play_all(seeds: Range<u64>) {
    let (started, began, seeds) = (processor_time(), Instant::now(), seeds.collect::<Vec<_>>());
    let count = seeds.len();
    let played = each(&seeds, tried);
    let (really, lasted) = (processor_time() - started, began.elapsed());
    let outcomes: Vec<&Outcome> = played.iter().flatten().collect();
    let sum = |of: fn(&Outcome) -> usize| outcomes.iter().map(|outcome| of(outcome)).sum::<usize>();
    let (answered, seen, pauses) = (sum(|o| o.answered), sum(|o| o.seen), sum(|o| o.pauses));
    let (moved, epochs) = (sum(|o| o.moved), sum(|o| o.epochs as usize));
    let slowest = outcomes.iter().map(|outcome| outcome.recovery).max().unwrap_or_default();
    let virtually = SPAN * count as u32;
    let speed = |time: Duration| virtually.as_secs_f64() / time.as_secs_f64().max(0.01);
    println!(
        "{count} seeds, {} failed: {answered} orders answered, {seen} frames seen,",
        count - outcomes.len()
    );
    println!(
        "{epochs} epochs, {pauses} pauses, {moved} players changed over, recovery at most {slowest:?}"
    );
    let (by_processor, by_clock) = (speed(really), speed(lasted));
    println!("{virtually:?} of virtual time in {really:?} of processor time: {by_processor:.0} x");
    println!("and in {lasted:?} by the clock: {by_clock:.0} x");
    let failed = seeds.iter().zip(&played).filter(|(_, played)| played.is_none());
    let failed: Vec<u64> = failed.map(|(seed, _)| *seed).collect();
    assert!(failed.is_empty(), "{failed:?}");
    assert!(answered > 20 * count, "{answered} answers: too little was played");
    assert!(epochs > 3 * count, "{epochs} epochs: too few owners changed");
    assert!(pauses > count, "{pauses} pauses: the faults were not felt");
    assert!(moved >= count / 4, "{moved} changed over: too few nodes left");
}

#[test]
fn nothing_acknowledged_is_lost_whatever_goes_wrong() {
    play_all(SEEDS);
}

#[test]
fn each_planted_bug_is_found_by_its_seed() {
    let missed = each(FOUND, |(mutant, seed)| play(*seed, Some(*mutant)).is_ok());
    let missed: Vec<_> = FOUND.iter().zip(missed).filter(|(_, missed)| *missed).collect();
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
