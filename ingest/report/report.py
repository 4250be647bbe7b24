"""The report: outcomes and latency in total and per step, from the telemetry store and its archive.

All numbers are exact: counts, and nearest-rank percentiles (the smallest value that at least p percent
of the values do not exceed). Queries are in `ingest.report.queries`.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from gates.spending.used import Used
from ingest.archive.looking import Archive, lines_of
from ingest.archive.reading import BOTH, table_and_archive
from ingest.gate_audit import Filter, findings
from ingest.instants import rfc3339
from ingest.report import queries
from ingest.report.queries import Entry
from ingest.retention.deleted import deleted_lines
from ingest.store.gaps import open_gaps
from ingest.store.migrations import make_tables
from ingest.usage import merged_by_day_and_model, usage_records, used_of
from schemas.stages import Step

_PATHS = ("stub", "openai")


@dataclass(frozen=True, slots=True)
class Selection:
    """Which records count: those of one step, those with a line time from `since_ns` on; None: all."""

    step: Step | None = None
    since_ns: int | None = None


def empty_report(selection: Selection) -> dict[str, Any]:
    """What is reported of a home that holds no telemetry."""
    with duckdb.connect() as connection:
        make_tables(connection)
        return report(connection, selection)


def report(
    cursor: duckdb.DuckDBPyConnection, selection: Selection, archive: Path | None = None
) -> dict[str, Any]:
    """The document of `slotgate report --json`; docs/command-line.md lists its keys.

    `steps` has one item for each run of consecutive intervals at the same step, in time order, also
    where no line fell into it. What belongs to no step is `unattributed`. `archive` is the folder of the
    archive; null leaves it out, and says nothing of it. Raises `ArchiveError`, and DuckDB's errors.
    """
    with table_and_archive(cursor, archive, selection.since_ns) as archived:
        return _report(cursor, selection, archived)


def _report(cursor: duckdb.DuckDBPyConnection, selection: Selection, archived: Archive) -> dict[str, Any]:
    parameters = {"step": selection.step.value if selection.step else None, "since": selection.since_ns}

    def rows(query: str) -> list[tuple[Any, ...]]:
        return cursor.execute(query, parameters).fetchall()

    counts: dict[Entry | None, list[queries.OutcomeCount]] = defaultdict(list)
    for history_id, entry, *outcome in rows(queries.OUTCOMES):
        counts[_entry(history_id, entry)].append(queries.OutcomeCount(*outcome))
    latencies = {
        ("all" if is_total else _entry(history_id, entry), path): values
        for is_total, history_id, entry, path, values in rows(queries.LATENCIES)
    }
    usage: dict[Entry | None, list[Used]] = defaultdict(list)
    for history_id, entry, *used in rows(queries.USAGE):
        usage[_entry(history_id, entry)].append(used_of(*used))
    straddling = {(history_id, entry): count for history_id, entry, count in rows(queries.STRADDLING)}

    def group(
        key: Any, outcomes: Iterable[queries.OutcomeCount], used: Iterable[Used] | None = None
    ) -> dict[str, Any]:
        found = _group(list(outcomes), {path: latencies.get((key, path)) for path in _PATHS})
        return {**found, "usage": usage_records(usage.get(key, ()) if used is None else used)}

    steps = [
        {**entry, **group(key, counts.get(key, [])), "straddling": straddling.get(key, 0)}
        for key, entry in _entries(rows(queries.STEPS))
    ]
    first_ns, last_ns = rows(queries.SPAN)[0]
    return {
        "filter": {"step": parameters["step"], "since": rfc3339(selection.since_ns)},
        "totals": {
            **group(
                "all",
                (one for outcomes in counts.values() for one in outcomes),
                merged_by_day_and_model(one for used in usage.values() for one in used),
            ),
            "contradictions": _named(rows(queries.CONTRADICTIONS), "contradiction"),
            "time_quality": _named(rows(queries.QUALITIES), "quality"),
            "executor_versions": _named(rows(queries.VERSIONS), "executorVersion"),
            "from": rfc3339(first_ns),
            "to": rfc3339(last_ns),
        },
        "steps": steps,
        "unattributed": {
            **group(None, counts.get(None, [])),
            "reasons": _named(rows(queries.UNATTRIBUTED), "reason"),
        },
        "quarantine": _quarantine(rows(queries.QUARANTINE)),
        "gate_audit": findings(
            cursor, Filter(step=selection.step, since_ns=selection.since_ns), BOTH
        ).as_record(),
        "gaps": [
            gap.as_record()
            for gap in open_gaps(cursor)
            if selection.since_ns is None or gap.at_ns >= selection.since_ns
        ],
        "noise_lines": rows(queries.NOISE_LINES)[0][0],
        "sources": rows(queries.SOURCES)[0][0],
        "archive": _of_archive(archived),
        "deleted": deleted_lines(cursor, selection.since_ns),
    }


def rolled_steps(cursor: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """`steps` and `unattributed` of the report of everything, from the rollups.

    Counts are exact, percentiles within `ingest.rollups.latency_buckets.ERROR`. What a step has beside
    these is not there: straddling lines, and the reasons of what belongs to no step.
    """
    # It imports Arrow, which a report of lines does without.
    from ingest.report.rolled_entries import rolled_entries

    counts, latencies = rolled_entries(cursor)

    def group(key: Entry | None) -> dict[str, Any]:
        return _group(counts.get(key, []), {path: latencies.get((key, path)) for path in _PATHS})

    steps = cursor.execute(queries.STEPS, {"step": None, "since": None}).fetchall()
    return {
        "steps": [{**entry, **group(key)} for key, entry in _entries(steps)],
        "unattributed": group(None),
    }


def _entries(rows: list[tuple[Any, ...]]) -> list[tuple[Entry, dict[str, Any]]]:
    """What is known of each entry without a line of it."""
    return [
        (
            (history_id, entry),
            {
                "history": history_id,
                "stage": stage,
                "step": step,
                "from": rfc3339(from_ns),
                "to": rfc3339(to_ns),
                "revisions": revisions,
            },
        )
        for history_id, entry, stage, step, from_ns, to_ns, revisions in rows
    ]


def _entry(history_id: str | None, entry: int | None) -> Entry | None:
    return None if history_id is None or entry is None else (history_id, entry)


def _group(outcomes: list[queries.OutcomeCount], latency: dict[str, list[float] | None]) -> dict[str, Any]:
    merged: dict[tuple[str, str, str | None], int] = defaultdict(int)
    of_path = dict.fromkeys(_PATHS, 0)
    for one in outcomes:
        merged[one.path, one.status, one.error_code] += one.lines
        of_path[one.path] += one.lines
    lines = sum(merged.values())
    order = sorted(merged.items(), key=lambda item: (-item[1], item[0][0], item[0][1], item[0][2] or ""))
    return {
        "lines": lines,
        "by_path": [
            {"path": path, "count": count, "share": _share(count, lines)} for path, count in of_path.items()
        ],
        "by_outcome": [
            {
                "path": path,
                "status": status,
                "errorCode": error_code,
                "count": count,
                "share": _share(count, lines),
            }
            for (path, status, error_code), count in order
        ],
        "latency": {path: _percentiles(of_path[path], values) for path, values in latency.items()},
    }


def _percentiles(count: int, values: list[float] | None) -> dict[str, float | int | None]:
    """Null percentiles where no line is: nothing measured is not zero."""
    p50, p95, p99 = values or (None, None, None)
    return {"count": count, "p50": p50, "p95": p95, "p99": p99}


def _share(count: int, of: int) -> float | None:
    return count / of if of else None


def _named(rows: list[tuple[Any, ...]], key: str) -> list[dict[str, Any]]:
    return [{key: name, "count": count} for name, count in rows]


def _of_archive(archived: Archive) -> dict[str, Any]:
    """Lines are those of whole parts, whatever the filter left of them."""
    return {
        "parts": len(archived.read),
        "lines": lines_of(archived.read),
        "missing": [one.as_record() for one in archived.missing],
        "missing_lines": lines_of(archived.missing),
        "unrecorded": list(archived.unrecorded),
    }


def _quarantine(rows: list[tuple[str, int, int]]) -> dict[str, Any]:
    return {
        "count": sum(count for _, count, _ in rows),
        "claims_openai": sum(claims for _, _, claims in rows),
        "by_cause": [
            {"cause": cause, "count": count, "claims_openai": claims} for cause, count, claims in rows
        ],
    }
