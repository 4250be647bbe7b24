"""Rows of telemetry into counts per minute and key, each with a histogram of latencies. Pure.

The one place where rows are counted: what a load adds, what is taken out again, and what a rebuild counts
from the beginning are made by the same code, so they agree to the bit.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ingest.combinations import numbered
from ingest.recent_jobs import PROBE
from ingest.rollups.latency_buckets import bucket_of
from schemas.instant import SECOND

MINUTE_NS = 60 * SECOND
AS_IN_ROWS = (
    "interval_no",
    "revision",
    "stage",
    "step",
    "path",
    "status",
    "error_code",
    "executor_version",
    "contradiction",
)
"""The parts of a key that are columns of telemetry."""
KEY = (*AS_IN_ROWS, "is_probe", "straddles")
"""What is counted apart, within one origin. `is_probe`: a stub line of a probe; `straddles`: the controls
changed between the decision and its line."""
COUNTED_FROM = ("line_time_ns", "latency_ms", "job_id", "revision_at_line", *AS_IN_ROWS)
"""The columns of telemetry that are looked at."""

_Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Counted:
    """`keys` has the columns of `KEY`, each key once. `pieces` has `no`, the row of the key in it, `minute`
    since the epoch (null: lines without a time), `lines`, and `buckets` with how many lines each: `counts`.
    """

    keys: pa.Table
    pieces: pa.Table


def counted(rows: pa.Table) -> Counted:
    """`rows` of one origin, at least one, with the columns of `COUNTED_FROM`, as counts."""
    keyed = _with_derived(rows.select(list(COUNTED_FROM)).combine_chunks())
    numbers, first = numbered(keyed.columns)
    minutes, untimed = _minutes(rows["line_time_ns"])
    buckets = bucket_of(rows["latency_ms"].to_numpy())
    return Counted(keyed.take(pa.array(first)), _pieces(numbers, minutes, untimed, buckets))


def _with_derived(rows: pa.Table) -> pa.Table:
    is_probe = pc.and_(pc.equal(rows["path"], "stub"), pc.starts_with(rows["job_id"], PROBE))
    before, after = rows["revision"], rows["revision_at_line"]
    differ = pc.fill_null(pc.not_equal(before, after), fill_value=False)
    straddles = pc.or_(differ, pc.xor(pc.is_null(before), pc.is_null(after)))
    derived = rows.append_column("is_probe", is_probe).append_column("straddles", straddles)
    return derived.select(list(KEY))


def _minutes(times: pa.ChunkedArray) -> tuple[_Numbers, npt.NDArray[np.bool_]]:
    """The minute of each time, one before all others where there is none; and where that is."""
    untimed = times.is_null().to_numpy()
    minutes = pc.fill_null(times, 0).to_numpy() // MINUTE_NS
    return np.where(untimed, minutes.min(initial=0) - 1, minutes), untimed


def _pieces(
    numbers: _Numbers, minutes: _Numbers, untimed: npt.NDArray[np.bool_], buckets: npt.NDArray[np.int16]
) -> pa.Table:
    """One row for each minute and key, its buckets in order."""
    order = np.lexsort((buckets, numbers, minutes))
    numbers, minutes, untimed, buckets = numbers[order], minutes[order], untimed[order], buckets[order]
    is_new_piece = _differs(numbers) | _differs(minutes)
    begins = np.flatnonzero(is_new_piece)
    begin_buckets = np.flatnonzero(is_new_piece | _differs(buckets))
    counts = np.diff(begin_buckets, append=len(buckets))
    offsets = pa.array(np.append(np.searchsorted(begin_buckets, begins), len(begin_buckets)).astype(np.int32))
    return pa.table(
        {
            "no": pa.array(numbers[begins]),
            "minute": pa.array(minutes[begins], mask=untimed[begins]),
            "lines": pa.array(np.diff(begins, append=len(buckets))),
            "buckets": pa.ListArray.from_arrays(offsets, pa.array(buckets[begin_buckets])),
            "counts": pa.ListArray.from_arrays(offsets, pa.array(counts)),
        }
    )


def _differs(ordered: npt.NDArray[np.int64] | npt.NDArray[np.int16]) -> npt.NDArray[np.bool_]:
    """Where a value is not that before it; the first is new."""
    differs = np.ones(len(ordered), dtype=np.bool_)
    differs[1:] = ordered[1:] != ordered[:-1]
    return differs
