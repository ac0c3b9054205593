//! The pool of connections.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bb8::{ErrorSink, ManageConnection, Pool, PooledConnection, RunError};
use bb8_postgres::PostgresConnectionManager;
use tokio_postgres::Row;
use tokio_postgres::config::TargetSessionAttrs;
use tokio_postgres_rustls::MakeRustlsConnect;

use super::error::describe;
use super::session::Patience;
use super::{PostgresError, Session, Values, tls};
use crate::config::{Limits, PostgresConfig, Secret};
use crate::telemetry::metrics;

/// A connection that nobody used for this long is closed.
const IDLE: Duration = Duration::from_secs(300);
/// Connections that each pool of the first database keeps open.
const READY: u32 = 2;
/// Silence after which the system asks whether the other side is still there.
const KEEPALIVE: Duration = Duration::from_secs(5);

/// A connection of the pool, which gets it back when this is dropped.
pub type Connection = PooledConnection<'static, Manager>;

/// The pool; cheap to clone.
#[derive(Clone, Debug)]
pub struct Postgres {
    pool: Pool<Manager>,
    last_error: LastError,
    patience: Patience,
    name: &'static str,
}

/// What tells one pool from another.
struct Kind {
    name: &'static str,
    size: u64,
    /// Connections that are kept open for what comes at once, as when a node dies.
    ready: Option<u32>,
    patience: Patience,
    /// Whether a connection is tried before it is given away: a trip to the server, for which
    /// nobody gets one that broke while it lay idle. The log settles such a failure anyway.
    tested: bool,
}

/// Opens and judges connections.
#[derive(Debug)]
pub struct Manager {
    inner: PostgresConnectionManager<MakeRustlsConnect>,
    patience: Patience,
}

/// Why the last attempt to connect failed: the pool itself says only that it took too long.
#[derive(Clone, Debug, Default)]
struct LastError(Arc<Mutex<Option<String>>>);

impl Postgres {
    /// The pool for everything but appends to the log; one connection is opened to see
    /// whether it can be.
    ///
    /// # Errors
    /// [`PostgresError`] when the settings are wrong or the database cannot be reached.
    pub async fn open(config: &PostgresConfig, limits: &Limits) -> Result<Self, PostgresError> {
        let patience = patience(limits.postgres_statement_ms, limits.postgres_lock_ms);
        let size = limits.postgres_connections;
        let kind = Kind { name: "main", size, ready: Some(READY), patience, tested: true };
        Self::connect(config, limits, kind).await
    }

    /// The pool for the log, whose statements are short and must not wait for others.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub async fn open_for_log(
        config: &PostgresConfig,
        limits: &Limits,
    ) -> Result<Self, PostgresError> {
        let patience = patience(limits.postgres_commit_ms, limits.postgres_commit_lock_ms);
        let size = limits.postgres_log_connections;
        let kind = Kind { name: "log", size, ready: Some(READY), patience, tested: false };
        Self::connect(config, limits, kind).await
    }

    async fn connect(
        config: &PostgresConfig,
        limits: &Limits,
        kind: Kind,
    ) -> Result<Self, PostgresError> {
        let mut address = address("postgres.url", &config.url)?;
        // Of several hosts, the one that can be written to.
        address.target_session_attrs(TargetSessionAttrs::ReadWrite);
        let postgres = Self::build(address, config, limits, kind)?;
        postgres.connection().await?.warn_of_lies().await?;
        Ok(postgres)
    }

    /// The pool for lists that may be some seconds old, if a replica is named. Nothing is
    /// connected yet: a server starts without it.
    ///
    /// # Errors
    /// [`PostgresError::Address`] or [`PostgresError::Ca`] when the settings are wrong.
    pub fn replica(
        config: &PostgresConfig,
        limits: &Limits,
    ) -> Result<Option<Self>, PostgresError> {
        if config.replica_url.is_empty() {
            return Ok(None);
        }
        let address = address("postgres.replica_url", &config.replica_url)?;
        let patience = patience(limits.postgres_statement_ms, limits.postgres_lock_ms);
        let size = limits.postgres_connections;
        let kind = Kind { name: "replica", size, ready: None, patience, tested: true };
        Self::build(address, config, limits, kind).map(Some)
    }

    fn build(
        mut address: tokio_postgres::Config,
        config: &PostgresConfig,
        limits: &Limits,
        kind: Kind,
    ) -> Result<Self, PostgresError> {
        let Kind { name, size, ready, patience, tested } = kind;
        let wait = Duration::from_millis(limits.postgres_connect_ms);
        address.connect_timeout(wait);
        let tls = tls::connector(config.ca.as_deref())?;
        let inner = PostgresConnectionManager::new(address, tls);
        let (last_error, most) = (LastError::default(), u32::try_from(size).unwrap_or(u32::MAX));
        let pool = Pool::builder()
            .max_size(most)
            .min_idle(ready.map(|ready| ready.min(most)))
            .connection_timeout(wait)
            .idle_timeout(IDLE)
            .test_on_check_out(tested)
            .error_sink(Box::new(last_error.clone()))
            .build_unchecked(Manager { inner, patience });
        Ok(Self { pool, last_error, patience, name })
    }

    /// A connection that was alive a moment ago.
    ///
    /// # Errors
    /// [`PostgresError::Unreachable`] when there is none in time.
    pub async fn connection(&self) -> Result<Connection, PostgresError> {
        let asked = Instant::now();
        loop {
            let found = self.pool.get_owned().await.map_err(|error| self.unreachable(error))?;
            // One that was lost while it lay idle is dropped here, at most all of them.
            if !found.is_closed() {
                let state = self.pool.state();
                let (open, idle) = (state.connections, state.idle_connections);
                metrics::postgres_connection(self.name, asked.elapsed(), open, idle);
                return Ok(found);
            }
        }
    }

    /// Waits for an answer, but not for longer than a statement of this pool may take.
    ///
    /// # Errors
    /// [`PostgresError::Slow`], or what `answer` comes to.
    pub async fn in_time<T>(
        &self,
        answer: impl Future<Output = Result<T, PostgresError>>,
    ) -> Result<T, PostgresError> {
        let most = self.patience.statement;
        let answered = tokio::time::timeout(most, answer).await;
        answered.unwrap_or_else(|_| Err(PostgresError::Slow(most.as_millis())))
    }

    /// The rows that a statement gives.
    ///
    /// # Errors
    /// As [`Self::connection`] and [`Self::in_time`].
    pub async fn rows(
        &self,
        sql: &'static str,
        values: Values<'_>,
    ) -> Result<Vec<Row>, PostgresError> {
        self.in_time(async { self.connection().await?.rows(sql, values).await }).await
    }

    /// Runs a statement; how many rows it changed.
    ///
    /// # Errors
    /// As [`Self::rows`].
    pub async fn run(&self, sql: &'static str, values: Values<'_>) -> Result<u64, PostgresError> {
        self.in_time(async { self.connection().await?.run(sql, values).await }).await
    }

    /// Does something on a connection, but not for longer than a statement of this pool may
    /// take: a database that hangs does not keep its own limits. A connection on which that
    /// was given up is closed.
    ///
    /// # Errors
    /// [`PostgresError::Slow`], or what `act` comes to.
    pub async fn with<T>(
        &self,
        act: impl AsyncFnOnce(&mut Session) -> Result<T, PostgresError>,
    ) -> Result<T, PostgresError> {
        let mut connection = self.connection().await?;
        let most = self.patience.statement;
        connection.abandon(true);
        let done = tokio::time::timeout(most, act(&mut connection)).await;
        connection.abandon(done.is_err());
        done.unwrap_or_else(|_| Err(PostgresError::Slow(most.as_millis())))
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// [`PostgresError`] when it does not.
    pub async fn ping(&self) -> Result<(), PostgresError> {
        self.with(async |session| Ok(session.batch_execute("").await?)).await
    }

    fn unreachable(&self, error: RunError<tokio_postgres::Error>) -> PostgresError {
        match error {
            RunError::User(error) => PostgresError::Unreachable(describe(&error)),
            RunError::TimedOut => {
                PostgresError::Unreachable(self.last_error.take().unwrap_or_else(|| {
                    "no connection was free in time (limits.postgres_connections)".to_owned()
                }))
            }
        }
    }
}

fn patience(statement_ms: u64, lock_ms: u64) -> Patience {
    let (statement, lock) = (Duration::from_millis(statement_ms), Duration::from_millis(lock_ms));
    Patience { statement, lock }
}

/// The address with what every connection needs. `sslmode` may also be one of those by which
/// other programs ask that the certificate be checked: here it always is.
fn address(setting: &'static str, url: &Secret) -> Result<tokio_postgres::Config, PostgresError> {
    let strict = url.expose().replace("sslmode=verify-full", "sslmode=require");
    let strict = strict.replace("sslmode=verify-ca", "sslmode=require");
    let wrong =
        |error: tokio_postgres::Error| PostgresError::Address { setting, reason: describe(&error) };
    let mut address: tokio_postgres::Config = strict.parse().map_err(wrong)?;
    address.keepalives_idle(KEEPALIVE).keepalives_retries(3);
    address.keepalives_interval(Duration::from_secs(1)).tcp_user_timeout(KEEPALIVE);
    if address.get_application_name().is_none() {
        address.application_name("sovereign-server");
    }
    Ok(address)
}

impl LastError {
    fn take(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl ErrorSink<tokio_postgres::Error> for LastError {
    fn sink(&self, error: tokio_postgres::Error) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(describe(&error));
    }

    fn boxed_clone(&self) -> Box<dyn ErrorSink<tokio_postgres::Error>> {
        Box::new(self.clone())
    }
}

impl ManageConnection for Manager {
    type Connection = Session;
    type Error = tokio_postgres::Error;

    async fn connect(&self) -> Result<Session, tokio_postgres::Error> {
        Session::begin(self.inner.connect().await?, self.patience).await
    }

    async fn is_valid(&self, session: &mut Session) -> Result<(), tokio_postgres::Error> {
        self.inner.is_valid(session).await
    }

    fn has_broken(&self, session: &mut Session) -> bool {
        session.is_useless()
    }
}
