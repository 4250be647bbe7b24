"""The record over time: what each bin holds, and where the controls changed. Gaps stay gaps.

Every frame has `at`, the UTC time it is drawn at, and `utc`, the same in words.
"""

from dataclasses import dataclass

import pandas as pd

from dashboard.data.bins import Axis
from dashboard.data.lines import Lines

# Under this many runs a percentile says nothing that the runs do not say better.
FEWEST_FOR_PERCENTILES = 20
MOST_POINTS = 1_500


@dataclass(frozen=True, slots=True)
class Timeline:
    """The data sets of the charts over one axis; the names are those in `dashboard.charts`."""

    bins: pd.DataFrame
    failures: pd.DataFrame
    failed_bins: pd.DataFrame
    percentiles: pd.DataFrame
    points: pd.DataFrame


def timeline(lines: Lines, axis: Axis) -> Timeline:
    """Everything the charts draw of the lines that have a time."""
    counts, percentiles = lines.outcomes_over(axis), lines.percentiles_over(axis)
    enough = percentiles["runs"] >= FEWEST_FOR_PERCENTILES
    failures = _failures(counts, axis)
    return Timeline(
        bins=_bins(counts, axis),
        failures=failures,
        failed_bins=_placed(failures.groupby("bin")["runs"].sum().reset_index(), axis),
        percentiles=_with_gaps(percentiles[enough], axis),
        points=_points(lines, axis, percentiles[~enough]),
    )


def _bins(counts: pd.DataFrame, axis: Axis) -> pd.DataFrame:
    """One row a bin and outcome, `rank` the order in the stack."""
    named = counts.assign(rank=counts["path"].map({"stub": 0, "openai": 1}).fillna(0).astype("int64"))
    named["rank"] += ((named["path"] == "openai") & (named["status"] == "FAILED")).astype("int64")
    summed = named.groupby(["bin", "rank"])["runs"].sum().reset_index()
    summed["outcome"] = summed["rank"].map({0: "stub", 1: "openai completed", 2: "openai failed"})
    summed["share"] = summed["runs"] / summed.groupby("bin")["runs"].transform("sum")
    return _placed(_stacked(summed), axis)


def _failures(counts: pd.DataFrame, axis: Axis) -> pd.DataFrame:
    """One row a bin and errorCode of the failed model calls; `of`: all model calls of that bin."""
    openai = counts[counts["path"] == "openai"]
    failed = openai[openai["status"] == "FAILED"].assign(code=lambda f: f["error_code"].fillna("(none)"))
    calls = openai.groupby("bin")["runs"].sum()
    named = pd.DataFrame(failed[["bin", "code", "runs"]])
    return _placed(_stacked(named.assign(of=named["bin"].map(calls))), axis)


def _stacked(frame: pd.DataFrame) -> pd.DataFrame:
    """`frame` with the bars of each bin on top of each other, in its order: from `base` to `top`."""
    top = frame.groupby("bin")["runs"].cumsum()
    return frame.assign(base=top - frame["runs"], top=top)


def _with_gaps(percentiles: pd.DataFrame, axis: Axis) -> pd.DataFrame:
    """A row for every bin of every path, empty where there is nothing, so that lines break there."""
    every = pd.MultiIndex.from_product(
        [percentiles["path"].unique(), range(axis.bins)], names=["path", "bin"]
    )
    filled = percentiles.set_index(["path", "bin"]).reindex(every).reset_index()
    return _placed(filled, axis)


def _points(lines: Lines, axis: Axis, scarce: pd.DataFrame) -> pd.DataFrame:
    """The runs of the bins that have too few for percentiles."""
    found = lines.runs_in(axis, scarce, MOST_POINTS)
    at = Axis.times(found["line_time_ns"])
    return found[["path", "status", "seconds"]].assign(
        failed=found["status"] == "FAILED", at=at, utc=in_words(at)
    )


def _placed(frame: pd.DataFrame, axis: Axis) -> pd.DataFrame:
    """`frame` with the times of its bins: `at`, `middle`, `until`."""
    start = frame["bin"].astype("int64") * axis.width_ns + axis.start_ns
    at = Axis.times(start)
    return frame.assign(
        at=at,
        middle=Axis.times(start + axis.width_ns // 2),
        until=Axis.times(start + axis.width_ns),
        utc=in_words(at),
    )


def in_words(times: pd.Series) -> pd.Series:
    """UTC times as text for tooltips and tables."""
    said: pd.Series = times.dt.strftime("%Y-%m-%d %H:%M:%S")
    return said
