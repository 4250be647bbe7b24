# ruff: noqa: S608 -- constants put together; values are always parameters
"""What stays showed, from the rollups: at once, however many lines they have. No Streamlit.

Which lines count is as for the verdict (`ingest.evidence.steps.COUNTED`): of a home's stay the managed ones,
never those of probes. Distinct jobs do not add up, so they cannot come from rollups; they are counted beside
the page. Of a stay whose lines retention took, this is all there is.
"""

from collections.abc import Sequence
from itertools import groupby, islice
from typing import Any

import pandas as pd

from dashboard.data.in_lines import Histogram, InLines, OutcomeLines, each, nearest_rank, shares
from dashboard.data.queries import Cursor, records, rows
from dashboard.data.stage_detail import STEPS_DRAWN, Detail
from dashboard.data.timeline import FEWEST_FOR_PERCENTILES
from ingest.evidence import Stay
from ingest.evidence.rows_of import TO_MODEL
from ingest.recent_jobs import HOUR_NS
from ingest.rollups.latency_buckets import ERROR
from ingest.rollups.reading import Grain, counts, latencies

_EXACTNESS = f"lines exact, latencies within {ERROR * 100:.0f} %"
_STAY = ("history_id", "interval_no")
_COUNTED = """
NOT is_probe AND (trust = 'managed' OR history_id <> 'home')
    AND history_id IN (SELECT unnest($histories::VARCHAR[]))
    AND interval_no IN (SELECT unnest($numbers::INTEGER[]))
"""
_OF_STAYS = """
SELECT stay, * EXCLUDE (stay, history_id, interval_no, lines), sum(lines)::BIGINT AS lines FROM ({found})
JOIN (
    SELECT unnest($histories::VARCHAR[]) AS history_id, unnest($numbers::INTEGER[]) AS interval_no,
        unnest($stays::INTEGER[]) AS stay
) USING (history_id, interval_no)
GROUP BY ALL ORDER BY stay, {order}
"""
_OUTCOMES = _OF_STAYS.format(
    found=counts(None, Grain.HOUR, (*_STAY, "path", "status", "error_code"), _COUNTED),
    order="lines DESC, path, status, error_code",
)
_LATENCIES = _OF_STAYS.format(
    found=latencies(None, Grain.HOUR, _STAY, f"{_COUNTED} AND {TO_MODEL} AND status = 'COMPLETED'"),
    order="latency_ms",
)
_MINUTES = f"""
WITH minute AS MATERIALIZED ({
    _OF_STAYS.format(
        found=counts(
            None,
            Grain.MINUTE,
            (*_STAY, "executor_version", "path", "status", f"{TO_MODEL} AS to_model", "at_ns"),
            _COUNTED,
        ),
        order="at_ns",
    )
})
"""
_VERSIONS = f"""
{_MINUTES}
SELECT executor_version, sum(lines)::BIGINT AS runs,
    coalesce(sum(lines) FILTER (path = 'openai'), 0)::BIGINT AS openai,
    coalesce(sum(lines) FILTER (path = 'openai' AND status = 'FAILED'), 0)::BIGINT AS failed,
    min(at_ns) AS first_ns, max(at_ns) AS last_ns
FROM minute GROUP BY ALL ORDER BY runs DESC, executor_version LIMIT 50
"""
_HOURS = f"""
{_MINUTES}
SELECT count(DISTINCT at_ns // {HOUR_NS}) AS hours,
    count(DISTINCT at_ns // {HOUR_NS}) FILTER (to_model) AS model_hours,
    min(at_ns) AS first_ns, max(at_ns) AS last_ns
FROM minute
"""


def in_lines(cursor: Cursor, stays: Sequence[Stay]) -> tuple[InLines, ...]:
    """What each of `stays` showed, in lines. Raises `QueryTimeout`."""
    chosen = _chosen(stays)
    outcomes: dict[int, list[OutcomeLines]] = {}
    for row in records(cursor, _OUTCOMES, chosen):
        outcomes.setdefault(row.pop("stay"), []).append(OutcomeLines(**row))
    took = _histograms(cursor, chosen)
    return tuple(
        InLines(
            outcomes=tuple(outcomes.get(place, ())),
            three=(
                nearest_rank(took.get(place, ()), 50),
                nearest_rank(took.get(place, ()), 95),
                nearest_rank(took.get(place, ()), 99),
            ),
            points=_points(took.get(place, ())),
            said=f"from hour rollups: {_EXACTNESS}",
        )
        for place in range(len(stays))
    )


def detail_in_lines(cursor: Cursor, stay: Stay) -> Detail:
    """The stay closely: no jobs, and times are those of the minutes they lie in. Raises `QueryTimeout`."""
    chosen = _chosen((stay,))
    (lines,) = in_lines(cursor, (stay,))
    found = pd.DataFrame(
        [(one.path, one.status, one.error_code, one.lines) for one in lines.outcomes],
        columns=["path", "status", "error_code", "runs"],
    ).sort_values("path", kind="stable", ignore_index=True)
    took = _histograms(cursor, chosen).get(0, [])
    curve = pd.DataFrame(shares(took, STEPS_DRAWN), columns=["seconds", "share"])
    (hours,) = records(cursor, _HOURS, chosen)
    return Detail(
        outcomes=found.assign(share=found["runs"] / max(1, lines.runs)),
        versions=rows(cursor, _VERSIONS, chosen),
        distribution=curve.assign(seconds=curve["seconds"] / 1000, calls=sum(count for _, count in took)),
        said=f"from minute rollups: {_EXACTNESS}",
        **hours,
    )


def _chosen(stays: Sequence[Stay]) -> dict[str, list[Any]]:
    """The parameters of the queries: each interval with its history and the place of its stay."""
    places = [(stay.history, number, place) for place, stay in enumerate(stays) for number in stay.intervals]
    return {name: [one[at] for one in places] for at, name in enumerate(("histories", "numbers", "stays"))}


def _histograms(cursor: Cursor, chosen: dict[str, list[Any]]) -> dict[int, Histogram]:
    """The latencies of completed model calls, by the place of the stay."""
    found = records(cursor, _LATENCIES, chosen)
    return {
        place: [(row["latency_ms"], row["lines"]) for row in same]
        for place, same in groupby(found, key=lambda row: row["stay"])
    }


def _points(took: Histogram) -> tuple[float, ...]:
    points = tuple(islice(each(took), FEWEST_FOR_PERCENTILES))
    return points if len(points) < FEWEST_FOR_PERCENTILES else ()
