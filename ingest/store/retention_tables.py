"""The tables of retention, as two migrations: `ingest.retention` keeps them.

What deleted lines with a time counted stays in the minutes and hours of the rollups, which are never
counted anew from before `gone_before_ns`. Lines without a time have no minute: theirs is kept apart.
"""

RETENTION = """
CREATE TABLE retention_state (          -- one row
    gone_before_ns  BIGINT,             -- a whole hour; lines of before it may be gone, null: none is
    trusted_ns      BIGINT,             -- when a pass last believed the clock, by that clock
    leapt_ns        BIGINT,             -- when one first found it far ahead of that; null: it is not
    passed_ns       BIGINT,             -- when one last came to its end
    said            VARCHAR             -- what it did, in words
);
INSERT INTO retention_state VALUES (NULL, NULL, NULL, NULL, NULL);
CREATE TABLE retention_source (         -- what went of a source
    source_id        INTEGER NOT NULL,  -- one row a source
    accepted         BIGINT NOT NULL,   -- rows of telemetry
    quarantined      BIGINT NOT NULL,   -- rows of quarantine
    decided_from_ns  BIGINT,            -- the earliest of lines with a time; all four null: there are none
    line_time_ns     BIGINT,            -- the latest
    first_offset     BIGINT,
    last_offset      BIGINT
);
CREATE TABLE retention_untimed (        -- sources with lines without a time, noise included
    source_id  INTEGER NOT NULL,        -- one row a source
    ending     BIGINT NOT NULL,         -- its end, in bytes ...
    since_ns   BIGINT NOT NULL          -- ... which a pass first found there at this moment
);
CREATE TABLE retention_count (          -- what deleted lines without a time counted, to be added up
    key_id   INTEGER NOT NULL,          -- as in rollup_minute
    lines    BIGINT NOT NULL,
    buckets  SMALLINT[] NOT NULL,
    counts   BIGINT[] NOT NULL
);
"""

GONE_IDS = """
CREATE TABLE retention_id (             -- of when rows with an id of their transport went
    container  VARCHAR,                 -- as in telemetry
    journal    VARCHAR,                 -- the part of journald's cursor that names the journal, else null
    from_ns    BIGINT NOT NULL,         -- the earliest and the latest of them in one hour of the epoch, by
    until_ns   BIGINT NOT NULL          -- line time; one pass may add several rows of an hour
);
"""
