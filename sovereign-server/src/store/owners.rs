//! Owners' epochs and snapshots: the parts of the log that `main.db` keeps.

use uuid::Uuid;

use super::{Store, StoreError};
use crate::log::{GameId, Snapshot};

impl Store {
    /// Every game with an owner, and its epoch.
    pub(crate) async fn owners(&self) -> Result<Vec<(GameId, u64)>, StoreError> {
        self.call(|c| {
            let mut statement = c.prepare("SELECT game, epoch FROM owner")?;
            let rows = statement
                .query_map([], |r| Ok((r.get(0)?, r.get::<_, i64>(1)?.cast_unsigned())))?;
            Ok(rows.collect::<Result<_, _>>()?)
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

    /// Raises a game's epoch by one if it is `seen`, and says whether it was.
    pub(crate) async fn raise_epoch(&self, game: GameId, seen: u64) -> Result<bool, StoreError> {
        self.call(move |c| {
            let raise = "UPDATE owner SET epoch = epoch + 1 WHERE game = ?1 AND epoch = ?2";
            Ok(c.execute(raise, (game, i64::try_from(seen).unwrap_or(-1)))? == 1)
        })
        .await
    }

    /// Drops a game's owner and snapshots.
    pub(crate) async fn forget_owner(&self, game: GameId) -> Result<(), StoreError> {
        self.call(move |c| {
            let transaction = c.transaction()?;
            transaction.execute("DELETE FROM owner WHERE game = ?1", [game])?;
            transaction.execute("DELETE FROM snapshot WHERE game = ?1", [game])?;
            transaction.commit()?;
            Ok(())
        })
        .await
    }

    /// Keeps a snapshot and the one before it.
    pub(crate) async fn put_snapshot(&self, snapshot: Snapshot) -> Result<(), StoreError> {
        self.call(move |c| {
            let transaction = c.transaction()?;
            transaction
                .prepare_cached("INSERT OR REPLACE INTO snapshot VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?
                .execute((
                    snapshot.game,
                    snapshot.seq.cast_signed(),
                    snapshot.tick,
                    snapshot.hash.cast_signed(),
                    snapshot.rules_version,
                    snapshot.blob,
                ))?;
            transaction.execute(
                "DELETE FROM snapshot WHERE game = ?1 AND seq NOT IN
                 (SELECT seq FROM snapshot WHERE game = ?1 ORDER BY seq DESC LIMIT 2)",
                [snapshot.game],
            )?;
            transaction.commit()?;
            Ok(())
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
