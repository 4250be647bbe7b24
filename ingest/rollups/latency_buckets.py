"""Latencies as buckets whose bounds grow by 2 %, so that histograms can be added up. Pure.

Bucket n holds what is longer than bound n-1 and not longer than bound n; its value lies so between the
two that no latency in it is further away than `ERROR`. A nearest-rank percentile taken from such a
histogram is the value of the very bucket that the exact percentile lies in.

Bounds are powers of 1.02, rounded once from the exact fraction: the same numbers on every machine. Bucket 0
is everything up to a microsecond, with the value 0; the last one everything over eleven days.
"""

from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

_GROWTH = Fraction(102, 100)
_SHORTEST, _LONGEST = -349, 1047
"""The exponents of the first bound, 0.001 ms, and of the last, 1,000,000,000 ms."""

_PER_LOG = float(1 / np.log(float(_GROWTH)))

ERROR = 0.01
"""What is said of the relative error; it is sqrt(1.02) - 1, a little less."""

BUCKETS = _LONGEST - _SHORTEST + 2
"""How many there are: one below each bound, and what is over the last."""

Latencies = npt.NDArray[np.float64]
Buckets = npt.NDArray[np.int16]


def bucket_of(latency_ms: Latencies) -> Buckets:
    """The bucket of each latency, 0 or more, in milliseconds."""
    bounds = _bounds()
    # A logarithm is nearly right, and cheaper than a search; the bounds decide.
    exponents = np.ceil(np.log(np.clip(latency_ms, bounds[0], bounds[-1])) * _PER_LOG)
    near = np.minimum(exponents.astype(np.int64) - _SHORTEST, len(bounds) - 1)
    near += latency_ms > bounds[near]
    near -= (near > 0) & (latency_ms <= bounds[np.maximum(near - 1, 0)])
    return near.astype(np.int16)


def value_of(bucket: npt.NDArray[np.integer[Any]]) -> Latencies:
    """The latency in milliseconds that each bucket stands for."""
    values: Latencies = _values()[bucket]
    return values


@cache
def _values() -> Latencies:
    growth = float(_GROWTH)
    return np.array([0.0, *(growth ** (bucket + _SHORTEST - 0.5) for bucket in range(1, BUCKETS))])


@cache
def _bounds() -> Latencies:
    return np.array([float(_GROWTH**exponent) for exponent in range(_SHORTEST, _LONGEST + 1)])
