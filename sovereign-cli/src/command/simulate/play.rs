//! Playing the games of a run, several at once.

use std::fs;
use std::path::Path;

use rayon::ThreadPoolBuilder;
use rayon::prelude::*;
use sha2::{Digest, Sha256};
use sovereign_core::Seed;
use sovereign_core::bot::{Table, TableError};
use sovereign_core::event::EndReason;
use sovereign_core::id::PlayerId;
use sovereign_core::quantity::Tick;

use super::Setup;
use crate::error::CliError;

/// What came of a game.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Outcome {
    /// Its number in the run: which child of the seed it was played with.
    pub(super) game: u64,
    /// Who won.
    pub(super) winner: Option<PlayerId>,
    /// Why it ended; `None` if it was given up.
    pub(super) reason: Option<EndReason>,
    /// The tick at which it ended.
    pub(super) ticks: u32,
    /// Orders carried out, the system's included.
    pub(super) orders: u64,
    /// The hash of its last state.
    pub(super) hash: u64,
}

impl Setup {
    /// The table of a game of the run, before its first tick.
    pub(super) fn table(&self, game: u64) -> Result<Table, TableError> {
        let seed = Seed::from(self.args.seed).child(game);
        Table::named(self.map.clone(), self.rules.clone(), seed, &self.seating(game))
    }
}

/// Plays all games on some threads. The outcomes are in the order of the games.
pub(super) fn play_all(
    setup: &Setup,
    threads: usize,
    played: impl Fn() + Sync,
) -> Result<Vec<Outcome>, CliError> {
    let pool = ThreadPoolBuilder::new().num_threads(threads).build();
    let pool = pool.map_err(|e| CliError::input(format!("cannot start {threads} threads: {e}")))?;
    let game = |number| {
        let outcome = play(setup, number);
        played();
        outcome
    };
    pool.install(|| (0..setup.args.games).into_par_iter().map(game).collect())
}

fn play(setup: &Setup, game: u64) -> Result<Outcome, CliError> {
    let mut table = setup.table(game).map_err(CliError::input)?;
    let until = Tick(setup.args.ticks_max);
    let mut orders = 0;
    if let Some(folder) = &setup.args.replay_dir {
        let replay = table.record(until);
        orders = replay.batches.iter().map(|batch| batch.orders.len() as u64).sum();
        write(&folder.join(format!("game-{game:06}.sovr")), &replay.to_bytes())?;
    } else {
        table.play(until, |step| orders += step.batch.orders.len() as u64);
    }
    Ok(outcome(&table, game, orders))
}

fn outcome(table: &Table, number: u64, orders: u64) -> Outcome {
    let game = table.session().game();
    let state = game.state();
    Outcome {
        game: number,
        winner: state.winner,
        reason: state.reason,
        ticks: game.tick().0,
        orders,
        hash: game.hash(),
    }
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), CliError> {
    fs::write(path, bytes).map_err(CliError::file("write", path))
}

/// SHA-256 over all outcomes, in hexadecimal. Of each game in turn: its number (8 bytes),
/// the winner (2, `ffff` for nobody), ticks (4), orders (8), hash (8), all little-endian.
pub(super) fn results_hash(outcomes: &[Outcome]) -> String {
    let mut hasher = Sha256::new();
    for outcome in outcomes {
        let winner = outcome.winner.map_or(u16::MAX, |winner| winner.0);
        hasher.update(outcome.game.to_le_bytes());
        hasher.update(winner.to_le_bytes());
        hasher.update(outcome.ticks.to_le_bytes());
        hasher.update(outcome.orders.to_le_bytes());
        hasher.update(outcome.hash.to_le_bytes());
    }
    hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
