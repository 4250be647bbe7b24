"""One stay closely, from the rollups: what it was made of, in lines. No Streamlit."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from dashboard.data.in_lines import shares
from dashboard.data.queries import Cursor, records
from dashboard.data.stage_detail import STEPS_DRAWN, Detail
from dashboard.data.stay_rollups import COUNTED, EXACTNESS, chosen, took_in
from ingest.evidence import Stay
from ingest.evidence.rows_of import TO_MODEL
from ingest.recent_jobs import HOUR_NS
from ingest.rollups.grain import Grain
from ingest.rollups.reading import Span, counts

MOST_VERSIONS = 50
_HOURS = counts(
    None,
    Grain.HOUR,
    ("executor_version", "path", "status", "error_code", f"{TO_MODEL} AS to_model", "at_ns"),
    COUNTED,
)


@dataclass(slots=True)
class _Version:
    """The lines of one executorVersion, and when the pieces begin that its first and last lie in."""

    runs: int = 0
    openai: int = 0
    failed: int = 0
    first_ns: int | None = None
    last_ns: int | None = None

    def saw(self, at_ns: int | None) -> None:
        """Note a piece that has some of them; null: of lines without a time."""
        if at_ns is not None:
            self.first_ns = at_ns if self.first_ns is None else min(self.first_ns, at_ns)
            self.last_ns = at_ns if self.last_ns is None else max(self.last_ns, at_ns)


def detail_in_lines(cursor: Cursor, stay: Stay) -> Detail:
    """The stay closely: no jobs, and times are those of the minutes they lie in. Raises `QueryTimeout`."""
    took = took_in(cursor, stay)
    curve = pd.DataFrame(shares(took, STEPS_DRAWN), columns=["seconds", "share"])
    outcomes: Counter[tuple[str, str, str | None]] = Counter()
    versions: dict[str, _Version] = {}
    hours: set[int] = set()
    model_hours: set[int] = set()
    for name, path, status, code, to_model, at_ns, lines in _rows(cursor, _HOURS, chosen((stay,))):
        outcomes[path, status, code] += lines
        version = versions.setdefault(name, _Version())
        version.runs += lines
        version.openai += lines if path == "openai" else 0
        version.failed += lines if (path, status) == ("openai", "FAILED") else 0
        version.saw(at_ns)
        if at_ns is not None:
            hours.add(at_ns // HOUR_NS)
            model_hours.update([at_ns // HOUR_NS] if to_model else ())
    timed = _with_times(cursor, stay, versions)
    return Detail(
        outcomes=_outcome_frame(outcomes),
        versions=_version_frame(timed),
        distribution=curve.assign(seconds=curve["seconds"] / 1000, calls=sum(count for _, count in took)),
        hours=len(hours),
        model_hours=len(model_hours),
        first_ns=min((one.first_ns for one in timed.values() if one.first_ns is not None), default=None),
        last_ns=max((one.last_ns for one in timed.values() if one.last_ns is not None), default=None),
        said=EXACTNESS,
    )


def _outcome_frame(outcomes: Mapping[tuple[str, str, str | None], int]) -> pd.DataFrame:
    """`path`, `status`, `error_code`, `runs` and their `share`, most first within a path."""
    total = max(1, sum(outcomes.values()))
    ordered = sorted(
        outcomes.items(), key=lambda one: (one[0][0], -one[1], one[0][1], one[0][2] is None, one[0][2] or "")
    )
    return pd.DataFrame(
        [(*outcome, lines, lines / total) for outcome, lines in ordered],
        columns=["path", "status", "error_code", "runs", "share"],
    )


def _version_frame(versions: Mapping[str, _Version]) -> pd.DataFrame:
    """The lines of each executorVersion, most first, and the minutes of the first and of the last."""
    ordered = sorted(versions.items(), key=lambda one: (-one[1].runs, one[0]))[:MOST_VERSIONS]
    return pd.DataFrame(
        [(name, one.runs, one.openai, one.failed, one.first_ns, one.last_ns) for name, one in ordered],
        columns=["executor_version", "runs", "openai", "failed", "first_ns", "last_ns"],
    ).astype({"runs": "int64", "openai": "int64", "failed": "int64"})


def _with_times(cursor: Cursor, stay: Stay, versions: Mapping[str, _Version]) -> Mapping[str, _Version]:
    """`versions` with the minutes of the first and of the last line in place of their hours."""
    ends = {
        at_ns // HOUR_NS
        for one in versions.values()
        for at_ns in (one.first_ns, one.last_ns)
        if at_ns is not None
    }
    if not ends:
        return versions
    # Of whole hours: it has no edge at which lines would be read, or may be gone.
    span = Span(min(ends) * HOUR_NS, (max(ends) + 1) * HOUR_NS)
    which = f"{COUNTED} AND list_contains($hours::BIGINT[], at_ns // {HOUR_NS})"
    minutes = counts(span, Grain.MINUTE, ("executor_version", "at_ns"), which)
    timed = {name: _Version(one.runs, one.openai, one.failed) for name, one in versions.items()}
    for name, at_ns, _ in _rows(cursor, minutes, {**chosen((stay,)), "hours": sorted(ends)}):
        if name in timed:  # else its first line came after the hours were read
            timed[name].saw(at_ns)
    return timed


def _rows(cursor: Cursor, query: str, parameters: Mapping[str, object]) -> Iterable[tuple[Any, ...]]:
    return (tuple(row.values()) for row in records(cursor, query, parameters))
