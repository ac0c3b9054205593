//! PostgreSQL: what a fleet's nodes share. Connections, the schema, and nothing of what the
//! tables mean.
//!
//! Invariant: whatever was committed through a [`Session`] survives a crash of the database;
//! no setting of its server takes that away unnoticed.

mod error;
mod migrate;
mod pool;
mod session;
#[cfg(test)]
pub(crate) mod testing;
mod tls;

pub use error::PostgresError;
pub use migrate::{MIGRATIONS, Migration, Migrator, Standing, Stands};
pub use pool::{Connection, Postgres};
pub(crate) use session::Prepared;
pub use session::{Session, Values};

#[cfg(test)]
use crate::config::{Limits, PostgresConfig, Secret};

/// A pool on a fresh database with the present schema, for tests.
#[cfg(test)]
pub(crate) async fn fresh() -> Postgres {
    let pool = pool_of(&testing::Server::shared().database().await).await;
    Migrator::default().up(&pool).await.expect("a fresh database takes the schema");
    pool
}

/// A pool on the database at `url`, for tests.
#[cfg(test)]
pub(crate) async fn pool_of(url: &str) -> Postgres {
    let config = PostgresConfig { url: Secret::new(url), ..PostgresConfig::default() };
    Postgres::open(&config, &Limits::default()).await.expect("the test's database runs")
}

#[cfg(test)]
mod tests;
