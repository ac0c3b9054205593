//! Requests that wait for news: a caller names the version that it has, and the answer comes
//! when there is another one, or after a while.

use std::time::Duration;

use serde::Deserialize;
use tokio::sync::watch;

use super::Api;
use crate::error::ApiError;
use crate::telemetry::metrics;

/// The version that a caller has.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Since {
    pub(super) since: Option<u64>,
}

impl Api {
    /// Waits until the version is another one than the caller has.
    ///
    /// # Errors
    /// 503 when more requests wait than the server can bear.
    pub(super) async fn news(
        &self,
        mut versions: watch::Receiver<u64>,
        since: Option<u64>,
    ) -> Result<(), ApiError> {
        let Some(since) = since.filter(|since| *since == *versions.borrow()) else {
            return Ok(());
        };
        let _place = self.waiting.try_acquire().map_err(|_| {
            metrics::limit_hit("waiting_requests");
            ApiError::unavailable("as many requests as the server can bear wait for news")
        })?;
        let most = Duration::from_millis(self.config().limits.news_wait_ms);
        tokio::select! {
            // Whatever ended it, the answer is what stands now.
            _ = tokio::time::timeout(most, versions.wait_for(|now| *now != since)) => {}
            () = self.stop.cancelled() => {}
        }
        Ok(())
    }
}
