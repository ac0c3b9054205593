//! How many games there may be here, in all and of one person.

use std::sync::atomic::Ordering;

use tracing::info;
use uuid::Uuid;

use super::Lobby;
use crate::config::Limits;
use crate::error::ApiError;
use crate::telemetry::metrics;

impl Lobby {
    /// Whether somebody may make one more game here.
    pub(super) async fn may_create(&self, account: Uuid) -> Result<(), ApiError> {
        self.has_room()?;
        let mut own = 0;
        for id in self.inner.store.hosted_games(account).await? {
            let table = self.tables().get(&id).cloned();
            // One that has ended here may not be stored as such yet.
            let is_over = match table {
                Some(table) => table.is_over().await,
                None => false,
            };
            own += u64::from(!is_over);
        }
        if own >= self.limits().rooms_per_account {
            metrics::limit_hit("rooms_per_account");
            return Err(ApiError::too_many("unfinished games of yours; finish or leave one"));
        }
        Ok(())
    }

    /// Whether one more game may begin here.
    pub fn has_room(&self) -> Result<(), ApiError> {
        if self.inner.closed.load(Ordering::Acquire) {
            return Err(ApiError::unavailable("the server is about to stop"));
        }
        if self.is_crowded() {
            metrics::limit_hit("rooms");
            return Err(ApiError::unavailable("the server has as many games as it can"));
        }
        if self.is_busy() {
            metrics::limit_hit("node_full_percent");
            return Err(ApiError::unavailable("the server has as much to do as it can"));
        }
        Ok(())
    }

    pub(super) fn is_crowded(&self) -> bool {
        self.tables().len() >= Limits::count(self.limits().rooms)
    }

    pub(super) fn is_busy(&self) -> bool {
        self.inner.busy.load(Ordering::Acquire)
    }

    /// From now on no game is begun here, or again: there is too much to do.
    pub fn set_busy(&self, busy: bool) {
        if self.inner.busy.swap(busy, Ordering::AcqRel) != busy {
            info!(busy, "whether new games are refused has changed: see node_fullness_part_ratio");
        }
    }
}
