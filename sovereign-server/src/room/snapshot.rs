//! Snapshots for recovery: copied within a tick, written out beside it.
//!
//! Invariant: a snapshot is stored only once its entry is durable, and a room writes one
//! at a time, so that a slow disk never makes copies pile up.

use std::sync::Arc;

use sovereign_core::Session;
use sovereign_core::rules::RULES_VERSION;
use tokio::time::Instant;
use tracing::warn;
use xxhash_rust::xxh3::xxh3_64;

use super::task::{Output, Task};
use crate::hosted;
use crate::log::{CommandLog, GameId, LogError, Snapshot};
use crate::telemetry::metrics;

/// A copy of a session, of which the bytes are still to be made.
#[derive(Debug)]
pub(super) struct Copy {
    game: GameId,
    seq: u64,
    tick: u32,
    hash: u64,
    session: Session,
}

impl<L: CommandLog> Task<L> {
    /// Copies the session behind the newest entry if enough has been logged since the last
    /// time. O(territories), without making bytes of them.
    pub(super) fn snapshot_if_due(&mut self) {
        let limits = &self.services.limits;
        let due = self.entries_since_snapshot >= limits.snapshot_ticks
            || self.bytes_since_snapshot >= limits.snapshot_log_bytes;
        if !due {
            return;
        }
        metrics::snapshot_age(self.snapshot_at.elapsed());
        self.snapshot_at = Instant::now();
        self.entries_since_snapshot = 0;
        self.bytes_since_snapshot = 0;
        let copy = Copy {
            game: self.id,
            seq: self.gate.appended(),
            tick: self.shown.0,
            hash: self.hash,
            session: self.session.clone(),
        };
        if planted!(SnapshotAhead) {
            return self.store_snapshot(copy);
        }
        self.gate.hold(Output::Snapshot(Box::new(copy)));
    }

    /// Stores a snapshot of what is durable now, unless the one before is still on its way.
    pub(super) fn store_snapshot(&mut self, copy: Copy) {
        if self.snapshot.as_ref().is_some_and(|work| !work.is_finished()) {
            return warn!(game = %self.id, "a snapshot is left out: the last one is still written");
        }
        let log = Arc::clone(&self.services.log);
        self.snapshot = Some(hosted::spawn(async move {
            let game = copy.game;
            let stored = store(&*log, copy).await;
            metrics::snapshot(stored.is_ok());
            if let Err(error) = stored {
                warn!(%game, %error, "a snapshot was not stored; the log alone serves");
            }
        }));
    }
}

/// A session's bytes with a sum of them in front: the game's hash says nothing of the
/// players' sequence numbers and answers.
pub(super) fn seal(session: Vec<u8>) -> Vec<u8> {
    let mut sealed = xxh3_64(&session).to_le_bytes().to_vec();
    sealed.extend(session);
    sealed
}

/// The session's bytes in a snapshot, if they are what was stored.
pub(super) fn unseal(blob: &[u8]) -> Option<&[u8]> {
    let (sum, session) = blob.split_first_chunk()?;
    (xxh3_64(session) == u64::from_le_bytes(*sum)).then_some(session)
}

async fn store<L: CommandLog>(log: &L, copy: Copy) -> Result<(), LogError> {
    let encode = move || {
        let Copy { game, seq, tick, hash, session } = copy;
        let blob = seal(session.snapshot());
        Snapshot { game, seq, tick, hash, rules_version: RULES_VERSION, blob }
    };
    let snapshot = hosted::aside(encode).await;
    log.put_snapshot(snapshot.map_err(|e| LogError::Storage(e.to_string()))?).await
}
