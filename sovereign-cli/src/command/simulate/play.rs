//! Playing the games of a run, several at once.

use std::fs;
use std::path::Path;

use sha2::{Digest, Sha256};
use sovereign_core::Seed;
use sovereign_core::event::EndReason;
use sovereign_core::id::PlayerId;

use super::Setup;
use crate::arena::Played;
use crate::error::CliError;

/// What came of a game.
#[derive(Clone, Debug, PartialEq, Eq)]
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
    /// The seats that were lost by a program's fault, with the tick and the reason.
    pub(super) forfeits: Vec<(usize, u32, String)>,
}

/// Plays all games on some threads. The outcomes are in the order of the games.
pub(super) fn play_all(setup: &Setup, played: impl Fn() + Sync) -> Result<Vec<Outcome>, CliError> {
    let games: Vec<u64> = (0..setup.args.games).collect();
    setup.args.threads.play_all(&games, |game| {
        let outcome = play(setup, *game);
        played();
        outcome
    })
}

fn play(setup: &Setup, game: u64) -> Result<Outcome, CliError> {
    let (seed, lineup) = (Seed::from(setup.args.seed).child(game), setup.seating(game));
    let Some(folder) = &setup.args.replay_dir else {
        return Ok(outcome(game, setup.arena.play(seed, &lineup)?));
    };
    let (played, replay) = setup.arena.record(seed, &lineup)?;
    write(&folder.join(format!("game-{game:06}.sovr")), &replay.to_bytes())?;
    Ok(outcome(game, played))
}

fn outcome(game: u64, played: Played) -> Outcome {
    let forfeits = played.forfeits.into_iter();
    Outcome {
        game,
        winner: played.winner,
        reason: played.reason,
        ticks: played.ticks,
        orders: played.orders,
        hash: played.hash,
        forfeits: forfeits.map(|(seat, why)| (seat, why.tick.0, why.fault.to_string())).collect(),
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
