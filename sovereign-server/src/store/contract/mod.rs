//! What every [`Database`](super::Database) must do. Each case gets an empty one.

use std::ops::Deref;

use rusqlite::Connection;

use super::{PostgresStore, SqliteStore, Store};
use crate::postgres::{self, Postgres};

/// An empty database, and a way around its traits.
pub(super) struct Fixture {
    store: Store,
    beside: Beside,
}

enum Beside {
    Sqlite(tempfile::TempDir),
    Postgres(Postgres),
}

impl Fixture {
    async fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(folder.path()).await.unwrap().into();
        Self { store, beside: Beside::Sqlite(folder) }
    }

    pub(super) async fn postgres() -> Self {
        let pool = postgres::fresh().await;
        let store = PostgresStore::new(pool.clone(), None, "one").into();
        Self { store, beside: Beside::Postgres(pool) }
    }

    /// Does to the tables what no server does.
    pub(super) async fn tamper(&self, sql: &str) {
        match &self.beside {
            Beside::Sqlite(folder) => {
                let other = Connection::open(folder.path().join("main.db")).unwrap();
                other.execute_batch(sql).unwrap();
            }
            Beside::Postgres(pool) => {
                pool.connection().await.unwrap().batch_execute(sql).await.unwrap();
            }
        }
    }
}

impl Deref for Fixture {
    type Target = Store;

    fn deref(&self) -> &Store {
        &self.store
    }
}

/// Each case as a test of each database.
macro_rules! contract {
    ($($case:ident)+) => {
        mod sqlite {
            $(#[tokio::test]
            async fn $case() {
                super::$case(&super::Fixture::sqlite().await).await;
            })+
        }

        mod postgres {
            $(#[tokio::test]
            async fn $case() {
                super::$case(&super::Fixture::postgres().await).await;
            })+
        }
    };
}

mod audit;
mod games;
mod library;
mod people;
mod records;
mod reports;
