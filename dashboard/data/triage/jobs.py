# ruff: noqa: S608 -- constants of this module put together; values are always parameters
"""A job across everything that telemetry holds of it. Bounded in rows; each look is bounded in time.

No index helps to find a job: a look reads one column of the whole record. It is done when it is asked for.
"""

import json
import re
import time
from dataclasses import dataclass
from typing import Any

from dashboard.data.queries import Cursor, records
from ingest.gate_audit import Filter, Line, lines_of
from ingest.quarantine import Held, QuarantineQuestion, RecordPlace, quarantine

MOST_LINES = 200
MOST_JOBS = 50
MOST_LOOKED_AT = 100_000
SHORTEST_PREFIX = 3

_LINE = """
t.source_id, t.line_offset, t.record_index, s.name AS source, s.trust, s.history_id, t.interval_no,
t.line_time_ns, t.decided_from_ns, t.path, t.status, t.error_code, t.latency_ms, t.bucket, t.revision,
t.revision_at_line, t.step, t.executor_version, t.contradiction
"""
_OF_JOB = f"""
SELECT {_LINE}, count(*) OVER () AS of_all FROM telemetry t JOIN source s USING (source_id)
WHERE t.job_id = $job
ORDER BY t.line_time_ns DESC NULLS LAST, t.source_id, t.line_offset DESC LIMIT {MOST_LINES}
"""
_PREFIXED = f"""
SELECT job_id, count(*) AS lines, min(line_time_ns) AS first_ns, max(line_time_ns) AS last_ns,
    count(*) FILTER (path = 'openai') AS openai, count(*) FILTER (status = 'FAILED') AS failed,
    any_value(bucket) AS bucket
FROM (SELECT * FROM telemetry WHERE starts_with(job_id, $prefix) LIMIT {MOST_LOOKED_AT})
GROUP BY job_id ORDER BY last_ns DESC NULLS LAST, job_id LIMIT {MOST_JOBS + 1}
"""
_AT = "SELECT job_id FROM telemetry WHERE source_id = ? AND line_offset = ? AND record_index = ?"
_SPEC = """
SELECT opted_in, first_ns, document FROM job_spec LEFT JOIN spec_shape USING (shape_id) WHERE job_id = $job
"""
# A blob is searched as hexadecimal digits; what is found half a byte off is sorted out below.
_NAMING = """
SELECT source_id, line_offset, record_index FROM quarantine
WHERE contains(hex(raw), hex($plain::BLOB)) OR contains(hex(raw), hex($escaped::BLOB))
ORDER BY line_time_ns DESC NULLS LAST LIMIT 50
"""


@dataclass(frozen=True, slots=True)
class Seen:
    """One line of the job. Times are epoch nanoseconds, latency milliseconds."""

    place: str
    source: str
    trust: str
    history: str | None
    interval_no: int | None
    line_time_ns: int | None
    decided_from_ns: int | None
    path: str
    status: str
    error_code: str | None
    latency_ms: float
    bucket: int
    revision: int | None
    revision_at_line: int | None
    step: str | None
    executor_version: str
    contradiction: str | None


@dataclass(frozen=True, slots=True)
class Spec:
    """What the runs of a job told of its spec. `document` null: they differ, and none is trusted."""

    opted_in: bool | None
    first_ns: int
    document: str | None


@dataclass(frozen=True, slots=True)
class JobFound:
    """Everything of one job: its newest `MOST_LINES` lines of `total`, what is wrong with which, its spec.

    `quarantined` records name it. `took_s` is how long the look took.
    """

    job_id: str
    lines: tuple[Seen, ...]
    total: int
    findings: tuple[Line, ...]
    spec: Spec | None
    quarantined: tuple[Held, ...]
    took_s: float


@dataclass(frozen=True, slots=True)
class Prefixed:
    """Jobs whose id begins alike, newest first, and how long it took. `cut`: there are more."""

    jobs: tuple[dict[str, Any], ...]
    cut: bool
    took_s: float


def find_job(cursor: Cursor, job_id: str) -> JobFound:
    """Everything of the job with exactly this id. Raises `QueryTimeout`."""
    began = time.monotonic()
    found = records(cursor, _OF_JOB, {"job": job_id})
    specs = records(cursor, _SPEC, {"job": job_id})
    findings = lines_of(cursor, Filter(job_id=job_id), MOST_LINES, with_excused=True)
    return JobFound(
        job_id,
        tuple(_seen(row) for row in found),
        found[0]["of_all"] if found else 0,
        findings,
        Spec(**specs[0]) if specs else None,
        _naming(cursor, job_id),
        time.monotonic() - began,
    )


def find_prefix(cursor: Cursor, prefix: str) -> Prefixed:
    """The jobs whose id begins with `prefix`, among the first `MOST_LOOKED_AT` lines that do."""
    began = time.monotonic()
    found = records(cursor, _PREFIXED, {"prefix": prefix})
    return Prefixed(tuple(found[:MOST_JOBS]), len(found) > MOST_JOBS, time.monotonic() - began)


def job_at(cursor: Cursor, place: RecordPlace) -> str | None:
    """The job that a line names, null where there is no such line."""
    found = records(cursor, _AT, (place.source_id, place.line_offset, place.record_index))
    return str(found[0]["job_id"]) if found else None


def names(job_id: str, text: bytes) -> bool:
    """Whether `text` names the job as a word of its own, plain or as JSON writes it."""
    return any(
        re.search(rb"(?<![\w-])" + re.escape(one) + rb"(?![\w-])", text) is not None
        for one in _spellings(job_id)
    )


def _naming(cursor: Cursor, job_id: str) -> tuple[Held, ...]:
    plain, escaped = _spellings(job_id)
    found = records(cursor, _NAMING, {"plain": plain, "escaped": escaped})
    held = []
    for row in found:
        place = RecordPlace(row["source_id"], row["line_offset"], row["record_index"])
        held += [
            one
            for one in quarantine(cursor, QuarantineQuestion(place=place)).records
            if names(job_id, one.kept)
        ]
    return tuple(held)


def _spellings(job_id: str) -> tuple[bytes, bytes]:
    return job_id.encode("utf-8", "surrogatepass"), json.dumps(job_id)[1:-1].encode()


def _seen(row: dict[str, Any]) -> Seen:
    fields = {name: row[name] for name in Seen.__dataclass_fields__ if name not in ("place", "history")}
    place = f"{row['source_id']}:{row['line_offset']}:{row['record_index']}"
    return Seen(place=place, history=row["history_id"], **fields)
