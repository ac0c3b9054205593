//! The [`Library`] in PostgreSQL.

use serde_json::Value;
use tokio_postgres::Row;
use uuid::Uuid;

use super::PostgresStore;
use super::link::Tx;
use super::values::{big, text};
use crate::log::GameId;
use crate::store::{Finish, Library, Pending, ReplaySummary, StoreError, now_ms};

/// All but the newest replays; another that drops the same ones is not waited for.
const DROP_OLD: &str = "
    DELETE FROM replay WHERE number IN (
        SELECT number FROM replay WHERE number <= (
            SELECT number FROM replay ORDER BY number DESC OFFSET $1 LIMIT 1)
        FOR UPDATE SKIP LOCKED)";

impl Library for PostgresStore {
    fn prune_replays(&self, keep: u64, before_ms: i64) -> Pending<'_, usize> {
        Box::pin(async move {
            let old = "DELETE FROM replay WHERE created_ms < $1";
            let dropped = self.run(old, &[&before_ms]).await?;
            let beyond = self.run(DROP_OLD, &[&big(keep)]).await?;
            Ok(usize::try_from(dropped + beyond).unwrap_or(usize::MAX))
        })
    }

    fn public_replays(&self, most: u32) -> Pending<'_, Vec<ReplaySummary>> {
        Box::pin(async move {
            let select = "SELECT r.id, r.summary, r.created_ms FROM replay r
                          JOIN game g ON g.id = r.id AND NOT (g.settings ->> 'private')::boolean
                          ORDER BY r.number DESC LIMIT $1";
            self.old_rows(select, &[&i64::from(most)]).await?.iter().map(summary).collect()
        })
    }

    fn replays_of(&self, account: Uuid, most: u32) -> Pending<'_, Vec<ReplaySummary>> {
        Box::pin(async move {
            let select = "SELECT id, summary, created_ms FROM replay
                          WHERE id IN (SELECT game FROM seat WHERE account = $1)
                          ORDER BY number DESC LIMIT $2";
            let rows = self.old_rows(select, &[&account, &i64::from(most)]).await?;
            rows.iter().map(summary).collect()
        })
    }

    fn replays(&self, most: u32) -> Pending<'_, Vec<ReplaySummary>> {
        Box::pin(async move {
            let select = "SELECT id, summary, created_ms FROM replay ORDER BY number DESC LIMIT $1";
            self.rows(select, &[&i64::from(most)]).await?.iter().map(summary).collect()
        })
    }

    fn result(&self, id: GameId) -> Pending<'_, Option<String>> {
        Box::pin(async move {
            let found = self.row("SELECT result FROM replay WHERE id = $1", &[&id]).await?;
            Ok(found.map(|row| row.try_get(0)).transpose()?.flatten())
        })
    }

    fn result_keys(&self) -> Pending<'_, Vec<Value>> {
        Box::pin(async move {
            let rows = self.rows("SELECT jwk FROM result_key ORDER BY kid", &[]).await?;
            rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
        })
    }

    fn replay(&self, id: GameId) -> Pending<'_, Option<Vec<u8>>> {
        Box::pin(async move {
            let found = self.row("SELECT blob FROM replay WHERE id = $1", &[&id]).await?;
            Ok(found.map(|row| row.try_get(0)).transpose()?)
        })
    }
}

fn summary(row: &Row) -> Result<ReplaySummary, StoreError> {
    Ok(ReplaySummary { id: row.try_get(0)?, summary: row.try_get(1)?, created_ms: row.try_get(2)? })
}

/// Stores a replay with its signed result, unless it is there.
pub(super) async fn put(t: &mut Tx<'_>, finish: &Finish) -> Result<(), StoreError> {
    let Finish { id, summary, replay, sealed, .. } = finish;
    if let Some(sealed) = sealed {
        let key = "INSERT INTO result_key (kid, jwk) VALUES ($1, $2) ON CONFLICT DO NOTHING";
        t.run(key, &[&sealed.kid, &sealed.jwk]).await?;
    }
    let insert = "INSERT INTO replay (id, summary, blob, result, created_ms)
                  VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";
    let jws = sealed.as_ref().map(|sealed| &sealed.jws);
    t.run(insert, &[id, &text(summary), replay, &jws, &now_ms()]).await.map(drop)
}

/// Drops the oldest replays beyond `keep`.
pub(super) async fn drop_old(t: &mut Tx<'_>, keep: u64) -> Result<(), StoreError> {
    t.run(DROP_OLD, &[&big(keep)]).await.map(drop)
}
