//! Games taken over at once: one statement claims them, two read what they go on from.

use std::collections::HashMap;

use tokio_postgres::Row;

use super::super::{GameId, LogError, Position, Recovery, Snapshot};
use super::{PostgresLog, guard, position_of, snapshot_of, storage, whole};

/// Whoever has them. A row that somebody has locked at this moment is left out, so that it holds
/// up no other; who claims one of these waits for the row, and then sees another epoch.
pub(crate) const RAISE: &str = "
    WITH wanted AS (
        SELECT game FROM game_owner WHERE game = ANY ($1) FOR UPDATE SKIP LOCKED)
    UPDATE game_owner AS owner SET epoch = epoch + 1, node = $2
    FROM wanted WHERE owner.game = wanted.game
    RETURNING epoch, seq, owner.game";
/// Of each game the newest; without its bytes, where a copy of it is at hand.
pub(crate) const SNAPSHOTS: &str = "
    SELECT held.seq, tick, held.hash, rules_version,
        CASE WHEN (held.seq, held.hash) = (copy_seq, copy_hash) THEN NULL ELSE blob END, held.game
    FROM unnest($1::uuid[], $2::bigint[], $3::bigint[]) AS wanted (game, copy_seq, copy_hash)
    CROSS JOIN LATERAL (
        SELECT * FROM game_snapshot WHERE game = wanted.game ORDER BY seq DESC LIMIT 1) AS held";
/// Of each game all from a number on. The order within it makes that a walk along the key.
pub(crate) const TAILS: &str = "
    SELECT tail.seq, epoch, tick, batch, prev_hash, checksum, tail.game
    FROM unnest($1::uuid[], $2::bigint[]) AS wanted (game, first)
    CROSS JOIN LATERAL (
        SELECT * FROM game_log
        WHERE game = wanted.game AND game_log.seq >= wanted.first ORDER BY seq) AS tail";

impl PostgresLog {
    pub(super) async fn take_all(
        &self,
        games: &[GameId],
    ) -> Result<Vec<(GameId, Recovery)>, LogError> {
        if games.is_empty() {
            return Ok(Vec::new());
        }
        let taken = self.raise_all(games).await?;
        let mut snapshots = self.newest_snapshots(&taken).await?;
        let mut tails = self.tails(&taken, &snapshots).await?;
        let recovered = taken.into_iter().filter_map(|(game, position)| {
            let snapshot = snapshots.remove(&game);
            let first = first(snapshot.as_ref());
            let rows = tails.remove(&game).unwrap_or_default();
            // What is damaged is found again, and told of, by who opens it alone.
            let entries = whole(game, first, position.seq, &rows).ok()?;
            Some((game, Recovery { position, snapshot, entries }))
        });
        Ok(recovered.collect())
    }

    /// Raises the epochs of those that the log has; where it has forgotten some of a game that
    /// this node had, that is frozen.
    async fn raise_all(&self, games: &[GameId]) -> Result<Vec<(GameId, Position)>, LogError> {
        let known: HashMap<GameId, Position> = self.guard.owned(games).into_iter().collect();
        let rows = self.quick.rows(RAISE, &[&games, &&*self.node]).await.map_err(storage)?;
        let mut taken = Vec::with_capacity(rows.len());
        for row in &rows {
            let (game, position) = (row.get(2), position_of(row));
            match known.get(&game).filter(|known| guard::is_behind(position, **known)) {
                Some(known) => self.freeze(game, position, *known).await?,
                None => {
                    self.guard.own(game, position);
                    taken.push((game, position));
                }
            }
        }
        Ok(taken)
    }

    async fn newest_snapshots(
        &self,
        taken: &[(GameId, Position)],
    ) -> Result<HashMap<GameId, Snapshot>, LogError> {
        let games: Vec<GameId> = taken.iter().map(|(game, _)| *game).collect();
        let mut copies = self.copies(&games).await;
        let of = |copy: fn(&Snapshot) -> u64| {
            let copies = games.iter().map(|game| copies.get(game).map(|c| copy(c).cast_signed()));
            copies.collect::<Vec<Option<i64>>>()
        };
        let (seqs, hashes) = (of(|copy| copy.seq), of(|copy| copy.hash));
        let rows = self.bulk.rows(SNAPSHOTS, &[&games, &seqs, &hashes]).await.map_err(storage)?;
        let snapshot = |row: &Row| {
            let game = row.get(5);
            let copy = copies.remove(&game).map(|copy| copy.blob);
            // One that cannot be read is passed over as if there were none.
            Some((game, snapshot_of(game, row, copy).ok()?))
        };
        Ok(rows.iter().filter_map(snapshot).collect())
    }

    /// Copies of their newest snapshots, which may be old or wrong.
    async fn copies(&self, games: &[GameId]) -> HashMap<GameId, Snapshot> {
        match &self.hot {
            Some(hot) => hot.get(games).await,
            None => HashMap::new(),
        }
    }

    /// The rows after each snapshot, in order.
    async fn tails(
        &self,
        taken: &[(GameId, Position)],
        snapshots: &HashMap<GameId, Snapshot>,
    ) -> Result<HashMap<GameId, Vec<Row>>, LogError> {
        let games: Vec<GameId> = taken.iter().map(|(game, _)| *game).collect();
        let firsts: Vec<i64> =
            games.iter().map(|game| first(snapshots.get(game)).cast_signed()).collect();
        let rows = self.bulk.rows(TAILS, &[&games, &firsts]).await.map_err(storage)?;
        let mut tails: HashMap<GameId, Vec<Row>> = HashMap::new();
        for row in rows {
            tails.entry(row.get(6)).or_default().push(row);
        }
        Ok(tails)
    }
}

/// The number of the first entry after a snapshot.
fn first(snapshot: Option<&Snapshot>) -> u64 {
    snapshot.map_or(0, |held| held.seq) + 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Limits;
    use crate::log::{CommandLog as _, Entry};
    use crate::postgres::fresh;
    use crate::redis::HotSnapshots;
    use crate::redis::testing::Server;
    use crate::redis::tests::redis_at;

    fn snapshot(game: GameId, seq: u64, blob: u8) -> Snapshot {
        Snapshot { game, seq, tick: 2, hash: 40 + seq, rules_version: 1, blob: vec![blob; 9] }
    }

    /// A game with two entries and a snapshot behind the first.
    async fn game(log: &PostgresLog) -> GameId {
        let game = GameId::now_v7();
        let epoch = log.create(game).await.unwrap().epoch;
        let entry = |seq| {
            let batch = bytes::Bytes::from_static(b"orders");
            Entry { game, epoch, seq, tick: 2, batch, prev_hash: 0 }
        };
        log.append(vec![entry(1), entry(2)]).await.unwrap();
        log.put_snapshot(snapshot(game, 1, b'p')).await.unwrap();
        game
    }

    #[tokio::test]
    async fn a_copy_counts_only_where_the_database_has_the_same() {
        let server = Server::start();
        let (pool, redis) = (fresh().await, redis_at(server.port()));
        let hot = HotSnapshots::new(redis.clone(), &Limits::default());
        let log = PostgresLog::new(pool.clone(), pool, "n1", 1).with_copies(Some(hot.clone()));
        crate::redis::tests::eventually(async || {
            let mut ping = ::redis::pipe();
            redis.ask::<()>(ping.ping().ignore()).await.ok()
        })
        .await;
        let mut games = Vec::new();
        for _ in 0..4 {
            games.push(game(&log).await);
        }
        assert_eq!(hot.get(&games).await.len(), games.len(), "each was put there");
        // A copy that differs only where the database is not asked shows that it is used.
        hot.put(&snapshot(games[1], 1, b'c')).await;
        // Ahead of the log, of another history, and gone.
        hot.put(&snapshot(games[2], 7, b'c')).await;
        hot.put(&Snapshot { hash: 1, ..snapshot(games[3], 1, b'c') }).await;
        hot.forget(games[0]).await;
        let taken = log.take_over(&games).await.unwrap();
        let blobs: HashMap<GameId, u8> = taken
            .iter()
            .map(|(game, taken)| (*game, taken.snapshot.as_ref().unwrap().blob[0]))
            .collect();
        let found: Vec<u8> = games.iter().map(|game| blobs[game]).collect();
        assert_eq!(found, *b"pcpp");
        assert!(taken.iter().all(|(_, taken)| taken.entries.len() == 1));
        drop(server);
        let taken = log.take_over(&games).await.unwrap();
        assert!(taken.iter().all(|(_, taken)| taken.snapshot.as_ref().unwrap().blob == [b'p'; 9]));
    }
}
