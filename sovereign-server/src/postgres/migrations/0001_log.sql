-- Who may write to a game, and how far its log has come. Updated in place at every commit:
-- no index holds what changes, and the pages leave room for it.
CREATE TABLE game_owner (
    game uuid PRIMARY KEY,
    epoch bigint NOT NULL,
    seq bigint NOT NULL,
    node text NOT NULL,
    rules_version bigint NOT NULL
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02);

-- What happened, tick by tick. The checksum is over all of a row.
CREATE TABLE game_log (
    game uuid NOT NULL,
    seq bigint NOT NULL,
    epoch bigint NOT NULL,
    tick bigint NOT NULL,
    batch bytea NOT NULL,
    prev_hash bigint NOT NULL,
    checksum bigint NOT NULL,
    PRIMARY KEY (game, seq)
);

-- From where recovery starts: of each game the two newest.
CREATE TABLE game_snapshot (
    game uuid NOT NULL,
    seq bigint NOT NULL,
    tick bigint NOT NULL,
    hash bigint NOT NULL,
    rules_version bigint NOT NULL,
    blob bytea NOT NULL,
    PRIMARY KEY (game, seq)
);
-- Written every ten seconds and hardly ever read: not worth the time to compress it.
ALTER TABLE game_snapshot ALTER COLUMN blob SET STORAGE EXTERNAL;

-- migrate:down
DROP TABLE game_snapshot;
DROP TABLE game_log;
DROP TABLE game_owner;
