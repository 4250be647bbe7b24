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
from ingest.rollups.reading import Grain, Span, counts, latencies

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
_PLACES = ("executor_version", "path", "status", "error_code", f"{TO_MODEL} AS to_model", "at_ns")
_HOURS = _OF_STAYS.format(found=counts(None, Grain.HOUR, (*_STAY, *_PLACES), _COUNTED), order="at_ns")
MOST_VERSIONS = 50
_Chosen = dict[str, list[Any]]


def in_lines(cursor: Cursor, stays: Sequence[Stay]) -> tuple[InLines, ...]:
    """What each of `stays` showed, in lines. Raises `QueryTimeout`."""
    chosen = _chosen(stays)
    outcomes: dict[int, list[OutcomeLines]] = {}
    for row in records(cursor, _OUTCOMES, chosen):
        outcomes.setdefault(row.pop("stay"), []).append(OutcomeLines(**row))
    took = _histograms(cursor, chosen)
    return tuple(_shown(outcomes.get(place, ()), took.get(place, ())) for place in range(len(stays)))


def detail_in_lines(cursor: Cursor, stay: Stay) -> Detail:
    """The stay closely: no jobs, and times are those of the minutes they lie in. Raises `QueryTimeout`."""
    chosen = _chosen((stay,))
    took = _histograms(cursor, chosen).get(0, [])
    curve = pd.DataFrame(shares(took, STEPS_DRAWN), columns=["seconds", "share"])
    places = rows(cursor, _HOURS, chosen)
    hours = places["at_ns"] // HOUR_NS
    versions = _with_times(cursor, chosen, _versions(places))
    return Detail(
        outcomes=_outcomes(places),
        versions=versions.head(MOST_VERSIONS),
        distribution=curve.assign(seconds=curve["seconds"] / 1000, calls=sum(count for _, count in took)),
        hours=hours.nunique(),
        model_hours=hours[places["to_model"]].nunique(),
        first_ns=None if versions["first_ns"].isna().all() else int(versions["first_ns"].min()),
        last_ns=None if versions["last_ns"].isna().all() else int(versions["last_ns"].max()),
        said=f"from rollups: {_EXACTNESS}",
    )


def _shown(outcomes: Sequence[OutcomeLines], took: Histogram) -> InLines:
    points = tuple(islice(each(took), FEWEST_FOR_PERCENTILES))
    return InLines(
        outcomes=tuple(outcomes),
        three=(nearest_rank(took, 50), nearest_rank(took, 95), nearest_rank(took, 99)),
        points=points if len(points) < FEWEST_FOR_PERCENTILES else (),
        said=f"from rollups: {_EXACTNESS}",
    )


def _outcomes(places: pd.DataFrame) -> pd.DataFrame:
    """`path`, `status`, `error_code`, `runs` and their `share`, most first within a path."""
    named = places.groupby(["path", "status", "error_code"], dropna=False)["lines"].sum()
    found = named.rename("runs").reset_index()
    found["share"] = found["runs"] / max(1, int(found["runs"].sum()))
    order = ["path", "runs", "status", "error_code"]
    return found.sort_values(order, ascending=[True, False, True, True], ignore_index=True)


def _versions(places: pd.DataFrame) -> pd.DataFrame:
    """The lines of each executorVersion, most first, with the hours of the first and of the last."""
    name, openai = "executor_version", places[places["path"] == "openai"]
    named = places.groupby(name)
    found = pd.DataFrame(
        {
            "runs": named["lines"].sum(),
            "openai": openai.groupby(name)["lines"].sum(),
            "failed": openai[openai["status"] == "FAILED"].groupby(name)["lines"].sum(),
            "first_ns": named["at_ns"].min(),
            "last_ns": named["at_ns"].max(),
        }
    ).fillna({"openai": 0, "failed": 0})
    ordered = found.astype({"openai": "int64", "failed": "int64"}).reset_index()
    return ordered.sort_values(["runs", name], ascending=[False, True], ignore_index=True)


def _with_times(cursor: Cursor, chosen: _Chosen, versions: pd.DataFrame) -> pd.DataFrame:
    """`versions` with the minutes of the first and of the last line in place of their hours."""
    ends = pd.concat([versions["first_ns"], versions["last_ns"]]).dropna().astype("int64") // HOUR_NS
    if ends.empty:
        return versions
    span = Span(int(ends.min()) * HOUR_NS, (int(ends.max()) + 1) * HOUR_NS)
    which = f"{_COUNTED} AND at_ns // {HOUR_NS} IN (SELECT unnest($hours::BIGINT[]))"
    found = counts(span, Grain.MINUTE, (*_STAY, "executor_version", "at_ns"), which)
    query = _OF_STAYS.format(found=found, order="at_ns")
    minutes = rows(cursor, query, {**chosen, "hours": ends.unique().tolist()})
    named = minutes.groupby("executor_version")["at_ns"]
    return versions.assign(
        first_ns=versions["executor_version"].map(named.min()),
        last_ns=versions["executor_version"].map(named.max()),
    )


def _chosen(stays: Sequence[Stay]) -> _Chosen:
    """The parameters of the queries: each interval with its history and the place of its stay."""
    places = [(stay.history, number, place) for place, stay in enumerate(stays) for number in stay.intervals]
    return {name: [one[at] for one in places] for at, name in enumerate(("histories", "numbers", "stays"))}


def _histograms(cursor: Cursor, chosen: _Chosen) -> dict[int, Histogram]:
    """The latencies of completed model calls, by the place of the stay."""
    found = records(cursor, _LATENCIES, chosen)
    return {
        place: [(row["latency_ms"], row["lines"]) for row in same]
        for place, same in groupby(found, key=lambda row: row["stay"])
    }
