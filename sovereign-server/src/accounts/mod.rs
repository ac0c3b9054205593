//! Accounts and their sessions: how somebody comes in, stays, and leaves.
//!
//! A session is one device of one person. It holds a refresh token, of which only a hash
//! is stored, and hands out access tokens of at most 15 minutes for it.
//!
//! Invariant: an answer never tells whether a login name exists, except to whoever wants
//! to take it; a session that was ended stays so whatever happens to this process.

mod bans;
mod name;
mod news;

use http::StatusCode;
use serde::Serialize;
use serde_json::Value;
use tracing::{error, info, warn};
use uuid::Uuid;

use crate::auth::{Auth, AuthError, Identity, Password, Passwords, now_s, secret};
use crate::config::{AuthConfig, Limits};
use crate::error::ApiError;
use crate::redis::Bus;
use crate::store::people::{
    Account, Claim, Credentials, Exchange, Exchanged, NewSession, Revocation, SecretHash,
};
use crate::store::{Store, now_ms};
use crate::telemetry::metrics;

/// How long a spent refresh token is remembered: for as long one can tell a copy.
const SPENT_MEMORY_MS: i64 = 7 * 24 * 60 * 60 * 1_000;

/// Everything about people that play; cheap to clone.
#[derive(Clone, Debug)]
pub struct Accounts {
    people: Store,
    auth: Auth,
    passwords: Passwords,
    refresh_ms: i64,
    sessions: u32,
    /// The way to tell other nodes.
    bus: Option<Bus>,
}

/// What somebody gets who came in.
#[derive(Clone, Debug, Serialize)]
pub struct Grant {
    /// The access token: `Authorization: Bearer`.
    pub token: String,
    /// When it ends, in seconds since 1970.
    pub expires: u64,
    /// Whose it is.
    #[serde(flatten)]
    pub account: Account,
    /// For the next access token, once; left out where it is set as a cookie.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
    /// When that ends unless it is used, in seconds since 1970.
    pub refresh_expires: u64,
}

impl Accounts {
    /// Accounts kept by `people`.
    #[must_use]
    pub fn new(
        people: Store,
        auth: Auth,
        passwords: Passwords,
        config: &AuthConfig,
        limits: &Limits,
    ) -> Self {
        let refresh_ms = i64::try_from(config.refresh_token_s).unwrap_or(i64::MAX / 1_000) * 1_000;
        let sessions = u32::try_from(limits.sessions_per_account).unwrap_or(u32::MAX);
        Self { people, auth, passwords, refresh_ms, sessions, bus: None }
    }

    /// The same, telling other nodes of what they should know at once.
    #[must_use]
    pub fn telling(self, bus: Option<Bus>) -> Self {
        Self { bus, ..self }
    }

    /// The account that a token speaks for; somebody of an outside issuer gets one with
    /// the first request that needs it.
    ///
    /// # Errors
    /// 401 when it is no more.
    pub async fn of(&self, identity: &Identity) -> Result<Account, ApiError> {
        if let Some(account) = self.people.account(identity.account).await? {
            return Ok(account);
        }
        let name = identity.outside.as_deref().ok_or(AuthError::Invalid)?;
        let name = name::clean(name).unwrap_or_else(|| name::default_name(identity.account));
        let account = Account::guest(identity.account, name);
        // Whoever was faster has made the same one.
        self.people.create_account(account.clone(), None).await?;
        Ok(account)
    }

    /// Makes a guest: an account without a password.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn guest(&self, name: Option<&str>) -> Result<Grant, ApiError> {
        let id = Uuid::now_v7();
        let name = name.and_then(name::clean).unwrap_or_else(|| name::default_name(id));
        let account = Account::guest(id, name);
        self.people.create_account(account.clone(), None).await?;
        self.begin(account).await
    }

    /// Makes an account with a password. A guest who asks becomes that account and keeps
    /// its games; the sessions it had as a guest end.
    ///
    /// # Errors
    /// 409 when the login name is taken or the caller has one, 422 when it or the
    /// password will not do, 503 when too many passwords are being hashed.
    pub async fn register(
        &self,
        caller: Option<&Identity>,
        login: &str,
        password: Password,
        name: Option<&str>,
    ) -> Result<Grant, ApiError> {
        let login_name = name::credentials(login, &password)?;
        let hash = self.passwords.hash(password).await?;
        let account = match caller {
            Some(guest) => self.upgrade(guest, login_name, hash).await?,
            None => self.create(login, login_name, hash, name).await?,
        };
        metrics::auth("register", "ok");
        self.begin(account).await
    }

    async fn create(
        &self,
        login: &str,
        login_name: String,
        hash: String,
        name: Option<&str>,
    ) -> Result<Account, ApiError> {
        let name = name.and_then(name::clean).or_else(|| name::clean(login));
        let id = Uuid::now_v7();
        let name = name.unwrap_or_else(|| name::default_name(id));
        let account = Account { id, name, login: Some(login_name) };
        match self.people.create_account(account.clone(), Some(hash)).await? {
            true => Ok(account),
            false => Err(taken()),
        }
    }

    async fn upgrade(
        &self,
        guest: &Identity,
        login: String,
        hash: String,
    ) -> Result<Account, ApiError> {
        match self.people.claim_login(guest.account, login, hash).await? {
            Claim::Granted => {}
            Claim::Taken => return Err(taken()),
            Claim::NotAGuest => return Err(not_a_guest()),
        }
        self.end_all(guest.account).await?;
        self.of(guest).await
    }

    /// Lets somebody in by login name and password. Whatever session the caller had ends:
    /// what somebody else may have known before is worth nothing after.
    ///
    /// # Errors
    /// 401, the same whether the name or the password was wrong; 503 when too many
    /// passwords are being hashed.
    pub async fn log_in(
        &self,
        caller: Option<&Identity>,
        login: &str,
        password: Password,
    ) -> Result<Grant, ApiError> {
        let known = self.verified(login, password).await?;
        let Some(account) = known else {
            metrics::auth("login", "refused");
            return Err(wrong_credentials());
        };
        if let Some(before) = caller {
            self.log_out(before).await?;
        }
        metrics::auth("login", "ok");
        self.begin(account).await
    }

    /// The account of this login name, if the password is its. Takes the same work
    /// whether there is one or not.
    async fn verified(&self, login: &str, password: Password) -> Result<Option<Account>, ApiError> {
        let found = match name::login(login) {
            Some(login) => self.people.credentials(login).await?,
            None => None,
        };
        let stored = found.as_ref().map(|found| found.password.clone());
        let right = self.passwords.verify(password, stored).await?;
        Ok(found.filter(|_| right).map(|Credentials { account, .. }| account))
    }

    /// The key by which tries of a login name are counted.
    #[must_use]
    pub fn rate_key(login: &str) -> String {
        name::login(login).unwrap_or_default()
    }

    async fn begin(&self, account: Account) -> Result<Grant, ApiError> {
        self.may_come_in(account.id)?;
        let (refresh, hash) = new_refresh()?;
        let now_ms = now_ms();
        let session = NewSession {
            id: Uuid::new_v4(),
            account: account.id,
            refresh: hash,
            now_ms,
            expires_ms: now_ms + self.refresh_ms,
            most: self.sessions,
            until_s: self.auth.horizon_s(),
        };
        let id = session.id;
        let ended = self.people.begin_session(session).await?;
        self.void(&ended);
        self.grant(account, id, refresh, now_ms)
    }

    fn grant(
        &self,
        account: Account,
        session: Uuid,
        refresh: String,
        now_ms: i64,
    ) -> Result<Grant, ApiError> {
        let (token, identity) = self.auth.issue(account.id, session)?;
        let refresh_expires = (now_ms + self.refresh_ms).unsigned_abs() / 1_000;
        let expires = identity.expires;
        Ok(Grant { token, expires, account, refresh_token: Some(refresh), refresh_expires })
    }

    /// Spends a refresh token for the next one and an access token. One that was spent
    /// before ends its session, unless it comes with the same `attempt`: then the caller
    /// did not get the answer, and gets another one.
    ///
    /// # Errors
    /// 401.
    pub async fn refresh(&self, token: &str, attempt: Option<Uuid>) -> Result<Grant, ApiError> {
        let spent = secret::hash(token).ok_or(AuthError::Invalid)?;
        let (refresh, fresh) = new_refresh()?;
        let now_ms = now_ms();
        let until_s = self.auth.horizon_s();
        let expires_ms = now_ms + self.refresh_ms;
        let wish = Exchange { spent, fresh, attempt, now_ms, expires_ms, until_s };
        match self.people.exchange_refresh(wish).await? {
            Exchanged::Fresh { session, account } => self.grant(account, session, refresh, now_ms),
            Exchanged::Unknown => Err(AuthError::Invalid.into()),
            Exchanged::Reused { session } => {
                metrics::auth("refresh", "reused");
                warn!("a refresh token was used twice; its session was ended");
                self.void(&[Revocation { id: session, issued_s: until_s, until_s }]);
                Err(AuthError::Revoked.into())
            }
        }
    }

    /// Ends the caller's session.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn log_out(&self, identity: &Identity) -> Result<(), ApiError> {
        let ended = self.people.end_session(identity.session, self.auth.horizon_s()).await?;
        self.void(&[ended]);
        Ok(())
    }

    /// Ends all sessions of the caller's account: everything that was issued for it is
    /// void, also by an outside issuer.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn log_out_everywhere(&self, identity: &Identity) -> Result<(), ApiError> {
        self.end_all(identity.account).await?;
        if identity.outside.is_some() {
            let until_s = self.auth.horizon_s();
            let void = Revocation { id: identity.account, issued_s: now_s(), until_s };
            self.people.revoke(void).await?;
            self.void(&[void]);
        }
        Ok(())
    }

    /// Ends all sessions that we gave an account.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn end_all(&self, account: Uuid) -> Result<(), ApiError> {
        let ended = self.people.end_sessions(account, self.auth.horizon_s()).await?;
        self.void(&ended);
        Ok(())
    }

    /// Replaces a password. All sessions end; the caller gets a new one.
    ///
    /// # Errors
    /// 401 when the old password is wrong, 409 for a guest, 422 when the new one will not do.
    pub async fn change_password(
        &self,
        identity: &Identity,
        old: Password,
        new: Password,
    ) -> Result<Grant, ApiError> {
        let account = self.of(identity).await?;
        let login = account.login.clone().ok_or_else(no_password)?;
        name::new_password(&login, &new)?;
        self.verified(&login, old).await?.ok_or_else(wrong_password)?;
        let hash = self.passwords.hash(new).await?;
        self.people.set_password(account.id, hash).await?;
        self.end_all(account.id).await?;
        metrics::auth("password", "changed");
        self.begin(account).await
    }

    /// Renames an account, for games that it joins from now on.
    ///
    /// # Errors
    /// 422 when nothing is left of the name.
    pub async fn rename(&self, identity: &Identity, wish: &str) -> Result<Account, ApiError> {
        let account = self.of(identity).await?;
        let name = name::clean(wish).ok_or_else(no_name)?;
        self.people.rename_account(account.id, name.clone()).await?;
        Ok(Account { name, ..account })
    }

    /// Everything that is stored about the caller.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn export(&self, identity: &Identity) -> Result<Value, ApiError> {
        self.of(identity).await?;
        Ok(self.people.export_account(identity.account).await?)
    }

    /// Erases the caller, who must know the password if there is one.
    ///
    /// # Errors
    /// 401 when the password is wrong.
    pub async fn erase(
        &self,
        identity: &Identity,
        password: Option<Password>,
    ) -> Result<(), ApiError> {
        let account = self.of(identity).await?;
        if let Some(login) = &account.login {
            let password = password.ok_or_else(wrong_password)?;
            self.verified(login, password).await?.ok_or_else(wrong_password)?;
        }
        let until_s = self.auth.horizon_s();
        let void = Revocation { id: account.id, issued_s: now_s(), until_s };
        self.people.erase_account(account.id, void).await?;
        self.void(&[void]);
        metrics::auth("erase", "ok");
        Ok(())
    }

    /// Forgets what is over. Call it now and then.
    pub async fn sweep(&self) {
        let now_ms = now_ms();
        self.auth.revocations().forget_past(now_s());
        match self.people.sweep(now_ms, now_ms - SPENT_MEMORY_MS).await {
            Ok(0) => {}
            Ok(gone) => info!(gone, "guests who cannot come back were forgotten"),
            Err(error) => error!(%error, "what is over could not be forgotten"),
        }
    }
}

fn new_refresh() -> Result<(String, SecretHash), ApiError> {
    let token = secret::generate();
    let hash = token.as_deref().and_then(secret::hash);
    token.zip(hash).ok_or_else(|| ApiError::internal(&"the system gives no random bytes"))
}

fn taken() -> ApiError {
    metrics::auth("register", "taken");
    let message = "somebody has this login name";
    ApiError::new(StatusCode::CONFLICT, "login_taken", message, "take another one")
}

fn not_a_guest() -> ApiError {
    let message = "this account has a login name already";
    ApiError::new(StatusCode::CONFLICT, "not_a_guest", message, "log out first to make another")
}

fn wrong_credentials() -> ApiError {
    let message = "the login name or the password is wrong";
    ApiError::new(StatusCode::UNAUTHORIZED, "wrong_credentials", message, "check both")
}

fn wrong_password() -> ApiError {
    let message = "the password is wrong";
    ApiError::new(StatusCode::UNAUTHORIZED, "wrong_password", message, "type it again")
}

fn no_password() -> ApiError {
    let message = "a guest has no password";
    ApiError::new(StatusCode::CONFLICT, "guest", message, "register first")
}

fn no_name() -> ApiError {
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    ApiError::new(status, "name_unfit", "nothing is left of this name", "use visible characters")
}
