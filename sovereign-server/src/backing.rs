//! Where a server keeps what it must not lose: in its data folder, or in the database of a fleet.
//!
//! Nothing above knows which.

use std::path::Path;
use std::sync::Arc;

use sovereign_core::rules::RULES_VERSION;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::app::StartError;
use crate::auth::Seal;
use crate::config::{Config, Live};
use crate::health::Health;
use crate::log::postgres::PostgresLog;
use crate::log::sqlite::SqliteLog;
use crate::log::{CommandLog, Committer, LogHandle};
use crate::postgres::{Migrator, Postgres};
use crate::redis::{HotSnapshots, Redis, RedisError};
use crate::room::{Host, LocalHost, Services};
use crate::store::{GameStatus, PostgresStore, SqliteStore, Store};
use crate::telemetry::traces::Traces;
use crate::threads::Lanes;

/// What is opened of it.
#[derive(Debug)]
pub(crate) struct Backing {
    /// Everything but the log.
    pub(crate) store: Store,
    /// The way to the log's committer.
    pub(crate) commits: LogHandle,
    /// The committer; it ends with its last handle.
    pub(crate) committer: JoinHandle<()>,
    /// The database of the fleet, if that is where it is.
    pub(crate) shared: Option<Postgres>,
    /// What the nodes of the fleet share and may lose, if there is one.
    pub(crate) redis: Option<Redis>,
    log: Log,
    /// Where games are played.
    games: Lanes,
    /// Around which they tick.
    base: Instant,
}

#[derive(Debug)]
enum Log {
    Folder(Arc<SqliteLog>),
    Fleet(Arc<PostgresLog>),
}

/// What rooms share beside log and store.
#[derive(Debug)]
pub(crate) struct Common<'a> {
    pub(crate) settings: &'a Live,
    pub(crate) health: &'a Health,
    pub(crate) traces: &'a Traces,
    pub(crate) seal: Seal,
}

impl Backing {
    /// Opens what the settings name, for games in these lanes; the log's committer is where this
    /// runs. `folder` is locked by the caller.
    pub(crate) async fn open(
        config: &Config,
        folder: &Path,
        games: Lanes,
        base: Instant,
    ) -> Result<Self, StartError> {
        match config.postgres.url.is_empty() {
            true => Self::in_folder(config, folder, (games, base)).await,
            false => Self::in_fleet(config, (games, base)).await,
        }
    }

    async fn in_folder(
        config: &Config,
        folder: &Path,
        (games, base): (Lanes, Instant),
    ) -> Result<Self, StartError> {
        let sqlite = SqliteStore::open(folder).await?;
        let store = Store::from(sqlite.clone());
        let log = Arc::new(SqliteLog::open(folder, sqlite.clone()).await?);
        log.limit_size(config.limits.log_bytes).await?;
        forget_finished(&log, &sqlite, &store).await?;
        let (committer, commits) = Committer::new(Arc::clone(&log));
        let committer = tokio::spawn(committer.run());
        let log = Log::Folder(log);
        Ok(Self { store, commits, committer, shared: None, redis: None, log, games, base })
    }

    async fn in_fleet(
        config: &Config,
        (games, base): (Lanes, Instant),
    ) -> Result<Self, StartError> {
        let (settings, limits, node) = (&config.postgres, &config.limits, &config.cluster.node);
        let primary = Postgres::open(settings, limits).await?;
        Migrator::default().check(&primary).await?;
        let replica = Postgres::replica(settings, limits)?;
        let quick = Postgres::open_for_log(settings, limits).await?;
        let redis = open_redis(config)?;
        let hot = redis.clone().map(|redis| HotSnapshots::new(redis, limits));
        let log = PostgresLog::new(quick, primary.clone(), node, RULES_VERSION).with_copies(hot);
        let log = Arc::new(log);
        let store = Store::from(PostgresStore::new(primary.clone(), replica, &**node));
        forget_ended(&log, &store).await?;
        let (committer, commits) = Committer::new(Arc::clone(&log));
        let committer = tokio::spawn(committer.run());
        let (shared, log) = (Some(primary), Log::Fleet(log));
        Ok(Self { store, commits, committer, shared, redis, log, games, base })
    }

    /// The keeper of rooms that write this log.
    pub(crate) fn host(&self, common: &Common<'_>) -> Arc<dyn Host> {
        match &self.log {
            Log::Folder(log) => Arc::new(LocalHost::new(self.services(log, common))),
            Log::Fleet(log) => {
                let is_node = !common.settings.now().cluster.node.is_empty();
                Arc::new(LocalHost::new(self.services(log, common)).in_fleet(is_node))
            }
        }
    }

    /// Rooms for the published workload.
    #[cfg(feature = "workload")]
    pub(crate) fn workloads(&self, common: &Common<'_>) -> crate::room::workload::Workloads {
        match &self.log {
            Log::Folder(log) => crate::room::workload::Workloads::new(&self.services(log, common)),
            Log::Fleet(log) => crate::room::workload::Workloads::new(&self.services(log, common)),
        }
    }

    fn services<L: CommandLog>(&self, log: &Arc<L>, common: &Common<'_>) -> Arc<Services<L>> {
        Arc::new(Services {
            log: Arc::clone(log),
            commits: self.commits.clone(),
            store: self.store.clone(),
            limits: common.settings.now().limits.clone(),
            settings: common.settings.clone(),
            health: common.health.clone(),
            traces: common.traces.clone(),
            seal: Some(common.seal.clone()),
            base: self.base,
            games: self.games.clone(),
        })
    }
}

/// The Redis of the nodes: a server that is alone shares nothing.
fn open_redis(config: &Config) -> Result<Option<Redis>, RedisError> {
    let is_shared = config.redis.is_set() && !config.cluster.node.is_empty();
    is_shared.then(|| Redis::open(&config.redis, &config.limits)).transpose()
}

/// A game whose replay was stored just before a crash still has its log: drop it.
async fn forget_finished(
    log: &SqliteLog,
    owners: &SqliteStore,
    store: &Store,
) -> Result<(), StartError> {
    let unfinished = store.unfinished_games().await?;
    for owner in owners.owners().await? {
        if !unfinished.iter().any(|record| record.id == owner.game) {
            log.forget(owner.game).await?;
        }
    }
    Ok(())
}

/// The same at a node, which may not know of every game that runs: only what is known to have
/// ended is dropped.
async fn forget_ended(log: &PostgresLog, store: &Store) -> Result<(), StartError> {
    for game in log.games().await? {
        let record = store.game(game).await?;
        if record.is_none_or(|record| record.status == GameStatus::Finished) {
            log.forget(game).await?;
        }
    }
    Ok(())
}
