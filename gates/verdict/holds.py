"""Why a verdict holds: every reason of DESIGN section 6, in a fixed order, each saying what would end it."""

from collections.abc import Callable

from gates.verdict import bounds
from gates.verdict.broken_lines import (
    NEW_REVISION,
    exposure_unknown,
    gate_audit,
    schema_invalid,
    unexpected_code,
    unplaced,
)
from gates.verdict.evidence import Evidence, KillState
from gates.verdict.kill_confirmation import confirm
from gates.verdict.missing_lines import sample_ratio, silence, volume
from gates.verdict.question import Question
from gates.verdict.verdict import Hold, HoldCode
from gates.verdict.wording import SECOND_NS, count, percent, span

# What arrives between two passes is no backlog: some hundred lines. More, and ingest does not keep up.
_BACKLOG_BYTES = 65_536


def holds(question: Question, evidence: Evidence) -> tuple[Hold, ...]:
    """Every reason that applies now."""
    return tuple(hold for rule in RULES if (hold := rule(question, evidence)) is not None)


def _evidence_old(question: Question, evidence: Evidence) -> Hold | None:
    if evidence.revision != question.revision or evidence.step is not question.step:
        seen = f"{evidence.revision} ({evidence.step})"
        words = f"the evidence is of revision {seen}, not of {question.revision} ({question.step}); ask again"
        return Hold(code=HoldCode.EVIDENCE_OLD, words=words)
    if evidence.number_reused:
        words = (
            f"the history has different controls under the number {evidence.revision}, as after an old store "
            f"was restored: what was seen under them cannot be told apart; {NEW_REVISION}"
        )
        return Hold(code=HoldCode.EVIDENCE_OLD, words=words)
    if evidence.newer_revision is not None:
        words = (
            f"revision {evidence.newer_revision} is in force, this evidence is of revision "
            f"{evidence.revision}; review the one in force"
        )
        return Hold(code=HoldCode.EVIDENCE_OLD, words=words)
    age = (question.now_ns - evidence.until_ns) / SECOND_NS
    if question.until_ns is None and age > question.thresholds.ingest_lag_s:
        return Hold(code=HoldCode.EVIDENCE_OLD, words=f"the evidence ends {span(age)} ago; ask again")
    return None


def _lines_gone(question: Question, evidence: Evidence) -> Hold | None:
    """No verdict over a part of the window."""
    del question
    if evidence.gone_before_ns is None:
        return None
    began_ns = evidence.gone_before_ns if evidence.from_ns is None else evidence.from_ns
    gone = span((evidence.gone_before_ns - began_ns) / SECOND_NS)
    words = (
        f"lines of the first {gone} of the window were deleted by retention, and no verdict is made over the "
        f"rest; {NEW_REVISION}"
    )
    return Hold(code=HoldCode.LINES_GONE, words=words)


def _ingest_behind(question: Question, evidence: Evidence) -> Hold | None:
    ingest, most = evidence.ingest, question.thresholds.ingest_lag_s
    words = None
    if ingest.failure is not None:
        words = f"ingest fails: {ingest.failure}; it ends when a pass succeeds"
    elif ingest.last_pass_ns is None:
        words = "ingest has not run yet; it ends with its first pass"
    elif (lag := (question.now_ns - ingest.last_pass_ns) / SECOND_NS) > most:
        words = f"ingest ran {span(lag)} ago, at most {span(most)} are allowed; it ends with the next pass"
    elif ingest.behind_bytes > _BACKLOG_BYTES:
        words = f"ingest is {ingest.behind_bytes:,} bytes behind; it ends when it has caught up"
    elif ingest.unaudited > 0:
        words = (
            f"{count(ingest.unaudited, 'line')} not audited yet; it ends when the gate audit has caught up"
        )
    return None if words is None else Hold(code=HoldCode.INGEST_BEHIND, words=words)


def _kill_unconfirmed(question: Question, evidence: Evidence) -> Hold | None:
    """A kill that was released again and that telemetry never confirmed: would the next one work?"""
    if evidence.kill is None or evidence.kill.released_ns is None:
        return None
    confirmation = confirm(evidence.kill, question.now_ns, question.thresholds)
    if confirmation.state is KillState.CONFIRMED:
        return None
    words = f"the last kill (revision {evidence.kill.revision}) is {confirmation.sentence}"
    return Hold(code=HoldCode.KILL_UNCONFIRMED, words=f"{words}; it ends with a kill that is confirmed")


def _bad_output(question: Question, evidence: Evidence) -> Hold | None:
    del evidence
    if not question.bad_outputs:
        return None
    first = question.bad_outputs[0]
    rest = f" and {len(question.bad_outputs) - 1} more" if len(question.bad_outputs) > 1 else ""
    words = f"{first.reported_by} reviewed the output of {first.job_id} as bad ({first.reason}){rest}"
    return Hold(code=HoldCode.BAD_OUTPUT, words=f"{words}; it ends when the report is withdrawn")


def _opt_in_jump(question: Question, evidence: Evidence) -> Hold | None:
    """Which jobs opt in is the callers' choice; when that choice changes, the evidence is of other jobs."""
    share, reference = evidence.opt_in_share, question.reference
    if share is None or reference is None or reference.opt_in_share is None or evidence.jobs == 0:
        return None
    before, jump, alpha = (
        reference.opt_in_share,
        question.thresholds.opt_in_jump,
        question.thresholds.fail_alpha,
    )
    opted_in = round(share * evidence.jobs)
    rose = bounds.lower(opted_in, evidence.jobs, alpha) > before + jump
    fell = bounds.upper(opted_in, evidence.jobs, alpha) < before - jump
    if not rose and not fell:
        return None
    words = (
        f"{percent(share, before)} of {count(evidence.jobs, 'job')} opt in, {percent(before)} did under "
        f"revision {reference.revision}, a jump of more than {percent(jump)}; it ends when the share is "
        f"back, or {NEW_REVISION}"
    )
    return Hold(code=HoldCode.OPT_IN_JUMP, words=words)


RULES: tuple[Callable[[Question, Evidence], Hold | None], ...] = (
    _evidence_old,
    _lines_gone,
    _ingest_behind,
    exposure_unknown,
    gate_audit,
    schema_invalid,
    unexpected_code,
    unplaced,
    _kill_unconfirmed,
    silence,
    sample_ratio,
    volume,
    _bad_output,
    _opt_in_jump,
)
