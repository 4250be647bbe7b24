# ruff: noqa: S608 -- constants put together; values are always parameters
"""Hold what v2 lines claim against what is known of them: bucket, gate and calls, revision.

These findings stand beside what the truth table says of the same line, and take nothing from it.
"""

from gates.verdict.gate_audit import CLAIMED, Wrong

_BUCKET, _CLAIM, _REVISION = CLAIMED
_FAR = 2**62
# In force at some moment of the run, as far as clocks can tell. Readers see a publication from its start on.
_IN_FORCE = f"""
EXISTS (FROM gate_part p WHERE p.history_no = l.history_no AND p.revision = l.controls_revision
    AND p.starts_ns <= least(l.line_time_ns, {_FAR}) + $skew
    AND p.ends_ns > greatest(l.decided_from_ns, -{_FAR}) - $skew)
"""


def contradicted(rows: str, where: str) -> str:
    """Put a finding for each wrong claim of `rows` into `gate_claimed`: telemetry as `t`, joined with `d`.

    Takes `$skew`: what clocks may differ by, in nanoseconds.
    """
    return f"""
CREATE OR REPLACE TEMP TABLE gate_claimed AS
WITH l AS (
    SELECT t.*, c.bucket AS claimed_bucket, c.contradiction AS wrong_claim, c.controls_revision,
        d.history_no, CASE WHEN t.interval_no IS NOT NULL THEN s.history_id END AS history_id
    FROM {rows} JOIN line_claim c ON c.source_id = t.source_id AND c.line_offset = t.line_offset
        AND c.record_index = t.record_index
    JOIN source s ON s.source_id = t.source_id
    WHERE {where}
), wrong AS (
    SELECT *, {_words(_BUCKET)} FROM l WHERE claimed_bucket <> bucket
    UNION ALL SELECT *, {_words(_CLAIM)} FROM l WHERE wrong_claim IS NOT NULL
    UNION ALL SELECT *, {_words(_REVISION)} FROM l
    WHERE controls_revision IS NOT NULL AND line_time_ns IS NOT NULL AND history_no IS NOT NULL
        AND NOT {_IN_FORCE}
)
SELECT source_id, line_offset, record_index, code, severity, history_id, interval_no, revision, step,
    NULL::BIGINT AS explained_by, job_id, executor_version, line_time_ns, decided_from_ns
FROM wrong
"""


def _words(wrong: Wrong) -> str:
    return f"'{wrong.code}' AS code, '{wrong.severity}' AS severity"
