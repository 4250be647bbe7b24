-- gate audit and job specs
CREATE TABLE gate_finding (
    source_id         INTEGER NOT NULL,  -- with offset and index: the line, as in telemetry
    line_offset       BIGINT NOT NULL,
    record_index      INTEGER NOT NULL,
    code              VARCHAR NOT NULL,  -- gates.verdict.gate_audit.GateCode
    severity          VARCHAR NOT NULL,  -- critical | high | medium | low
    history_id        VARCHAR,           -- judged under this interval of this history; null: a line that
    interval_no       INTEGER,           -- belongs to none, but contradicts itself
    revision          BIGINT,
    step              VARCHAR,
    explained_by      BIGINT,            -- in grace: the revision under which it is legal; null: a violation
    job_id            VARCHAR NOT NULL,
    executor_version  VARCHAR NOT NULL,
    line_time_ns      BIGINT,
    decided_from_ns   BIGINT
);
CREATE TABLE gate_mark (
    source_id   INTEGER NOT NULL,
    audited_to  BIGINT NOT NULL    -- lines that begin before this offset were audited
);
CREATE TABLE gate_debt (
    history_id  VARCHAR,           -- what was audited under this history (null: not asked) ...
    job_id      VARCHAR,           -- ... of this job (null: of every job) ...
    from_ns     BIGINT NOT NULL    -- ... with a line time from here on must be audited again
);
CREATE TABLE gate_setting (
    clock_skew_ns  BIGINT NOT NULL  -- one row: what the findings that stand were judged with
);

CREATE TABLE spec_file (
    name      VARCHAR NOT NULL,    -- in the folder of the home
    inode     UBIGINT NOT NULL,
    "offset"  BIGINT NOT NULL,     -- read up to here, the end of a line
    accepted  BIGINT NOT NULL,     -- lines
    refused   BIGINT NOT NULL
);
CREATE TABLE job_spec (
    job_id    VARCHAR NOT NULL,    -- one row a job
    opted_in  BOOLEAN,             -- both null: the specs of this job differ, none is trusted
    shape_id  BIGINT,
    first_ns  BIGINT NOT NULL      -- when a run first recorded it
);
CREATE TABLE spec_shape (
    shape_id  BIGINT NOT NULL,
    document  VARCHAR NOT NULL     -- canonical JSON of what an allowlist looks at
);
ALTER TABLE control_interval ADD COLUMN allowlist_digest VARCHAR;  -- null: the history does not say it
ALTER TABLE control_interval ADD COLUMN denies_from_ns BIGINT;     -- from then on it denies like a kill
CREATE TABLE allowlist_document (
    digest    VARCHAR NOT NULL,
    document  VARCHAR NOT NULL     -- allowlist.v1
);
CREATE TABLE scope_answer (
    digest    VARCHAR NOT NULL,    -- of the allowlist
    shape_id  BIGINT NOT NULL,
    permits   BOOLEAN NOT NULL
);
