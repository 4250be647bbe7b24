"""One row a decision: the controls, the job, and what the gates must answer."""

from dataclasses import replace
from typing import Any

import pytest

from gates.decision import (
    Admitted,
    Denied,
    Gate,
    Slot,
    as_record,
    compile_controls,
    decide,
    explain,
    unknown_controls,
)
from gates.decision.checks import CHECKS
from tests.gates.decision.builders import allowlist, controls, job, rule

NOBODY = allowlist(enabled=False)
DENIALS: list[tuple[str, dict[str, Any], dict[str, Any], Gate, str | None]] = [
    ("kill on", {"kill": True}, {}, Gate.KILL_SWITCH, "KILL_SWITCH"),
    ("feature off", {"feature": False}, {}, Gate.FEATURE_FLAG, None),
    ("no opt-in", {}, {"allow_ai": False}, Gate.JOB_OPT_IN, "NOT_ALLOWLISTED"),
    ("allowlist disabled", {"allowlist": NOBODY}, {}, Gate.ALLOWLIST, "NOT_ALLOWLISTED"),
    ("no rules", {"allowlist": allowlist()}, {}, Gate.ALLOWLIST, "NOT_ALLOWLISTED"),
    ("rule disabled", {"allowlist": allowlist(rule(enabled=False))}, {}, Gate.ALLOWLIST, "NOT_ALLOWLISTED"),
    ("other subject", {}, {"subject": "Physics"}, Gate.ALLOWLIST, "NOT_ALLOWLISTED"),
    ("other level", {}, {"level": "A-Level"}, Gate.ALLOWLIST, "NOT_ALLOWLISTED"),
    ("other board", {}, {"board": "OCR"}, Gate.ALLOWLIST, "NOT_ALLOWLISTED"),
    ("other spec", {}, {"spec_version": "v2"}, Gate.ALLOWLIST, "NOT_ALLOWLISTED"),
    ("other kind", {}, {"slots": (Slot("S1", "statutory"),)}, Gate.ALLOWLIST, "NOT_ALLOWLISTED"),
    (
        "other slot",
        {"allowlist": allowlist(rule(slotIds=["S2"]))},
        {},
        Gate.ALLOWLIST,
        "NOT_ALLOWLISTED",
    ),
    (
        "over the job budget",
        {},
        {"slots": (Slot("S1", "explanatory"),) * 4},
        Gate.ALLOWLIST,
        "NOT_ALLOWLISTED",
    ),
    (
        "one slot of several not permitted",
        {},
        {"slots": (Slot("S1", "explanatory"), Slot("S2", "statutory"))},
        Gate.ALLOWLIST,
        "NOT_ALLOWLISTED",
    ),
    ("no slots at all", {}, {"slots": ()}, Gate.ALLOWLIST, "NOT_ALLOWLISTED"),
    ("bucket at the percent", {"percent": 43}, {}, Gate.ROLLOUT, "ROLLOUT_EXCLUDED"),
    ("percent 0", {"percent": 0}, {}, Gate.ROLLOUT, "ROLLOUT_EXCLUDED"),
    # Order: each row closes its own gate and every later one; the earlier gate must speak.
    (
        "kill before all",
        {"kill": True, "feature": False, "allowlist": NOBODY, "percent": 0},
        {"allow_ai": False},
        Gate.KILL_SWITCH,
        "KILL_SWITCH",
    ),
    (
        "feature before opt-in, allowlist, rollout",
        {"feature": False, "allowlist": NOBODY, "percent": 0},
        {"allow_ai": False},
        Gate.FEATURE_FLAG,
        None,
    ),
    (
        "opt-in before allowlist, rollout",
        {"allowlist": NOBODY, "percent": 0},
        {"allow_ai": False},
        Gate.JOB_OPT_IN,
        "NOT_ALLOWLISTED",
    ),
    (
        "allowlist before rollout",
        {"allowlist": NOBODY, "percent": 0},
        {},
        Gate.ALLOWLIST,
        "NOT_ALLOWLISTED",
    ),
]


@pytest.mark.parametrize(
    ("name", "changes", "job_changes", "gate", "code"), DENIALS, ids=[row[0] for row in DENIALS]
)
def test_denials(
    name: str, changes: dict[str, Any], job_changes: dict[str, Any], gate: Gate, code: str | None
) -> None:
    decision = decide(compile_controls(controls(**changes), "test"), job(**job_changes))
    assert isinstance(decision, Denied)
    assert (decision.gate, decision.error_code) == (gate, code)
    assert decision.reason
    assert decision.rule_id == ("r1" if gate is Gate.ROLLOUT else None)


ADMISSIONS: list[tuple[str, dict[str, Any], dict[str, Any], str]] = [
    ("all open", {}, {}, "r1"),
    ("bucket just below the percent", {"percent": 44}, {}, "r1"),
    ("percent 0 means everyone", {"percent": 0, "rolloutZero": "everyone"}, {}, "r1"),
    ("slot listed", {"allowlist": allowlist(rule(slotIds=["S0", "S1"]))}, {}, "r1"),
    ("as many jobs as the budget", {}, {"slots": (Slot("S1", "explanatory"),) * 3}, "r1"),
    ("smallest id of several rules", {"allowlist": allowlist(rule("b"), rule("a"), rule("c"))}, {}, "a"),
    (
        "each slot by a rule of its own",
        {"allowlist": allowlist(rule("b"), rule("a", kinds=["statutory"]))},
        {"slots": (Slot("S1", "explanatory"), Slot("S2", "statutory"))},
        "b",
    ),
]


@pytest.mark.parametrize(
    ("name", "changes", "job_changes", "rule_id"), ADMISSIONS, ids=[row[0] for row in ADMISSIONS]
)
def test_admissions(name: str, changes: dict[str, Any], job_changes: dict[str, Any], rule_id: str) -> None:
    decision = decide(compile_controls(controls(**changes), "test"), job(**job_changes))
    assert isinstance(decision, Admitted)
    assert decision.rule_id == rule_id
    assert (decision.bucket, decision.revision, decision.origin) == (43, 7, "test")


def test_unknown_controls_deny_before_every_other_gate() -> None:
    decision = decide(unknown_controls("no such file", "test"), job())
    assert isinstance(decision, Denied)
    assert (decision.gate, decision.error_code, decision.reason) == (
        Gate.CONTROLS,
        "KILL_SWITCH",
        "no such file",
    )
    assert decision.percent is None


def test_the_order_of_the_gates_is_the_policy() -> None:
    assert [gate for gate, _ in CHECKS] == [
        "controls",
        "kill_switch",
        "feature_flag",
        "job_opt_in",
        "allowlist",
        "rollout",
    ]


def test_explain_answers_for_every_gate() -> None:
    compiled = compile_controls(controls(kill=True, percent=0), "test")
    answers = {answer.gate: answer.reason for answer in explain(compiled, job(allow_ai=False))}
    assert list(answers) == list(Gate)
    closed = {gate for gate, reason in answers.items() if reason is not None}
    assert closed == {Gate.KILL_SWITCH, Gate.JOB_OPT_IN, Gate.ROLLOUT}


def test_a_fault_while_deciding_denies() -> None:
    broken = replace(compile_controls(controls(), "test"), allowlists=(None,))  # type: ignore[arg-type]
    decision = decide(broken, job())
    assert isinstance(decision, Denied)
    assert (decision.gate, decision.error_code) == (Gate.CONTROLS, "KILL_SWITCH")
    assert isinstance(decide(None, None), Denied)  # type: ignore[arg-type]


def test_records_of_both_outcomes() -> None:
    compiled = compile_controls(controls(), "test")
    admitted, denied = as_record(decide(compiled, job())), as_record(decide(compiled, job(allow_ai=False)))
    assert list(admitted) == list(denied)
    assert (admitted["path"], admitted["status"], admitted["errorCode"], admitted["gate"]) == (
        "openai",
        None,
        None,
        None,
    )
    assert (denied["path"], denied["status"], denied["errorCode"], denied["gate"]) == (
        "stub",
        "STUB",
        "NOT_ALLOWLISTED",
        "job_opt_in",
    )
