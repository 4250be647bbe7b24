"""Two stays side by side, in words: what differs, how sure that is, and what it cannot say. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from dashboard.data import format as words
from dashboard.data.in_lines import InLines
from dashboard.data.stages import Bounded
from dashboard.data.timeline import FEWEST_FOR_PERCENTILES
from gates.verdict.wording import percent

PERCENTILES = ("p50", "p95", "p99")
CAVEAT = (
    "A before/after comparison, not an experiment: nobody drew lots between the two. Time of day, the mix of "
    "jobs and the provider may differ as well as the step, so a difference does not say what caused it."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One of the two: its name, what it showed, its failures in jobs, its lines by executorVersion."""

    name: str
    lines: InLines
    failures: Bounded
    versions: Mapping[str, int]
    hours: int


def differences(this: Side, other: Side) -> tuple[str, ...]:
    """Sentences, most important first: failures, latency, share, codes, and what else was not the same."""
    said = [
        _failures(this, other),
        *(_percentile(this, other, name) for name in PERCENTILES),
        _share(this, other),
        _codes(this, other),
        _versions(this, other),
        _hours(this, other),
    ]
    return tuple(one for one in said if one)


def _failures(this: Side, other: Side) -> str:
    a, b = this.failures, other.failures
    if not a.units or not b.units:
        none = " and ".join(side.name for side in (this, other) if not side.failures.units)
        return f"Failures: no job reached the model in {none}, so there is nothing to compare."
    rates = f"{_rate(a)} in {this.name}, {_rate(b)} in {other.name}"
    points = 100 * (b.failed / b.units - a.failed / a.units)
    if a.upper < b.lower or b.upper < a.lower:
        sign = "more" if points > 0 else "fewer"
        return (
            f"Failures: {rates}: {abs(points):.1f} points {sign} in {other.name}; the bounds do not overlap."
        )
    return (
        f"Failures: {rates}. The bounds ({_span(a)} and {_span(b)}) overlap: "
        "these numbers alone do not tell the two apart."
    )


def _rate(one: Bounded) -> str:
    return f"{one.failed:,} of {one.units:,} failed ({percent(one.failed / one.units)})"


def _span(one: Bounded) -> str:
    return f"{percent(one.lower)} to {percent(one.upper)}"


def _percentile(this: Side, other: Side, name: str) -> str:
    place = PERCENTILES.index(name)
    a, b = (side.lines.three[place] for side in (this, other))
    if a is None or b is None:
        return ""
    n = (this.lines.completed, other.lines.completed)
    if min(n) < FEWEST_FOR_PERCENTILES:
        if name != "p50":
            return ""
        few = this.name if n[0] <= n[1] else other.name
        return (
            f"Latency: {min(n):,} completed calls in {few} are too few for percentiles; see the points below."
        )
    change = b - a
    longer = "longer" if change > 0 else "shorter"
    how = "the same" if change == 0 else f"{words.latency(abs(change))} {longer}"
    return f"{name}: {words.latency(a)} → {words.latency(b)}, {how} (n {n[0]:,} and {n[1]:,})."


def _share(this: Side, other: Side) -> str:
    a, b = this.lines, other.lines
    if not a.runs or not b.runs:
        none = " and ".join(side.name for side in (this, other) if not side.lines.runs)
        return f"openai share: no run in {none}."
    return (
        f"openai share: {words.share(a.openai, a.runs)} of {a.runs:,} runs → "
        f"{words.share(b.openai, b.runs)} of {b.runs:,}."
    )


def _codes(this: Side, other: Side) -> str:
    new = [code for code in other.lines.codes if code not in this.lines.codes]
    gone = [code for code in this.lines.codes if code not in other.lines.codes]
    parts = []
    if new:
        parts.append(f"only in {other.name}: {', '.join(new)}")
    if gone:
        parts.append(f"only in {this.name}: {', '.join(gone)}")
    return f"errorCodes of failures {'; '.join(parts)}." if parts else ""


def _versions(this: Side, other: Side) -> str:
    if not this.versions or not other.versions or set(this.versions) == set(other.versions):
        return ""
    listed = " → ".join(", ".join(sorted(side.versions)) for side in (this, other))
    return f"The executorVersions were not the same: {listed}."


def _hours(this: Side, other: Side) -> str:
    if max(this.hours, other.hours) < 2 * max(1, min(this.hours, other.hours)):
        return ""
    return f"The times are of unlike length: lines in {this.hours:,} and in {other.hours:,} distinct hours."
