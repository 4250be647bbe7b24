"""Which controls a decision was taken under: an as-of join of decision times with a control history.

A line carries the time at which it was written and the latency of its run; the decision lies between
line time less latency and line time (CONTRACTS section 4). A record belongs to the interval in force
at the earliest of these moments; the revision at the line time is kept beside it, and where the two
differ the record straddles a change. Without a time, or before the first revision, there is neither
revision nor step.
"""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ingest.history.controls import ControlHistory

Moments = npt.NDArray[np.int64]

_NS_PER_MS = 1e6
_LONGEST_NS = 2**62
_FIRST_NS = -(2**63)
_QUALITIES = ("none", "transport")
_OF_A_TIME = (
    ("decided_from_ns", pa.int64()),
    ("interval_no", pa.int32()),
    ("revision", pa.int64()),
    ("revision_at_line", pa.int64()),
    ("stage", pa.uint8()),
    ("step", pa.string()),
)


def decided_from(line_time_ns: Moments, latency_ms: npt.NDArray[np.float64]) -> Moments:
    """The earliest moment of each decision, in epoch nanoseconds; with an endless latency the first."""
    latency_ns = np.rint(np.minimum(latency_ms, _LONGEST_NS / _NS_PER_MS) * _NS_PER_MS).astype(np.int64)
    earliest = _FIRST_NS + latency_ns
    decided: Moments = np.where(line_time_ns < earliest, _FIRST_NS, line_time_ns - latency_ns)
    return decided


class Attribution:
    """The as-of join with one history; without one, every record stays unattributed."""

    def __init__(self, history: ControlHistory | None) -> None:
        intervals = history.intervals if history else ()
        self.history_id = history.history_id if history else None
        self._intervals = intervals
        self._starts = np.array([interval.from_ns for interval in intervals], dtype=np.int64)

    # Only where there are lines: making its first array, Arrow imports pandas, a third of a second.
    @cached_property
    def _revisions(self) -> pa.Array:
        return pa.array([interval.revision for interval in self._intervals], pa.int64())

    @cached_property
    def _stages(self) -> pa.Array:
        return pa.array([interval.stage for interval in self._intervals], pa.uint8())

    @cached_property
    def _steps(self) -> pa.Array:
        return pa.array([interval.step.value for interval in self._intervals], pa.string())

    def interval_at(self, moments: Moments) -> npt.NDArray[np.int64]:
        """The number of the interval in force at each moment; -1 before the first."""
        return np.searchsorted(self._starts, moments, side="right") - 1

    def columns(self, records: pa.Table) -> pa.Table:
        """`records` with time quality, decision time, interval, revisions, stage and step."""
        if records["line_time_ns"].null_count == records.num_rows:
            return _with(records, _of_untimed(records.num_rows))
        untimed = records["line_time_ns"].is_null().to_numpy()
        times = _filled(records["line_time_ns"])
        latency = records["latency_ms"].to_numpy()
        decided = decided_from(times, latency)
        at_decision = np.where(untimed, -1, self.interval_at(decided))
        at_line = np.where(untimed, -1, self.interval_at(times))
        return _with(
            records,
            [
                ("time_quality", pa.array(_QUALITIES).take(pa.array(np.where(untimed, 0, 1)))),
                ("decided_from_ns", pa.array(decided, mask=untimed)),
                ("interval_no", pa.array(at_decision.astype(np.int32), mask=at_decision < 0)),
                ("revision", _taken(self._revisions, at_decision)),
                ("revision_at_line", _taken(self._revisions, at_line)),
                ("stage", _taken(self._stages, at_decision)),
                ("step", _taken(self._steps, at_decision)),
            ],
        )


def _of_untimed(count: int) -> list[tuple[str, Any]]:
    """The columns of so many records without a time: of raw logs that is all of them."""
    nothing = [(name, pa.nulls(count, kind)) for name, kind in _OF_A_TIME]
    return [("time_quality", pa.repeat(_QUALITIES[0], count)), *nothing]


def _filled(times: pa.ChunkedArray) -> Moments:
    filled: Moments = pc.fill_null(times, 0).to_numpy()
    return filled


def _taken(values: pa.Array, numbers: npt.NDArray[np.int64]) -> pa.Array:
    return values.take(pa.array(numbers, mask=numbers < 0))


def _with(table: pa.Table, columns: Sequence[tuple[str, Any]]) -> pa.Table:
    for name, values in columns:
        table = table.append_column(name, values)
    return table
