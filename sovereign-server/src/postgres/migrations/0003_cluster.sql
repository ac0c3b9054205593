-- The nodes of the fleet, as each tells of itself once a second. Rows are updated in place:
-- no index holds what changes, and the pages leave room for it.
CREATE TABLE node (
    name text PRIMARY KEY,
    incarnation bigint NOT NULL,
    address text NOT NULL,
    public_url text,
    rules_least bigint NOT NULL,
    rules_most bigint NOT NULL,
    rooms bigint NOT NULL,
    rooms_most bigint NOT NULL,
    leaving boolean NOT NULL,
    beat bigint NOT NULL,
    heard timestamptz NOT NULL
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02);

-- migrate:down
DROP TABLE node;
