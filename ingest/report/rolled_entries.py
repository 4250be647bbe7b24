"""What the rollups hold of each run of equal steps: outcomes and percentiles of everything.

Rollups know intervals; which of these are one entry is said by the controls, a few rows.
"""

from collections import defaultdict
from collections.abc import Mapping

import duckdb
import pyarrow as pa

from ingest.report import queries
from ingest.report.queries import Entry, OutcomeCount
from ingest.rollups.histograms import Histograms, histograms, regrouped

_PERCENTS = (50, 95, 99)
_OF_ENTRY = pa.schema([("history", pa.string()), ("entry", pa.int64()), ("path", pa.string())])

Outcomes = Mapping[Entry | None, list[OutcomeCount]]
Percentiles = Mapping[tuple[Entry | None, str], list[float]]


def rolled_entries(cursor: duckdb.DuckDBPyConnection) -> tuple[Outcomes, Percentiles]:
    """Outcomes of each entry, null of what belongs to none; and by entry and path p50, p95, p99 in ms."""
    entry_of: dict[tuple[str | None, int | None], Entry] = {
        (history_id, number): (history_id, entry)
        for history_id, number, entry in cursor.execute(queries.ENTRIES).fetchall()
    }
    found = histograms(cursor.sql(queries.ROLLED).to_arrow_table())
    outcomes: dict[Entry | None, list[OutcomeCount]] = defaultdict(list)
    places: list[tuple[str | None, int | None, str]] = []
    for one, lines in zip(found.groups.to_pylist(), found.runs.tolist(), strict=True):
        entry = entry_of.get((one["history_id"], one["interval_no"]))
        outcomes[entry].append(OutcomeCount(one["path"], one["status"], one["error_code"], lines))
        places.append((*(entry or (None, None)), one["path"]))
    columns = [pa.array([place[at] for place in places], field.type) for at, field in enumerate(_OF_ENTRY)]
    return outcomes, _percentiles(regrouped(found, pa.table(columns, schema=_OF_ENTRY)))


def _percentiles(found: Histograms) -> Percentiles:
    ranks = zip(*(found.nearest_rank(percent).tolist() for percent in _PERCENTS), strict=True)
    return {
        (None if one["entry"] is None else (one["history"], one["entry"]), one["path"]): list(three)
        for one, three in zip(found.groups.to_pylist(), ranks, strict=True)
    }
