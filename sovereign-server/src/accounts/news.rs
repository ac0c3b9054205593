//! What other nodes revoke, and whom they shut out: told by them at once where that can be, and
//! looked up now and then in any case.

use std::time::Duration;

use tracing::warn;

use super::Accounts;
use crate::auth::now_s;
use crate::redis::News;
use crate::store::StoreError;
use crate::store::people::Revocation;

impl Accounts {
    /// Takes up what was revoked before this process began, or at other nodes since then, and
    /// lets in again whom another node lets in.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn resume(&self) -> Result<(), StoreError> {
        let revocations = self.auth.revocations();
        // Who is shut out here while the database is asked stays so.
        let before = revocations.banned();
        revocations.add(&self.people.revocations().await?);
        let bans = self.people.bans(now_s()).await?;
        for ban in &bans {
            revocations.ban(ban.account, ban.until_s.unwrap_or(u64::MAX));
        }
        let let_in = before.iter().filter(|one| bans.iter().all(|ban| ban.account != **one));
        let_in.for_each(|account| revocations.unban(*account));
        Ok(())
    }

    /// Does that again and again, for as long as the server runs.
    pub async fn follow(self, every: Duration) {
        loop {
            tokio::time::sleep(every).await;
            self.catch_up().await;
        }
    }

    /// Does it once.
    pub async fn catch_up(&self) {
        if let Err(error) = self.resume().await {
            warn!(%error, "what other nodes revoke is not heard of");
        }
    }

    /// Makes tokens void here and at all other nodes.
    pub(super) fn void(&self, revocations: &[Revocation]) {
        self.auth.revocations().add(revocations);
        if !revocations.is_empty() {
            self.tell(News::Revoked { revocations: revocations.to_vec() });
        }
    }

    /// Tells the other nodes, if there are any that can be told.
    pub(super) fn tell(&self, news: News) {
        if let Some(bus) = &self.bus {
            bus.tell(news);
        }
    }

    /// Does what another node has done; it is stored already.
    pub fn hear(&self, news: &News) {
        let revocations = self.auth.revocations();
        match news {
            News::Revoked { revocations: void } => revocations.add(void),
            News::Banned { account, until_s } => revocations.ban(*account, *until_s),
            News::LetIn { account } => revocations.unban(*account),
            News::Listed | News::Changed { .. } => {}
        }
    }
}
