-- runs under exec
CREATE TABLE run_file (
    name      VARCHAR NOT NULL,    -- in the folder of the home
    inode     UBIGINT NOT NULL,
    "offset"  BIGINT NOT NULL,     -- read up to here, the end of a line
    accepted  BIGINT NOT NULL,     -- lines
    refused   BIGINT NOT NULL
);
CREATE TABLE exec_run (
    run_id         VARCHAR NOT NULL,
    started_ns     BIGINT NOT NULL,
    ended_ns       BIGINT NOT NULL,
    revision       BIGINT,            -- of the controls it was started with; null: they were not known
    source         VARCHAR NOT NULL,
    kind           VARCHAR NOT NULL,  -- job: one line and one result are due | service
    inode          UBIGINT,           -- of the spool file that holds its stderr, null: it was not captured
    from_offset    BIGINT NOT NULL,
    to_offset      BIGINT NOT NULL,
    lost_bytes     BIGINT NOT NULL,
    exit_code      INTEGER,
    signal         INTEGER,
    spec_digest    VARCHAR,
    spec_job_id    VARCHAR,
    result_state   VARCHAR NOT NULL,  -- valid | invalid | missing | unseen
    result_job_id  VARCHAR,
    result_status  VARCHAR,
    problem        VARCHAR
);
