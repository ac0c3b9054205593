//! [`Library`] in `main.db`.

use rusqlite::{Connection, OptionalExtension, Params};
use serde_json::Value;
use uuid::Uuid;

use super::SqliteStore;
use crate::auth::Sealed;
use crate::log::GameId;
use crate::store::{Library, Pending, ReplaySummary, StoreError, now_ms};

impl Library for SqliteStore {
    fn prune_replays(&self, keep: u64, before_ms: i64) -> Pending<'_, usize> {
        Box::pin(self.call(move |c| {
            let keep = i64::try_from(keep).unwrap_or(i64::MAX);
            let dropped = c.execute(
                "DELETE FROM replay WHERE created_ms < ?2 OR number NOT IN
                 (SELECT number FROM replay ORDER BY number DESC LIMIT ?1)",
                (keep, before_ms),
            )?;
            Ok(dropped)
        }))
    }

    fn public_replays(&self, most: u32) -> Pending<'_, Vec<ReplaySummary>> {
        let public = "id IN (SELECT id FROM game WHERE NOT json_extract(settings, '$.private'))";
        Box::pin(self.call(move |c| list(c, public, (most,))))
    }

    fn replays_of(&self, account: Uuid, most: u32) -> Pending<'_, Vec<ReplaySummary>> {
        let own = "id IN (SELECT game FROM seat WHERE account = ?2)";
        Box::pin(self.call(move |c| list(c, own, (most, account))))
    }

    fn replays(&self, most: u32) -> Pending<'_, Vec<ReplaySummary>> {
        Box::pin(self.call(move |c| list(c, "true", (most,))))
    }

    fn result(&self, id: GameId) -> Pending<'_, Option<String>> {
        Box::pin(self.call(move |c| {
            let mut statement = c.prepare_cached("SELECT result FROM replay WHERE id = ?1")?;
            Ok(statement.query_row([id], |r| r.get(0)).optional()?.flatten())
        }))
    }

    fn result_keys(&self) -> Pending<'_, Vec<Value>> {
        Box::pin(self.call(|c| {
            let mut statement = c.prepare_cached("SELECT jwk FROM result_key ORDER BY kid")?;
            let keys = statement.query_map([], |r| r.get::<_, String>(0))?;
            let keys = keys.collect::<Result<Vec<_>, _>>()?;
            let read = |key: &String| serde_json::from_str(key);
            let keys = keys.iter().map(read).collect::<Result<_, _>>();
            keys.map_err(|_| StoreError::Corrupt("result key"))
        }))
    }

    fn replay(&self, id: GameId) -> Pending<'_, Option<Vec<u8>>> {
        Box::pin(self.call(move |c| {
            let mut statement = c.prepare_cached("SELECT blob FROM replay WHERE id = ?1")?;
            Ok(statement.query_row([id], |r| r.get(0)).optional()?)
        }))
    }
}

fn list(
    c: &Connection,
    which: &str,
    values: impl Params,
) -> Result<Vec<ReplaySummary>, StoreError> {
    let select = format!(
        "SELECT id, summary, created_ms FROM replay WHERE {which} ORDER BY number DESC LIMIT ?1"
    );
    let mut statement = c.prepare_cached(&select)?;
    let rows = statement.query_map(values, |r| {
        Ok(ReplaySummary { id: r.get(0)?, summary: r.get(1)?, created_ms: r.get(2)? })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Stores a replay with its signed result unless it is there, and drops the oldest beyond `keep`.
pub(super) fn insert(
    c: &Connection,
    id: GameId,
    summary: &str,
    blob: &[u8],
    sealed: Option<&Sealed>,
    keep: u64,
) -> Result<(), StoreError> {
    if let Some(Sealed { kid, jwk, .. }) = sealed {
        let insert = "INSERT OR IGNORE INTO result_key (kid, jwk) VALUES (?1, ?2)";
        c.execute(insert, (kid, jwk.to_string()))?;
    }
    c.execute(
        "INSERT OR IGNORE INTO replay (id, summary, blob, result, created_ms)
         VALUES (?1, ?2, ?3, ?4, ?5)",
        (id, summary, blob, sealed.map(|sealed| &sealed.jws), now_ms()),
    )?;
    c.execute(
        "DELETE FROM replay WHERE number NOT IN
         (SELECT number FROM replay ORDER BY number DESC LIMIT ?1)",
        [i64::try_from(keep).unwrap_or(i64::MAX)],
    )?;
    Ok(())
}
