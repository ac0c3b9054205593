//! The end of a game: its log becomes a replay.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use sha2::{Digest as _, Sha256};
use sovereign_core::event::EndReason;
use sovereign_core::{Batch, Game, Replay};
use tracing::{error, info};

use super::{SeatStart, Services, Start, notes, restore, results};
use crate::auth::{GameResult, SealError, SeatResult};
use crate::log::{CommandLog, GameId, LogError};
use crate::store::{self, Finish, Keep, StoreError};

/// Wait before another try, for instance while the disk is full.
const RETRY: Duration = Duration::from_secs(5);

/// What became of a game that is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Archived {
    /// Its replay is stored, its log dropped.
    Stored,
    /// Its log is damaged: what there is stays as it is, for an operator to look at.
    Damaged,
}

#[derive(Debug, thiserror::Error)]
enum ArchiveError {
    #[error(transparent)]
    Log(#[from] LogError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("entry {0} cannot be read")]
    Entry(u64),
    #[error("the result cannot be signed: {0}")]
    Seal(#[from] SealError),
}

impl ArchiveError {
    /// Trying again would find the same.
    const fn is_final(&self) -> bool {
        matches!(self, Self::Entry(_) | Self::Log(LogError::Corrupt(_)))
    }
}

/// Stores at once the replay, that the game has ended, and what that is to its people; then
/// drops its log: whatever interrupts this, doing it again is right. Returns once it is done,
/// or can never be.
pub(super) async fn archive<L: CommandLog>(
    services: Arc<Services<L>>,
    id: GameId,
    start: Start,
    end: End,
) -> Archived {
    loop {
        match try_archive(&services, id, &start, &end).await {
            Ok(()) => {
                info!(game = %id, "a game has ended; its replay is stored");
                return Archived::Stored;
            }
            Err(error) if error.is_final() => {
                error!(game = %id, %error, "a game has ended and leaves no replay; it is frozen");
                notes::note(
                    &services.store,
                    "archive",
                    id.to_string(),
                    "damaged",
                    error.to_string(),
                );
                return Archived::Damaged;
            }
            Err(error) => error!(game = %id, %error, "a replay cannot be stored yet"),
        }
        tokio::time::sleep(RETRY).await;
    }
}

async fn try_archive<L: CommandLog>(
    services: &Services<L>,
    id: GameId,
    start: &Start,
    end: &End,
) -> Result<(), ArchiveError> {
    let entries = services.log.read_from(id, 1).await?;
    let batch = |entry| restore::decode(entry).ok_or(ArchiveError::Entry(entry.seq));
    let batches = entries.iter().map(batch).collect::<Result<Vec<Batch>, _>>()?;
    let replay = Replay { header: start.header.clone(), batches };
    let blob = replay.to_bytes();
    let hash = replay.batches.last().map_or(0, |batch| batch.hash);
    let result = end.result(id, start, hash, &blob);
    let sealed = services.seal.as_ref().map(|seal| seal.sign(result)).transpose()?;
    let (summary, results, ladder) =
        (end.summary.clone(), end.results.clone(), start.ladder.clone());
    let keep = Keep { replays: services.limits.replays, results: services.limits.history_games };
    let finish = Finish { id, summary, replay: blob, sealed, results, ladder };
    services.store.finish_game(finish, keep).await?;
    services.log.forget(id).await?;
    services.store.prune_games().await?;
    Ok(())
}

/// How a game ended: no names, seats only.
#[derive(Clone, Debug)]
pub(super) struct End {
    summary: String,
    seats: Vec<SeatResult>,
    results: Vec<store::SeatResult>,
    winner: Option<u16>,
    reason: Option<String>,
    ticks: u32,
}

impl End {
    /// How this game stands, which ends here.
    pub(super) fn of(start: &Start, game: &Game) -> Self {
        let (state, view) = (game.state(), game.view(None));
        let seat = |seat: &SeatStart| {
            let player = view.player(seat.seat);
            let (team, place) = (player.team.into(), player.place);
            SeatResult { seat: seat.seat.0, bot: seat.bot.clone(), team, place }
        };
        Self {
            summary: summary(start, game),
            seats: start.seats.iter().map(seat).collect(),
            results: results::of(start, game),
            winner: state.winner.map(|winner| winner.0),
            reason: state.reason.map(word),
            ticks: game.tick().0,
        }
    }

    fn result(&self, id: GameId, start: &Start, hash: u64, replay: &[u8]) -> GameResult {
        let header = &start.header;
        GameResult {
            game: id.to_string(),
            map: header.map.clone(),
            map_hash: header.map_hash.to_string(),
            rules_hash: header.rules_hash.to_string(),
            rules_version: header.rules_version,
            ranked: start.is_ranked(),
            seats: self.seats.clone(),
            winner: self.winner,
            reason: self.reason.clone(),
            ticks: self.ticks,
            state_hash: format!("{hash:016x}"),
            replay_hash: Sha256::digest(replay).iter().map(|b| format!("{b:02x}")).collect(),
        }
    }
}

/// A reason by the name that the wire has for it.
fn word(reason: EndReason) -> String {
    let named = json!(reason);
    named.as_str().map_or_else(|| named.to_string(), str::to_owned)
}

/// What a list of replays shows.
fn summary(start: &Start, game: &Game) -> String {
    let state = game.state();
    let seats = start.seats.iter().map(|seat| json!({ "seat": seat.seat, "bot": seat.bot }));
    json!({
        "map": start.header.map,
        "rules": game.rules().name,
        "seats": seats.collect::<Vec<_>>(),
        "ticks": game.tick(),
        "winner": state.winner,
        "reason": state.reason,
    })
    .to_string()
}
