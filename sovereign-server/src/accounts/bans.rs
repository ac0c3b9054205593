//! Shutting people out, and letting them in again.

use http::StatusCode;
use uuid::Uuid;

use super::Accounts;
use crate::auth::now_s;
use crate::error::ApiError;
use crate::redis::News;
use crate::store::now_ms;
use crate::store::people::Ban;
use crate::telemetry::metrics;

impl Accounts {
    /// Shuts an account out until then, or for good: what it has ends at once, its sockets
    /// too, and neither a password nor an outside issuer lets it in again. It holds after a
    /// restart. Again with another end, that is the one that counts.
    ///
    /// # Errors
    /// 404 without such an account, 400 when the end is past.
    pub async fn ban(
        &self,
        account: Uuid,
        until_s: Option<u64>,
        reason: &str,
    ) -> Result<(), ApiError> {
        if until_s.is_some_and(|until| until <= now_s()) {
            return Err(ApiError::bad_request(
                "until_s lies in the past; it is seconds since 1970",
            ));
        }
        let known = self.people.account(account).await?;
        known.ok_or_else(|| ApiError::not_found("account"))?;
        let reason = reason.to_owned();
        self.people.ban(Ban { account, at_ms: now_ms(), until_s, reason }).await?;
        let until_s = until_s.unwrap_or(u64::MAX);
        self.auth.revocations().ban(account, until_s);
        self.tell(News::Banned { account, until_s });
        self.end_all(account).await?;
        metrics::auth("ban", "ok");
        Ok(())
    }

    /// Lets an account in again. Whoever it is must log in anew.
    ///
    /// # Errors
    /// 404 when it is not shut out.
    pub async fn unban(&self, account: Uuid) -> Result<(), ApiError> {
        let was = self.people.unban(account).await?;
        self.auth.revocations().unban(account);
        self.tell(News::LetIn { account });
        was.then_some(()).ok_or_else(|| ApiError::not_found("ban"))
    }

    /// Everybody who is shut out now, the last one first.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn bans(&self) -> Result<Vec<Ban>, ApiError> {
        Ok(self.people.bans(now_s()).await?)
    }

    /// Whether an account may come in.
    pub(super) fn may_come_in(&self, account: Uuid) -> Result<(), ApiError> {
        let Some(until_s) = self.auth.revocations().banned_until(account) else { return Ok(()) };
        metrics::auth("login", "banned");
        let message = "this account is shut out by the server's operator";
        Err(ApiError::new(StatusCode::FORBIDDEN, "banned", message, hint(until_s)))
    }
}

fn hint(until_s: u64) -> String {
    match until_s.checked_sub(now_s()).filter(|_| until_s < u64::MAX) {
        Some(left) => format!("come back in {} hours", left.div_ceil(3_600)),
        None => "ask the operator".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::{Auth, Identity, Keys, Passwords};
    use crate::config::{AuthConfig, Limits};
    use crate::store::{Account, SqliteStore, Store};

    /// A node: it has what is stored in common with others, and no memory.
    fn node(store: &Store, folder: &std::path::Path) -> Accounts {
        let (config, limits) = (AuthConfig::default(), Limits::default());
        let keys = Keys::open(folder, config.overlap_s(), now_s()).unwrap();
        let auth = Auth::new(keys, config.clone()).unwrap();
        Accounts::new(store.clone(), auth, Passwords::new(&limits).unwrap(), &config, &limits)
    }

    #[tokio::test]
    async fn nodes_hear_of_each_others_bans_and_revocations() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::from(SqliteStore::open(folder.path()).await.unwrap());
        let nodes = [node(&store, folder.path()), node(&store, folder.path())];
        let id = Uuid::new_v4();
        store.create_account(Account::guest(id, "Ada".to_owned()), None).await.unwrap();
        let (session, issued) = (Uuid::new_v4(), now_s());
        let expires = issued + 900;
        let identity = Identity { account: id, session, issued, expires, outside: None };
        let there = nodes[1].auth.revocations();
        let socket = there.watch(&identity);
        nodes[0].ban(id, None, "spam").await.unwrap();
        nodes[1].resume().await.unwrap();
        assert_eq!(there.banned_until(id), Some(u64::MAX));
        socket.ended().await;
        nodes[0].unban(id).await.unwrap();
        nodes[1].resume().await.unwrap();
        assert_eq!(there.banned_until(id), None);
        assert!(!there.is_void(&identity));
        nodes[0].log_out(&identity).await.unwrap();
        nodes[1].resume().await.unwrap();
        assert!(there.is_void(&identity));
    }
}
