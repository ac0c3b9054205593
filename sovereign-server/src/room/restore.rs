//! A session from its start, or from snapshot and log.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use sovereign_core::replay::PlaybackError;
use sovereign_core::session::BatchError;
use sovereign_core::{Batch, Game, Map, Session};
use tracing::warn;

use super::{Start, snapshot as stored};
use crate::hosted;
use crate::log::{CommandLog, Entry, GameId, LogError, Position, Recovery, Snapshot};

/// Why a game cannot go on. It is frozen; others are not affected.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// The log cannot be read, or is damaged.
    #[error(transparent)]
    Log(#[from] LogError),
    /// Map, rules or version are not those of the start.
    #[error(transparent)]
    Start(#[from] PlaybackError),
    /// The log does not do again what it did.
    #[error("entry {seq} of the log: {error}")]
    Entry {
        /// The entry.
        seq: u64,
        /// How it differs.
        error: BatchError,
    },
    /// The engine panics when it plays the log.
    #[error("the engine panics when it plays the log")]
    Panicked,
    /// An entry's orders cannot be read, or it does not follow the one before.
    #[error("entry {seq} of the log does not follow the one before it")]
    Chain {
        /// The entry.
        seq: u64,
    },
}

/// How far the log is played.
#[derive(Clone, Copy)]
struct Goal {
    /// To this entry, of an owner of this epoch.
    position: Position,
    /// And no further: nobody else writes.
    exact: bool,
}

impl Goal {
    /// Where one stands who has played up to this entry.
    const fn begin(self, seq: u64) -> Position {
        Position { seq, ..self.position }
    }
}

/// A session where its clients last saw it.
#[derive(Debug)]
pub(super) struct Restored {
    pub(super) session: Session,
    /// Epoch of the owner and number of the last entry.
    pub(super) position: Position,
    /// Hash of the game after the last entry.
    pub(super) hash: u64,
    /// Whether it is known that no other entry bears the tick of the last one.
    pub(super) alone: bool,
}

/// A copy of a game that another node plays, held ready to take it over.
#[derive(Debug)]
pub struct Warm(Box<Restored>);

/// A session at its start, of a game that was just created.
pub(super) fn fresh(start: &Start, map: Arc<Map>) -> Result<Restored, RestoreError> {
    Ok(at_start(blank(start, map)?, Position { epoch: 1, seq: 0 }))
}

/// The game before its first tick. A simulated one is not read anew each time.
fn blank(start: &Start, map: Arc<Map>) -> Result<Game, PlaybackError> {
    #[cfg(test)]
    if let Some(game) = crate::sim::blank(&start.header) {
        return Ok(game);
    }
    start.header.game(map)
}

fn at_start(game: Game, position: Position) -> Restored {
    let hash = game.hash();
    Restored { session: Session::new(game), position, hash, alone: true }
}

/// Takes the game over, then recovers it.
pub(super) async fn from_log<L: CommandLog>(
    log: &L,
    id: GameId,
    start: &Start,
    map: Arc<Map>,
    warm: Option<Warm>,
) -> Result<Restored, RestoreError> {
    let seen = log.position(id).await?.epoch;
    let position =
        if planted!(KeepEpoch) { log.position(id).await? } else { log.claim(id, seen).await? };
    let copy = match warm {
        Some(warm) => catch_up(log, id, warm, position).await?,
        None => None,
    };
    let mut restored = match copy {
        Some(copy) => copy,
        None => load(log, id, start, map, position).await?,
    };
    if planted!(LoseAnswers) {
        restored.session = Session::new(restored.session.game().clone());
    }
    Ok(restored)
}

/// Makes a copy of a game that somebody else plays, as far as it has come.
pub(super) async fn warm<L: CommandLog>(
    log: &L,
    id: GameId,
    start: &Start,
    map: Arc<Map>,
) -> Result<Warm, RestoreError> {
    let goal = Goal { position: log.position(id).await?, exact: false };
    recover(log, id, start, map, goal).await.map(|copy| Warm(copy.into()))
}

/// Plays what a copy has missed; nothing if it does not fit.
async fn catch_up<L: CommandLog>(
    log: &L,
    id: GameId,
    Warm(copy): Warm,
    position: Position,
) -> Result<Option<Restored>, RestoreError> {
    if planted!(SkipTail) {
        return Ok(Some(Restored { position, ..*copy }));
    }
    let entries = log.read_from(id, copy.position.seq + 1).await?;
    match play(*copy, entries, Goal { position, exact: true }) {
        Err(error @ RestoreError::Log(LogError::Taken { .. })) => Err(error),
        Err(error) => {
            warn!(game = %id, %error, "a copy of a game does not fit its log");
            Ok(None)
        }
        Ok(restored) => Ok(Some(restored)),
    }
}

/// Recovers a game that was taken over, of what was read of it then; where that is damaged, of
/// whatever else the log has.
pub(super) async fn from_recovery<L: CommandLog>(
    log: &L,
    id: GameId,
    start: &Start,
    map: Arc<Map>,
    recovery: Recovery,
) -> Result<Restored, RestoreError> {
    let (game, position) = (blank(start, Arc::clone(&map))?, recovery.position);
    let goal = Goal { position, exact: true };
    let Recovery { snapshot, entries, .. } = recovery;
    let restored = hosted::aside(move || match snapshot {
        Some(snapshot) => go_on(&game, &snapshot, entries, goal),
        None => play(at_start(game, goal.begin(0)), entries, goal),
    });
    match restored.await.unwrap_or(Err(RestoreError::Panicked)) {
        Err(error @ RestoreError::Log(LogError::Taken { .. })) => Err(error),
        Err(error) => {
            warn!(game = %id, %error, "a game is read once more");
            load(log, id, start, map, position).await
        }
        restored => restored,
    }
}

/// Recovers a game of which the caller is the owner; its last entry is at `position`.
pub(super) async fn load<L: CommandLog>(
    log: &L,
    id: GameId,
    start: &Start,
    map: Arc<Map>,
    position: Position,
) -> Result<Restored, RestoreError> {
    recover(log, id, start, map, Goal { position, exact: true }).await
}

async fn recover<L: CommandLog>(
    log: &L,
    id: GameId,
    start: &Start,
    map: Arc<Map>,
    goal: Goal,
) -> Result<Restored, RestoreError> {
    let (game, position) = (blank(start, map)?, goal.position);
    let snapshots = log.snapshots(id).await?;
    // A snapshot is only written once its entry is durable: a log that ends before it has
    // lost what was acknowledged. Better no game than another one.
    if let Some(newest) = snapshots.first().filter(|newest| goal.exact && newest.seq > position.seq)
    {
        let epoch = log.position(id).await?.epoch;
        if epoch != position.epoch {
            return Err(LogError::Taken { game: id, epoch }.into());
        }
        let what = format!("entry {}: it ends before its snapshot", newest.seq);
        return Err(LogError::Corrupt(what).into());
    }
    for snapshot in snapshots {
        match from_snapshot(log, &game, &snapshot, goal).await {
            Ok(restored) => return Ok(restored),
            Err(error @ RestoreError::Log(LogError::Storage(_) | LogError::Taken { .. })) => {
                return Err(error);
            }
            Err(error) => warn!(game = %id, %error, "a snapshot is passed over for an older one"),
        }
    }
    let entries = log.read_from(id, 1).await?;
    play(at_start(game, goal.begin(0)), entries, goal)
}

async fn from_snapshot<L: CommandLog>(
    log: &L,
    game: &Game,
    snapshot: &Snapshot,
    goal: Goal,
) -> Result<Restored, RestoreError> {
    let entries = log.read_from(snapshot.game, snapshot.seq + 1).await?;
    go_on(game, snapshot, entries, goal)
}

/// What a snapshot and the entries after it come to.
fn go_on(
    game: &Game,
    snapshot: &Snapshot,
    entries: Vec<Entry>,
    goal: Goal,
) -> Result<Restored, RestoreError> {
    let damaged = || LogError::Corrupt(format!("the snapshot at entry {}", snapshot.seq));
    let bytes = stored::unseal(&snapshot.blob).ok_or_else(damaged)?;
    let session = Session::restore(game, bytes).map_err(|_| damaged())?;
    if session.game().hash() != snapshot.hash {
        return Err(damaged().into());
    }
    let position = goal.begin(snapshot.seq);
    play(Restored { session, position, hash: snapshot.hash, alone: false }, entries, goal)
}

fn play(
    mut restored: Restored,
    entries: Vec<Entry>,
    Goal { position, exact }: Goal,
) -> Result<Restored, RestoreError> {
    let mut seq = restored.position.seq;
    for entry in entries {
        seq += 1;
        if entry.epoch > position.epoch {
            // While this was read, another owner has claimed the game and goes on with it.
            return Err(LogError::Taken { game: entry.game, epoch: entry.epoch }.into());
        }
        if entry.seq != seq || entry.prev_hash != restored.hash {
            return Err(RestoreError::Chain { seq });
        }
        let batch = decode(&entry).ok_or(RestoreError::Chain { seq })?;
        restored.alone = batch.tick > restored.session.game().tick();
        let replay = || restored.session.replay(&batch);
        // After a panic the session is thrown away.
        let played = catch_unwind(AssertUnwindSafe(replay)).map_err(|_| RestoreError::Panicked)?;
        played.map_err(|error| RestoreError::Entry { seq, error })?;
        restored.hash = batch.hash;
    }
    if seq < position.seq || (exact && seq > position.seq) {
        return Err(RestoreError::Chain { seq: seq + 1 });
    }
    restored.position = Position { seq, ..position };
    Ok(restored)
}

/// A batch as the bytes of an entry.
pub(super) fn encode(batch: &Batch) -> bytes::Bytes {
    let bytes = postcard::to_allocvec(batch);
    bytes.expect("a batch is plain integers, which postcard always writes").into()
}

/// The batch in an entry.
pub(super) fn decode(entry: &Entry) -> Option<Batch> {
    decode_bytes(&entry.batch)
}

/// The batch in the bytes of an entry.
pub(super) fn decode_bytes(bytes: &[u8]) -> Option<Batch> {
    postcard::from_bytes(bytes).ok()
}
