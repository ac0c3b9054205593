//! [`People`] in PostgreSQL.

use serde_json::Value;
use tokio_postgres::Row;
use uuid::Uuid;

use super::erasing::Erasing;
use super::values::{big, number, optional, text};
use super::{PostgresStore, sessions};
use crate::postgres::Values;
use crate::store::people::{
    Account, Ban, Claim, Credentials, Exchange, Exchanged, NewSession, People, Revocation,
};
use crate::store::{Pending, StoreError, now_ms};

impl People for PostgresStore {
    fn create_account(&self, account: Account, password: Option<String>) -> Pending<'_, bool> {
        Box::pin(async move {
            let insert = "INSERT INTO account (id, name, login, password, created_ms)
                          VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";
            let Account { id, name, login } = &account;
            let values: Values<'_> = &[id, &text(name), login, &password, &now_ms()];
            Ok(self.run(insert, values).await? == 1)
        })
    }

    fn account(&self, id: Uuid) -> Pending<'_, Option<Account>> {
        Box::pin(async move {
            let select = "SELECT id, name, login FROM account WHERE id = $1";
            self.row(select, &[&id]).await?.map(|row| account(&row)).transpose()
        })
    }

    fn find_accounts(&self, words: String, most: u32) -> Pending<'_, Vec<Account>> {
        Box::pin(async move {
            let (words, most) = (text(words.trim()), i64::from(most));
            let id = words.parse::<Uuid>().ok();
            let select = "SELECT id, name, login FROM account
                          WHERE id = $1 OR strpos(lower(name), lower($2)) > 0
                          ORDER BY created_ms DESC LIMIT $3";
            self.rows(select, &[&id, &words, &most]).await?.iter().map(account).collect()
        })
    }

    fn credentials(&self, login: String) -> Pending<'_, Option<Credentials>> {
        Box::pin(async move {
            let select = "SELECT id, name, login, password FROM account
                          WHERE login = $1 AND password IS NOT NULL";
            let Some(row) = self.row(select, &[&text(&login)]).await? else { return Ok(None) };
            Ok(Some(Credentials { account: account(&row)?, password: row.try_get(3)? }))
        })
    }

    fn claim_login(&self, id: Uuid, login: String, password: String) -> Pending<'_, Claim> {
        Box::pin(async move {
            let claim = "UPDATE account SET login = $2, password = $3
                         WHERE id = $1 AND login IS NULL";
            match self.run(claim, &[&id, &login, &password]).await {
                Ok(1) => return Ok(Claim::Granted),
                // Of two who claim it at once, the index lets one have it.
                Err(error) if error.is_taken() => return Ok(Claim::Taken),
                result => result?,
            };
            let taken = "SELECT FROM account WHERE login = $1";
            let taken = self.row(taken, &[&login]).await?.is_some();
            Ok(if taken { Claim::Taken } else { Claim::NotAGuest })
        })
    }

    fn set_password(&self, id: Uuid, password: String) -> Pending<'_, ()> {
        Box::pin(async move {
            let update = "UPDATE account SET password = $2 WHERE id = $1";
            self.run(update, &[&id, &password]).await.map(drop)
        })
    }

    fn rename_account(&self, id: Uuid, name: String) -> Pending<'_, ()> {
        Box::pin(async move {
            let update = "UPDATE account SET name = $2 WHERE id = $1";
            self.run(update, &[&id, &text(&name)]).await.map(drop)
        })
    }

    fn erase_account(&self, id: Uuid, revocation: Revocation) -> Pending<'_, ()> {
        Box::pin(async move { self.change(&Erasing { id, void: revocation }).await })
    }

    fn export_account(&self, id: Uuid) -> Pending<'_, Value> {
        Box::pin(async move { self.export(id).await })
    }

    fn begin_session(&self, session: NewSession) -> Pending<'_, Vec<Revocation>> {
        Box::pin(async move { self.change(&session).await })
    }

    fn exchange_refresh(&self, exchange: Exchange) -> Pending<'_, Exchanged> {
        Box::pin(async move { self.change(&exchange).await })
    }

    fn end_session(&self, session: Uuid, until_s: u64) -> Pending<'_, Revocation> {
        Box::pin(async move {
            self.run(sessions::END, &[&session, &big(until_s)]).await?;
            Ok(sessions::whole(session, until_s))
        })
    }

    fn end_sessions(&self, account: Uuid, until_s: u64) -> Pending<'_, Vec<Revocation>> {
        Box::pin(async move {
            let ended = self.rows(sessions::END_ALL, &[&account, &big(until_s)]).await?;
            sessions::all_whole(&ended, until_s)
        })
    }

    fn revoke(&self, revocation: Revocation) -> Pending<'_, ()> {
        Box::pin(async move {
            let Revocation { id, issued_s, until_s } = revocation;
            let values: Values<'_> = &[&id, &big(issued_s), &big(until_s)];
            self.run(sessions::REVOKE, values).await.map(drop)
        })
    }

    fn revocations(&self) -> Pending<'_, Vec<Revocation>> {
        Box::pin(async move {
            let rows = self.rows("SELECT id, issued_s, until_s FROM revocation", &[]).await?;
            rows.iter().map(sessions::revocation).collect()
        })
    }

    fn ban(&self, ban: Ban) -> Pending<'_, ()> {
        Box::pin(async move {
            let put = "INSERT INTO ban (account, at_ms, until_s, reason) VALUES ($1, $2, $3, $4)
                       ON CONFLICT (account) DO UPDATE SET at_ms = excluded.at_ms,
                           until_s = excluded.until_s, reason = excluded.reason";
            let (until_s, reason) = (ban.until_s.map(big), text(&ban.reason));
            self.run(put, &[&ban.account, &ban.at_ms, &until_s, &reason]).await.map(drop)
        })
    }

    fn unban(&self, account: Uuid) -> Pending<'_, bool> {
        Box::pin(async move {
            Ok(self.run("DELETE FROM ban WHERE account = $1", &[&account]).await? == 1)
        })
    }

    fn bans(&self, now_s: u64) -> Pending<'_, Vec<Ban>> {
        Box::pin(async move {
            let select = "SELECT account, at_ms, until_s, reason FROM ban
                          WHERE until_s IS NULL OR until_s > $1 ORDER BY at_ms DESC";
            self.rows(select, &[&big(now_s)]).await?.iter().map(ban).collect()
        })
    }

    fn sweep(&self, now_ms: i64, spent_before_ms: i64) -> Pending<'_, u64> {
        Box::pin(async move { self.change(&sessions::Sweep { now_ms, spent_before_ms }).await })
    }
}

pub(super) fn account(row: &Row) -> Result<Account, StoreError> {
    Ok(Account { id: row.try_get(0)?, name: row.try_get(1)?, login: row.try_get(2)? })
}

fn ban(row: &Row) -> Result<Ban, StoreError> {
    Ok(Ban {
        account: row.try_get(0)?,
        at_ms: number(row, 1)?,
        until_s: optional(row, 2)?,
        reason: row.try_get(3)?,
    })
}
