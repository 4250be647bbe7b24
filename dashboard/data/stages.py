# ruff: noqa: S608 -- constants put together; values are always parameters
"""The stays on steps: which there were, and what the telemetry shows of each. No Streamlit.

The counts are those of the verdict: managed lines, no probes, a job under one revision and
executorVersion is one unit. Which stays there are costs one pass over two narrow columns, in a large
record over the rollups; what one stay showed reads the lines of that stay alone, so a stay that is over
is asked for once.
"""

from dataclasses import dataclass

from dashboard.data.in_lines import EXACT, InLines, OutcomeLines
from dashboard.data.lines import READ_UP_TO, is_rolled
from dashboard.data.queries import Cursor, records
from dashboard.data.time_limit import LONGEST_SECONDS, time_limit
from dashboard.data.timeline import FEWEST_FOR_PERCENTILES
from gates.verdict.thresholds import Thresholds
from ingest.evidence import Stay, StepWindow, stays, step_windows
from ingest.evidence.rows_of import TO_MODEL
from ingest.evidence.steps import COUNTED
from ingest.history.controls import HOME
from ingest.rollups.grain import Grain
from ingest.rollups.reading import counts
from ingest.rollups.upkeep import is_complete
from ingest.store.gone import gone_before_ns

_HISTORIES = (
    "SELECT DISTINCT history_id FROM control_interval "
    "WHERE history_id = 'home' OR history_id IN (SELECT history_id FROM source)"
)
_LINES = (
    "SELECT s.history_id, t.interval_no, count(*) AS lines FROM telemetry t JOIN source s USING (source_id) "
    "WHERE t.interval_no IS NOT NULL AND s.history_id IS NOT NULL GROUP BY ALL"
)
_ROLLED_LINES = counts(
    None, Grain.HALF_DAY, ("history_id", "interval_no"), "interval_no IS NOT NULL AND history_id IS NOT NULL"
)
_FOUND = (
    "SELECT history_id, interval_no, code, severity, count(*) FILTER (explained_by IS NULL) AS lines, "
    "count(explained_by) AS excused FROM gate_finding WHERE interval_no IS NOT NULL GROUP BY ALL"
)
_POINTS = f"""
SELECT latency_ms FROM telemetry WHERE interval_no IN (SELECT unnest($numbers::INTEGER[])) AND {COUNTED}
    AND {TO_MODEL} AND status = 'COMPLETED' ORDER BY latency_ms LIMIT {FEWEST_FOR_PERCENTILES:d}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Gate-audit findings of one code: `lines` that are violations, `excused` ones in grace."""

    code: str
    severity: str
    lines: int
    excused: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedStay:
    """A stay with its `name` in addresses, how many lines fell into it, and what the gate audit found.

    `rolled`: its lines are gone, or too many to be read while somebody waits, and rollups answer.
    `gone_before_ns`: lines of it from before then are gone, and with them its jobs; null: it has them all.
    """

    name: str
    stay: Stay
    lines: int
    found: tuple[Found, ...]
    rolled: bool = False
    gone_before_ns: int | None = None

    @property
    def of_home(self) -> bool:
        """Whether it is of the home's own controls, not of a history that was brought in."""
        return self.stay.history == HOME


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What a stay showed. `points` are its latencies in ms where they are too few for percentiles.

    `asked_ns` is when it was asked for, epoch nanoseconds.
    """

    window: StepWindow
    points: tuple[float, ...]
    asked_ns: int

    @property
    def in_lines(self) -> InLines:
        """The same without jobs."""
        outcomes = tuple(
            OutcomeLines(path=one.path, status=one.status, error_code=one.error_code, lines=one.lines)
            for one in self.window.outcomes
        )
        three = (self.window.p50, self.window.p95, self.window.p99)
        return InLines(outcomes=outcomes, three=three, points=self.points, said=EXACT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounded:
    """`failed` of `units`, and between which rates the data leaves the true one: the verdict's bounds."""

    failed: int
    units: int
    lower: float
    upper: float


def bounded(failed: int, units: int, thresholds: Thresholds) -> Bounded:
    """L at the alpha of a stop, U at the alpha of an expansion, as the verdict takes them."""
    from gates.verdict import bounds

    return Bounded(
        failed=failed,
        units=units,
        lower=bounds.lower(failed, units, thresholds.fail_alpha) if units else 0.0,
        upper=bounds.upper(failed, units, thresholds.pass_alpha) if units else 1.0,
    )


def listed(cursor: Cursor) -> tuple[ListedStay, ...]:
    """Every stay of the home and of the histories brought in, newest first. Raises `QueryTimeout`."""
    names = sorted(row["history_id"] for row in records(cursor, _HISTORIES))
    gone_ns, is_counted = gone_before_ns(cursor), is_complete(cursor)
    query = _ROLLED_LINES if is_rolled(cursor) else _LINES
    lines = {(row["history_id"], row["interval_no"]): row["lines"] for row in records(cursor, query)}
    found: dict[tuple[str, int], list[Found]] = {}
    for row in records(cursor, _FOUND):
        place = (row.pop("history_id"), row.pop("interval_no"))
        found.setdefault(place, []).append(Found(**row))
    listing: list[ListedStay] = []
    for stay in sorted((s for name in names for s in stays(cursor, name)), key=lambda s: s.from_ns):
        places = [(stay.history, number) for number in stay.intervals]
        count = sum(lines.get(place, 0) for place in places)
        has_lost = gone_ns is not None and stay.from_ns < gone_ns and count > 0
        listing.append(
            ListedStay(
                name=_name(stay, {one.name for one in listing}),
                stay=stay,
                lines=count,
                found=_summed([one for place in places for one in found.get(place, ())]),
                rolled=is_counted and (has_lost or count > READ_UP_TO),
                gone_before_ns=gone_ns if has_lost else None,
            )
        )
    return tuple(reversed(listing))


def figures(cursor: Cursor, stay: Stay, now_ns: int) -> Figures:
    """What `stay` showed, as of `now_ns`. Raises `QueryTimeout`."""
    with time_limit(cursor, LONGEST_SECONDS):
        (window,) = step_windows(cursor, stay.history, (stay.number,))
        points: tuple[float, ...] = ()
        if 0 < window.completed < FEWEST_FOR_PERCENTILES:
            parameters = {"numbers": list(stay.intervals), "history": stay.history}
            points = tuple(row[0] for row in cursor.execute(_POINTS, parameters).fetchall())
    few = points if len(points) < FEWEST_FOR_PERCENTILES else ()
    return Figures(window=window, points=few, asked_ns=now_ns)


def named(listing: tuple[ListedStay, ...], asked: str) -> ListedStay | None:
    """The stay of that name; a step alone means its newest stay. Null where there is none."""
    return next((one for one in listing if one.name == asked or one.stay.step.value == asked), None)


def _name(stay: Stay, taken: set[str]) -> str:
    """`expand-10@17`: the step and its first revision; a history brought in is told apart."""
    history = "" if stay.history == HOME else f"~{stay.history.partition(':')[2][:8] or stay.history[:8]}"
    base = f"{stay.step.value}@{stay.revisions[0]}{history}"
    name, number = base, 1
    while name in taken:  # the numbers of revisions began anew, as after an old store was put back
        number += 1
        name = f"{base}.{number}"
    return name


def _summed(found: list[Found]) -> tuple[Found, ...]:
    order = ("critical", "high", "medium", "low")
    kinds = sorted({(order.index(one.severity), one.severity, one.code) for one in found})
    return tuple(
        Found(
            code=code,
            severity=severity,
            lines=sum(one.lines for one in found if one.code == code and one.severity == severity),
            excused=sum(one.excused for one in found if one.code == code and one.severity == severity),
        )
        for _, severity, code in kinds
    )
