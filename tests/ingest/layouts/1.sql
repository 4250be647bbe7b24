-- first tables
CREATE TABLE source (
    source_id          INTEGER NOT NULL,
    generation         INTEGER NOT NULL,  -- how often a file started anew under the same inode
    name               VARCHAR NOT NULL,  -- path of the first file with this content
    trust              VARCHAR NOT NULL,  -- managed | imported
    history_id         VARCHAR,           -- what its rows are attributed with
    first_line         BLOB,              -- digest of the first line, its newline included
    checkpoint         STRUCT("offset" BIGINT, anchor BIGINT, chain BLOB, digest BLOB) NOT NULL,
    ending             STRUCT("offset" BIGINT, anchor BIGINT, chain BLOB, digest BLOB) NOT NULL,
    at_checkpoint      STRUCT(lines BIGINT, record_lines BIGINT, noise_lines BIGINT, joined_pieces BIGINT,
                              accepted BIGINT, held_elsewhere BIGINT, quarantined BIGINT) NOT NULL,
    at_ending          STRUCT(lines BIGINT, record_lines BIGINT, noise_lines BIGINT, joined_pieces BIGINT,
                              accepted BIGINT, held_elsewhere BIGINT, quarantined BIGINT) NOT NULL
);
CREATE TABLE source_file (
    path       VARCHAR NOT NULL,
    device     BIGINT NOT NULL,
    inode      UBIGINT NOT NULL,
    size       BIGINT NOT NULL,   -- bytes on disk when last read, -1 while a load is under way
    mtime_ns   BIGINT NOT NULL,
    ctime_ns   BIGINT NOT NULL,
    source_id  INTEGER NOT NULL,
    covered    BIGINT NOT NULL,   -- bytes of the source's content that this file was seen to hold
    counts     STRUCT(lines BIGINT, record_lines BIGINT, noise_lines BIGINT, joined_pieces BIGINT,
                      accepted BIGINT, held_elsewhere BIGINT, quarantined BIGINT) NOT NULL
);

CREATE TABLE telemetry (
    source_id         INTEGER NOT NULL,
    line_offset       BIGINT NOT NULL,   -- byte of the (decompressed) source where the line began
    record_index      INTEGER NOT NULL,  -- which record of the line
    native_id         VARCHAR,           -- the transport's own id of the line
    line_time_ns      BIGINT,
    time_quality      VARCHAR NOT NULL,  -- transport | receipt | none
    stream            VARCHAR,
    container         VARCHAR,
    executor_version  VARCHAR NOT NULL,
    job_id            VARCHAR NOT NULL,
    bucket            UTINYINT NOT NULL,
    path              VARCHAR NOT NULL,
    status            VARCHAR NOT NULL,
    error_code        VARCHAR,
    latency_ms        DOUBLE NOT NULL,
    contradiction     VARCHAR,           -- why the record cannot be true although it fits the contract
    decided_from_ns   BIGINT,            -- line time less latency: the decision is not older
    interval_no       INTEGER,           -- control_interval in force at decided_from_ns
    revision          BIGINT,
    revision_at_line  BIGINT,
    stage             UTINYINT,
    step              VARCHAR
);
CREATE TABLE quarantine (
    source_id      INTEGER NOT NULL,
    line_offset    BIGINT NOT NULL,
    record_index   INTEGER NOT NULL,
    native_id      VARCHAR,
    line_time_ns   BIGINT,
    cause          VARCHAR NOT NULL,
    detail         VARCHAR NOT NULL,
    raw            BLOB NOT NULL,
    claims_openai  BOOLEAN NOT NULL
);
CREATE TABLE noise_sample (
    source_id    INTEGER NOT NULL,
    line_offset  BIGINT NOT NULL,
    raw          BLOB NOT NULL
);

CREATE TABLE control_interval (
    history_id     VARCHAR NOT NULL,   -- 'home', or a digest of an imported history
    interval_no    INTEGER NOT NULL,   -- 0.. in time order within its history
    from_ns        BIGINT NOT NULL,
    to_ns          BIGINT,             -- null: still in force
    revision       BIGINT NOT NULL,
    stage          UTINYINT,           -- null: off the ladder
    step           VARCHAR NOT NULL,
    kill           BOOLEAN NOT NULL,
    feature        BOOLEAN NOT NULL,
    percent        UTINYINT NOT NULL,
    allowlist      BOOLEAN NOT NULL,
    zero_admits    VARCHAR NOT NULL,   -- nobody | everyone
    removed        BOOLEAN NOT NULL,   -- the control file was taken away: everything denied
    publishing_ns  BIGINT              -- from then on a reader may have seen this revision
);
CREATE TABLE ingest_event (
    event_no   BIGINT NOT NULL,
    at_ns      BIGINT NOT NULL,
    kind       VARCHAR NOT NULL,
    source_id  INTEGER,
    detail     VARCHAR NOT NULL
);
CREATE SEQUENCE ingest_event_no;
