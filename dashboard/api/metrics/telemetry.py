"""The telemetry, the verdict and the budget as metrics, from what was counted and judged last."""

from collections.abc import Iterator
from itertools import accumulate

from prometheus_client.metrics_core import HistogramMetricFamily, Metric
from prometheus_client.utils import floatToGoString

from dashboard.api.metrics.families import PREFIX, counter, gauge, gauges, one_hot
from dashboard.api.metrics.measured import Figures, Judged, Measured, Spent
from gates.verdict.evidence import KillState
from gates.verdict.words import VerdictWord
from ingest.report.totals import BOUNDS_S, OTHER, Outcome
from schemas.codes import OPENAI_CODES, STUB_CODES, Path, Status
from schemas.instant import SECOND

_GROUP = ("step", "path", "status")
NO_STEP = "none"
"""The step of lines that belong to none, as those without a time."""

_EXPECTED: tuple[tuple[str, str, str | None], ...] = (
    *((Path.STUB, Status.STUB, code) for code in (None, *sorted(STUB_CODES), OTHER)),
    (Path.OPENAI, Status.COMPLETED, None),
    *((Path.OPENAI, Status.FAILED, code) for code in (*sorted(OPENAI_CODES), OTHER)),
)
_LE = (*map(floatToGoString, BOUNDS_S), "+Inf")


def of_telemetry(measured: Measured | None, step: str | None) -> Iterator[Metric]:
    """What is known; before anything was counted, or without telemetry, only that. `step` is in force now."""
    up = measured is not None and measured.counted and measured.loaded
    yield gauge("telemetry_up", "Whether the telemetry is loaded and counted; 0: what it says is old.", up)
    if measured is None:
        return
    if measured.loaded_age_s is not None:
        yield gauge("spool_pass_age", "Since the last pass over the spool that succeeded.",
                    measured.loaded_age_s, "seconds")  # fmt: skip
    if measured.figures is not None:
        yield from _of_figures(measured.figures, step)
    yield gauge("verdict_up", "Whether the verdict could be formed at the last try.", measured.looked)
    if measured.judged is not None:
        yield from _of_verdict(measured.judged)
    if measured.spent is not None:
        yield from _of_budget(measured.spent)


def _of_figures(figures: Figures, step: str | None) -> Iterator[Metric]:
    totals = figures.totals
    yield gauge("telemetry_age", "Since the telemetry was counted.", figures.age_s, "seconds")
    yield gauge("telemetry_counting_duration", "How long that took.", figures.took_s, "seconds")
    # A series that begins above 0 hides its first lines from `increase`.
    steps = {step, *(one.step for one in totals.lines)} - {None}
    begun = {Outcome(each, *ending): 0 for each in steps for ending in _EXPECTED}
    yield counter("jobs", "Telemetry lines, one for each run of a job.",
                  _labelled(begun | totals.lines), (*_GROUP, "error_code"))  # fmt: skip
    said = "From the start of a run to its line, within 1 %."
    latency = HistogramMetricFamily(f"{PREFIX}_job_latency", said, labels=_GROUP, unit="seconds")
    for (of_step, path, status), one in totals.latencies.items():
        buckets = list(zip(_LE, map(float, accumulate(one.counts)), strict=True))
        latency.add_metric((_step(of_step), path, status), buckets, one.sum_s)
    yield latency
    yield counter("ingest_records", "Telemetry records by what became of them.",
                  {("accepted",): totals.accepted, ("duplicate",): totals.duplicate,
                   ("quarantined",): totals.quarantined}, ("outcome",))  # fmt: skip
    yield counter("ingest_noise_lines", "Lines that hold no record.", {(): totals.noise_lines})
    yield gauge("ingest_behind", "Of the spool, not read yet.", figures.behind_bytes, "bytes")
    if totals.last_line_ns is not None:
        yield gauge("last_line_timestamp", "The newest line's own time, Unix time.",
                    totals.last_line_ns / SECOND, "seconds")  # fmt: skip
    yield gauges("gate_audit_findings", "Lines that violate the controls of their time, and stand.",
                 "severity", {severity.value: n for severity, n in totals.findings.items()})  # fmt: skip


def _of_verdict(judged: Judged) -> Iterator[Metric]:
    verdict = judged.verdict
    yield one_hot("verdict", "The verdict of the revision in force.", "verdict", VerdictWord, verdict.word)
    yield gauge("verdict_age", "Since the verdict was formed.", judged.age_s, "seconds")
    state = None if verdict.kill is None else verdict.kill.state
    yield one_hot("kill_confirmation", "Whether telemetry confirms the kill; all 0: none is on.", "state",
                  KillState, state)  # fmt: skip


def _of_budget(spent: Spent) -> Iterator[Metric]:
    yield gauge(
        "budget_up", "Whether the budget of the day could be looked at at the last try.", spent.looked
    )
    used = {one.limit.value: float(one.used / one.most) if one.most else 1.0 for one in spent.standings}
    yield gauges("budget_used_ratio", "Used of each limit of the UTC day; at 1 everything is stopped.",
                 "limit", used)  # fmt: skip
    known = {one.limit.value: float(one.unknown is None) for one in spent.standings}
    yield gauges("budget_known", "Whether all that was used of it is known.", "limit", known)


def _labelled(lines: dict[Outcome, int]) -> dict[tuple[str, ...], float]:
    return {(_step(one.step), one.path, one.status, one.code or ""): float(n) for one, n in lines.items()}


def _step(name: str | None) -> str:
    return NO_STEP if name is None else name
