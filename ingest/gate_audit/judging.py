# ruff: noqa: S608 -- constants of this module put together; values are always parameters
"""Judge rows of telemetry in bulk: which disagree with the controls, and which of these are in grace.

Works on temporary tables that `ingest.gate_audit.auditing` prepares: `gate_part` has the intervals of
all histories, and `gate_due` or others say which rows are meant.
"""

from ingest.gate_audit import table_sql
from ingest.history.controls import HOME
from ingest.recent_jobs import PROBE

_FAR = 2**62
_OBSERVED = table_sql.observed("t")
_OPTS_IN = f"""
CASE WHEN p.history_id = '{HOME}' AND starts_with(t.job_id, '{PROBE}') THEN false ELSE s.opted_in END
"""
_CELL = table_sql.cell(_OBSERVED, table_sql.situation("p", "t.bucket", "opts_in", "a.permits"))
_WRONG = table_sql.wrong_cells()
_ELSEWHERE = table_sql.cell("c.observed", table_sql.situation("p", "c.bucket", "c.opts_in", "a.permits"))

PARTS = f"""
CREATE OR REPLACE TEMP TABLE gate_part AS
WITH piece AS (
    SELECT *, kill OR removed AS denies, from_ns AS begins_ns, least(to_ns, denies_from_ns) AS ends_ns,
        least(from_ns, publishing_ns) AS starts_ns
    FROM control_interval WHERE denies_from_ns IS NULL OR denies_from_ns > from_ns
    UNION ALL
    SELECT *, true, greatest(from_ns, denies_from_ns), to_ns,
        CASE WHEN denies_from_ns > from_ns THEN denies_from_ns ELSE least(from_ns, publishing_ns) END
    FROM control_interval WHERE denies_from_ns IS NOT NULL AND (to_ns IS NULL OR denies_from_ns < to_ns)
), numbered AS (
    SELECT history_id, interval_no, revision, denies, feature, allowlist, allowlist_digest, begins_ns,
        starts_ns, coalesce(ends_ns, {2**63 - 1}) AS ends_ns,
        CASE WHEN percent = 0 AND zero_admits = 'everyone' THEN 100 ELSE percent END AS admits_below,
        row_number() OVER (PARTITION BY history_id ORDER BY interval_no, begins_ns) AS part_no
    FROM piece
)
SELECT *, dense_rank() OVER (ORDER BY history_id)::INTEGER AS history_no,
    min(starts_ns) OVER (PARTITION BY history_id ORDER BY part_no DESC) AS none_later_before_ns
FROM numbered
"""
"""Each interval, in two where it ran out on the way.

`starts_ns` is when a reader may first have seen it. A part, or a later one, may have been seen from
`none_later_before_ns` on: ascending in `part_no` also where publications overtook each other.
"""


_SPECS = """
    LEFT JOIN job_spec s ON s.job_id = t.job_id AND p.history_id = 'home'
        AND coalesce(t.line_time_ns >= s.first_ns - $skew, false)
    LEFT JOIN scope_answer a ON a.digest = p.allowlist_digest AND a.shape_id = s.shape_id
"""
_NO_SPECS = """
    CROSS JOIN (SELECT NULL::BOOLEAN AS opted_in, NULL::BIGINT AS shape_id) s
    CROSS JOIN (SELECT NULL::BOOLEAN AS permits) a
"""


def judged(rows: str, where: str, *, has_specs: bool) -> str:
    """Each of `rows` with the number of its cell in the truth table. Takes `$skew` with specs only."""
    return f"""
    SELECT t.source_id, t.line_offset, t.record_index, t.step, t.job_id, t.executor_version, t.line_time_ns,
        t.decided_from_ns, t.bucket, p.history_no, p.history_id, p.interval_no, p.revision, p.part_no,
        {_OPTS_IN} AS opts_in, s.shape_id, {_OBSERVED} AS observed, {_CELL} AS cell
    FROM {rows}
    LEFT JOIN gate_part p ON p.history_no = d.history_no AND p.interval_no = t.interval_no
        AND t.decided_from_ns >= p.begins_ns AND t.decided_from_ns < p.ends_ns
    {_SPECS if has_specs else _NO_SPECS}
    WHERE {where}
"""


def wrong_of(rows: str, where: str, *, has_specs: bool) -> str:
    """What is wrong with `rows`: telemetry as `t`, joined with a table `d` of history numbers.

    Takes `$skew`: what clocks may differ by, in nanoseconds. The cheap part: most lines end here,
    and without a job spec to look for it is cheaper still.
    """
    return f"""
CREATE OR REPLACE TEMP TABLE gate_wrong AS
WITH judged AS ({judged(rows, where, has_specs=has_specs)})
SELECT judged.*, code, severity, needs_no_controls, greatest(decided_from_ns, -{_FAR}) - $skew AS first_ns,
    least(line_time_ns, {_FAR}) + $skew AS last_ns
FROM judged JOIN {_WRONG} USING (cell)
"""


FINDINGS = f"""
INSERT INTO gate_finding
WITH around AS (
    SELECT w.*, coalesce(low.part_no, 1) AS low_no, high.part_no AS high_no
    FROM (FROM gate_wrong WHERE part_no IS NOT NULL AND NOT needs_no_controls) w
    ASOF LEFT JOIN gate_part low ON low.history_no = w.history_no AND w.first_ns >= low.begins_ns
    ASOF LEFT JOIN gate_part high ON high.history_no = w.history_no
        AND w.last_ns >= high.none_later_before_ns
), candidate AS (
    SELECT *, unnest(range(low_no, high_no + 1)) AS other_no FROM around
), elsewhere AS (
    SELECT c.source_id, c.line_offset, c.record_index, p.revision, {_ELSEWHERE} AS cell,
        2 * abs(p.part_no - c.part_no) + (p.part_no > c.part_no)::INTEGER AS distance
    FROM candidate c JOIN gate_part p ON p.history_no = c.history_no AND p.part_no = c.other_no
    LEFT JOIN scope_answer a ON a.digest = p.allowlist_digest AND a.shape_id = c.shape_id
    WHERE p.starts_ns <= c.last_ns AND p.ends_ns > c.first_ns
), legal AS (
    SELECT source_id, line_offset, record_index, arg_min(revision, distance) AS revision
    FROM elsewhere ANTI JOIN {_WRONG} USING (cell) GROUP BY source_id, line_offset, record_index
)
SELECT w.source_id, w.line_offset, w.record_index, w.code, w.severity, w.history_id,
    w.interval_no, w.revision, w.step, legal.revision, w.job_id, w.executor_version, w.line_time_ns,
    w.decided_from_ns
FROM gate_wrong w LEFT JOIN legal USING (source_id, line_offset, record_index)
"""
"""What is in `gate_wrong`, with the nearest revision under which it is legal, if there is one."""

CANDIDATES = (
    "explained_by IS NULL AND history_id IS NOT NULL"
    " AND code NOT IN ('INCONSISTENT_DECISION', 'CONTRACT', 'UNKNOWN_REASON',"
    " 'BUCKET_MISMATCH', 'CLAIM_MISMATCH', 'REVISION_MISMATCH')"
)
"""Of two opposite lines about one job under one revision, at least one is such a finding."""

CONTRADICTED = """
INSERT INTO gate_finding
WITH line AS (
    SELECT t.*, h.history_id
    FROM telemetry t JOIN source h USING (source_id)
    JOIN gate_affected g ON g.job_id = t.job_id AND g.revision = t.revision AND g.history_id = h.history_id
    WHERE t.revision BETWEEN $first AND $last AND t.line_time_ns IS NOT NULL AND t.contradiction IS NULL
        AND (t.path = 'openai' OR t.error_code = 'ROLLOUT_EXCLUDED')
        AND (t.source_id, t.line_offset, t.record_index) NOT IN (
            SELECT (source_id, line_offset, record_index) FROM gate_finding WHERE explained_by IS NOT NULL)
)
SELECT source_id, line_offset, record_index, $code, $severity, history_id, interval_no, revision, step, NULL,
    job_id, executor_version, line_time_ns, decided_from_ns
FROM line
WINDOW w AS (PARTITION BY history_id, revision, job_id)
QUALIFY bool_or(path = 'openai') OVER w AND bool_or(path = 'stub') OVER w
"""
