//! Sessions, their refresh tokens, and revocations in PostgreSQL.

use tokio_postgres::Row;
use uuid::Uuid;

use super::link::{Change, Tx};
use super::people;
use super::values::{big, number};
use crate::store::StoreError;
use crate::store::people::{Account, Exchange, Exchanged, NewSession, Revocation};

/// Makes void what was issued; the last word counts.
pub(super) const REVOKE: &str = "
    INSERT INTO revocation (id, issued_s, until_s) VALUES ($1, $2, $3)
    ON CONFLICT (id) DO UPDATE SET issued_s = excluded.issued_s, until_s = excluded.until_s";
/// Ends a session, whether there is one or not.
pub(super) const END: &str = "
    WITH ended AS (DELETE FROM session WHERE id = $1)
    INSERT INTO revocation (id, issued_s, until_s) VALUES ($1, $2, $2)
    ON CONFLICT (id) DO UPDATE SET issued_s = excluded.issued_s, until_s = excluded.until_s";
/// Ends all sessions of an account.
pub(super) const END_ALL: &str = "
    WITH ended AS (DELETE FROM session WHERE account = $1 RETURNING id)
    INSERT INTO revocation (id, issued_s, until_s) SELECT id, $2, $2 FROM ended
    ON CONFLICT (id) DO UPDATE SET issued_s = excluded.issued_s, until_s = excluded.until_s
    RETURNING id";
/// Ends the sessions that were unused for longest: all but `$3` beside the one named.
const END_BEYOND: &str = "
    WITH ended AS (DELETE FROM session WHERE id IN (
        SELECT id FROM session WHERE account = $1 AND id <> $2
        ORDER BY used_ms DESC, id OFFSET $3) RETURNING id)
    INSERT INTO revocation (id, issued_s, until_s) SELECT id, $4, $4 FROM ended
    ON CONFLICT (id) DO UPDATE SET issued_s = excluded.issued_s, until_s = excluded.until_s
    RETURNING id";
/// A session that lasts, and whose it is, kept from others until the transaction ends.
const HOLD: &str = "
    SELECT a.id, a.name, a.login, s.id FROM session s JOIN account a ON a.id = s.account
    WHERE s.id = (SELECT session FROM refresh WHERE hash = $1) AND s.expires_ms > $2
    FOR UPDATE OF s";

/// Everything that was ever issued in a session.
pub(super) const fn whole(session: Uuid, until_s: u64) -> Revocation {
    Revocation { id: session, issued_s: until_s, until_s }
}

/// As [`whole`], for all sessions in `ended`.
pub(super) fn all_whole(ended: &[Row], until_s: u64) -> Result<Vec<Revocation>, StoreError> {
    ended.iter().map(|row| Ok(whole(row.try_get(0)?, until_s))).collect()
}

pub(super) fn revocation(row: &Row) -> Result<Revocation, StoreError> {
    Ok(Revocation { id: row.try_get(0)?, issued_s: number(row, 1)?, until_s: number(row, 2)? })
}

impl Change for NewSession {
    type Done = Vec<Revocation>;

    async fn carry_out(&self, t: &mut Tx<'_>) -> Result<Vec<Revocation>, StoreError> {
        // Two that begin at once are counted one after the other.
        t.run("SELECT FROM account WHERE id = $1 FOR NO KEY UPDATE", &[&self.account]).await?;
        let insert =
            "WITH begun AS (INSERT INTO session (id, account, created_ms, used_ms, expires_ms)
                                     VALUES ($1, $2, $3, $3, $4))
                      INSERT INTO refresh (hash, session) VALUES ($5, $1)";
        let (Self { id, account, now_ms, expires_ms, .. }, refresh) = (self, &self.refresh[..]);
        t.run(insert, &[id, account, now_ms, expires_ms, &refresh]).await?;
        let kept = i64::from(self.most.saturating_sub(1));
        let ended = t.rows(END_BEYOND, &[account, id, &kept, &big(self.until_s)]).await?;
        all_whole(&ended, self.until_s)
    }
}

impl Change for Exchange {
    type Done = Exchanged;

    /// Of two with the same token, the second sees what the first has done.
    async fn carry_out(&self, t: &mut Tx<'_>) -> Result<Exchanged, StoreError> {
        let Some(found) = find(t, self).await? else { return Ok(Exchanged::Unknown) };
        let renewed = match found.spent {
            false => spend(t, self, &found).await?,
            true => repeat(t, self, &found).await?,
        };
        let Found { session, account, .. } = found;
        if renewed {
            let prolong = "UPDATE session SET used_ms = $2, expires_ms = $3 WHERE id = $1";
            t.run(prolong, &[&session, &self.now_ms, &self.expires_ms]).await?;
            Ok(Exchanged::Fresh { session, account })
        } else {
            t.run(END, &[&session, &big(self.until_s)]).await?;
            Ok(Exchanged::Reused { session })
        }
    }
}

/// The stored half of a presented token.
struct Found {
    session: Uuid,
    account: Account,
    spent: bool,
    attempt: Option<Uuid>,
}

async fn find(t: &mut Tx<'_>, wish: &Exchange) -> Result<Option<Found>, StoreError> {
    let spent = &wish.spent[..];
    let Some(held) = t.row(HOLD, &[&spent, &wish.now_ms]).await? else { return Ok(None) };
    // Read once the session is held: whoever held it before may have spent the token.
    let select = "SELECT spent_ms IS NOT NULL, attempt FROM refresh WHERE hash = $1";
    let Some(token) = t.row(select, &[&spent]).await? else { return Ok(None) };
    let (session, account) = (held.try_get(3)?, people::account(&held)?);
    Ok(Some(Found { session, account, spent: token.try_get(0)?, attempt: token.try_get(1)? }))
}

async fn spend(t: &mut Tx<'_>, wish: &Exchange, found: &Found) -> Result<bool, StoreError> {
    let spend = "WITH spent AS (UPDATE refresh SET spent_ms = $3, attempt = $4 WHERE hash = $1)
                 INSERT INTO refresh (hash, session, parent) VALUES ($2, $5, $1)";
    let (spent, fresh) = (&wish.spent[..], &wish.fresh[..]);
    t.run(spend, &[&spent, &fresh, &wish.now_ms, &wish.attempt, &found.session]).await?;
    Ok(true)
}

/// A spent token again: the caller did not get the answer if the attempt is the same and
/// nobody has used what was answered. Whoever copied the token does not know the attempt.
async fn repeat(t: &mut Tx<'_>, wish: &Exchange, found: &Found) -> Result<bool, StoreError> {
    if wish.attempt.is_none() || wish.attempt != found.attempt {
        return Ok(false);
    }
    let replace = "UPDATE refresh SET hash = $2 WHERE parent = $1 AND spent_ms IS NULL";
    Ok(t.run(replace, &[&&wish.spent[..], &&wish.fresh[..]]).await? == 1)
}

/// Forgets what has no use any more; how many accounts that were.
#[derive(Debug)]
pub(super) struct Sweep {
    pub(super) now_ms: i64,
    pub(super) spent_before_ms: i64,
}

impl Change for Sweep {
    type Done = u64;

    async fn carry_out(&self, t: &mut Tx<'_>) -> Result<u64, StoreError> {
        let Self { now_ms, spent_before_ms } = self;
        t.run("DELETE FROM session WHERE expires_ms <= $1", &[now_ms]).await?;
        t.run("DELETE FROM refresh WHERE spent_ms < $1", &[spent_before_ms]).await?;
        let now_s = now_ms / 1_000;
        t.run("DELETE FROM revocation WHERE until_s < $1", &[&now_s]).await?;
        // Made before the last spent token that is remembered: not one who is just coming in.
        let guests = "DELETE FROM account a WHERE login IS NULL AND created_ms < $1
            AND NOT EXISTS (SELECT FROM session s WHERE s.account = a.id)
            AND NOT EXISTS (SELECT FROM seat s WHERE s.account = a.id)
            AND NOT EXISTS (SELECT FROM rating r WHERE r.account = a.id)
            AND NOT EXISTS (SELECT FROM ban b WHERE b.account = a.id
                            AND (b.until_s IS NULL OR b.until_s > $2))";
        t.run(guests, &[spent_before_ms, &now_s]).await
    }
}
