//! The end of a game: its log becomes a replay.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use sovereign_core::{Batch, Game, Replay};
use tracing::{error, info};

use super::{Services, Start, restore};
use crate::log::{CommandLog, GameId, LogError};
use crate::store::{GameStatus, StoreError};

/// Wait before another try, for instance while the disk is full.
const RETRY: Duration = Duration::from_secs(5);

#[derive(Debug, thiserror::Error)]
enum ArchiveError {
    #[error(transparent)]
    Log(#[from] LogError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("entry {0} cannot be read")]
    Entry(u64),
}

/// Stores the replay, then marks the game as finished, then drops its log: whatever
/// interrupts this, doing it again is right. Returns once it is done.
pub(super) async fn archive<L: CommandLog>(
    services: Arc<Services<L>>,
    id: GameId,
    start: Start,
    summary: String,
) {
    loop {
        match try_archive(&services, id, &start, &summary).await {
            Ok(()) => return info!(game = %id, "a game has ended; its replay is stored"),
            Err(error) => error!(game = %id, %error, "a replay cannot be stored yet"),
        }
        tokio::time::sleep(RETRY).await;
    }
}

async fn try_archive<L: CommandLog>(
    services: &Services<L>,
    id: GameId,
    start: &Start,
    summary: &str,
) -> Result<(), ArchiveError> {
    let entries = services.log.read_from(id, 1).await?;
    let batch = |entry| restore::decode(entry).ok_or(ArchiveError::Entry(entry.seq));
    let batches = entries.iter().map(batch).collect::<Result<Vec<Batch>, _>>()?;
    let replay = Replay { header: start.header.clone(), batches };
    let blob = replay.to_bytes();
    let keep = services.limits.replays;
    services.store.put_replay(id, summary.to_owned(), blob, keep).await?;
    services.store.set_game(id, GameStatus::Finished, None).await?;
    services.log.forget(id).await?;
    services.store.prune_games().await?;
    Ok(())
}

/// What a list of replays shows: no names, seats only.
pub(super) fn summary(start: &Start, game: &Game) -> String {
    let state = game.state();
    let seats = start.seats.iter().map(|seat| json!({ "seat": seat.seat, "bot": seat.bot }));
    json!({
        "map": start.header.map,
        "seats": seats.collect::<Vec<_>>(),
        "ticks": game.tick(),
        "winner": state.winner,
        "reason": state.reason,
    })
    .to_string()
}
