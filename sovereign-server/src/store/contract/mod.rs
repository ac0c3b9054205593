//! What every [`Database`](super::Database) must do. Each case gets an empty one.

use std::ops::Deref;

use rusqlite::Connection;
use rusqlite::types::ValueRef;

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

    /// Every row of every table as text but for what is void, which names a dead id until no
    /// token with it is left.
    pub(super) async fn told(&self) -> String {
        match &self.beside {
            Beside::Sqlite(folder) => {
                let other = Connection::open(folder.path().join("main.db")).unwrap();
                let tables = "SELECT name FROM sqlite_schema WHERE type = 'table'
                              AND name <> 'revocation'";
                let mut tables = other.prepare(tables).unwrap();
                let tables = tables.query_map([], |r| r.get(0)).unwrap();
                tables.map(|table| rows_of(&other, table.unwrap())).collect()
            }
            Beside::Postgres(pool) => {
                let session = pool.connection().await.unwrap();
                let tables = "SELECT relname::text FROM pg_class WHERE relkind = 'r'
                    AND relnamespace = 'public'::regnamespace AND relname <> 'revocation'";
                let mut all = String::new();
                for table in session.query(tables, &[]).await.unwrap() {
                    let select = format!("SELECT t::text FROM {} t", table.get::<_, String>(0));
                    let rows = session.query(&*select, &[]).await.unwrap();
                    all.extend(rows.iter().map(|row| row.get::<_, String>(0)));
                }
                all
            }
        }
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

fn rows_of(c: &Connection, table: String) -> String {
    let mut statement = c.prepare(&format!("SELECT * FROM {table}")).unwrap();
    let columns = statement.column_count();
    let mut rows = statement.query([]).unwrap();
    let mut all = String::new();
    while let Some(row) = rows.next().unwrap() {
        for column in 0..columns {
            all += &match row.get_ref(column).unwrap() {
                ValueRef::Blob(bytes) if bytes.len() == 16 => {
                    uuid::Uuid::from_slice(bytes).unwrap().to_string()
                }
                ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
                other => format!("{other:?}"),
            };
        }
    }
    all
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
