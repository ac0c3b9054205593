-- People, games, replays, results, complaints and what admins did.

CREATE TABLE account (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    -- Both are null for a guest. The password is a hash in PHC form.
    login text UNIQUE,
    password text,
    created_ms bigint NOT NULL
);
CREATE INDEX account_created ON account (created_ms);

CREATE TABLE session (
    id uuid PRIMARY KEY,
    account uuid NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    created_ms bigint NOT NULL,
    used_ms bigint NOT NULL,
    expires_ms bigint NOT NULL
);
CREATE INDEX session_account ON session (account, used_ms);
CREATE INDEX session_expires ON session (expires_ms);

-- SHA-256 of refresh tokens: of each session one that is not spent, and those before it.
CREATE TABLE refresh (
    hash bytea PRIMARY KEY,
    session uuid NOT NULL REFERENCES session (id) ON DELETE CASCADE,
    parent bytea,
    attempt uuid,
    spent_ms bigint
);
CREATE INDEX refresh_session ON refresh (session);
CREATE INDEX refresh_parent ON refresh (parent);
CREATE INDEX refresh_spent ON refresh (spent_ms);

-- Sessions and accounts whose tokens are void although they have not expired.
CREATE TABLE revocation (
    id uuid PRIMARY KEY,
    issued_s bigint NOT NULL,
    until_s bigint NOT NULL
);
CREATE INDEX revocation_until ON revocation (until_s);

-- Who is shut out; for good where no end is named.
CREATE TABLE ban (
    account uuid PRIMARY KEY REFERENCES account (id) ON DELETE CASCADE,
    at_ms bigint NOT NULL,
    until_s bigint,
    reason text NOT NULL
);
CREATE INDEX ban_at ON ban (at_ms);

CREATE TABLE game (
    id uuid PRIMARY KEY,
    code text NOT NULL UNIQUE,
    status text NOT NULL CHECK (status IN ('lobby', 'running', 'finished')),
    settings jsonb NOT NULL,
    start bytea,
    created_ms bigint NOT NULL,
    -- The node that holds the game's table and room; empty for a server that is alone.
    node text NOT NULL
);
CREATE INDEX game_node ON game (node, created_ms) WHERE status <> 'finished';
CREATE INDEX game_finished ON game (id) WHERE status = 'finished';

-- The side table: all that ties a game to people. It can be erased at any time.
CREATE TABLE seat (
    game uuid NOT NULL REFERENCES game (id) ON DELETE CASCADE,
    seat bigint NOT NULL,
    account uuid,
    name text NOT NULL,
    host boolean NOT NULL,
    PRIMARY KEY (game, seat)
);
CREATE INDEX seat_account ON seat (account);

CREATE TABLE replay (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id uuid NOT NULL UNIQUE,
    summary text NOT NULL,
    blob bytea NOT NULL,
    -- The server's signed word for how the game ended.
    result text,
    created_ms bigint NOT NULL
);
CREATE INDEX replay_created ON replay (created_ms);

-- Public halves of the keys that have signed results.
CREATE TABLE result_key (
    kid text PRIMARY KEY,
    jwk jsonb NOT NULL
);

-- How good people are, on each ladder.
CREATE TABLE rating (
    account uuid NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    ladder text NOT NULL,
    mean double precision NOT NULL,
    deviation double precision NOT NULL,
    games bigint NOT NULL,
    wins bigint NOT NULL,
    updated_ms bigint NOT NULL,
    PRIMARY KEY (account, ladder)
);
CREATE INDEX rating_lead ON rating (ladder, (mean - 2 * deviation) DESC, updated_ms);

-- What people reached, and the ratings before and after where it counted.
CREATE TABLE result (
    account uuid NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    game uuid NOT NULL,
    ended_ms bigint NOT NULL,
    summary text NOT NULL,
    seat bigint NOT NULL,
    place bigint NOT NULL,
    drawn boolean NOT NULL,
    ladder text,
    mean_before double precision,
    deviation_before double precision,
    mean double precision,
    deviation double precision,
    PRIMARY KEY (account, game)
);
CREATE INDEX result_ended ON result (account, ended_ms, game);

-- Complaints, with what was said: erased with either of the two.
CREATE TABLE report (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at_ms bigint NOT NULL,
    game uuid NOT NULL,
    tick bigint,
    seat bigint NOT NULL,
    account uuid,
    reporter uuid,
    reason text NOT NULL,
    comment text NOT NULL,
    lines text NOT NULL,
    closed boolean NOT NULL DEFAULT false
);
CREATE INDEX report_account ON report (account);
CREATE INDEX report_reporter ON report (reporter);
CREATE INDEX report_at ON report (at_ms);
CREATE INDEX report_open ON report (number) WHERE NOT closed;

-- A chain of hashes: whoever appends holds the advisory lock of the chain.
CREATE TABLE audit (
    number bigint PRIMARY KEY,
    at_ms bigint NOT NULL,
    action text NOT NULL,
    subject text NOT NULL,
    outcome text NOT NULL,
    detail text NOT NULL,
    hash text NOT NULL,
    prev text NOT NULL
);
CREATE INDEX audit_at ON audit (at_ms);

-- migrate:down
DROP TABLE audit, report, result, rating, result_key, replay, seat, game, ban, revocation, refresh, session, account;
