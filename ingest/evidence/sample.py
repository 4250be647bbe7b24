# ruff: noqa: S608 -- constants put together; values are always parameters
"""Lines lost from one arm: how many jobs went which way at the bucket, and how many should have."""

from collections.abc import Sequence
from math import log

import duckdb

from gates.decision.bucket import BUCKETS, bucket
from gates.verdict.evidence import ControlsInForce, SampleRatio
from gates.verdict.sample_ratio import log_evidence
from gates.verdict.thresholds import Thresholds
from ingest.evidence.expected_share import LOSS, expected_share, shows_from
from ingest.evidence.kinds import Kind, Kinds
from ingest.evidence.rows_of import MANAGED, NO_PROBE
from ingest.evidence.snapshot import rows
from ingest.evidence.window import Window, admits_below
from ingest.history.controls import Interval
from ingest.recent_jobs import PROBE
from schemas.instant import SECOND

_LATELY_NS = 30 * 24 * 3600 * SECOND
_AT_MOST = 20_000
_SPECS_AT_MOST = 5_000
# A job denied before the bucket is seen whatever its bucket is; so is one excluded where nobody is admitted.
_SEEN = f"""
SELECT DISTINCT job_id, bucket FROM (
    SELECT job_id, bucket FROM telemetry
    WHERE {MANAGED} AND {NO_PROBE} AND path = 'stub' AND contradiction IS NULL
        AND line_time_ns > $until - {_LATELY_NS} AND line_time_ns <= $until
        AND (error_code IS NULL OR error_code IN ('KILL_SWITCH', 'NOT_ALLOWLISTED')
            OR (error_code = 'ROLLOUT_EXCLUDED' AND list_contains($closed::INTEGER[], interval_no)))
    ORDER BY line_time_ns DESC, job_id LIMIT {_AT_MOST}
)
"""
_SPECS = f"""
SELECT DISTINCT job_id FROM job_spec
WHERE first_ns > $until - {_LATELY_NS} AND first_ns <= $until AND NOT starts_with(job_id, '{PROBE}')
ORDER BY first_ns DESC, job_id LIMIT {_SPECS_AT_MOST}
"""


def sample_ratio(
    cursor: duckdb.DuckDBPyConnection,
    window: Window,
    intervals: Sequence[Interval],
    kinds: Kinds,
    thresholds: Thresholds,
) -> SampleRatio:
    """The jobs at the bucket; `expected_share` is the plausible share nearest to the observed one."""
    reached = kinds.jobs(lambda kind: _admitted(kind) or (kind.excluded and not kind.removed))
    admitted = kinds.jobs(_admitted)
    blind = _nothing_to_compare(window.controls, window.admits_below)
    if blind is not None:
        return SampleRatio(reached=reached, admitted=admitted, expected_share=None, visible=False, why=blind)
    expected = expected_share(_seen_whatever_their_bucket(cursor, window, intervals), window.admits_below)
    limit, weight = thresholds.sample_ratio_limit, thresholds.sample_ratio_weight
    share = expected.nearest(admitted / reached) if reached else expected.share
    needed = shows_from(expected, limit, weight)
    # A loss that is so great that it shows already is visible, whatever lesser ones would need.
    shows = log_evidence(admitted, reached, share, weight) >= log(limit)
    visible = shows or (needed is not None and reached >= needed)
    return SampleRatio(
        reached=reached,
        admitted=admitted,
        expected_share=share,
        visible=visible,
        why=None if visible else _why(reached, needed, expected.seen, window.admits_below),
    )


def _admitted(kind: Kind) -> bool:
    return kind.path == "openai" and not kind.contradicted and not kind.removed


def _nothing_to_compare(controls: ControlsInForce | None, below: int) -> str | None:
    if controls is None:
        return "the revision never took effect"
    if controls.removed or controls.kill or not controls.feature or not controls.allowlist:
        return "no job can reach its bucket under these controls"
    if below <= 0:
        return "0 % admits nobody: there are no lines of the model to lose"
    if below >= BUCKETS:
        return (
            "100 % excludes nobody: there is nothing to compare with, only silence and volume can show a loss"
        )
    return None


def _why(reached: int, needed: int | None, seen: int, below: int) -> str:
    share = f"{LOSS:.0%}".replace("%", " %")
    if needed is None:
        return (
            f"at {below} % a loss of {share} is within what {seen:,} jobs, seen whatever their bucket, "
            "leave open of how ids fall into buckets"
        )
    return f"a loss of {share} shows from about {needed:,} jobs at the bucket on; {reached:,} were seen"


def _seen_whatever_their_bucket(
    cursor: duckdb.DuckDBPyConnection, window: Window, intervals: Sequence[Interval]
) -> tuple[int, ...]:
    closed = [number for number, one in enumerate(intervals) if admits_below(one) == 0]
    found: dict[str, int] = dict(rows(cursor, _SEEN, until=window.until_ns, closed=closed))
    for (job_id,) in rows(cursor, _SPECS, until=window.until_ns):
        found.setdefault(job_id, bucket(job_id))
    counts = [0] * BUCKETS
    for number in found.values():
        counts[number] += 1
    return tuple(counts)
