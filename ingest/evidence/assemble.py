"""Gather everything that a verdict looks at, in one snapshot of the store."""

from dataclasses import replace

import duckdb

from gates.verdict.evidence import Evidence, IngestState
from gates.verdict.latency import limits_of
from gates.verdict.question import Question
from ingest.evidence.audited import findings_of, last_lines, verification_of, wrong_in
from ingest.evidence.clocks import clocks_of
from ingest.evidence.digest import digest_of
from ingest.evidence.kills import facts_of_kill
from ingest.evidence.kinds import MOST_VERSIONS, kinds_of
from ingest.evidence.moments import hours_of, percentiles_of, versions_in_use
from ingest.evidence.refused import invalid_in
from ingest.evidence.runs import runs_in
from ingest.evidence.sample import sample_ratio
from ingest.evidence.snapshot import snapshot
from ingest.evidence.specs import new_slice, opt_in_share
from ingest.evidence.tally import tally_of
from ingest.evidence.units import outcomes_of, pooled, unknown_codes, versions_of
from ingest.evidence.unplaced import unplaced_in
from ingest.evidence.window import Window, home_intervals, window_of
from ingest.gate_audit import unaudited
from ingest.recent_jobs import HOUR_NS
from ingest.store.gone import gone_before_ns
from schemas.instant import SECOND
from schemas.stages import STAGE_OF, Stage, Step


def evidence(cursor: duckdb.DuckDBPyConnection, question: Question, ingest: IngestState) -> Evidence:
    """The evidence that `question` asks for; docs/evidence.md says what each number is made of.

    `ingest.unaudited` is counted here, the rest of `ingest` is the caller's. DuckDB's errors leave as
    they are.
    """
    with snapshot(cursor):
        return _evidence(cursor, question, ingest)


def _evidence(cursor: duckdb.DuckDBPyConnection, question: Question, ingest: IngestState) -> Evidence:
    intervals = home_intervals(cursor)
    window = window_of(intervals, question.revision, question.now_ns, question.until_ns)
    limits = limits_of(question)
    tally = tally_of(cursor, window, limits)
    kinds = kinds_of(cursor, window, limits, tally)
    versions = versions_of(kinds, limits, versions_in_use(cursor, window, tally))
    hours = hours_of(tally)
    jobs = kinds.jobs()
    invalid, invalid_openai = invalid_in(cursor, window)
    runs = runs_in(cursor, window)
    wrong = wrong_in(cursor, window)
    verification = verification_of(window, tally, wrong, invalid)
    unplaced = unplaced_in(cursor, window)
    skew_ns = round(question.thresholds.clock_skew_s * SECOND)
    return Evidence(
        revision=question.revision,
        step=question.step,
        from_ns=window.from_ns,
        until_ns=window.until_ns,
        controls=window.controls,
        limits=limits,
        outcomes=outcomes_of(kinds),
        lines=kinds.lines(),
        jobs=jobs,
        stub_jobs=kinds.jobs(lambda kind: kind.path == "stub" and not kind.contradicted),
        probes=tally.lines(lambda group: group.managed and group.is_probe),
        hours=hours.any_line,
        model_hours=hours.to_model,
        jobs_per_hour=jobs * HOUR_NS / window.running_ns if window.running_ns > 0 else None,
        last_line_ns=hours.last_line_ns,
        units=pooled(versions, limits),
        versions=versions,
        new_slice=new_slice(cursor, window, limits) if _broadens(question.step) else None,
        percentiles=percentiles_of(cursor, window, tally),
        unknown_codes=unknown_codes(kinds),
        invalid=invalid,
        invalid_openai=invalid_openai,
        sample=sample_ratio(cursor, window, intervals, kinds, question.thresholds),
        opt_in_share=opt_in_share(cursor, window, kinds),
        findings=findings_of(cursor, window, tally, wrong),
        last_lines=last_lines(tally),
        verification=replace(verification, violations=verification.violations + runs.wrong),
        ingest=replace(ingest, unaudited=unaudited(cursor)),
        kill=facts_of_kill(cursor, intervals, window.until_ns, skew_ns),
        unattributed=unplaced.unattributed,
        newer_revision=window.newer_revision,
        digest=digest_of(question.revision, tally.of_outcomes()),
        clocks=clocks_of(cursor, window, intervals, skew_ns),
        unplaced_openai=unplaced.openai,
        number_reused=window.number_reused,
        versions_together=max(0, kinds.versions - MOST_VERSIONS),
        runs=runs,
        gone_before_ns=_gone(cursor, window),
    )


def _gone(cursor: duckdb.DuckDBPyConnection, window: Window) -> int | None:
    """What retention keeps whatever the days is every window that is in force; an older one loses lines."""
    gone_ns = gone_before_ns(cursor)
    return (
        gone_ns if gone_ns is not None and window.from_ns is not None and window.from_ns < gone_ns else None
    )


def _broadens(step: Step) -> bool:
    """A step that opens a scope; expand-100 opens a percent."""
    return STAGE_OF[step] is Stage.BROADEN and step is not Step.EXPAND_100
