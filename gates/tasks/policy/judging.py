"""The one boundary of the tasks: every call that changes one passes `judge`. Pure and deterministic."""

from typing import assert_never

from gates.policy.intent import Mode
from gates.policy.outcome import Outcome
from gates.tasks.policy.asked import Case
from gates.tasks.policy.decided import Denied, Passed, Repeated, TaskDecision, TaskFinding
from gates.tasks.policy.rules import CALL_RULES, TASK_RULES, TaskRule, repeats


def judge(case: Case) -> TaskDecision:
    """What follows from the rules in this mode.

    A rule that holds in every mode denies whatever the mode; of the others, the mode says what follows.
    """
    about_call = _findings(CALL_RULES, case)
    if (refusal := _refusal(about_call, case.terms.mode)) is not None:
        return refusal
    if repeats(case):
        return Repeated(outcome_of(about_call, case.terms.mode), about_call)
    findings = (*about_call, *_findings(TASK_RULES, case))
    return _refusal(findings, case.terms.mode) or Passed(outcome_of(findings, case.terms.mode), findings)


def _findings(rules: tuple[TaskRule, ...], case: Case) -> tuple[TaskFinding, ...]:
    asked = rules if case.terms.mode is not Mode.OFF else tuple(rule for rule in rules if rule.always)
    answers = ((rule, rule.check(case)) for rule in asked)
    return tuple(
        TaskFinding(rule.code, words, rule.always, rule.on_record) for rule, words in answers if words
    )


def _refusal(findings: tuple[TaskFinding, ...], mode: Mode) -> Denied | None:
    binding = [one for one in findings if one.always or mode is Mode.ENFORCE]
    return Denied(binding[0], findings) if binding else None


def outcome_of(findings: tuple[TaskFinding, ...], mode: Mode) -> Outcome:
    """What findings lead to in this mode."""
    if any(one.always for one in findings):
        return Outcome.BLOCKED
    match mode:
        case Mode.OFF:
            return Outcome.UNCHECKED
        case Mode.SHADOW:
            return Outcome.WOULD_BLOCK if findings else Outcome.ALLOWED
        case Mode.ENFORCE:
            return Outcome.BLOCKED if findings else Outcome.ALLOWED
        case _:
            assert_never(mode)
