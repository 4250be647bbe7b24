"""docs/reason-codes.md knows every code, and says of it what the rules say."""

import re
from pathlib import Path

import pytest

from gates.policy.intent import Moment
from gates.policy.outcome import Outcome, ReasonCode
from gates.policy.rules import ACKNOWLEDGING_RULES, NARROWING_RULES, RULES, TIGHTENING_RULES
from gates.tasks.policy.decided import TaskReason

TEXT = (Path(__file__).parents[3] / "docs" / "reason-codes.md").read_text(encoding="utf-8")
SECTIONS = {
    section.split("\n", 1)[0].strip(): section.split("\n", 1)[1]
    for section in re.split(r"^### ", TEXT, flags=re.MULTILINE)[1:]
}
EVERY_RULE = (*NARROWING_RULES, *TIGHTENING_RULES, *ACKNOWLEDGING_RULES, *RULES)


def holds(code: ReasonCode) -> str:
    rules = [rule for rule in EVERY_RULE if rule.code is code]
    (source,) = {rule.source for rule in rules}
    moments = ", ".join(moment for moment in Moment if any(moment in rule.moments for rule in rules))
    modes = {
        frozenset({True}): "in every mode",
        frozenset({False}): "as the mode says",
        frozenset({True, False}): "in every mode for what one person may do alone, else as the mode says",
    }[frozenset(rule.always for rule in rules)]
    return f"{source} · {moments} · {modes}"


@pytest.mark.parametrize("code", ReasonCode)
def test_every_code_is_explained(code: ReasonCode) -> None:
    section = SECTIONS[code]
    first, rest = section.split("\n", 1)
    assert first == holds(code)
    assert "\n**Next:** " in rest


def test_no_code_is_explained_that_does_not_exist() -> None:
    assert set(SECTIONS) == {code.value for code in ReasonCode}
    assert set(re.findall(r"\bE_[A-Z_]+", TEXT)) == {code.value for code in (*ReasonCode, *TaskReason)}


@pytest.mark.parametrize("outcome", Outcome)
def test_every_outcome_is_explained(outcome: Outcome) -> None:
    assert f"| `{outcome}` |" in TEXT


def test_codes_are_only_ever_appended() -> None:
    """What has been published: this list grows at its end and changes nowhere else."""
    published = """
        E_ROLE E_NO_CHANGE E_ZERO_OPENS_GATE E_BASE_REVISION E_REASON_REQUIRED E_DECISION_RECORD
        E_ONE_DIMENSION E_ENABLE_ORDER E_SMALLEST_SCOPE E_STEP_SKIPPED E_SCOPE_FROZEN E_PERCENT_FROZEN
        E_BROADEN_FIRST E_STEADY_CRITERIA E_BREAK_GLASS E_MODE_CHECKS E_ROLLED_BACK E_NOT_VERIFIED
        E_NOT_EXPAND E_EVIDENCE_STALE E_EVIDENCE_WORSE E_REQUEST_CLOSED E_REQUEST_EXPIRED E_OWN_APPROVAL
        E_APPROVAL_MISSING E_APPROVER_ADDED E_STEP_NAME E_LAST_ADMIN E_DRILL
    """
    assert [code.value for code in ReasonCode] == published.split()
