//! The simulator: a fleet of nodes over one log, and people whose lines break, in virtual time.
//!
//! One seed makes one history, on every machine. What may go wrong is in [`storm`], what
//! must hold nevertheless in [`history`]. `scripts/sim` plays more seeds, `scripts/mutants`
//! sees whether planted bugs are found.

pub(crate) mod dice;
mod digest;
mod drain;
mod fleet;
mod gateway;
mod history;
pub(crate) mod mutant;
mod net;
mod person;
mod postgres;
pub(crate) mod process;
mod storm;
mod takeover;
mod tests;
mod world;

use self::history::Finding;
use self::mutant::Mutant;
pub(crate) use self::world::blank;
use self::world::{Outcome, World};

/// Says nothing of the panics that the simulator asks for.
fn be_quiet() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if panic.payload().downcast_ref() != Some(&"a test asked for this") {
                usual(panic);
            }
        }));
    });
}

/// Says what happens where somebody looks: with `SOVEREIGN_SIM_SHOW` set.
fn show(what: impl FnOnce() -> String) {
    static SHOWN: std::sync::LazyLock<bool> = std::sync::LazyLock::new(|| {
        let wanted = std::env::var_os("SOVEREIGN_SIM_SHOW").is_some();
        if wanted {
            let _ = tracing_subscriber::fmt().without_time().with_test_writer().try_init();
        }
        wanted
    });
    if *SHOWN {
        println!("{}", what());
    }
}

/// Plays a seed on a clock of its own, with a bug if one is given.
fn play(seed: u64, mutant: Option<Mutant>) -> Result<Outcome, Finding> {
    be_quiet();
    let store = world::store();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    mutant::plant(mutant);
    let outcome = runtime.block_on(async { World::new(seed, store).await.run().await });
    drop(runtime);
    mutant::plant(None);
    outcome
}
