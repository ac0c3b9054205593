//! Values between Rust and PostgreSQL.

use std::borrow::Cow;

use tokio_postgres::Row;

use crate::store::StoreError;

/// A text as PostgreSQL takes it: it knows no NUL.
pub(super) fn text(text: &str) -> Cow<'_, str> {
    if text.contains('\0') { text.replace('\0', "\u{fffd}").into() } else { text.into() }
}

/// A number that is stored as a `bigint`, as all are.
pub(super) fn number<T: TryFrom<i64>>(row: &Row, column: usize) -> Result<T, StoreError> {
    let number: i64 = row.try_get(column)?;
    T::try_from(number).map_err(|_| StoreError::Corrupt("number"))
}

/// As [`number`], where there may be none.
pub(super) fn optional<T: TryFrom<i64>>(row: &Row, column: usize) -> Result<Option<T>, StoreError> {
    let number: Option<i64> = row.try_get(column)?;
    number.map(T::try_from).transpose().map_err(|_| StoreError::Corrupt("number"))
}

/// A number as PostgreSQL takes it; what is beyond its reach is as much as it knows.
pub(super) fn big(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
