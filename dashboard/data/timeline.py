"""The record over time: what each bin holds, and where the controls changed. Gaps stay gaps.

Every frame has `at`, the UTC time it is drawn at, and `utc`, the same in words.
"""

from dataclasses import dataclass

import pandas as pd

from dashboard.data.bins import Axis
from dashboard.data.queries import Cursor, rows
from dashboard.data.selection import Selection

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


def timeline(cursor: Cursor, chosen: Selection, axis: Axis) -> Timeline:
    """Everything the charts draw of the chosen lines that have a time."""
    counts = rows(
        cursor,
        "SELECT (line_time_ns - ?) // ? AS bin, path, status, error_code, count(*) AS runs FROM telemetry "  # noqa: S608
        f"WHERE line_time_ns >= ? AND line_time_ns < ? AND {chosen.condition} "
        "GROUP BY bin, path, status, error_code ORDER BY bin, path, status, error_code",
        (axis.start_ns, axis.width_ns, axis.start_ns, axis.end_ns, *chosen.parameters),
    )
    percentiles = rows(
        cursor,
        "SELECT (line_time_ns - ?) // ? AS bin, path, count(*) AS runs, "  # noqa: S608
        "quantile_disc(latency_ms, 0.5) / 1000 AS p50, quantile_disc(latency_ms, 0.95) / 1000 AS p95, "
        "quantile_disc(latency_ms, 0.99) / 1000 AS p99 FROM telemetry "
        f"WHERE line_time_ns >= ? AND line_time_ns < ? AND {chosen.condition} "
        "GROUP BY bin, path ORDER BY path, bin",
        (axis.start_ns, axis.width_ns, axis.start_ns, axis.end_ns, *chosen.parameters),
    )
    enough = percentiles["runs"] >= FEWEST_FOR_PERCENTILES
    failures = _failures(counts, axis)
    return Timeline(
        bins=_bins(counts, axis),
        failures=failures,
        failed_bins=_placed(failures.groupby("bin")["runs"].sum().reset_index(), axis),
        percentiles=_with_gaps(percentiles[enough], axis),
        points=_points(cursor, chosen, axis, percentiles[~enough]),
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


def _points(cursor: Cursor, chosen: Selection, axis: Axis, scarce: pd.DataFrame) -> pd.DataFrame:
    """The runs of the bins that have too few for percentiles."""
    found = rows(
        cursor,
        "SELECT (line_time_ns - ?) // ? AS bin, path, status, line_time_ns, "  # noqa: S608
        "latency_ms / 1000 AS seconds FROM telemetry "
        f"WHERE line_time_ns >= ? AND line_time_ns < ? AND {chosen.condition} "
        "AND (bin, path) IN (SELECT unnest(?::BIGINT[]), unnest(?::VARCHAR[])) "
        f"ORDER BY line_time_ns LIMIT {MOST_POINTS:d}",
        (
            axis.start_ns,
            axis.width_ns,
            axis.start_ns,
            axis.end_ns,
            *chosen.parameters,
            scarce["bin"].tolist(),
            scarce["path"].tolist(),
        ),
    )
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
