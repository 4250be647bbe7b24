"""The one boundary: every change passes `review`. Pure and deterministic."""

from typing import assert_never

from gates.policy.diff import Delta, diff, widens
from gates.policy.evidence import ReviewEvidence
from gates.policy.intent import (
    Acknowledgement,
    Change,
    ControlsChange,
    DrillChange,
    Intent,
    Mode,
    ModeChange,
    OperatorChange,
    ThresholdsChange,
)
from gates.policy.ladder_steps import names_its_step
from gates.policy.next_step import next_legal_step
from gates.policy.outcome import Finding, Outcome, PolicyDecision
from gates.policy.rules import (
    ACKNOWLEDGING_RULES,
    NARROWING_RULES,
    RULES,
    TIGHTENING_RULES,
    Case,
    Rule,
)
from gates.policy.spending_change import SpendingChange
from gates.policy.state import State
from schemas.stages import Step

_STRICTNESS = {Mode.OFF: 0, Mode.SHADOW: 1, Mode.ENFORCE: 2}


def review(intent: Intent, state: State, evidence: ReviewEvidence, now_ns: int) -> PolicyDecision:
    """Judge an intent by the rules that apply to it.

    A narrowing, more enforcement, less power, stricter limits and an acknowledgement are judged by their
    few rules in every mode; everything else by `RULES`, as far as the enforcement mode asks for it.
    """
    change = intent.change
    deltas = _deltas(change, state)
    gives = gives_more(change, state, deltas)
    case = Case(intent=intent, change=change, state=state, evidence=evidence, now_ns=now_ns, deltas=deltas)
    answers = (
        (rule, rule.check(case)) for rule in _rules_for(change, gives) if intent.moment in rule.moments
    )
    findings = tuple((rule, Finding(rule.code, words, rule.source)) for rule, words in answers if words)
    return PolicyDecision(
        outcome=_outcome(findings, state.mode, gives),
        findings=tuple(finding for rule, finding in findings if rule.always or state.mode is not Mode.OFF),
        deltas=deltas,
        next_step=next_legal_step(state),
    )


def gives_more(change: Change, state: State, deltas: tuple[Delta, ...]) -> bool:
    """Whether two people are needed: more exposure, another step's name, less enforcement, more power,
    laxer limits, a drill.
    """
    match change:
        case ControlsChange(break_glass=True):
            return True  # it is asked for as a release, whatever it would do
        case ControlsChange(after=after):
            to_steady = after.step is Step.STEADY and state.current.step is not Step.STEADY
            return widens(deltas) or to_steady or not names_its_step(state.current, after, deltas)
        case ModeChange(mode=mode):
            return _STRICTNESS[mode] < _STRICTNESS[state.mode]
        case OperatorChange(grants=grants):
            return grants
        case ThresholdsChange(loosens=loosens) | SpendingChange(loosens=loosens):
            return bool(loosens)
        case Acknowledgement():
            return False
        case DrillChange():
            return True
        case _:
            assert_never(change)


def asks_for_evidence(change: Change, state: State) -> bool:
    """Whether a rule that applies may ask what telemetry shows. What takes away waits for none."""
    return isinstance(change, Acknowledgement) or gives_more(change, state, _deltas(change, state))


def _deltas(change: Change, state: State) -> tuple[Delta, ...]:
    return diff(state.current, change.after) if isinstance(change, ControlsChange) else ()


def _rules_for(change: Change, gives: bool) -> tuple[Rule, ...]:
    if gives:
        return RULES
    match change:
        case ControlsChange():
            return NARROWING_RULES
        case Acknowledgement():
            return ACKNOWLEDGING_RULES
        case _:
            return TIGHTENING_RULES


def _outcome(findings: tuple[tuple[Rule, Finding], ...], mode: Mode, gives: bool) -> Outcome:
    if any(rule.always for rule, _ in findings):
        return Outcome.BLOCKED
    match mode:
        case Mode.OFF:
            return Outcome.UNCHECKED if gives else Outcome.ALLOWED
        case Mode.SHADOW:
            return Outcome.WOULD_BLOCK if findings else Outcome.ALLOWED
        case Mode.ENFORCE:
            return Outcome.BLOCKED if findings else Outcome.ALLOWED
        case _:
            assert_never(mode)
