"""The next action of a verdict, with the exact command."""

from typing import assert_never

from gates.verdict.evidence import ControlsInForce, KillState
from gates.verdict.grounds import Grounds
from gates.verdict.verdict import HoldCode, Readiness
from gates.verdict.words import VerdictWord
from schemas.stages import Step

TERMS = '--reason "…" --decision-record LINK'
ACK = '`slotgate ack --reason "…"`'
_DOWN_TO = {
    Step.CANARY_5: 1,
    Step.EXPAND_10: 5,
    Step.EXPAND_25: 10,
    Step.EXPAND_50: 25,
    Step.EXPAND_100: 50,
    Step.STEADY: 50,
}
# What may be proposed on EXPAND, or with an exception on NOT ENOUGH DATA.
_UP = {
    Step.CANARY_1: "--percent 5",
    Step.CANARY_5: "--percent 10",
    Step.EXPAND_10: "--percent 25",
    Step.EXPAND_25: "--percent 50",
    Step.EXPAND_50: "--allowlist FILE",
    **dict.fromkeys((step for step in Step if step.startswith("broaden-")), "--percent 100"),
    Step.EXPAND_100: "--steady",
}
_ENDS = {
    HoldCode.SCHEMA_INVALID: "`slotgate report` counts quarantined records by cause; mend what wrote them",
    HoldCode.EXPOSURE_UNKNOWN: "`slotgate report` counts what says path openai; find out what those jobs did",
    HoldCode.UNEXPECTED_CODE: "`slotgate report` counts them; find out what the executor means by them",
    HoldCode.SILENCE: "see whether executors run and their lines arrive: `slotgate probe`, `slotgate doctor`",
    HoldCode.VOLUME: "find out where the jobs went: `slotgate report`",
    HoldCode.SAMPLE_RATIO: "find where lines are lost, at the executor or on the way: `slotgate report`",
    HoldCode.GATE_AUDIT: "`slotgate gate-audit --lines` shows them; mend the executor that wrote them",
    HoldCode.KILL_UNCONFIRMED: "prove that the kill works: `slotgate drill kill`",
    HoldCode.INGEST_BEHIND: "see what keeps ingest: `slotgate doctor`; by hand: `slotgate ingest load PATH`",
    HoldCode.EVIDENCE_OLD: "`slotgate review`",
    HoldCode.OPT_IN_JUMP: "ask the callers which jobs opt in now, and why",
    HoldCode.BAD_OUTPUT: 'look at it; `slotgate report-bad JOBID --withdraw --reason "…"` takes it back',
    HoldCode.LINES_GONE: "make a new revision, which starts the count anew; `slotgate retention show`",
    HoldCode.UNPLACED: "`slotgate report` counts lines in no step by reason; mend what wrote them",
}


def next_action(word: VerdictWord, grounds: Grounds) -> str:
    """What to do now. What a past revision shows is no reason to act on the one in force."""
    newer = grounds.evidence.newer_revision
    if newer is not None:
        return f"none here: revision {newer} is in force, `slotgate review` judges it"
    match word:
        case VerdictWord.KILLED:
            return _while_killed(grounds)
        case VerdictWord.ROLL_BACK:
            return _back(grounds.question.step) if grounds.stops else f"find the cause, then {ACK}"
        case VerdictWord.HOLD:
            return _ENDS[grounds.holds[0].code]
        case VerdictWord.EXPAND:
            return _on(grounds.question.step)
        case VerdictWord.NOT_ENOUGH_DATA:
            return _wait(grounds.question.step)
        case _:
            assert_never(word)


def _on(step: Step) -> str:
    if step is Step.BASELINE:
        return '`slotgate kill --reason "enable sequence, step 1"`'
    if step not in _UP:
        return "none: the rollout is steady; keep looking"
    further = ", or broaden another dimension" if step.startswith("broaden-") else ""
    return f"`slotgate propose {_UP[step]} {TERMS}`{further}"


def _wait(step: Step) -> str:
    if step not in _UP:
        return "wait for jobs; `slotgate review` tells when they are enough"
    return (
        "leave the step as it is and wait for jobs; or two people sign the bound: "
        f'`slotgate propose {_UP[step]} --exception "…" {TERMS}`'
    )


def _back(step: Step) -> str:
    down = _DOWN_TO.get(step)
    if down is not None:
        narrow = f' or `slotgate propose --percent {down} --reason "…"`'
    else:
        narrow = ' or `slotgate revert --reason "…"`' if step.startswith("broaden-") else ""
    return f"`slotgate kill`{narrow}; then find the cause and {ACK}"


def _while_killed(grounds: Grounds) -> str:
    question, evidence = grounds.question, grounds.evidence
    if grounds.kill is not None and grounds.kill.state is KillState.BREACHED:
        return (
            "end the executors that go on calling, or set SLOTGEN_AI_KILL=true for them; "
            "`slotgate gate-audit --lines` shows theirs"
        )
    if evidence.controls is not None and evidence.controls.removed:
        return "`slotgate doctor`, to see why the control file is gone"
    if question.latched is not None:
        return f"find the cause of the ROLL BACK, then {ACK}"
    match grounds.readiness:
        case Readiness.FAILED:
            return "`slotgate gate-audit --lines` shows what disobeys; mend it before anything is released"
        case Readiness.NOT_ENOUGH:
            lack = question.thresholds.verification_lines - evidence.verification.lines
            return f"verify: `slotgate probe --count {lack}`" if lack > 0 else "`slotgate doctor`"
        case Readiness.PASSED:
            return f"when the cause is settled: {_release(question.step, evidence.controls)}"
        case _:
            assert_never(grounds.readiness)


def _release(step: Step, controls: ControlsInForce | None) -> str:
    """The next step of the enable sequence; from a live step the release of the kill."""
    if step is Step.BASELINE and controls is not None:
        if not controls.feature:
            return f"`slotgate propose --feature on {TERMS}`"
        if not controls.allowlist:
            return f"`slotgate propose --allowlist FILE {TERMS}`"
        if controls.percent == 0:
            return f"`slotgate propose --percent 1 {TERMS}`"
    return f"`slotgate unkill {TERMS}`"
