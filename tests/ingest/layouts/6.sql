-- rollups
CREATE TABLE rollup_key (
    key_id            INTEGER NOT NULL,
    history_id        VARCHAR,            -- of the source: what its rows are attributed with
    trust             VARCHAR NOT NULL,   -- of the source: managed | imported
    interval_no       INTEGER,            -- from here on as in telemetry
    revision          BIGINT,
    stage             UTINYINT,
    step              VARCHAR,
    path              VARCHAR NOT NULL,
    status            VARCHAR NOT NULL,
    error_code        VARCHAR,
    executor_version  VARCHAR NOT NULL,
    contradiction     VARCHAR,
    is_probe          BOOLEAN NOT NULL,   -- a stub line of a probe
    straddles         BOOLEAN NOT NULL    -- other controls were in force at the decision than at the line
);
CREATE TABLE rollup_minute (
    minute   BIGINT,               -- of the line time, since the epoch; null: lines without a time
    key_id   INTEGER NOT NULL,
    lines    BIGINT NOT NULL,
    buckets  SMALLINT[] NOT NULL,  -- of their latencies, rising; docs/file-formats.md has the bounds
    counts   BIGINT[] NOT NULL     -- lines in each of these buckets
);
CREATE TABLE rollup_hour (
    hour     BIGINT,
    key_id   INTEGER NOT NULL,
    lines    BIGINT NOT NULL,
    buckets  SMALLINT[] NOT NULL,
    counts   BIGINT[] NOT NULL
);
CREATE TABLE rollup_log (          -- to be added to the minutes and hours; negative where rows left
    minute   BIGINT,
    key_id   INTEGER NOT NULL,
    lines    BIGINT NOT NULL,
    buckets  SMALLINT[] NOT NULL,
    counts   BIGINT[] NOT NULL
);
CREATE TABLE rollup_state (is_complete BOOLEAN NOT NULL);
INSERT INTO rollup_state SELECT count(*) = 0 FROM telemetry;
