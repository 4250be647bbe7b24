"""Runs held against the lines of their own stretch of the spool.

A run is judged when all of its stretch was read. A stretch of a file that nobody knows says nothing: a
minute after the run ended that is what it said.
"""

MINUTE_NS = 60_000_000_000
_FOR_EVER = 2**63 - 1

# Of a file that was read under several generations the newest counts. Before its home was restored another
# file may have had its inode (`ingest.upkeep.moved`). An ASOF join finds the run of a line in one pass:
# stretches of one file do not overlap.
JUDGED = f"""
place AS MATERIALIZED (
    SELECT f.inode, CASE WHEN f.device < 0 THEN f.ctime_ns ELSE {_FOR_EVER} END AS until_ns,
        max(s.source_id) AS source_id, max(s.ending."offset") AS read_to
    FROM source_file f JOIN source s USING (source_id) WHERE s.trust = 'managed'
        AND f.inode IN (SELECT inode FROM exec_run) GROUP BY ALL
), ended AS MATERIALIZED (
    SELECT r.*, p.source_id
    FROM exec_run r ASOF LEFT JOIN place p ON r.inode = p.inode AND r.started_ns < p.until_ns
    WHERE r.kind = 'job' AND r.started_ns >= $from AND r.started_ns < $ended
        AND (r.to_offset = r.from_offset OR p.read_to >= r.to_offset
            OR (p.read_to IS NULL AND r.ended_ns < $until - {MINUTE_NS}))
), line AS (
    SELECT e.run_id, t.job_id, t.status
    FROM (SELECT * FROM telemetry WHERE source_id IN (SELECT source_id FROM place)) t
    ASOF JOIN (SELECT * FROM ended WHERE source_id IS NOT NULL AND to_offset > from_offset) e
        ON t.source_id = e.source_id AND t.line_offset >= e.from_offset
    WHERE t.line_offset < e.to_offset
), said AS (
    SELECT run_id, count(*) AS lines, any_value(job_id) AS job_id, any_value(status) AS status
    FROM line GROUP BY ALL
), judged AS (
    SELECT e.*, coalesce(s.lines, 0) AS lines, s.job_id AS line_job_id, s.status AS line_status,
        coalesce(s.lines, 0) <> 1 AS silent,
        CASE
            WHEN e.result_state = 'invalid' THEN 'invalid'
            WHEN e.result_state = 'missing' AND (s.lines = 1 AND s.status IN ('STUB', 'COMPLETED')
                OR s.lines IS NULL AND e.exit_code = 0) THEN 'missing'
            WHEN e.result_state = 'valid' AND s.lines = 1
                AND (e.result_job_id <> s.job_id OR e.result_status <> s.status) THEN 'contradicting'
        END AS wrong
    FROM ended e LEFT JOIN said s USING (run_id)
)
"""  # noqa: S608  constants put together; values are parameters
"""Common table expressions, for after WITH: `judged`, one row a run of a job begun within `$from` and
`$ended`, as of `$until`. `silent`: not exactly one line. `wrong`: what is wrong with its result, or null."""
