//! What is kept of people: accounts, sessions, and what was revoked.
//!
//! [`People`] hides which database keeps it; every implementation passes the contract
//! suite beside it. Secrets arrive here hashed: neither a password nor a refresh token
//! can be read back from a stolen file.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::Pending;

/// SHA-256 of a secret that is random enough to need no salt.
pub type SecretHash = [u8; 32];

/// Who plays.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Names the account in tokens.
    #[serde(rename = "account")]
    pub id: Uuid,
    /// What others see.
    pub name: String,
    /// The name to log in with; none for a guest.
    pub login: Option<String>,
}

impl Account {
    /// An account without a password.
    #[must_use]
    pub const fn guest(id: Uuid, name: String) -> Self {
        Self { id, name, login: None }
    }
}

/// What a password is checked against.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credentials {
    /// Whose it is.
    pub account: Account,
    /// The hash, with its parameters and salt, in PHC form.
    pub password: String,
}

/// Whether a login name could be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// It is the account's now.
    Granted,
    /// Another account has it.
    Taken,
    /// The account is gone, or has a login name already.
    NotAGuest,
}

/// A session that begins: one device of one person.
#[derive(Clone, Debug)]
pub struct NewSession {
    /// Names it in tokens.
    pub id: Uuid,
    /// Whose it is.
    pub account: Uuid,
    /// Of its first refresh token.
    pub refresh: SecretHash,
    /// When it begins, in milliseconds since 1970.
    pub now_ms: i64,
    /// When it ends if it is not used, in milliseconds since 1970.
    pub expires_ms: i64,
    /// Sessions that the account may have; the ones unused for longest end.
    pub most: u32,
    /// Until when tokens of those that end may be about, in seconds since 1970.
    pub until_s: u64,
}

/// A refresh token that is given back for the next one.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// Of the token that was presented.
    pub spent: SecretHash,
    /// Of the token that takes its place.
    pub fresh: SecretHash,
    /// The caller's own name for this attempt: the same token with the same attempt is
    /// a caller who did not get the answer.
    pub attempt: Option<Uuid>,
    /// Now, in milliseconds since 1970.
    pub now_ms: i64,
    /// When the session ends if it is not used again, in milliseconds since 1970.
    pub expires_ms: i64,
    /// Until when tokens of the session may be about, in seconds since 1970.
    pub until_s: u64,
}

/// What became of an exchange.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Exchanged {
    /// The fresh token holds.
    Fresh {
        /// The session.
        session: Uuid,
        /// Whose it is.
        account: Account,
    },
    /// The token had been spent before: somebody has a copy. The session has been ended.
    Reused {
        /// The session that is no more.
        session: Uuid,
    },
    /// No session has this token.
    Unknown,
}

/// Tokens that are void although they have not expired.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revocation {
    /// A session or an account.
    pub id: Uuid,
    /// Those issued up to then are void, in seconds since 1970.
    pub issued_s: u64,
    /// After that none of them is left, in seconds since 1970.
    pub until_s: u64,
}

/// Somebody who is shut out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Ban {
    /// Who.
    pub account: Uuid,
    /// Since when, in milliseconds since 1970.
    pub at_ms: i64,
    /// Until when, in seconds since 1970; for good if not said.
    pub until_s: Option<u64>,
    /// Why, in the admin's words.
    pub reason: String,
}

/// The keeper of people.
pub trait People: Send + Sync + std::fmt::Debug {
    /// Keeps a new account, with the hash of its password if it has one; false when its
    /// login name is taken.
    fn create_account(&self, account: Account, password: Option<String>) -> Pending<'_, bool>;

    /// The account with this id, if there is one.
    fn account(&self, id: Uuid) -> Pending<'_, Option<Account>>;

    /// Accounts with this in their name, or with this id, the newest first, at most so many.
    fn find_accounts(&self, text: String, most: u32) -> Pending<'_, Vec<Account>>;

    /// What the password of a login name is checked against, if it exists.
    fn credentials(&self, login: String) -> Pending<'_, Option<Credentials>>;

    /// Gives a guest a login name and a password. It keeps its games.
    fn claim_login(&self, id: Uuid, login: String, password: String) -> Pending<'_, Claim>;

    /// Replaces a password's hash.
    fn set_password(&self, id: Uuid, password: String) -> Pending<'_, ()>;

    /// Renames an account, for games that it joins from now on.
    fn rename_account(&self, id: Uuid, name: String) -> Pending<'_, ()>;

    /// Erases a person: account, sessions, and the name at every seat. No log entry,
    /// snapshot or replay holds any of it, so no hash changes. `revocation` makes void
    /// what was issued. Nothing of it can be read from the files afterwards.
    fn erase_account(&self, id: Uuid, revocation: Revocation) -> Pending<'_, ()>;

    /// Every stored row about a person, by table, without secrets.
    fn export_account(&self, id: Uuid) -> Pending<'_, Value>;

    /// Begins a session; those that ended to make room for it.
    fn begin_session(&self, session: NewSession) -> Pending<'_, Vec<Revocation>>;

    /// Spends a refresh token for the next one.
    fn exchange_refresh(&self, exchange: Exchange) -> Pending<'_, Exchanged>;

    /// Ends one session: tokens issued in it are void from now on, also after a restart.
    fn end_session(&self, session: Uuid, until_s: u64) -> Pending<'_, Revocation>;

    /// Ends all sessions of an account; what is void now.
    fn end_sessions(&self, account: Uuid, until_s: u64) -> Pending<'_, Vec<Revocation>>;

    /// Makes void what was issued outside of our sessions.
    fn revoke(&self, revocation: Revocation) -> Pending<'_, ()>;

    /// All that is void and has not expired.
    fn revocations(&self) -> Pending<'_, Vec<Revocation>>;

    /// Shuts an account out, in place of what was said of it before.
    fn ban(&self, ban: Ban) -> Pending<'_, ()>;

    /// Lets an account in again; whether it was shut out.
    fn unban(&self, account: Uuid) -> Pending<'_, bool>;

    /// Who is shut out at `now_s`, the last one first.
    fn bans(&self, now_s: u64) -> Pending<'_, Vec<Ban>>;

    /// Forgets what has no use any more: sessions and revocations that are over, spent
    /// tokens older than `spent_before_ms`, and guests who can never come back, sit
    /// at no game and are not shut out. How many accounts that were.
    fn sweep(&self, now_ms: i64, spent_before_ms: i64) -> Pending<'_, u64>;
}
