//! Sessions, their refresh tokens, and revocations in SQLite.

use rusqlite::{Connection, OptionalExtension, Transaction};
use uuid::Uuid;

use super::accounts;
use crate::store::StoreError;
use crate::store::people::{Account, Exchange, Exchanged, NewSession, Revocation};

pub(super) fn begin(c: &mut Connection, new: &NewSession) -> Result<Vec<Revocation>, StoreError> {
    let transaction = c.transaction()?;
    transaction.execute(
        "INSERT INTO session (id, account, created_ms, used_ms, expires_ms)
         VALUES (?1, ?2, ?3, ?3, ?4)",
        (new.id, new.account, new.now_ms, new.expires_ms),
    )?;
    add_refresh(&transaction, new.id, &new.refresh, None)?;
    let beyond = "SELECT id FROM session WHERE account = ?1 AND id <> ?2
                  ORDER BY used_ms DESC, id LIMIT -1 OFFSET ?3";
    let kept = new.most.saturating_sub(1);
    let ended = ids(&transaction, beyond, (new.account, new.id, kept))?;
    let revoked = end_all(&transaction, &ended, new.until_s)?;
    transaction.commit()?;
    Ok(revoked)
}

pub(super) fn exchange(c: &mut Connection, wish: &Exchange) -> Result<Exchanged, StoreError> {
    let transaction = c.transaction()?;
    let Some(found) = find(&transaction, wish)? else { return Ok(Exchanged::Unknown) };
    let renewed = match found.spent {
        false => spend(&transaction, wish, &found)?,
        true => repeat(&transaction, wish, &found)?,
    };
    let (session, account) = (found.session, found.account);
    let outcome = if renewed {
        let prolong = "UPDATE session SET used_ms = ?2, expires_ms = ?3 WHERE id = ?1";
        transaction.execute(prolong, (session, wish.now_ms, wish.expires_ms))?;
        Exchanged::Fresh { session, account }
    } else {
        end_all(&transaction, &[session], wish.until_s)?;
        Exchanged::Reused { session }
    };
    transaction.commit()?;
    Ok(outcome)
}

/// The stored half of a presented token.
struct Found {
    session: Uuid,
    account: Account,
    spent: bool,
    attempt: Option<Uuid>,
}

fn find(transaction: &Transaction<'_>, wish: &Exchange) -> Result<Option<Found>, StoreError> {
    let select = "SELECT a.id, a.name, a.login, s.id, r.spent_ms IS NOT NULL, r.attempt
                  FROM refresh r JOIN session s ON s.id = r.session JOIN account a ON a.id = s.account
                  WHERE r.hash = ?1 AND s.expires_ms > ?2";
    let found = transaction.query_row(select, (wish.spent, wish.now_ms), |r| {
        let account = accounts::account(r)?;
        Ok(Found { account, session: r.get(3)?, spent: r.get(4)?, attempt: r.get(5)? })
    });
    Ok(found.optional()?)
}

fn spend(
    transaction: &Transaction<'_>,
    wish: &Exchange,
    found: &Found,
) -> Result<bool, StoreError> {
    let spend = "UPDATE refresh SET spent_ms = ?2, attempt = ?3 WHERE hash = ?1";
    transaction.execute(spend, (wish.spent, wish.now_ms, wish.attempt))?;
    add_refresh(transaction, found.session, &wish.fresh, Some(&wish.spent))?;
    Ok(true)
}

/// A spent token again: the caller did not get the answer if the attempt is the same and
/// nobody has used what was answered. Whoever copied the token does not know the attempt.
fn repeat(
    transaction: &Transaction<'_>,
    wish: &Exchange,
    found: &Found,
) -> Result<bool, StoreError> {
    if wish.attempt.is_none() || wish.attempt != found.attempt {
        return Ok(false);
    }
    let replace = "UPDATE refresh SET hash = ?2 WHERE parent = ?1 AND spent_ms IS NULL";
    Ok(transaction.execute(replace, (wish.spent, wish.fresh))? == 1)
}

fn add_refresh(
    transaction: &Transaction<'_>,
    session: Uuid,
    hash: &[u8; 32],
    parent: Option<&[u8; 32]>,
) -> Result<(), StoreError> {
    let insert = "INSERT INTO refresh (hash, session, parent) VALUES (?1, ?2, ?3)";
    transaction.execute(insert, (hash, session, parent))?;
    Ok(())
}

pub(super) fn end(
    c: &mut Connection,
    session: Uuid,
    until_s: u64,
) -> Result<Revocation, StoreError> {
    let transaction = c.transaction()?;
    end_all(&transaction, &[session], until_s)?;
    transaction.commit()?;
    Ok(whole(session, until_s))
}

pub(super) fn end_of_account(
    c: &mut Connection,
    account: Uuid,
    until_s: u64,
) -> Result<Vec<Revocation>, StoreError> {
    let transaction = c.transaction()?;
    let ended = ids(&transaction, "SELECT id FROM session WHERE account = ?1", [account])?;
    let revoked = end_all(&transaction, &ended, until_s)?;
    transaction.commit()?;
    Ok(revoked)
}

/// Everything that was ever issued in a session.
const fn whole(session: Uuid, until_s: u64) -> Revocation {
    Revocation { id: session, issued_s: until_s, until_s }
}

fn end_all(
    transaction: &Transaction<'_>,
    sessions: &[Uuid],
    until_s: u64,
) -> Result<Vec<Revocation>, StoreError> {
    for session in sessions {
        transaction.execute("DELETE FROM session WHERE id = ?1", [session])?;
        put_revocation(transaction, &whole(*session, until_s))?;
    }
    Ok(sessions.iter().map(|session| whole(*session, until_s)).collect())
}

pub(super) fn put_revocation(c: &Connection, one: &Revocation) -> Result<(), StoreError> {
    let insert = "INSERT OR REPLACE INTO revocation (id, issued_s, until_s) VALUES (?1, ?2, ?3)";
    c.execute(insert, (one.id, one.issued_s.cast_signed(), one.until_s.cast_signed()))?;
    Ok(())
}

pub(super) fn revocations(c: &Connection) -> Result<Vec<Revocation>, StoreError> {
    let mut statement = c.prepare_cached("SELECT id, issued_s, until_s FROM revocation")?;
    let rows = statement.query_map([], |r| {
        let number = |at| r.get::<_, i64>(at).map(i64::cast_unsigned);
        Ok(Revocation { id: r.get(0)?, issued_s: number(1)?, until_s: number(2)? })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(super) fn sweep(c: &mut Connection, now_ms: i64, spent_ms: i64) -> Result<u64, StoreError> {
    let transaction = c.transaction()?;
    transaction.execute("DELETE FROM session WHERE expires_ms <= ?1", [now_ms])?;
    transaction.execute("DELETE FROM refresh WHERE spent_ms < ?1", [spent_ms])?;
    transaction.execute("DELETE FROM revocation WHERE until_s < ?1", [now_ms / 1_000])?;
    // Made before the last spent token that is remembered: not one who is just coming in.
    let gone = transaction.execute(
        "DELETE FROM account WHERE login IS NULL AND created_ms < ?1
         AND id NOT IN (SELECT account FROM session)
         AND id NOT IN (SELECT account FROM seat WHERE account IS NOT NULL)
         AND id NOT IN (SELECT account FROM rating)
         AND id NOT IN (SELECT account FROM ban WHERE until_s IS NULL OR until_s > ?2 / 1000)",
        [spent_ms, now_ms],
    )?;
    transaction.commit()?;
    Ok(gone as u64)
}

fn ids(
    transaction: &Transaction<'_>,
    select: &str,
    parameters: impl rusqlite::Params,
) -> Result<Vec<Uuid>, StoreError> {
    let mut statement = transaction.prepare_cached(select)?;
    let rows = statement.query_map(parameters, |r| r.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}
