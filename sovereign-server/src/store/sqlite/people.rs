//! [`People`] in `main.db`.

use serde_json::Value;
use uuid::Uuid;

use super::{SqliteStore, accounts, bans, person, sessions};
use crate::store::Pending;
use crate::store::people::{
    Account, Ban, Claim, Credentials, Exchange, Exchanged, NewSession, People, Revocation,
};

impl People for SqliteStore {
    fn create_account(&self, account: Account, password: Option<String>) -> Pending<'_, bool> {
        Box::pin(self.call(move |c| accounts::create(c, &account, password.as_deref())))
    }

    fn account(&self, id: Uuid) -> Pending<'_, Option<Account>> {
        Box::pin(self.call(move |c| accounts::find(c, id)))
    }

    fn find_accounts(&self, text: String, most: u32) -> Pending<'_, Vec<Account>> {
        Box::pin(self.call(move |c| accounts::search(c, &text, most)))
    }

    fn credentials(&self, login: String) -> Pending<'_, Option<Credentials>> {
        Box::pin(self.call(move |c| accounts::credentials(c, &login)))
    }

    fn claim_login(&self, id: Uuid, login: String, password: String) -> Pending<'_, Claim> {
        Box::pin(self.call(move |c| accounts::claim(c, id, &login, &password)))
    }

    fn set_password(&self, id: Uuid, password: String) -> Pending<'_, ()> {
        Box::pin(self.call(move |c| accounts::set_password(c, id, &password)))
    }

    fn rename_account(&self, id: Uuid, name: String) -> Pending<'_, ()> {
        Box::pin(self.call(move |c| accounts::rename(c, id, &name)))
    }

    fn erase_account(&self, id: Uuid, revocation: Revocation) -> Pending<'_, ()> {
        Box::pin(self.call(move |c| person::erase(c, id, &revocation)))
    }

    fn export_account(&self, id: Uuid) -> Pending<'_, Value> {
        Box::pin(self.call(move |c| person::export(c, id)))
    }

    fn begin_session(&self, session: NewSession) -> Pending<'_, Vec<Revocation>> {
        Box::pin(self.call(move |c| sessions::begin(c, &session)))
    }

    fn exchange_refresh(&self, exchange: Exchange) -> Pending<'_, Exchanged> {
        Box::pin(self.call(move |c| sessions::exchange(c, &exchange)))
    }

    fn end_session(&self, session: Uuid, until_s: u64) -> Pending<'_, Revocation> {
        Box::pin(self.call(move |c| sessions::end(c, session, until_s)))
    }

    fn end_sessions(&self, account: Uuid, until_s: u64) -> Pending<'_, Vec<Revocation>> {
        Box::pin(self.call(move |c| sessions::end_of_account(c, account, until_s)))
    }

    fn revoke(&self, revocation: Revocation) -> Pending<'_, ()> {
        Box::pin(self.call(move |c| sessions::put_revocation(c, &revocation)))
    }

    fn revocations(&self) -> Pending<'_, Vec<Revocation>> {
        Box::pin(self.call(|c| sessions::revocations(c)))
    }

    fn ban(&self, ban: Ban) -> Pending<'_, ()> {
        Box::pin(self.call(move |c| bans::put(c, &ban)))
    }

    fn unban(&self, account: Uuid) -> Pending<'_, bool> {
        Box::pin(self.call(move |c| bans::remove(c, account)))
    }

    fn bans(&self, now_s: u64) -> Pending<'_, Vec<Ban>> {
        Box::pin(self.call(move |c| bans::in_force(c, now_s)))
    }

    fn sweep(&self, now_ms: i64, spent_before_ms: i64) -> Pending<'_, u64> {
        Box::pin(self.call(move |c| sessions::sweep(c, now_ms, spent_before_ms)))
    }
}
