//! A person, exported and erased in SQLite.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::sessions;
use crate::store::StoreError;
use crate::store::people::Revocation;
use crate::store::person::{PERSONAL, Personal, SECRET};

pub(super) fn export(c: &Connection, id: Uuid) -> Result<Value, StoreError> {
    let mut tables = Map::new();
    for personal in PERSONAL {
        let Personal { table, columns, rows, .. } = personal;
        let select = format!("SELECT {columns} FROM {table} WHERE {rows}");
        let mut statement = c.prepare(&select)?;
        let rows = statement.query_map([id], |row| Ok(record(row)))?;
        let rows = rows.collect::<Result<Vec<Value>, _>>()?;
        tables.insert(personal.table.to_owned(), Value::Array(rows));
    }
    Ok(Value::Object(tables))
}

/// One row by its columns; ids as UUIDs, other bytes as base64.
fn record(row: &Row<'_>) -> Value {
    let statement: &rusqlite::Statement<'_> = row.as_ref();
    let names = statement.column_names().enumerate();
    let told = names.filter(|(_, name)| !SECRET.contains(name));
    let values =
        told.map(|(at, name)| (name.to_owned(), row.get_ref(at).map_or(Value::Null, json)));
    Value::Object(values.collect())
}

fn json(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => number.into(),
        ValueRef::Real(number) => number.into(),
        ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned().into(),
        ValueRef::Blob(bytes) => match Uuid::from_slice(bytes) {
            Ok(id) => id.to_string().into(),
            Err(_) => URL_SAFE_NO_PAD.encode(bytes).into(),
        },
    }
}

/// Erases in one transaction, then makes the log of changes forget it too; deleted
/// pages are overwritten by `secure_delete`.
pub(super) fn erase(c: &mut Connection, id: Uuid, void: &Revocation) -> Result<(), StoreError> {
    let transaction = c.transaction()?;
    for statement in PERSONAL.iter().filter_map(|personal| personal.erase) {
        transaction.execute(statement, [id])?;
    }
    transaction.execute("DELETE FROM account WHERE id = ?1", [id])?;
    sessions::put_revocation(&transaction, void)?;
    transaction.commit()?;
    c.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::sqlite::schema;

    fn columns(c: &Connection) -> Vec<(String, String)> {
        let select = "SELECT m.name, i.name FROM sqlite_schema m, pragma_table_info(m.name) i
                      WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'";
        let mut statement = c.prepare(select).unwrap();
        let rows = statement.query_map([], |r| Ok((r.get(0)?, r.get(1)?))).unwrap();
        rows.map(Result::unwrap).collect()
    }

    /// D1: a table that names accounts and is not in the list fails here.
    #[test]
    fn d1_every_table_about_people_is_exported_and_erased() {
        let mut c = Connection::open_in_memory().unwrap();
        schema::migrate(&mut c).unwrap();
        let about = |(table, column): &(String, String)| {
            (table == "account" || matches!(&**column, "account" | "login" | "name" | "address"))
                .then(|| table.clone())
        };
        let found: std::collections::BTreeSet<String> =
            columns(&c).iter().filter_map(about).collect();
        let listed = PERSONAL.iter().map(|personal| personal.table.to_owned()).collect();
        assert_eq!(found, listed, "say in PERSONAL how to export and erase it");
    }

    #[test]
    fn what_is_kept_secret_is_a_column_that_exists() {
        let mut c = Connection::open_in_memory().unwrap();
        schema::migrate(&mut c).unwrap();
        let columns = columns(&c);
        assert!(SECRET.iter().all(|secret| columns.iter().any(|(_, column)| column == secret)));
    }
}
