//! Owners' epochs and snapshots: the parts of the log that `main.db` keeps.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, OptionalExtension};
use tokio::sync::oneshot;
use uuid::Uuid;

use super::SqliteStore;
use crate::log::{GameId, Snapshot};
use crate::store::StoreError;

/// Who may append to a game, and which of its entries have left `log.db`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Owner {
    pub(crate) game: GameId,
    pub(crate) epoch: u64,
    /// Number of the last entry that is kept here, 0 if none is.
    pub(crate) base: u64,
}

/// Entries that leave `log.db`, end to end as its rows hold them.
#[derive(Clone, Debug)]
pub(crate) struct LogPart {
    /// Number of the last of them.
    pub(crate) last: u64,
    pub(crate) entries: Vec<u8>,
}

/// A game that waits to be claimed.
#[derive(Debug)]
struct Claim {
    game: GameId,
    /// The epoch from which it is raised.
    seen: u64,
    answer: oneshot::Sender<bool>,
}

/// All games that wait to be claimed; cheap to clone.
#[derive(Clone, Debug, Default)]
pub(super) struct Claims(Arc<Mutex<Vec<Claim>>>);

impl Claims {
    fn lock(&self) -> MutexGuard<'_, Vec<Claim>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Raises the epochs of all that wait, in one transaction.
fn settle(connection: &mut Connection, claims: Vec<Claim>) -> Result<(), StoreError> {
    let transaction = connection.transaction()?;
    let mut raised = Vec::with_capacity(claims.len());
    for Claim { game, seen, .. } in &claims {
        let raise = "UPDATE owner SET epoch = epoch + 1 WHERE game = ?1 AND epoch = ?2";
        let seen = i64::try_from(*seen).unwrap_or(-1);
        raised.push(transaction.prepare_cached(raise)?.execute((game, seen))? == 1);
    }
    transaction.commit()?;
    for (claim, raised) in claims.into_iter().zip(raised) {
        // Whoever no longer waits finds out by the next claim.
        let _ = claim.answer.send(raised);
    }
    Ok(())
}

impl SqliteStore {
    /// Every game with an owner.
    pub(crate) async fn owners(&self) -> Result<Vec<Owner>, StoreError> {
        self.call(|c| {
            let mut statement = c.prepare("SELECT game, epoch, base FROM owner")?;
            let number = |r: &rusqlite::Row<'_>, column| r.get(column).map(i64::cast_unsigned);
            let rows = statement.query_map([], |r| {
                Ok(Owner { game: r.get(0)?, epoch: number(r, 1)?, base: number(r, 2)? })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// The epoch of a game's owner, if it has one.
    pub(crate) async fn epoch(&self, game: GameId) -> Result<Option<u64>, StoreError> {
        self.call(move |c| {
            let mut statement = c.prepare_cached("SELECT epoch FROM owner WHERE game = ?1")?;
            let epoch: Option<i64> = statement.query_row([game], |r| r.get(0)).optional()?;
            Ok(epoch.map(i64::cast_unsigned))
        })
        .await
    }

    /// Starts a game at epoch 1.
    pub(crate) async fn create_owner(&self, game: GameId) -> Result<(), StoreError> {
        self.call(move |c| {
            c.execute("INSERT INTO owner (game, epoch) VALUES (?1, 1)", [game])?;
            Ok(())
        })
        .await
    }

    /// Raises a game's epoch by one if it is `seen`, and says whether it was. Those that wait
    /// at the same time share one transaction: after a restart all games are claimed at once.
    pub(crate) async fn raise_epoch(&self, game: GameId, seen: u64) -> Result<bool, StoreError> {
        let (answer, answered) = oneshot::channel();
        self.claims.lock().push(Claim { game, seen, answer });
        let claims = self.claims.clone();
        self.call(move |c| settle(c, std::mem::take(&mut *claims.lock()))).await?;
        // Without an answer, the transaction that it shared with others failed.
        answered.await.map_err(|_| StoreError::Closed)
    }

    /// Drops a game's owner, snapshots and entries.
    pub(crate) async fn forget_owner(&self, game: GameId) -> Result<(), StoreError> {
        self.call(move |c| {
            let transaction = c.transaction()?;
            transaction.execute("DELETE FROM owner WHERE game = ?1", [game])?;
            transaction.execute("DELETE FROM snapshot WHERE game = ?1", [game])?;
            transaction.execute("DELETE FROM log_part WHERE game = ?1", [game])?;
            transaction.commit()?;
            Ok(())
        })
        .await
    }

    /// Keeps a snapshot and the one before it, and entries that no recovery from these two
    /// needs. A game without an owner keeps nothing.
    pub(crate) async fn put_snapshot(
        &self,
        snapshot: Snapshot,
        part: Option<LogPart>,
    ) -> Result<(), StoreError> {
        self.call(move |c| {
            let transaction = c.transaction()?;
            if has_owner(&transaction, snapshot.game)? {
                insert_snapshot(&transaction, &snapshot)?;
                part.map_or(Ok(()), |part| insert_part(&transaction, snapshot.game, &part))?;
            }
            transaction.commit()?;
            Ok(())
        })
        .await
    }

    /// The parts of a game's log that hold entries from number `seq` on, in order.
    pub(crate) async fn log_parts(
        &self,
        game: GameId,
        seq: u64,
    ) -> Result<Vec<Vec<u8>>, StoreError> {
        self.call(move |c| {
            let mut statement = c.prepare_cached(
                "SELECT entries FROM log_part WHERE game = ?1 AND last >= ?2 ORDER BY last",
            )?;
            let rows = statement.query_map((game, seq.cast_signed()), |r| r.get(0))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// The number of the last entry in a game's newest snapshot.
    pub(crate) async fn newest_snapshot(&self, game: GameId) -> Result<Option<u64>, StoreError> {
        self.call(move |c| {
            let newest = "SELECT max(seq) FROM snapshot WHERE game = ?1";
            let seq: Option<i64> = c.query_row(newest, [game], |r| r.get(0))?;
            Ok(seq.map(i64::cast_unsigned))
        })
        .await
    }

    /// A game's snapshots, newest first.
    pub(crate) async fn snapshots(&self, game: GameId) -> Result<Vec<Snapshot>, StoreError> {
        self.call(move |c| {
            let mut statement = c.prepare_cached(
                "SELECT seq, tick, hash, rules_version, blob FROM snapshot
                 WHERE game = ?1 ORDER BY seq DESC LIMIT 2",
            )?;
            let rows = statement.query_map([game], |r| snapshot(game, r))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
    }
}

fn has_owner(connection: &Connection, game: Uuid) -> rusqlite::Result<bool> {
    connection
        .prepare_cached("SELECT count(*) FROM owner WHERE game = ?1")?
        .query_row([game], |r| Ok(r.get::<_, i64>(0)? == 1))
}

fn insert_snapshot(connection: &Connection, snapshot: &Snapshot) -> rusqlite::Result<()> {
    connection
        .prepare_cached("INSERT OR REPLACE INTO snapshot VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?
        .execute((
        snapshot.game,
        snapshot.seq.cast_signed(),
        snapshot.tick,
        snapshot.hash.cast_signed(),
        snapshot.rules_version,
        &snapshot.blob,
    ))?;
    connection.execute(
        "DELETE FROM snapshot WHERE game = ?1 AND seq NOT IN
         (SELECT seq FROM snapshot WHERE game = ?1 ORDER BY seq DESC LIMIT 2)",
        [snapshot.game],
    )?;
    Ok(())
}

fn insert_part(connection: &Connection, game: Uuid, part: &LogPart) -> rusqlite::Result<()> {
    let last = part.last.cast_signed();
    connection
        .prepare_cached("INSERT INTO log_part (game, last, entries) VALUES (?1, ?2, ?3)")?
        .execute((game, last, &part.entries))?;
    connection.execute("UPDATE owner SET base = ?2 WHERE game = ?1", (game, last))?;
    Ok(())
}

fn snapshot(game: Uuid, row: &rusqlite::Row<'_>) -> rusqlite::Result<Snapshot> {
    Ok(Snapshot {
        game,
        seq: row.get::<_, i64>(0)?.cast_unsigned(),
        tick: row.get(1)?,
        hash: row.get::<_, i64>(2)?.cast_unsigned(),
        rules_version: row.get(3)?,
        blob: row.get(4)?,
    })
}
