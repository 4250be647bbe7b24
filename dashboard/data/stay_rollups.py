"""What stays showed, from the rollups: at once, however many lines they have. No Streamlit.

Which lines count is as for the verdict (`ingest.evidence.steps.COUNTED`): of a home's stay the managed ones,
never those of probes. Distinct jobs do not add up, so they cannot come from rollups; they are counted beside
the page. Of a stay whose lines retention took, this is all there is.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import islice
from typing import Any

import pyarrow as pa

from dashboard.data.in_lines import Histogram, InLines, OutcomeLines, each, nearest_rank
from dashboard.data.queries import Cursor, arrow
from dashboard.data.timeline import FEWEST_FOR_PERCENTILES
from ingest.evidence import Stay
from ingest.evidence.rows_of import TO_MODEL
from ingest.rollups.grain import Grain
from ingest.rollups.histograms import histograms, regrouped
from ingest.rollups.latency_buckets import ERROR
from ingest.rollups.reading import latencies

EXACTNESS = f"from rollups: lines exact, latencies within {ERROR * 100:.0f} %"
_STAY = ("history_id", "interval_no")
COUNTED = """
NOT is_probe AND (trust = 'managed' OR history_id <> 'home')
    AND list_contains($histories::VARCHAR[], history_id) AND list_contains($numbers::INTEGER[], interval_no)
"""
_COMPLETED = f"{TO_MODEL} AND status = 'COMPLETED'"
_OUTCOME = ("path", "status", "error_code", f"{_COMPLETED} AS took")
_ALL = latencies(None, Grain.HALF_DAY, (*_STAY, *_OUTCOME), COUNTED)
_LATENCIES = latencies(None, Grain.HALF_DAY, ("path",), f"{COUNTED} AND {_COMPLETED}")
_Outcome = tuple[str, str, str | None]


def in_lines(cursor: Cursor, stays: Sequence[Stay]) -> tuple[InLines, ...]:
    """What each of `stays` showed, in lines. Raises `QueryTimeout`."""
    place_of = {
        (stay.history, number): place for place, stay in enumerate(stays) for number in stay.intervals
    }
    found = histograms(arrow(cursor, _ALL, chosen(stays)))
    outcomes: dict[int, Counter[_Outcome]] = defaultdict(Counter)
    places: list[int | None] = []
    for row, lines in zip(found.groups.to_pylist(), found.runs.tolist(), strict=True):
        place = place_of.get((row["history_id"], row["interval_no"]))
        places.append(place if row["took"] else None)
        if place is not None:
            outcomes[place][row["path"], row["status"], row["error_code"]] += lines
    took = regrouped(found, pa.table({"place": pa.array(places, pa.int64())}))
    by_place = {place: number for number, place in enumerate(took.groups["place"].to_pylist())}
    return tuple(
        _shown(outcomes[place], took.of(by_place[place]) if place in by_place else ())
        for place in range(len(stays))
    )


def took_in(cursor: Cursor, stay: Stay) -> Histogram:
    """The latencies of the completed model calls of one stay. Raises `QueryTimeout`."""
    found = histograms(arrow(cursor, _LATENCIES, chosen((stay,))))
    return found.of(0)


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
