# ruff: noqa: S608 -- constants put together; values are always parameters
"""Sources whose clock seems to be off: lines after now, and findings that one offset explains."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

import duckdb

from gates.verdict.clock_offset import MOST_NS, ClockOff, Span, explaining
from gates.verdict.gate_audit import CELLS
from gates.verdict.situations import Controls, observed, situation
from ingest.evidence.rows_of import OF_HOME
from ingest.evidence.snapshot import Row, rows
from ingest.evidence.window import Window, admits_below
from ingest.history.controls import HOME, Interval
from ingest.recent_jobs import PROBE
from schemas.instant import SECOND

_FOR_EVER = 2**63 - 1
_AT_MOST = 2_000
"""Lines of a source that are looked at, of each kind: enough to place an offset."""

_CHANGES = 20
_LOADING_NS = 60 * SECOND
"""A load that goes on while the evidence is put together brings lines from after the question."""

_AFTER_NOW = f"""
SELECT name, max(line_time_ns) FROM telemetry JOIN source USING (source_id)
WHERE {OF_HOME} AND line_time_ns > $now GROUP BY name
"""
# What no controls allow, and what two lines say of each other, no clock explains.
_FOUND = f"""
SELECT source_id, line_offset, record_index FROM gate_finding
WHERE history_id = '{HOME}' AND explained_by IS NULL AND interval_no IS NOT NULL
    AND code NOT IN ('CONTRACT', 'UNKNOWN_REASON', 'INCONSISTENT_DECISION', 'REASON_MISMATCH',
        'BUCKET_MISMATCH', 'CLAIM_MISMATCH', 'REVISION_MISMATCH')
    AND line_time_ns >= $since AND line_time_ns <= $until
"""
_LINES = f"""
WITH found AS MATERIALIZED ({_FOUND}),
near AS (
    SELECT t.*, f.source_id IS NOT NULL AS wrong
    FROM telemetry t LEFT JOIN found f USING (source_id, line_offset, record_index)
    WHERE t.source_id IN (SELECT source_id FROM found) AND t.contradiction IS NULL
        AND t.line_time_ns >= $since AND t.line_time_ns <= $until
        AND (f.source_id IS NOT NULL OR EXISTS (
            FROM unnest($changes::BIGINT[]) c(at_ns) WHERE abs(t.line_time_ns - c.at_ns) <= {MOST_NS}))
), chosen AS (
    SELECT * FROM near
    QUALIFY row_number() OVER (PARTITION BY source_id, wrong ORDER BY hash(job_id, line_time_ns))
        <= {_AT_MOST}
)
SELECT source.name, wrong, path, error_code, bucket, decided_from_ns, line_time_ns,
    CASE WHEN starts_with(chosen.job_id, '{PROBE}') THEN false ELSE opted_in END, shape_id
FROM chosen JOIN source USING (source_id)
LEFT JOIN job_spec ON job_spec.job_id = chosen.job_id AND line_time_ns >= first_ns - $skew
"""
_COUNTS = f"""
SELECT name, count(*) FROM ({_FOUND}) JOIN source USING (source_id) GROUP BY name
"""
_ANSWERS = """
SELECT digest, shape_id, permits FROM scope_answer WHERE list_contains($digests::VARCHAR[], digest)
"""

_Answers = Mapping[tuple[str, int], bool]


def clocks_of(
    cursor: duckdb.DuckDBPyConnection, window: Window, intervals: Sequence[Interval], skew_ns: int
) -> tuple[ClockOff, ...]:
    """By the name of the source. Findings of shortly before the window count: a slow clock puts them so."""
    after: dict[str, int] = {}
    if window.ended_ns is None:
        after = dict(rows(cursor, _AFTER_NOW, now=window.until_ns + max(skew_ns, _LOADING_NS)))
    found = _explained(cursor, window, intervals, skew_ns)
    return tuple(
        ClockOff(
            source=name,
            low_ns=found[name][1][0] if name in found else None,
            high_ns=found[name][1][1] if name in found else None,
            findings=found[name][0] if name in found else 0,
            after_now_ns=after[name] - window.until_ns if name in after else None,
        )
        for name in sorted({*after, *found})
    )


def _explained(
    cursor: duckdb.DuckDBPyConnection, window: Window, intervals: Sequence[Interval], skew_ns: int
) -> dict[str, tuple[int, Span]]:
    """Of each source whose findings one offset explains: how many they are, and the offset."""
    if window.from_ns is None:
        return {}
    span = {"since": window.from_ns - MOST_NS, "until": window.until_ns + MOST_NS}
    counts: dict[str, int] = dict(rows(cursor, _COUNTS, **span))
    if not counts:
        return {}
    changes = [one.from_ns for one in intervals if span["since"] <= one.from_ns <= span["until"]][-_CHANGES:]
    nearby = [
        one
        for one in intervals
        if one.from_ns <= span["until"] + MOST_NS
        and (one.to_ns is None or one.to_ns > span["since"] - MOST_NS)
    ]
    digests = sorted({one.allowlist_digest for one in nearby if one.allowlist_digest is not None})
    answers = {(digest, shape): permits for digest, shape, permits in rows(cursor, _ANSWERS, digests=digests)}
    of_source: dict[str, list[list[Span]]] = defaultdict(list)
    for row in rows(cursor, _LINES, **span, changes=changes, skew=skew_ns):
        of_source[row[0]].append(list(_right_under(row, nearby, answers, skew_ns)))
    placed = ((name, explaining(lines)) for name, lines in of_source.items())
    return {name: (counts[name], offsets) for name, offsets in placed if offsets is not None}


def _right_under(row: Row, intervals: Sequence[Interval], answers: _Answers, skew_ns: int) -> Iterator[Span]:
    """The offsets of the clock under which a line is what some controls demand."""
    _, _, path, code, bucket, decided_ns, written_ns, opted_in, shape = row
    said = observed(path, code, is_impossible=False)
    for one in intervals:
        for denies, from_ns, to_ns in _parts(one):
            where = situation(
                Controls(
                    denies=denies,
                    feature=one.feature,
                    allowlist=one.allowlist,
                    admits_below=admits_below(one),
                ),
                bucket,
                opted_in=opted_in,
                permitted=answers.get((one.allowlist_digest or "", shape)),
            )
            if CELLS[said][where] is None:
                yield decided_ns - skew_ns - to_ns + 1, written_ns + skew_ns - from_ns


def _parts(one: Interval) -> Iterator[tuple[bool, int, int]]:
    """Whether it denies everything, from when, until before when: two parts where it runs out."""
    from_ns = min(one.from_ns, one.publishing_ns if one.publishing_ns is not None else one.from_ns)
    to_ns = _FOR_EVER if one.to_ns is None else one.to_ns
    denies = one.kill or one.removed
    if one.denies_from_ns is None or one.denies_from_ns >= to_ns or denies:
        yield denies, from_ns, to_ns
        return
    if one.denies_from_ns > from_ns:
        yield False, from_ns, one.denies_from_ns
    yield True, max(from_ns, one.denies_from_ns), to_ns
