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
/// Of each game the newest.
pub(crate) const SNAPSHOTS: &str = "
    SELECT held.seq, tick, hash, rules_version, blob, held.game
    FROM unnest($1::uuid[]) AS wanted (game)
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
        let rows = self.bulk.rows(SNAPSHOTS, &[&games]).await.map_err(storage)?;
        let snapshot = |row: &Row| {
            let game = row.get(5);
            // One that cannot be read is passed over as if there were none.
            Some((game, snapshot_of(game, row).ok()?))
        };
        Ok(rows.iter().filter_map(snapshot).collect())
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
