//! Accounts in SQLite.

use rusqlite::{Connection, OptionalExtension, Row};
use uuid::Uuid;

use crate::store::people::{Account, Claim, Credentials};
use crate::store::{StoreError, now_ms};

pub(super) fn create(
    c: &mut Connection,
    account: &Account,
    password: Option<&str>,
) -> Result<bool, StoreError> {
    let insert = "INSERT OR IGNORE INTO account (id, name, login, password, created_ms)
                  VALUES (?1, ?2, ?3, ?4, ?5)";
    let row = (account.id, &account.name, &account.login, password, now_ms());
    Ok(c.prepare_cached(insert)?.execute(row)? == 1)
}

pub(super) fn find(c: &Connection, id: Uuid) -> Result<Option<Account>, StoreError> {
    let select = "SELECT id, name, login FROM account WHERE id = ?1";
    Ok(c.prepare_cached(select)?.query_row([id], account).optional()?)
}

pub(super) fn credentials(c: &Connection, login: &str) -> Result<Option<Credentials>, StoreError> {
    let select = "SELECT id, name, login, password FROM account WHERE login = ?1";
    let found = c
        .prepare_cached(select)?
        .query_row([login], |r| Ok(Credentials { account: account(r)?, password: r.get(3)? }));
    Ok(found.optional()?)
}

pub(super) fn claim(
    c: &mut Connection,
    id: Uuid,
    login: &str,
    password: &str,
) -> Result<Claim, StoreError> {
    let transaction = c.transaction()?;
    let taken = "SELECT 1 FROM account WHERE login = ?1";
    if transaction.query_row(taken, [login], |_| Ok(())).optional()?.is_some() {
        return Ok(Claim::Taken);
    }
    let update = "UPDATE account SET login = ?2, password = ?3 WHERE id = ?1 AND login IS NULL";
    let changed = transaction.execute(update, (id, login, password))?;
    transaction.commit()?;
    Ok(if changed == 1 { Claim::Granted } else { Claim::NotAGuest })
}

pub(super) fn set_password(c: &Connection, id: Uuid, password: &str) -> Result<(), StoreError> {
    c.execute("UPDATE account SET password = ?2 WHERE id = ?1", (id, password))?;
    Ok(())
}

pub(super) fn rename(c: &Connection, id: Uuid, name: &str) -> Result<(), StoreError> {
    c.execute("UPDATE account SET name = ?2 WHERE id = ?1", (id, name))?;
    Ok(())
}

/// Accounts with this in their name, or with this id, at most so many.
pub(super) fn search(c: &Connection, text: &str, most: u32) -> Result<Vec<Account>, StoreError> {
    let id = text.trim().parse::<Uuid>().ok();
    let mut statement = c.prepare_cached(
        "SELECT id, name, login FROM account WHERE id = ?1 OR instr(lower(name), lower(?2)) > 0
         ORDER BY created_ms DESC LIMIT ?3",
    )?;
    let rows = statement.query_map((id, text.trim(), most), account)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(super) fn account(row: &Row<'_>) -> rusqlite::Result<Account> {
    Ok(Account { id: row.get(0)?, name: row.get(1)?, login: row.get(2)? })
}
