"""The tables of the telemetry store, as migrations: a change and its record in one transaction.

Times are epoch nanoseconds as BIGINT: a TIMESTAMP would round them to microseconds. No table that
grows with the lines has a key or an index; that a line is held once follows from the checkpoints.
"""

import duckdb

from ingest.errors import StoreNewer
from ingest.store.archive_tables import ARCHIVE
from ingest.store.follow_tables import FOLLOWING
from ingest.store.half_day_tables import HALF_DAYS
from ingest.store.rebuild_tables import REBUILD
from ingest.store.retention_tables import GONE_IDS, RETENTION
from ingest.store.rollup_tables import ROLLUPS
from ingest.store.source_tables import BEGINNINGS

_SOURCES = """
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
"""
_LINES = """
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
"""
_CONTROLS = """
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
"""

_GATE_AUDIT = """
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
"""
_SPECS = """
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
"""
_RUNS = """
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
"""
_CLAIMS = """
CREATE TABLE line_claim (              -- what v2 lines say beyond v1, as their executors say it
    source_id          INTEGER NOT NULL,  -- with offset and index: the line, as in telemetry
    line_offset        BIGINT NOT NULL,
    record_index       INTEGER NOT NULL,
    emitted_ns         BIGINT,            -- by the executor's clock
    controls_revision  BIGINT,
    gate               VARCHAR,           -- null: all passed
    rule_id            VARCHAR,
    bucket             UTINYINT NOT NULL,
    attempt            INTEGER NOT NULL,  -- calls to the model
    model              VARCHAR,
    input_tokens       BIGINT,            -- all three null: not known of every call
    output_tokens      BIGINT,
    total_tokens       BIGINT,
    request_id         VARCHAR,
    contradiction      VARCHAR            -- why gate and calls cannot fit the rest of the line
);
"""

MIGRATIONS: tuple[tuple[str, str], ...] = (
    ("first tables", _SOURCES + _LINES + _CONTROLS),
    ("gate audit and job specs", _GATE_AUDIT + _SPECS),
    ("runs under exec", _RUNS),
    ("what lines claim", _CLAIMS),
    ("following files", FOLLOWING),
    ("rollups", ROLLUPS),
    ("archive", ARCHIVE),
    ("retention", RETENTION),
    ("rebuild", REBUILD),
    ("ids that went", GONE_IDS),
    ("beginnings of sources", BEGINNINGS),
    ("half days", HALF_DAYS),
)
"""Name and statements, in order; one that was released never changes."""

VERSION = len(MIGRATIONS)

_MIGRATION = (
    "CREATE TABLE IF NOT EXISTS migration "
    "(version INTEGER NOT NULL, name VARCHAR NOT NULL, applied_at TIMESTAMPTZ NOT NULL)"
)


def applied(cursor: duckdb.DuckDBPyConnection) -> int:
    """How many migrations the file holds; 0 for an empty one. Raises `StoreNewer` for a newer one."""
    try:
        version = int(cursor.execute("SELECT coalesce(max(version), 0) FROM migration").fetchall()[0][0])
    except duckdb.CatalogException:  # no such table; to ask the catalog first would cost ten times this
        return 0
    if version > VERSION:
        raise StoreNewer(
            f"its tables have version {version}, this slotgate reads up to {VERSION}; update slotgate"
        )
    return version


def migrate(cursor: duckdb.DuckDBPyConnection) -> None:
    """Bring the tables up to `VERSION`, each migration and its record in one transaction."""
    at = applied(cursor)
    for version, (name, statements) in enumerate(MIGRATIONS[at:], at + 1):
        cursor.execute("BEGIN")
        try:
            cursor.execute(_MIGRATION)
            cursor.execute(statements)
            cursor.execute("INSERT INTO migration VALUES (?, ?, now())", [version, name])
            cursor.execute("COMMIT")
        except BaseException:
            cursor.execute("ROLLBACK")
            raise


def make_tables(cursor: duckdb.DuckDBPyConnection) -> None:
    """All tables, in an empty database that nobody else sees and that is thrown away where this fails.

    One transaction takes two thirds of the time of one each.
    """
    versions, names = list(range(1, VERSION + 1)), [name for name, _ in MIGRATIONS]
    cursor.execute("BEGIN")
    cursor.execute(_MIGRATION)
    for _, statements in MIGRATIONS:
        cursor.execute(statements)
    cursor.execute("INSERT INTO migration SELECT unnest(?), unnest(?), now()", [versions, names])
    cursor.execute("COMMIT")
