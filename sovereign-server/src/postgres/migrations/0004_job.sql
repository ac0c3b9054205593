-- Who has each job that is one for the whole fleet. Each holder raises the epoch, and each of his
-- writes names it, so that of one who had the job before nothing gets through.
CREATE TABLE job (
    name text PRIMARY KEY,
    epoch bigint NOT NULL,
    node text NOT NULL
);

-- migrate:down
DROP TABLE job;
