//! What is kept, and for how long: a job that drops the rest.

use std::time::Duration;

use tracing::{info, warn};

use crate::cluster::Duty;
use crate::config::{Limits, Live};
use crate::store::{Store, StoreError};

/// Time between two rounds.
pub const ROUND: Duration = Duration::from_secs(60 * 60);
/// Milliseconds in a day.
const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

/// What a round dropped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dropped {
    /// Replays.
    pub replays: usize,
    /// Events of the audit log.
    pub audit: usize,
    /// Complaints.
    pub reports: usize,
}

/// Drops what is too old or too much, at once and then every hour, for as long as the server
/// runs and has the duty. `clock` tells the milliseconds since 1970.
pub async fn keep(duty: Duty, settings: Live, clock: impl Fn() -> i64 + Send) {
    loop {
        match round(&duty, &settings.now().limits, clock()).await {
            Ok(dropped) if dropped == Dropped::default() => {}
            Ok(Dropped { replays, audit, reports }) => {
                info!(replays, audit, reports, "what was too old is gone");
            }
            Err(StoreError::TermOver(_)) => duty.lose().await,
            Err(error) => warn!(%error, "what is too old cannot be dropped; tried again later"),
        }
        tokio::time::sleep(ROUND).await;
    }
}

async fn round(duty: &Duty, limits: &Limits, now_ms: i64) -> Result<Dropped, StoreError> {
    match duty.store().await? {
        Some(store) => sweep(&store, limits, now_ms).await,
        None => Ok(Dropped::default()),
    }
}

/// One round.
///
/// # Errors
/// [`StoreError`].
pub async fn sweep(store: &Store, limits: &Limits, now_ms: i64) -> Result<Dropped, StoreError> {
    let days = |days: u64| {
        now_ms.saturating_sub(i64::try_from(days).unwrap_or(i64::MAX).saturating_mul(DAY_MS))
    };
    let replays = store.prune_replays(limits.replays, days(limits.replay_days)).await?;
    store.prune_games().await?;
    let audit = store.prune_audit(days(limits.audit_days)).await?;
    let reports = store.prune_reports(days(limits.report_days)).await?;
    Ok(Dropped { replays, audit, reports })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::duty::RETENTION;
    use crate::config::Config;
    use crate::log::GameId;
    use crate::store::{Finish, Keep, SqliteStore};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicI64, Ordering};

    async fn put(store: &Store, replays: u32) {
        for _ in 0..replays {
            let keep = Keep { replays: 100, results: 100 };
            store.finish_game(Finish::bare(GameId::now_v7()), keep).await.unwrap();
        }
    }

    /// Lets hours pass until so many replays are left.
    async fn until_left(store: &Store, replays: usize) {
        for _ in 0..1_000 {
            if store.replays(100).await.unwrap().len() == replays {
                return;
            }
            tokio::time::sleep(ROUND).await;
        }
        panic!("{replays} replays were to be left");
    }

    #[tokio::test(start_paused = true)]
    async fn replays_go_by_number_and_by_age_as_time_passes() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::from(SqliteStore::open(folder.path()).await.unwrap());
        let (began, hours) = (crate::store::now_ms(), Arc::new(AtomicI64::new(0)));
        let limits = Limits { replays: 3, replay_days: 2, ..Limits::default() };
        let settings = Live::new(Config { limits, ..Config::default() });
        let passed = Arc::clone(&hours);
        let clock = move || began + passed.load(Ordering::Relaxed) * 3_600_000;
        put(&store, 5).await;
        let job = tokio::spawn(keep(Duty::new(RETENTION, store.clone()), settings, clock));
        until_left(&store, 3).await;
        hours.store(47, Ordering::Relaxed);
        put(&store, 1).await;
        until_left(&store, 3).await;
        hours.store(49, Ordering::Relaxed);
        until_left(&store, 0).await;
        job.abort();
    }
}
