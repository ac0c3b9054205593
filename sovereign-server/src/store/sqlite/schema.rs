//! The schema, as a list of steps that only grows.

use rusqlite::Connection;

use crate::store::StoreError;

/// Step n brings version n to n + 1; a step that was released is never edited.
const STEPS: &[&str] = &[
    "
CREATE TABLE account (
    id BLOB PRIMARY KEY,
    name TEXT NOT NULL,
    created_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE game (
    id BLOB PRIMARY KEY,
    code TEXT NOT NULL UNIQUE,
    status TEXT NOT NULL,
    settings TEXT NOT NULL,
    start BLOB,
    created_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX game_status ON game (status);

-- The side table: all that ties a game to people. It can be erased at any time.
CREATE TABLE seat (
    game BLOB NOT NULL REFERENCES game (id) ON DELETE CASCADE,
    seat INTEGER NOT NULL,
    account BLOB,
    name TEXT NOT NULL,
    host INTEGER NOT NULL,
    PRIMARY KEY (game, seat)
) STRICT, WITHOUT ROWID;

CREATE TABLE owner (
    game BLOB PRIMARY KEY,
    epoch INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE snapshot (
    game BLOB NOT NULL,
    seq INTEGER NOT NULL,
    tick INTEGER NOT NULL,
    hash INTEGER NOT NULL,
    rules_version INTEGER NOT NULL,
    blob BLOB NOT NULL,
    PRIMARY KEY (game, seq)
) STRICT;

CREATE TABLE replay (
    number INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    summary TEXT NOT NULL,
    blob BLOB NOT NULL,
    created_ms INTEGER NOT NULL
) STRICT;
",
    "
-- Entries up to this number have left log.db for log_part.
ALTER TABLE owner ADD COLUMN base INTEGER NOT NULL DEFAULT 0;

-- Entries of running games that no recovery needs, until they become the replay.
CREATE TABLE log_part (
    game BLOB NOT NULL,
    last INTEGER NOT NULL,
    entries BLOB NOT NULL,
    PRIMARY KEY (game, last)
) STRICT;
",
    "
CREATE TABLE audit (
    number INTEGER PRIMARY KEY,
    at_ms INTEGER NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    outcome TEXT NOT NULL,
    detail TEXT NOT NULL,
    hash TEXT NOT NULL,
    prev TEXT NOT NULL
) STRICT;
",
    "
-- Both are null for a guest. The password is a hash in PHC form.
ALTER TABLE account ADD COLUMN login TEXT;
ALTER TABLE account ADD COLUMN password TEXT;
CREATE UNIQUE INDEX account_login ON account (login);

CREATE TABLE session (
    id BLOB PRIMARY KEY,
    account BLOB NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    created_ms INTEGER NOT NULL,
    used_ms INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX session_account ON session (account);

-- SHA-256 of refresh tokens: of each session one that is not spent, and those before it.
CREATE TABLE refresh (
    hash BLOB PRIMARY KEY,
    session BLOB NOT NULL REFERENCES session (id) ON DELETE CASCADE,
    parent BLOB,
    attempt BLOB,
    spent_ms INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX refresh_session ON refresh (session);
CREATE INDEX refresh_parent ON refresh (parent);

-- Sessions and accounts whose tokens are void although they have not expired.
CREATE TABLE revocation (
    id BLOB PRIMARY KEY,
    issued_s INTEGER NOT NULL,
    until_s INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX seat_account ON seat (account);
",
    "
-- Complaints, with what was said: erased with either of the two.
CREATE TABLE report (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    at_ms INTEGER NOT NULL,
    game BLOB NOT NULL,
    tick INTEGER,
    seat INTEGER NOT NULL,
    account BLOB,
    reporter BLOB,
    reason TEXT NOT NULL,
    comment TEXT NOT NULL,
    lines TEXT NOT NULL,
    closed INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX report_account ON report (account);
CREATE INDEX report_reporter ON report (reporter);

-- Who is shut out; for good where no end is named.
CREATE TABLE ban (
    account BLOB PRIMARY KEY REFERENCES account (id) ON DELETE CASCADE,
    at_ms INTEGER NOT NULL,
    until_s INTEGER,
    reason TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- The server's signed word for how the game ended; none of games of older servers.
ALTER TABLE replay ADD COLUMN result TEXT;

-- Public halves of the keys that have signed results.
CREATE TABLE result_key (
    kid TEXT PRIMARY KEY,
    jwk TEXT NOT NULL
) STRICT, WITHOUT ROWID;
",
    "
-- How good people are, on each ladder.
CREATE TABLE rating (
    account BLOB NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    ladder TEXT NOT NULL,
    mean REAL NOT NULL,
    deviation REAL NOT NULL,
    games INTEGER NOT NULL,
    wins INTEGER NOT NULL,
    updated_ms INTEGER NOT NULL,
    PRIMARY KEY (account, ladder)
) STRICT, WITHOUT ROWID;
CREATE INDEX rating_lead ON rating (ladder, mean - 2 * deviation);

-- What people reached, and the ratings before and after where it counted.
CREATE TABLE result (
    account BLOB NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    game BLOB NOT NULL,
    ended_ms INTEGER NOT NULL,
    summary TEXT NOT NULL,
    seat INTEGER NOT NULL,
    place INTEGER NOT NULL,
    drawn INTEGER NOT NULL,
    ladder TEXT,
    mean_before REAL,
    deviation_before REAL,
    mean REAL,
    deviation REAL,
    PRIMARY KEY (account, game)
) STRICT, WITHOUT ROWID;
CREATE INDEX result_ended ON result (account, ended_ms);
",
];

/// Brings the schema up to date, each step in its own transaction.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    let known = STEPS.len() as i64;
    let found: i64 = connection.pragma_query_value(None, "user_version", |r| r.get(0))?;
    let Some(missing) = usize::try_from(found).ok().and_then(|done| STEPS.get(done..)) else {
        return Err(StoreError::TooNew { found, known });
    };
    for (version, step) in (found + 1..).zip(missing) {
        let transaction = connection.transaction()?;
        transaction.execute_batch(step)?;
        transaction.pragma_update(None, "user_version", version)?;
        transaction.commit()?;
    }
    Ok(())
}
