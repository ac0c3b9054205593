//! Who is shut out.

use rusqlite::Connection;
use uuid::Uuid;

use crate::store::StoreError;
use crate::store::people::Ban;

pub(super) fn put(c: &Connection, ban: &Ban) -> Result<(), StoreError> {
    let insert = "INSERT OR REPLACE INTO ban (account, at_ms, until_s, reason)
                  VALUES (?1, ?2, ?3, ?4)";
    let until_s = ban.until_s.map(u64::cast_signed);
    c.execute(insert, (ban.account, ban.at_ms, until_s, &ban.reason))?;
    Ok(())
}

pub(super) fn remove(c: &Connection, account: Uuid) -> Result<bool, StoreError> {
    Ok(c.execute("DELETE FROM ban WHERE account = ?1", [account])? == 1)
}

pub(super) fn in_force(c: &Connection, now_s: u64) -> Result<Vec<Ban>, StoreError> {
    let mut statement = c.prepare_cached(
        "SELECT account, at_ms, until_s, reason FROM ban
         WHERE until_s IS NULL OR until_s > ?1 ORDER BY at_ms DESC",
    )?;
    let rows = statement.query_map([now_s.cast_signed()], |r| {
        let until_s = r.get::<_, Option<i64>>(2)?.map(i64::cast_unsigned);
        Ok(Ban { account: r.get(0)?, at_ms: r.get(1)?, until_s, reason: r.get(3)? })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
