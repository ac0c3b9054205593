//! The pool, and who is asked while Redis is down: nobody.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use ::redis::aio::MultiplexedConnection;
use ::redis::{Client, FromRedisValue, Pipeline, ScriptInvocation};
use bb8_redis::RedisConnectionManager;
use tokio::time::timeout;
use tracing::{info, warn};

use super::RedisError;
use super::address::Address;
use crate::config::{Limits, RedisConfig};
use crate::telemetry::metrics;

/// Redis, as far as it is there; cheap to clone.
#[derive(Clone)]
pub struct Redis {
    pool: bb8::Pool<Manager>,
    address: Address,
    patience: Duration,
    is_down: Arc<AtomicBool>,
}

impl fmt::Debug for Redis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redis").field("address", &self.address).finish_non_exhaustive()
    }
}

/// Makes connections to wherever Redis is.
#[derive(Debug)]
struct Manager(Address);

/// A connection of the pool.
#[derive(Debug)]
struct Line {
    connection: MultiplexedConnection,
    /// What was asked has not been answered well: whoever is at the other end may be no master any
    /// more, or stand still, so the next one asks on another line.
    is_broken: bool,
}

impl bb8::ManageConnection for Manager {
    type Connection = Line;
    type Error = ::redis::RedisError;

    async fn connect(&self) -> Result<Line, Self::Error> {
        let info = self.0.client().await?.get_connection_info().clone();
        let connection = RedisConnectionManager::new(info)?.connect().await?;
        Ok(Line { connection, is_broken: false })
    }

    async fn is_valid(&self, _: &mut Line) -> Result<(), Self::Error> {
        Ok(())
    }

    fn has_broken(&self, line: &mut Line) -> bool {
        line.is_broken
    }
}

impl Redis {
    /// The one that the settings name. Whether it is there is seen later.
    ///
    /// # Errors
    /// [`RedisError::Address`].
    pub fn open(config: &RedisConfig, limits: &Limits) -> Result<Self, RedisError> {
        let address = Address::new(config)?;
        let patience = Duration::from_millis(limits.redis_answer_ms);
        let size = u32::try_from(limits.redis_connections).unwrap_or(u32::MAX);
        // A line that fails is thrown away, so none has to be tried before it is used.
        let pool = bb8::Pool::builder().max_size(size.max(1)).test_on_check_out(false);
        let pool = pool.connection_timeout(patience).build_unchecked(Manager(address.clone()));
        Ok(Self { pool, address, patience, is_down: Arc::default() })
    }

    /// Asks all of these at once; at once an error while Redis is down.
    ///
    /// # Errors
    /// [`RedisError`].
    pub async fn ask<T: FromRedisValue>(&self, asked: &Pipeline) -> Result<T, RedisError> {
        self.refuse_if_down()?;
        self.probe(asked).await
    }

    /// Runs a script, at once an error while Redis is down.
    ///
    /// # Errors
    /// [`RedisError`].
    pub async fn run<T>(&self, script: &ScriptInvocation<'_>) -> Result<T, RedisError>
    where
        T: FromRedisValue,
    {
        self.refuse_if_down()?;
        self.with(async |line| script.invoke_async(line).await).await
    }

    /// Asks also while Redis is down, and so learns when it is there again. For one that asks
    /// again and again, and whom nobody waits for.
    ///
    /// # Errors
    /// [`RedisError`].
    pub(super) async fn probe<T: FromRedisValue>(&self, asked: &Pipeline) -> Result<T, RedisError> {
        self.with(async |line| asked.query_async(line).await).await
    }

    /// Asks on a line that is thrown away unless the answer comes in time.
    async fn with<T>(
        &self,
        ask: impl AsyncFnOnce(&mut MultiplexedConnection) -> Result<T, ::redis::RedisError>,
    ) -> Result<T, RedisError> {
        let asked = async {
            let mut line = self.line().await?;
            line.is_broken = true;
            let answer = ask(&mut line.connection).await?;
            line.is_broken = false;
            Ok(answer)
        };
        self.noted(timeout(self.patience, asked).await.unwrap_or(Err(RedisError::Slow)))
    }

    /// Whether it has answered of late, or has not been asked.
    #[must_use]
    pub fn is_up(&self) -> bool {
        !self.is_down.load(Ordering::Relaxed)
    }

    async fn line(&self) -> Result<bb8::PooledConnection<'_, Manager>, RedisError> {
        self.pool.get().await.map_err(|error| match error {
            bb8::RunError::User(error) => RedisError::Failed(error),
            bb8::RunError::TimedOut => RedisError::Slow,
        })
    }

    fn refuse_if_down(&self) -> Result<(), RedisError> {
        if self.is_up() { Ok(()) } else { Err(RedisError::Down) }
    }

    /// Says it once when Redis goes, and once when it comes back.
    fn noted<T>(&self, answer: Result<T, RedisError>) -> Result<T, RedisError> {
        let was_down = self.is_down.swap(answer.is_err(), Ordering::Relaxed);
        match &answer {
            Ok(_) if was_down => info!("Redis answers again"),
            Err(error) if !was_down => {
                warn!(%error, "nodes go on without Redis: see the table of its keys for what is slower");
            }
            _ => {}
        }
        metrics::redis(answer.is_ok());
        answer
    }

    /// Where it is now, for a connection of one's own.
    pub(super) async fn client(&self) -> Result<Client, RedisError> {
        let found = timeout(self.patience, self.address.client()).await;
        Ok(found.map_err(|_| RedisError::Slow)??)
    }
}
