//! A person, exported and erased in PostgreSQL.

use serde_json::{Map, Value};
use uuid::Uuid;

use super::link::{Change, Link, Tx};
use super::values::big;
use super::{PostgresStore, sessions};
use crate::store::StoreError;
use crate::store::people::Revocation;
use crate::store::person::{PERSONAL, Personal, SECRET};

impl PostgresStore {
    /// Every stored row about a person, by table, without secrets.
    pub(super) async fn export(&self, id: Uuid) -> Result<Value, StoreError> {
        let link = Link::of(&self.primary).await?;
        let mut tables = Map::new();
        for Personal { table, columns, rows, .. } in PERSONAL {
            let select =
                format!("SELECT to_jsonb(t) FROM (SELECT {columns} FROM {table} WHERE {rows}) t");
            let mut told = Vec::new();
            for row in link.rows_once(&select, &[&id]).await? {
                told.push(without_secrets(row.try_get(0)?));
            }
            tables.insert((*table).to_owned(), Value::Array(told));
        }
        Ok(Value::Object(tables))
    }
}

fn without_secrets(mut record: Value) -> Value {
    if let Some(columns) = record.as_object_mut() {
        columns.retain(|name, _| !SECRET.contains(&name.as_str()));
    }
    record
}

/// What becomes of somebody who wants to be forgotten.
#[derive(Debug)]
pub(super) struct Erasing {
    pub(super) id: Uuid,
    pub(super) void: Revocation,
}

impl Change for Erasing {
    type Done = ();

    async fn carry_out(&self, t: &mut Tx<'_>) -> Result<(), StoreError> {
        // First, so that no game that ends meanwhile records anything new.
        t.run("SELECT FROM account WHERE id = $1 FOR UPDATE", &[&self.id]).await?;
        for erase in PERSONAL.iter().filter_map(|personal| personal.erase) {
            t.run(erase, &[&self.id]).await?;
        }
        t.run("DELETE FROM account WHERE id = $1", &[&self.id]).await?;
        let Revocation { id, issued_s, until_s } = self.void;
        t.run(sessions::REVOKE, &[&id, &big(issued_s), &big(until_s)]).await.map(drop)
    }
}
