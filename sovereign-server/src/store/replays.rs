//! Replays of finished games.

use rusqlite::{Connection, OptionalExtension, Params};
use serde_json::Value;
use uuid::Uuid;

use super::{Store, StoreError, now_ms};
use crate::auth::Sealed;
use crate::log::GameId;

/// What a list of replays shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplaySummary {
    /// The game's id, which is the replay's too.
    pub id: GameId,
    /// JSON about the game: map, length, winner by seat; no names.
    pub summary: String,
    /// When it ended, in milliseconds since 1970.
    pub created_ms: i64,
}

impl Store {
    /// Stores a replay with its signed result, and drops the oldest beyond `keep`. Storing it
    /// again changes nothing.
    ///
    /// # Errors
    /// [`StoreError`].
    #[cfg(test)]
    pub(crate) async fn put_replay(
        &self,
        id: GameId,
        summary: String,
        blob: Vec<u8>,
        sealed: Option<Sealed>,
        keep: u64,
    ) -> Result<(), StoreError> {
        self.call(move |c| {
            let transaction = c.transaction()?;
            insert(&transaction, id, &summary, &blob, sealed.as_ref(), keep)?;
            transaction.commit()?;
            Ok(())
        })
        .await
    }

    /// Drops all but the newest `keep` replays, and those from before `before_ms`; how many.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn prune_replays(&self, keep: u64, before_ms: i64) -> Result<usize, StoreError> {
        self.call(move |c| {
            let keep = i64::try_from(keep).unwrap_or(i64::MAX);
            let dropped = c.execute(
                "DELETE FROM replay WHERE created_ms < ?2 OR number NOT IN
                 (SELECT number FROM replay ORDER BY number DESC LIMIT ?1)",
                (keep, before_ms),
            )?;
            Ok(dropped)
        })
        .await
    }

    /// The newest replays of public games, at most `most`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn public_replays(&self, most: u32) -> Result<Vec<ReplaySummary>, StoreError> {
        let public = "id IN (SELECT id FROM game WHERE NOT json_extract(settings, '$.private'))";
        self.call(move |c| list(c, public, (most,))).await
    }

    /// The newest replays of games that somebody played in, at most `most`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn replays_of(
        &self,
        account: Uuid,
        most: u32,
    ) -> Result<Vec<ReplaySummary>, StoreError> {
        let own = "id IN (SELECT game FROM seat WHERE account = ?2)";
        self.call(move |c| list(c, own, (most, account))).await
    }

    /// The newest replays of all games, at most `most`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn replays(&self, most: u32) -> Result<Vec<ReplaySummary>, StoreError> {
        self.call(move |c| list(c, "true", (most,))).await
    }

    /// The signed result of a game, if its replay is kept and has one.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn result(&self, id: GameId) -> Result<Option<String>, StoreError> {
        self.call(move |c| {
            let mut statement = c.prepare_cached("SELECT result FROM replay WHERE id = ?1")?;
            Ok(statement.query_row([id], |r| r.get(0)).optional()?.flatten())
        })
        .await
    }

    /// The public halves of all keys that have signed results, as JSON Web Keys.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn result_keys(&self) -> Result<Vec<Value>, StoreError> {
        self.call(|c| {
            let mut statement = c.prepare_cached("SELECT jwk FROM result_key ORDER BY kid")?;
            let keys = statement.query_map([], |r| r.get::<_, String>(0))?;
            let keys = keys.collect::<Result<Vec<_>, _>>()?;
            let read = |key: &String| serde_json::from_str(key);
            let keys = keys.iter().map(read).collect::<Result<_, _>>();
            keys.map_err(|_| StoreError::Corrupt("result key"))
        })
        .await
    }

    /// The bytes of a replay, if it is kept.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn replay(&self, id: GameId) -> Result<Option<Vec<u8>>, StoreError> {
        self.call(move |c| {
            let mut statement = c.prepare_cached("SELECT blob FROM replay WHERE id = ?1")?;
            Ok(statement.query_row([id], |r| r.get(0)).optional()?)
        })
        .await
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
