//! The simulator: nodes, a disk that fails, and clients whose lines break, in virtual time.
//!
//! One seed makes one history, on every machine. What may go wrong is in [`world`], what
//! must hold nevertheless in [`history`]. `SOVEREIGN_SIM_SEEDS=FROM..TO` plays more seeds.

mod client;
pub(crate) mod dice;
pub(crate) mod disk;
mod history;
mod world;

use std::ops::Range;

use self::world::{Outcome, World};

/// Seeds of an ordinary test run.
const SEEDS: Range<u64> = 0..8;

fn seeds() -> Range<u64> {
    let Ok(text) = std::env::var("SOVEREIGN_SIM_SEEDS") else { return SEEDS };
    let (from, to) = text.split_once("..").expect("SOVEREIGN_SIM_SEEDS is FROM..TO");
    from.parse().unwrap()..to.parse().unwrap()
}

/// Plays a seed on a clock of its own.
fn play(seed: u64) -> Outcome {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(async { World::new(seed).await.run().await })
}

#[test]
fn nothing_acknowledged_is_lost_whatever_goes_wrong() {
    let (mut answered, mut epochs, mut pauses) = (0, 0, 0);
    for seed in seeds() {
        // Of a failure, the seed is all that is needed to see it again.
        let played = std::panic::catch_unwind(|| play(seed));
        let outcome = played.unwrap_or_else(|_| panic!("seed {seed} failed"));
        println!("seed {seed}: {outcome:?}");
        answered += outcome.answered;
        epochs += outcome.epochs;
        pauses += outcome.pauses;
    }
    let seeds = seeds().count();
    assert!(answered > 50 * seeds, "{answered} answers: too little was played");
    assert!(epochs > 6 * seeds as u64, "{epochs} epochs: too few owners changed");
    assert!(pauses > seeds, "{pauses} pauses: the faults were not felt");
}

#[test]
fn a_seed_makes_the_same_history_again() {
    assert_eq!(play(3), play(3));
}
