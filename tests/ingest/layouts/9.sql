-- rebuild
CREATE TABLE rebuild_state (       -- one row from the beginning of a rebuild to its end, else none
    before_minute  BIGINT          -- so far lines of minutes before it are counted here, and those without a
                                   -- time; null: none yet
);
CREATE TABLE rebuilt_minute (      -- as rollup_minute; its keys are in rollup_key, too
    minute   BIGINT,
    key_id   INTEGER NOT NULL,
    lines    BIGINT NOT NULL,
    buckets  SMALLINT[] NOT NULL,
    counts   BIGINT[] NOT NULL
);
CREATE TABLE rebuilt_hour (
    hour     BIGINT,
    key_id   INTEGER NOT NULL,
    lines    BIGINT NOT NULL,
    buckets  SMALLINT[] NOT NULL,
    counts   BIGINT[] NOT NULL
);
CREATE TABLE rebuilt_log (
    minute   BIGINT,
    key_id   INTEGER NOT NULL,
    lines    BIGINT NOT NULL,
    buckets  SMALLINT[] NOT NULL,
    counts   BIGINT[] NOT NULL
);
