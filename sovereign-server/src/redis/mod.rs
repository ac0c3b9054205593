//! What nodes of a fleet share and may lose: the one place that speaks to Redis.
//!
//! Invariant: nothing here is the only copy of anything. Redis may be lost, emptied, late or failed
//! over to a copy that lags, at any moment; each use says in [`KEYS`] what happens then.

mod address;
mod bus;
mod heartbeats;
mod keys;
mod news;
mod online;
mod pool;
mod rates;
mod snapshots;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
pub(crate) mod tests;

pub use bus::{Bus, BusRunner, Ears, Heard};
pub use heartbeats::Heartbeats;
pub use keys::{KEYS, Key, KeyDoc, keys_table};
pub use news::News;
pub use online::SharedOnline;
pub use pool::Redis;
pub use rates::SharedRates;
pub use snapshots::HotSnapshots;

/// Why Redis does not serve.
#[derive(Debug, thiserror::Error)]
pub enum RedisError {
    /// An address is none.
    #[error(
        "redis.{setting} cannot be used: {source}; give addresses as redis://host:6379/ or \
         rediss://host:6379/"
    )]
    Address {
        /// The setting that has it.
        setting: &'static str,
        /// What is wrong with it.
        source: ::redis::RedisError,
    },
    /// It refused or failed.
    #[error("Redis failed: {0}")]
    Failed(#[from] ::redis::RedisError),
    /// It did not answer in time.
    #[error("Redis did not answer in time")]
    Slow,
    /// It has failed a moment ago, and nobody waits for it until it answers again.
    #[error("Redis is down")]
    Down,
}
