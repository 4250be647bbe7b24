"""What stays showed, from the rollups: at once, however many lines they have. No Streamlit.

Which lines count is as for the verdict (`ingest.evidence.steps.COUNTED`): of a home's stay the managed ones,
never those of probes. Distinct jobs do not add up, so they cannot come from rollups; they are counted beside
the page. Of a stay whose lines retention took, this is all there is.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any

import pyarrow as pa

from dashboard.data.in_lines import Histogram, InLines, OutcomeLines, each, nearest_rank
from dashboard.data.queries import Cursor, arrow, records
from dashboard.data.timeline import FEWEST_FOR_PERCENTILES
from ingest.evidence import Stay
from ingest.evidence.rows_of import TO_MODEL
from ingest.rollups.histograms import histograms, regrouped
from ingest.rollups.latency_buckets import ERROR
from ingest.rollups.reading import Grain, counts, latencies

EXACTNESS = f"from rollups: lines exact, latencies within {ERROR * 100:.0f} %"
_STAY = ("history_id", "interval_no")
COUNTED = """
NOT is_probe AND (trust = 'managed' OR history_id <> 'home')
    AND list_contains($histories::VARCHAR[], history_id) AND list_contains($numbers::INTEGER[], interval_no)
"""
_OUTCOMES = counts(None, Grain.HOUR, (*_STAY, "path", "status", "error_code"), COUNTED)
_LATENCIES = latencies(None, Grain.HOUR, _STAY, f"{COUNTED} AND {TO_MODEL} AND status = 'COMPLETED'")
_Outcome = tuple[str, str, str | None]


def in_lines(cursor: Cursor, stays: Sequence[Stay]) -> tuple[InLines, ...]:
    """What each of `stays` showed, in lines. Raises `QueryTimeout`."""
    place_of = _places(stays)
    outcomes: dict[int, Counter[_Outcome]] = defaultdict(Counter)
    for row in records(cursor, _OUTCOMES, chosen(stays)):
        history, number, path, status, code, lines = row.values()
        if (history, number) in place_of:
            outcomes[place_of[history, number]][path, status, code] += lines
    took = histograms_of(cursor, stays)
    return tuple(_shown(outcomes[place], took.get(place, ())) for place in range(len(stays)))


def _shown(outcomes: Counter[_Outcome], took: Histogram) -> InLines:
    ordered = sorted(
        outcomes.items(), key=lambda one: (-one[1], one[0][:2], one[0][2] is None, one[0][2] or "")
    )
    points = tuple(islice(each(took), FEWEST_FOR_PERCENTILES))
    return InLines(
        outcomes=tuple(
            OutcomeLines(path=path, status=status, error_code=code, lines=lines)
            for (path, status, code), lines in ordered
        ),
        three=(nearest_rank(took, 50), nearest_rank(took, 95), nearest_rank(took, 99)),
        points=points if len(points) < FEWEST_FOR_PERCENTILES else (),
        said=EXACTNESS,
    )


def chosen(stays: Sequence[Stay]) -> dict[str, list[Any]]:
    """The parameters of the queries; several histories together may have intervals of no stay, too."""
    return {
        "histories": sorted({stay.history for stay in stays}),
        "numbers": sorted({number for stay in stays for number in stay.intervals}),
    }


def histograms_of(cursor: Cursor, stays: Sequence[Stay]) -> dict[int, Histogram]:
    """The latencies of completed model calls, by the place of the stay among `stays`."""
    of_intervals = histograms(arrow(cursor, _LATENCIES, chosen(stays)))
    place_of = _places(stays)
    places = [
        place_of.get((row["history_id"], row["interval_no"])) for row in of_intervals.groups.to_pylist()
    ]
    found = regrouped(of_intervals, pa.table({"place": pa.array(places, pa.int64())}))
    return {place: found.of(number) for number, place in enumerate(found.groups["place"].to_pylist())}


def _places(stays: Sequence[Stay]) -> Mapping[tuple[str, int], int]:
    """The place of the stay that an interval of a history belongs to."""
    return {(stay.history, number): place for place, stay in enumerate(stays) for number in stay.intervals}
