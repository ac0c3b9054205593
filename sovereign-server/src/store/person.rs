//! All that is stored about one person: how it is exported, and how it is erased.

/// A table with rows about people, and which of its rows are about one (`$1`).
pub(super) struct Personal {
    pub(super) table: &'static str,
    /// What of it the person is told.
    pub(super) columns: &'static str,
    pub(super) rows: &'static str,
    /// What makes the rows nobody's; deleted with the account where none is named.
    pub(super) erase: Option<&'static str>,
}

/// Every table that names people, in words that each database understands. A test of each
/// compares this list with its schema.
pub(super) const PERSONAL: &[Personal] = &[
    Personal { table: "account", columns: "*", rows: "id = $1", erase: None },
    Personal { table: "session", columns: "*", rows: "account = $1", erase: None },
    Personal { table: "rating", columns: "*", rows: "account = $1", erase: None },
    Personal { table: "result", columns: "*", rows: "account = $1", erase: None },
    Personal {
        table: "seat",
        columns: "*",
        rows: "account = $1",
        erase: Some(
            "UPDATE seat SET account = NULL, name = 'Player ' || (seat + 1) WHERE account = $1",
        ),
    },
    Personal { table: "ban", columns: "*", rows: "account = $1", erase: None },
    Personal {
        table: "report",
        // Neither of the two learns by this who the other is.
        columns: "number, at_ms, game, tick, seat, reason, comment, lines, closed",
        rows: "account = $1 OR reporter = $1",
        erase: Some(
            "UPDATE report SET comment = '', lines = '[]', account = nullif(account, $1),
             reporter = nullif(reporter, $1) WHERE account = $1 OR reporter = $1",
        ),
    },
];

/// Columns that are kept from their owner too: whoever has a copy could try them out.
pub(super) const SECRET: &[&str] = &["password"];
