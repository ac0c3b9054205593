//! The log of a fleet: in PostgreSQL, where the check of who may write and the write itself
//! are one statement, so that the two cannot differ.
//!
//! A game's entries stay in one table until the game is over: to move them with each
//! snapshot would write each of them twice.

mod append;
mod guard;
mod recovery;

use std::sync::Arc;

use tokio_postgres::Row;
use tracing::{error, warn};

#[cfg(test)]
pub(crate) use self::recovery::{RAISE, SNAPSHOTS, TAILS};

use self::append::Flush;
use self::guard::Guard;
use super::{CommandLog, Entry, GameId, LogError, Outcome, Position, Recovery, Snapshot, row};
use crate::postgres::{Postgres, PostgresError, Session};
use crate::redis::HotSnapshots;
use crate::telemetry::metrics;

/// The log of one node of a fleet.
#[derive(Clone, Debug)]
pub struct PostgresLog {
    /// For what a room waits for.
    quick: Postgres,
    /// For snapshots and recovery.
    bulk: Postgres,
    node: Arc<str>,
    rules_version: i64,
    guard: Arc<Guard>,
    /// Copies of snapshots, where they are found sooner.
    hot: Option<HotSnapshots>,
}

impl PostgresLog {
    /// The log over two pools: `quick` waits for nothing long, `bulk` moves what is large.
    /// Games that are made or claimed here belong to `node`.
    #[must_use]
    pub fn new(quick: Postgres, bulk: Postgres, node: &str, rules_version: u32) -> Self {
        let (node, rules_version) = (Arc::from(node), i64::from(rules_version));
        Self { quick, bulk, node, rules_version, guard: Arc::default(), hot: None }
    }

    /// The same, with copies of its snapshots in Redis if there is one.
    #[must_use]
    pub fn with_copies(self, hot: Option<HotSnapshots>) -> Self {
        Self { hot, ..self }
    }

    /// The games that this node has, or had before it was restarted.
    ///
    /// # Errors
    /// [`LogError::Storage`].
    pub async fn games(&self) -> Result<Vec<GameId>, LogError> {
        let own = "SELECT game FROM game_owner WHERE node = $1";
        let read = async |session: &mut Session| Ok(session.query(own, &[&&*self.node]).await?);
        let rows = self.bulk.with(read).await.map_err(storage)?;
        Ok(rows.iter().map(|row| row.get(0)).collect())
    }

    async fn insert_owner(&self, game: GameId) -> Result<bool, PostgresError> {
        const INSERT: &str = "INSERT INTO game_owner (game, epoch, seq, node, rules_version)
             VALUES ($1, 1, 0, $2, $3) ON CONFLICT (game) DO NOTHING";
        let (node, rules_version) = (&*self.node, self.rules_version);
        self.quick
            .with(async |session| {
                Ok(session.run(INSERT, &[&game, &node, &rules_version]).await? == 1)
            })
            .await
    }

    async fn raise_epoch(
        &self,
        game: GameId,
        seen: u64,
    ) -> Result<Option<Position>, PostgresError> {
        const RAISE: &str = "UPDATE game_owner SET epoch = epoch + 1, node = $3
             WHERE game = $1 AND epoch = $2 RETURNING epoch, seq";
        let (node, seen) = (&*self.node, seen.cast_signed());
        self.quick
            .with(async |session| {
                let raise = session.prepared(RAISE).await?;
                let raised = session.query_opt(&raise, &[&game, &seen, &node]).await?;
                Ok(raised.as_ref().map(position_of))
            })
            .await
    }

    async fn stored_position(&self, game: GameId) -> Result<Position, LogError> {
        let found = self.quick.with(async |session| position(session, game).await).await;
        found.map_err(storage)?.ok_or(LogError::Unknown(game))
    }

    /// The games of these of which the database has forgotten what this node had appended.
    async fn forgotten(&self, refused: &[GameId]) -> Result<Vec<GameId>, LogError> {
        let mut forgotten = Vec::new();
        // What is known comes first: what is read after it can only be more.
        for (game, known) in self.guard.owned(refused) {
            match self.stored_position(game).await {
                Err(LogError::Unknown(_)) => {}
                stored if guard::is_behind(stored.clone()?, known) => {
                    self.freeze(game, stored?, known).await?;
                    forgotten.push(game);
                }
                _ => {}
            }
            self.guard.lose(game, known);
        }
        Ok(forgotten)
    }

    async fn send(
        &self,
        flush: &Flush<'_>,
        session: &mut Session,
    ) -> Result<Vec<GameId>, PostgresError> {
        let sent = flush.send(session).await?;
        if session.is_first_use() {
            self.look_at_timeline(session).await;
        }
        Ok(sent)
    }

    /// Says when another server has taken the database's place. Whether it has all that was
    /// acknowledged shows with each game's next entry, at most a second later.
    async fn look_at_timeline(&self, session: &Session) {
        const TIMELINE: &str = "SELECT left(pg_walfile_name(pg_current_wal_lsn()), 8)";
        // Some hosts do not let it be asked.
        let Ok(row) = session.query_one(TIMELINE, &[]).await else { return };
        let now: &str = row.get(0);
        if let Some(before) = self.guard.moved(now) {
            warn!(before, now, "a copy of PostgreSQL was promoted; each game is compared with it");
        }
    }

    async fn freeze(
        &self,
        game: GameId,
        stored: Position,
        known: Position,
    ) -> Result<(), LogError> {
        self.close(game, known).await?;
        error!(%game, ?stored, ?known, "PostgreSQL has lost entries that it had acknowledged: \
             was an old copy of it promoted? The game is frozen");
        metrics::log_lost();
        Ok(())
    }

    /// Writes down how far the log had come, and fences every owner: whoever restores the
    /// game finds that entries are missing, and freezes it.
    async fn close(&self, game: GameId, known: Position) -> Result<(), LogError> {
        const CLOSE: &str = "UPDATE game_owner SET seq = greatest(seq, $2),
             epoch = greatest(epoch, $3) + 1 WHERE game = $1";
        let (seq, epoch) = (known.seq.cast_signed(), known.epoch.cast_signed());
        let close = async |session: &mut Session| {
            Ok(session.execute(CLOSE, &[&game, &seq, &epoch]).await?)
        };
        self.quick.with(close).await.map(drop).map_err(storage)
    }
}

impl CommandLog for PostgresLog {
    async fn create(&self, game: GameId) -> Result<Position, LogError> {
        let made = self.insert_owner(game).await.map_err(storage)?;
        if !made {
            let epoch = self.stored_position(game).await?.epoch;
            return Err(LogError::Taken { game, epoch });
        }
        let start = Position { epoch: 1, seq: 0 };
        self.guard.own(game, start);
        Ok(start)
    }

    async fn claim(&self, game: GameId, seen: u64) -> Result<Position, LogError> {
        let known = self.guard.owned(&[game]).pop();
        let raised = self.raise_epoch(game, seen).await.map_err(storage)?;
        let Some(position) = raised else {
            let epoch = self.stored_position(game).await?.epoch;
            return Err(LogError::Taken { game, epoch });
        };
        if let Some((_, known)) = known.filter(|(_, known)| guard::is_behind(position, *known)) {
            self.freeze(game, position, known).await?;
            return Err(damaged(game, known.seq));
        }
        self.guard.own(game, position);
        Ok(position)
    }

    async fn take_over(&self, games: &[GameId]) -> Result<Vec<(GameId, Recovery)>, LogError> {
        self.take_all(games).await
    }

    async fn append(&self, entries: Vec<Entry>) -> Result<Vec<Outcome>, LogError> {
        let flush = Flush::new(&entries);
        let kept = if flush.is_empty() {
            Vec::new()
        } else {
            self.quick
                .with(async |session| self.send(&flush, session).await)
                .await
                .map_err(storage)?
        };
        let outcomes = flush.outcomes(&kept);
        self.guard.appended(&entries, &outcomes);
        let forgotten = self.forgotten(&flush.refused(&kept)).await?;
        Ok(append::with_lost(&entries, outcomes, &forgotten))
    }

    async fn position(&self, game: GameId) -> Result<Position, LogError> {
        self.stored_position(game).await
    }

    async fn read_from(&self, game: GameId, seq: u64) -> Result<Vec<Entry>, LogError> {
        let read = async |session: &mut Session| {
            let last = position(session, game).await?.map(|stored| stored.seq);
            Ok((last, rows(session, game, seq).await?))
        };
        let (last, rows) = self.bulk.with(read).await.map_err(storage)?;
        whole(game, seq, last.ok_or(LogError::Unknown(game))?, &rows)
    }

    async fn put_snapshot(&self, snapshot: Snapshot) -> Result<(), LogError> {
        let kept = self.bulk.with(async |session| keep_snapshot(session, &snapshot).await).await;
        if !kept.map_err(storage)? {
            return Err(LogError::Unknown(snapshot.game));
        }
        if let Some(hot) = &self.hot {
            hot.put(&snapshot).await;
        }
        Ok(())
    }

    async fn snapshots(&self, game: GameId) -> Result<Vec<Snapshot>, LogError> {
        const NEWEST: &str = "SELECT seq, tick, hash, rules_version, blob FROM game_snapshot
             WHERE game = $1 ORDER BY seq DESC LIMIT 2";
        let read = async |session: &mut Session| session.rows(NEWEST, &[&game]).await;
        let rows = self.bulk.with(read).await.map_err(storage)?;
        rows.iter().map(|row| snapshot_of(game, row, None)).collect()
    }

    async fn forget(&self, game: GameId) -> Result<(), LogError> {
        self.guard.disown(game);
        if let Some(hot) = &self.hot {
            hot.forget(game).await;
        }
        self.bulk.with(async |session| drop_game(session, game).await).await.map_err(storage)
    }
}

fn storage(error: PostgresError) -> LogError {
    LogError::Storage(error.to_string())
}

fn damaged(game: GameId, number: u64) -> LogError {
    LogError::Corrupt(format!("entry {number} of game {game}"))
}

async fn position(session: &mut Session, game: GameId) -> Result<Option<Position>, PostgresError> {
    const POSITION: &str = "SELECT epoch, seq FROM game_owner WHERE game = $1";
    let statement = session.prepared(POSITION).await?;
    Ok(session.query_opt(&statement, &[&game]).await?.as_ref().map(position_of))
}

fn position_of(row: &Row) -> Position {
    let number = |column: usize| row.get::<_, i64>(column).cast_unsigned();
    Position { epoch: number(0), seq: number(1) }
}

async fn rows(session: &mut Session, game: GameId, seq: u64) -> Result<Vec<Row>, PostgresError> {
    const ROWS: &str = "SELECT seq, epoch, tick, batch, prev_hash, checksum FROM game_log
         WHERE game = $1 AND seq >= $2 ORDER BY seq";
    session.rows(ROWS, &[&game, &seq.cast_signed()]).await
}

/// The entries in these rows, which go on without a gap from number `seq` to at least `last`.
fn whole(game: GameId, seq: u64, last: u64, rows: &[Row]) -> Result<Vec<Entry>, LogError> {
    let first = seq.max(1);
    let numbered = (first..).zip(rows).map(|(number, row)| {
        let entry = entry_of(game, row).filter(|entry| entry.seq == number);
        entry.ok_or_else(|| damaged(game, number))
    });
    let entries = numbered.collect::<Result<Vec<Entry>, LogError>>()?;
    let next = first + entries.len() as u64;
    if next <= last { Err(damaged(game, next)) } else { Ok(entries) }
}

/// The entry in a row, or nothing when a bit of it has changed.
fn entry_of(game: GameId, row: &Row) -> Option<Entry> {
    let entry = Entry {
        game,
        seq: row.get::<_, i64>(0).cast_unsigned(),
        epoch: row.get::<_, i64>(1).cast_unsigned(),
        tick: u32::try_from(row.get::<_, i64>(2)).ok()?,
        batch: row.get::<_, &[u8]>(3).to_vec().into(),
        prev_hash: row.get::<_, i64>(4).cast_unsigned(),
    };
    (row::checksum(&entry) == row.get::<_, i64>(5).cast_unsigned()).then_some(entry)
}

/// The snapshot in a row; where that is without its bytes, they are those of the copy.
fn snapshot_of(game: GameId, row: &Row, copy: Option<Vec<u8>>) -> Result<Snapshot, LogError> {
    let seq = row.get::<_, i64>(0).cast_unsigned();
    let wrong = |_| LogError::Corrupt(format!("the snapshot at entry {seq} of game {game}"));
    Ok(Snapshot {
        game,
        seq,
        tick: u32::try_from(row.get::<_, i64>(1)).map_err(wrong)?,
        hash: row.get::<_, i64>(2).cast_unsigned(),
        rules_version: u32::try_from(row.get::<_, i64>(3)).map_err(wrong)?,
        blob: row.get::<_, Option<Vec<u8>>>(4).or(copy).unwrap_or_default(),
    })
}

/// Keeps a snapshot and the newest before it. Whether the game has an owner, whose row is
/// held meanwhile: else a snapshot could outlive a game that is being forgotten.
async fn keep_snapshot(session: &mut Session, snapshot: &Snapshot) -> Result<bool, PostgresError> {
    const KEEP: &str = "INSERT INTO game_snapshot (game, seq, tick, hash, rules_version, blob)
         SELECT game, $2, $3, $4, $5, $6 FROM game_owner WHERE game = $1 FOR KEY SHARE
         ON CONFLICT (game, seq) DO UPDATE SET tick = excluded.tick, hash = excluded.hash,
             rules_version = excluded.rules_version, blob = excluded.blob";
    const DROP: &str = "DELETE FROM game_snapshot WHERE game = $1 AND seq NOT IN
         (SELECT seq FROM game_snapshot WHERE game = $1 ORDER BY seq DESC LIMIT 2)";
    let (keep, drop) = (session.prepared(KEEP).await?, session.prepared(DROP).await?);
    let (seq, hash) = (snapshot.seq.cast_signed(), snapshot.hash.cast_signed());
    let (tick, rules_version) = (i64::from(snapshot.tick), i64::from(snapshot.rules_version));
    let transaction = session.transaction().await?;
    let kept = transaction
        .execute(&keep, &[&snapshot.game, &seq, &tick, &hash, &rules_version, &snapshot.blob])
        .await?;
    transaction.execute(&drop, &[&snapshot.game]).await?;
    transaction.commit().await?;
    Ok(kept == 1)
}

async fn drop_game(session: &mut Session, game: GameId) -> Result<(), PostgresError> {
    let transaction = session.transaction().await?;
    // The owner first: from then on nobody appends.
    for table in ["game_owner", "game_snapshot", "game_log"] {
        let delete = format!("DELETE FROM {table} WHERE game = $1");
        transaction.execute(&delete, &[&game]).await?;
    }
    Ok(transaction.commit().await?)
}

#[cfg(test)]
mod tests;
