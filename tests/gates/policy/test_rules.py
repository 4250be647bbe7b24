"""Each rule with its code: what breaks it, at which moments, and what each enforcement mode makes of it."""

from itertools import product

import pytest

from gates.policy.evidence import Verification
from gates.policy.intent import Mode, ModeChange, Moment, Role
from gates.policy.outcome import Outcome
from gates.policy.outcome import ReasonCode as C
from gates.policy.rules import ACKNOWLEDGING_RULES, NARROWING_RULES, RULES, TIGHTENING_RULES
from gates.verdict.words import VerdictWord as V
from tests.gates.policy.breaches import FAILING
from tests.gates.policy.builders import STRANGER, person
from tests.gates.policy.examples import (
    IN_EVERY_MODE,
    KILLED,
    PASSING,
    TIGHTENING,
    TIGHTER,
    Example,
    glass,
)

EVERYWHERE = tuple(product(Moment, Mode))


@pytest.mark.parametrize("example", PASSING, ids=lambda e: e.name)
def test_what_follows_the_rules_passes(example: Example) -> None:
    for moment, any_mode in EVERYWHERE:
        mode = example.state.get("mode", any_mode)
        if isinstance(example.change, ModeChange) and mode is Mode.OFF:
            mode = Mode.ENFORCE
        decision = example.judged(moment, mode)
        assert decision.reason_codes == (), (moment, mode)
        assert decision.outcome is (Outcome.UNCHECKED if mode is Mode.OFF else Outcome.ALLOWED), (
            moment,
            mode,
        )
        assert decision.allow, (moment, mode)


@pytest.mark.parametrize("example", FAILING, ids=lambda e: e.name)
def test_what_breaks_a_rule_is_told_so(example: Example) -> None:
    is_of_mode = isinstance(example.change, ModeChange)
    for moment, mode in product(Moment, [Mode.ENFORCE] if is_of_mode else Mode):
        told_what_it_breaks(example, moment, mode)


def told_what_it_breaks(example: Example, moment: Moment, mode: Mode) -> None:
    decision = example.judged(moment, mode)
    broken = example.codes if moment in example.moments else ()
    hard = tuple(code for code in broken if code in IN_EVERY_MODE)
    where = moment, mode
    assert decision.reason_codes == (hard if mode is Mode.OFF else broken), where
    if hard:
        assert decision.outcome is Outcome.BLOCKED, where
    elif mode is Mode.OFF:
        assert decision.outcome is Outcome.UNCHECKED, where
    elif broken:
        assert decision.outcome is (Outcome.BLOCKED if mode is Mode.ENFORCE else Outcome.WOULD_BLOCK), where
    else:
        assert decision.outcome is Outcome.ALLOWED, where
    assert decision.allow is (decision.outcome is not Outcome.BLOCKED), where


@pytest.mark.parametrize("example", TIGHTENING, ids=lambda e: e.name)
def test_less_is_judged_alike_in_every_mode(example: Example) -> None:
    for moment, mode in EVERYWHERE:
        decision = example.judged(moment, mode)
        broken = example.codes if moment in example.moments else ()
        assert decision.reason_codes == broken, (moment, mode)
        assert decision.outcome is (Outcome.BLOCKED if broken else Outcome.ALLOWED), (moment, mode)


@pytest.mark.parametrize(
    ("mode", "change", "expected"),
    [
        (Mode.SHADOW, TIGHTER, ()),
        (Mode.OFF, TIGHTER, ()),
        (Mode.OFF, ModeChange(mode=Mode.SHADOW, checks_passed=False), ()),
        (Mode.ENFORCE, TIGHTER, (C.NO_CHANGE,)),
        (Mode.OFF, ModeChange(mode=Mode.OFF, checks_passed=False), (C.NO_CHANGE,)),
        (Mode.SHADOW, ModeChange(mode=Mode.ENFORCE, checks_passed=False), (C.MODE_CHECKS,)),
        (Mode.OFF, ModeChange(mode=Mode.ENFORCE, checks_passed=False), (C.MODE_CHECKS,)),
    ],
)
def test_more_enforcement(mode: Mode, change: ModeChange, expected: tuple[C, ...]) -> None:
    decision = Example("", expected, change=change).judged(Moment.APPLY, mode)
    assert decision.reason_codes == expected
    assert decision.outcome is (Outcome.BLOCKED if expected else Outcome.ALLOWED)


@pytest.mark.parametrize(
    ("before", "after"), [(Mode.ENFORCE, Mode.SHADOW), (Mode.ENFORCE, Mode.OFF), (Mode.SHADOW, Mode.OFF)]
)
def test_less_enforcement_takes_two_people(before: Mode, after: Mode) -> None:
    alone = Example("", (), change=ModeChange(mode=after, checks_passed=True), state={"request": None})
    decision = alone.judged(Moment.APPLY, before)
    assert set(decision.reason_codes) == {C.REQUEST_CLOSED, C.APPROVAL_MISSING}
    assert decision.outcome is (Outcome.BLOCKED if before is Mode.ENFORCE else Outcome.WOULD_BLOCK)


@pytest.mark.parametrize("role", [Role.ONCALL, Role.ENGINEERING_OWNER])
@pytest.mark.parametrize("moment", [Moment.PROPOSE, Moment.APPLY])
def test_break_glass_takes_one_person(role: Role, moment: Moment) -> None:
    alone = Example("", (), current=KILLED, change=glass(), state={"request": None},
                    intent={"actor": person(STRANGER, {role})},
                    evidence={"verification": Verification.NOT_ENOUGH, "verdict": V.KILLED})  # fmt: skip
    assert alone.judged(moment, Mode.ENFORCE).outcome is Outcome.ALLOWED


@pytest.mark.parametrize("role", [Role.VIEWER, Role.APPROVER, Role.AUDITOR, Role.ADMIN])
def test_break_glass_is_for_those_on_duty(role: Role) -> None:
    alone = Example("", (), current=KILLED, change=glass(), state={"request": None},
                    intent={"actor": person(STRANGER, {role})})  # fmt: skip
    assert alone.judged(Moment.APPLY, Mode.ENFORCE).reason_codes == (C.ROLE,)


def test_every_code_is_broken_by_some_example() -> None:
    shown = {code for example in FAILING + TIGHTENING for code in example.codes}
    assert shown | {C.NO_CHANGE, C.MODE_CHECKS} == set(C)


def test_the_tuples_are_the_policy() -> None:
    alone = (*NARROWING_RULES, *TIGHTENING_RULES, *ACKNOWLEDGING_RULES)
    every = (*alone, *RULES)
    assert {rule.code for rule in every} == set(C)
    assert {rule.code for rule in RULES if rule.always} == IN_EVERY_MODE
    assert all(rule.always for rule in alone)
    for rules in (NARROWING_RULES, TIGHTENING_RULES, ACKNOWLEDGING_RULES, RULES):
        assert len({rule.code for rule in rules}) == len(rules)
    assert all(rule.source.split()[0] in {"CONTRACTS", "DESIGN"} for rule in every)


@pytest.mark.parametrize("example", FAILING, ids=lambda e: e.name)
def test_every_finding_speaks_plainly_and_the_next_step_is_named(example: Example) -> None:
    decision = example.judged(min(example.moments), Mode.ENFORCE)
    assert decision.next_step
    for finding in decision.findings:
        first = finding.words.split()[0]
        assert first == first.lower() or first in {"ROLL", "NOT"}
        assert not finding.words.endswith(".")


@pytest.mark.parametrize("mode", [Mode.SHADOW, Mode.ENFORCE])
def test_without_a_request_nothing_is_signed_or_applied(mode: Mode) -> None:
    alone = Example("", (), state={"request": None})
    assert alone.judged(Moment.PROPOSE, mode).reason_codes == ()
    assert alone.judged(Moment.APPROVE, mode).reason_codes == (C.REQUEST_CLOSED,)
    assert alone.judged(Moment.APPLY, mode).reason_codes == (C.REQUEST_CLOSED, C.APPROVAL_MISSING)
