"""The control history as a chart shows it: what held when, and what each change changed. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from dashboard.data.bins import Axis
from dashboard.data.timeline import in_words


@dataclass(frozen=True, slots=True)
class Held:
    """Controls in force from `from_ns` until before `to_ns`; null: still."""

    from_ns: int
    to_ns: int | None
    revision: int
    stage: int | None
    step: str
    kill: bool
    feature: bool
    percent: int
    allowlist: bool


def lane(held: Sequence[Held], axis: Axis) -> pd.DataFrame:
    """One row an interval that touches the axis, cut to it; `share`: its part of the width."""
    span = axis.end_ns - axis.start_ns
    touching = [h for h in held if h.from_ns < axis.end_ns and (h.to_ns is None or h.to_ns > axis.start_ns)]
    starts = pd.Series([max(h.from_ns, axis.start_ns) for h in touching], dtype="int64")
    ends = pd.Series([min(h.to_ns or axis.end_ns, axis.end_ns) for h in touching], dtype="int64")
    at = Axis.times(starts)
    return pd.DataFrame(
        {
            "at": at,
            "until": Axis.times(ends),
            "utc": in_words(at),
            "share": (ends - starts) / span,
            "name": [_name(h) for h in touching],
            "detail": [_detail(h) for h in touching],
            "state": [_state(h) for h in touching],
            "strength": [_strength(h) for h in touching],
        }
    )


def changes(held: Sequence[Held], axis: Axis) -> pd.DataFrame:
    """One row a change within the axis, in words; `room`: the part of the width until the next one."""
    before: list[Held | None] = [None, *held][: len(held)]
    within = [(b, a) for b, a in zip(before, held, strict=True) if axis.start_ns <= a.from_ns < axis.end_ns]
    moments = pd.Series([after.from_ns for _, after in within], dtype="int64")
    room = (moments.shift(-1, fill_value=axis.end_ns) - moments) / (axis.end_ns - axis.start_ns)
    at = Axis.times(moments)
    return pd.DataFrame(
        {
            "at": at,
            "utc": in_words(at),
            "label": [difference(before, after) for before, after in within],
            "kills": [after.kill and (before is None or not before.kill) for before, after in within],
            "revision": pd.Series([after.revision for _, after in within], dtype="int64"),
            "step": pd.Series([after.step for _, after in within], dtype="object"),
            "room": room,
        }
    )


def difference(before: Held | None, after: Held) -> str:
    """What changed, most important first; a new step only where nothing else says it."""
    if before is None:
        return f"first controls: {_name(after)}"
    said = []
    if before.kill != after.kill:
        said.append("■ kill" if after.kill else "kill off")
    if before.feature != after.feature:
        said.append(f"feature {'on' if after.feature else 'off'}")
    if before.allowlist != after.allowlist:
        said.append(f"allowlist {'on' if after.allowlist else 'off'}")
    if before.percent != after.percent:
        said.append(f"{before.percent} → {after.percent} %")
    if before.step != after.step and not any("→" in words or "kill" in words for words in said):
        said.append(after.step)
    return ", ".join(said) or f"revision {after.revision}"


def _name(held: Held) -> str:
    return f"■ killed at {held.step}" if held.kill else held.step


def _state(held: Held) -> str:
    if held.kill:
        return "killed"
    return "live" if held.feature and held.allowlist else "stub only"


def _strength(held: Held) -> float:
    """How strongly the interval is coloured: the more jobs may call the model, the more."""
    if held.kill:
        return 0.95
    return 0.18 + 0.72 * held.percent / 100 if _state(held) == "live" else 0.3


def _detail(held: Held) -> str:
    parts = [
        f"revision {held.revision}",
        f"kill {'on' if held.kill else 'off'}",
        f"feature {'on' if held.feature else 'off'}",
        f"allowlist {'on' if held.allowlist else 'off'}",
        f"{held.percent} %",
    ]
    return ", ".join(parts)
