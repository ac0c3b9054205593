//! What every [`Database`](super::Database) must do. Each case gets an empty one.

use std::ops::Deref;

use rusqlite::Connection;

use super::{SqliteStore, Store};

/// An empty database, and a way around its traits.
pub(super) struct Fixture {
    store: Store,
    folder: tempfile::TempDir,
}

impl Fixture {
    async fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(folder.path()).await.unwrap().into();
        Self { store, folder }
    }

    /// Does to the tables what no server does.
    async fn tamper(&self, sql: &str) {
        let other = Connection::open(self.folder.path().join("main.db")).unwrap();
        other.execute_batch(sql).unwrap();
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
    };
}

mod audit;
mod games;
mod library;
mod people;
mod records;
mod reports;
