"""What EXPAND asks for besides the checks, and what fails: dwell, hours, jobs; breaches and failed checks."""

from collections.abc import Iterator, Sequence

from gates.verdict.evidence import Evidence, Severity
from gates.verdict.question import Question
from gates.verdict.thresholds import StepThresholds
from gates.verdict.verdict import Check, CheckState
from gates.verdict.wording import SECOND_NS, count, span
from schemas.codes import Path


def missing(question: Question, evidence: Evidence) -> tuple[str, ...]:
    """Everything that EXPAND still lacks besides the checks, in words; empty when it lacks nothing."""
    asks = question.thresholds.steps.get(question.step)
    if asks is None:
        return (f"step {question.step} has no thresholds: it can be watched, not expanded",)
    if evidence.controls is None:
        return (f"revision {question.revision} has not taken effect",)
    live = _baseline(asks, evidence) if asks.failures is None else _live(asks, evidence)
    return (*_dwell(asks, evidence, evidence.controls.effective_ns), *live)


def stops(evidence: Evidence, checks: Sequence[Check], *, baseline: bool) -> tuple[str, ...]:
    """What fails now, the worst first: exposure against the controls, results, rates above their limits."""
    breaches = [
        f"{finding.code}: {count(finding.lines, 'line')} of {count(finding.jobs, 'job')} against the controls"
        for finding in evidence.findings
        if finding.severity is Severity.CRITICAL and finding.lines > 0
    ]
    # Lines not audited yet may be in grace; they hold meanwhile, and the audit names what is none.
    if baseline and not breaches and not evidence.ingest.unaudited and (lines := unexcused(evidence)):
        breaches = [f"{count(lines, 'line')} of path openai at the baseline, where none may reach the model"]
    failed = (check.words for check in checks if check.state is CheckState.FAIL)
    return (*breaches, *_results(evidence), *failed)


def _results(evidence: Evidence) -> Iterator[str]:
    """Results that the plans allow none of: an output schema failure, or two stories about one job."""
    runs = evidence.runs
    for number, words in (
        (runs.invalid, "gave a result that breaks its contract"),
        (runs.missing, "went well and gave no result"),
        (runs.contradicting, "gave a result that contradicts its telemetry line"),
    ):
        if number:
            yield f"{number:,} of {count(runs.judged, 'run')} under exec {words}"


def openai_lines(evidence: Evidence) -> int:
    """Lines of path openai in the window."""
    return sum(outcome.lines for outcome in evidence.outcomes if outcome.path == Path.OPENAI)


def unexcused(evidence: Evidence) -> int:
    """Those of them that no grace of the gate audit explains: clock skew, a publication under way."""
    excused = sum(f.excused for f in evidence.findings if f.severity is Severity.CRITICAL)
    return max(0, openai_lines(evidence) - excused)


def _dwell(asks: StepThresholds, evidence: Evidence, since_ns: int) -> Iterator[str]:
    stood = (evidence.until_ns - since_ns) / SECOND_NS
    if stood < asks.dwell_s:
        left = span(asks.dwell_s - max(0.0, stood))
        yield f"{left} of the {span(asks.dwell_s)} that the revision must stand"


def _baseline(asks: StepThresholds, evidence: Evidence) -> Iterator[str]:
    if evidence.stub_jobs < asks.min_jobs:
        more = count(asks.min_jobs - evidence.stub_jobs, "more stub job")
        yield f"{more} ({evidence.stub_jobs:,} of {asks.min_jobs:,})"
    if evidence.hours < asks.min_hours:
        yield f"lines in {count(asks.min_hours, 'distinct hour')} ({evidence.hours} so far)"
    if openai_lines(evidence):
        yield f"no line of path openai ({openai_lines(evidence):,} seen)"


def _live(asks: StepThresholds, evidence: Evidence) -> Iterator[str]:
    jobs = evidence.units.jobs
    if jobs < asks.min_jobs:
        more = count(asks.min_jobs - jobs, "more job")
        yield f"{more} that reach the model ({jobs:,} of {asks.min_jobs:,})"
    if evidence.model_hours < asks.min_hours:
        yield f"jobs in {count(asks.min_hours, 'distinct hour')} ({evidence.model_hours} so far)"
    for name, limit, over in (
        ("p50", evidence.limits.p50_ms, evidence.units.over_p50),
        ("p95", evidence.limits.p95_ms, evidence.units.over_p95),
    ):
        if limit is None or over is None:
            yield f"a {name} latency limit: there is no budget, and no approved window to compare with"
    if evidence.versions_together:
        together = count(evidence.versions_together, "executorVersion")
        yield f"each version by itself: {together} of the window are counted together, they are too many"
    new = evidence.new_slice
    if asks.slice_failures is not None and (new is None or not new.visible or new.units is None):
        why = new.why if new is not None and new.why else "no job specs of it are known"
        yield f"the new slice: slice not visible, {why}"
