"""Everything the Overview shows of the telemetry, gathered in one pass. No Streamlit."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from dashboard.data import queries
from dashboard.data.bins import Axis, axis
from dashboard.data.changes import Held, changes, lane
from dashboard.data.lines import Lines, everything, lines_of
from dashboard.data.scope import MINUTE_NS, Everything, Scope, Window
from dashboard.data.selection import selection
from dashboard.data.steps import held
from dashboard.data.timeline import FEWEST_FOR_PERCENTILES, Timeline, timeline

RECENT = Window("10m", "10 min", 10 * MINUTE_NS)
PATHS = ("openai", "stub")


@dataclass(frozen=True, slots=True)
class Quality:
    """How far the chosen lines can be relied on. `first_ns` and `last_ns` are null without timed lines."""

    runs: int
    contradictions: int
    no_time: int
    no_step: int
    first_ns: int | None
    last_ns: int | None


@dataclass(frozen=True, slots=True)
class Overview:
    """The frames of one view. `few` holds the latencies themselves of paths with too few for percentiles.

    `made_of` says in words what the chosen lines were counted from, and how exact that is.

    `axis`, `lines`, `lane` and `changes` are null when no chosen line has a time.
    """

    chosen: Quality
    everything: Quality
    made_of: str
    outcomes: pd.DataFrame
    latencies: pd.DataFrame
    few: dict[str, list[float]]
    recent: pd.DataFrame
    quarantine: pd.DataFrame
    axis: Axis | None
    lines: Timeline | None
    lane: pd.DataFrame | None
    changes: pd.DataFrame | None


def overview(cursor: queries.Cursor, scope: Scope, window: Window, now_ns: int) -> Overview:
    """The view of `scope` in `window` as of `now_ns`. Raises `QueryTimeout`."""
    lines = lines_of(cursor, scope, window, now_ns)
    quality = Quality(**lines.quality())
    latencies = lines.latencies()
    time_axis = _axis(quality, window, now_ns)
    controls = held(cursor)
    return Overview(
        chosen=quality,
        everything=Quality(**everything(cursor).quality()),
        made_of=lines.said,
        outcomes=lines.outcomes(),
        latencies=latencies,
        few=_few(lines, latencies),
        recent=queries.outcomes(cursor, selection(Everything(), RECENT, now_ns)),
        quarantine=queries.quarantined(cursor),
        axis=time_axis,
        lines=None if time_axis is None else timeline(lines, time_axis),
        **_controls(controls, time_axis),
    )


def _controls(controls: Sequence[Held], time_axis: Axis | None) -> dict[str, pd.DataFrame | None]:
    if time_axis is None:
        return {"lane": None, "changes": None}
    return {"lane": lane(controls, time_axis), "changes": changes(controls, time_axis)}


def _axis(quality: Quality, window: Window, now_ns: int) -> Axis | None:
    """The window as it is asked for; all of time is from the first chosen line to the last."""
    if quality.first_ns is None or quality.last_ns is None:
        return None
    if window.span_ns is None:
        return axis(quality.first_ns, quality.last_ns)
    return axis(now_ns - window.span_ns, now_ns)


def _few(lines: Lines, latencies: pd.DataFrame) -> dict[str, list[float]]:
    scarce = latencies[latencies["runs"] < FEWEST_FOR_PERCENTILES]["path"]
    return {path: lines.few_latencies(path, FEWEST_FOR_PERCENTILES) for path in scarce}
