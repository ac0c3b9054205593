//! Accounts; in this version all are guests.

use rusqlite::OptionalExtension;
use uuid::Uuid;

use super::{Store, StoreError, now_ms};

/// Who plays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Names the account in tokens.
    pub id: Uuid,
    /// What others see.
    pub name: String,
}

impl Store {
    /// Makes an account.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn create_account(&self, account: Account) -> Result<(), StoreError> {
        self.call(move |c| {
            c.prepare_cached("INSERT INTO account (id, name, created_ms) VALUES (?1, ?2, ?3)")?
                .execute((account.id, account.name, now_ms()))?;
            Ok(())
        })
        .await
    }

    /// The account with this id, if there is one.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn account(&self, id: Uuid) -> Result<Option<Account>, StoreError> {
        self.call(move |c| {
            let mut statement = c.prepare_cached("SELECT name FROM account WHERE id = ?1")?;
            let name = statement.query_row([id], |r| r.get(0)).optional()?;
            Ok(name.map(|name| Account { id, name }))
        })
        .await
    }

    /// Accounts with this in their name, or with this id, at most so many.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn find_accounts(&self, text: String, most: u32) -> Result<Vec<Account>, StoreError> {
        self.call(move |c| {
            let id = text.trim().parse::<Uuid>().ok();
            let mut statement = c.prepare_cached(
                "SELECT id, name FROM account WHERE id = ?1 OR instr(lower(name), lower(?2)) > 0
                 ORDER BY created_ms DESC LIMIT ?3",
            )?;
            let rows = statement.query_map((id, text.trim(), most), |r| {
                Ok(Account { id: r.get(0)?, name: r.get(1)? })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// Erases a person: the account, and its name at every seat. No log entry, snapshot
    /// or replay holds either, so no hash changes.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn erase_account(&self, id: Uuid) -> Result<(), StoreError> {
        self.call(move |c| {
            let transaction = c.transaction()?;
            transaction.execute(
                "UPDATE seat SET account = NULL, name = 'Player ' || (seat + 1) WHERE account = ?1",
                [id],
            )?;
            transaction.execute("DELETE FROM account WHERE id = ?1", [id])?;
            transaction.commit()?;
            Ok(())
        })
        .await
    }
}
