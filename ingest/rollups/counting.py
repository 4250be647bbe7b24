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
_SPARSE = 8  # so many times as many numbers as rows are sorted, not counted


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
    """One row for each minute and key, its buckets in order.

    Minute, key and bucket are one number, so there is one thing to sort by, and mostly nothing to sort. It
    has room for them: minutes have 29 bits, buckets 11, and keys are no more than rows.
    """
    first, keys, width = minutes.min(), int(numbers.max()) + 1, int(buckets.max()) + 1
    combined, counts = _counted(((minutes - first) * keys + numbers) * width + buckets)
    pieces, in_bucket = np.divmod(combined, width)
    begins = np.flatnonzero(np.diff(pieces, prepend=-1))
    since_first, number = np.divmod(pieces[begins], keys)
    is_untimed = (since_first == 0) & untimed.any()
    offsets = pa.array(np.append(begins, len(pieces)).astype(np.int32))
    return pa.table(
        {
            "no": pa.array(number),
            "minute": pa.array(since_first + first, mask=is_untimed),
            "lines": pa.array(np.add.reduceat(counts, begins)),
            "buckets": pa.ListArray.from_arrays(offsets, pa.array(in_bucket.astype(np.int16))),
            "counts": pa.ListArray.from_arrays(offsets, pa.array(counts)),
        }
    )


def _counted(combined: _Numbers) -> tuple[_Numbers, _Numbers]:
    """The numbers that occur, in order, and how often each."""
    if combined.max() > _SPARSE * len(combined):
        return np.unique(combined, return_counts=True)
    counts = np.bincount(combined)
    occurring = np.flatnonzero(counts)
    return occurring, counts[occurring]
