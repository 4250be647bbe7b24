"""Examples for the rules of change: each breaks the rules it names, at the moments it names."""

from dataclasses import dataclass, field
from typing import Any

from gates.policy.evidence import Verification
from gates.policy.intent import (
    Acknowledgement,
    Change,
    ControlsChange,
    DrillChange,
    DrillRun,
    Mode,
    ModeChange,
    Moment,
    OperatorChange,
    Role,
    ThresholdsChange,
)
from gates.policy.outcome import PolicyDecision
from gates.policy.outcome import ReasonCode as C
from gates.policy.review import review
from gates.policy.spending_change import SpendingChange
from gates.policy.values import ControlValues
from gates.verdict.words import VerdictWord as V
from schemas.stages import Step
from tests.gates.policy.builders import (
    HOUR,
    MINUTE,
    NOW,
    REQUESTER,
    REVISION,
    STRANGER,
    approval,
    baseline,
    become,
    evidence,
    intent,
    live,
    person,
    request,
    rule,
    state,
    values,
)

ALL, SIGNING = frozenset(Moment), frozenset({Moment.APPROVE, Moment.APPLY})
APPROVING, APPLYING = frozenset({Moment.APPROVE}), frozenset({Moment.APPLY})
IN_EVERY_MODE = {C.ZERO_OPENS_GATE, C.BASE_REVISION, C.LAST_ADMIN, C.NO_CHANGE, C.DRILL}

UP = become(values(), percent=25)
KILLED = values(kill=True)
RELEASED = become(KILLED, kill=False)
GLASS_END = NOW + 60 * MINUTE
AT_50 = live(Step.EXPAND_50, 50)
AT_100 = live(Step.EXPAND_100, 100)
BROADENING = live(Step.BROADEN_SUBJECT, 50)
STEADY = become(AT_100, step=Step.STEADY)
WIDER = (rule(subject={"Biology", "Physics"}),)
READY = baseline(feature=True)
LOSING = OperatorChange(operator_id=STRANGER, roles=frozenset(), grants=False, leaves_no_admin=True)
GRANT = OperatorChange(operator_id=STRANGER, roles=frozenset({Role.ONCALL}), grants=True)
LAXER = ThresholdsChange(loosens=("steps.canary-1.failures.stop 0.05 -> 0.1",))
STRICTER = ThresholdsChange(loosens=())
VERSIONS = {"thresholds_version": REVISION}
MORE_BUDGET = SpendingChange(loosens=("calls a day from 100 to 200",))
LESS_BUDGET = SpendingChange(loosens=())
SPENDING = {"spending_version": REVISION}
DRILL = DrillChange(restores=values())
ANY_MOMENT_ROLES = {Role.ENGINEERING_OWNER, Role.APPROVER}


def glass(until: int | None = GLASS_END, **changes: Any) -> ControlsChange:
    return ControlsChange(
        after=become(KILLED, kill=False, break_glass_until_ns=until, **changes), break_glass=True
    )


def run(restores: ControlValues | None = None, **changes: Any) -> DrillChange:
    """The way back of a drill whose kill was confirmed a minute ago."""
    facts: dict[str, Any] = {
        "base_revision": REVISION,
        "kill_revision": REVISION + 1,
        "killed_at_ns": NOW - MINUTE,
        "confirmed": True,
    }
    return DrillChange(restores=restores or values(), run=DrillRun(**(facts | changes)))


AFTER_KILL = {"revision": REVISION + 1}


@dataclass(frozen=True)
class Example:
    """A change that breaks the rules `codes` at `moments`, and no rule at any other moment."""

    name: str
    codes: tuple[C, ...]
    moments: frozenset[Moment] = ALL
    current: ControlValues = field(default_factory=values)
    change: Change | ControlValues = UP
    state: dict[str, Any] = field(default_factory=dict)
    intent: dict[str, Any] = field(default_factory=dict)
    evidence: dict[str, Any] = field(default_factory=dict)

    def judged(self, moment: Moment, mode: Mode) -> PolicyDecision:
        change = ControlsChange(after=self.change) if isinstance(self.change, ControlValues) else self.change
        facts = {"mode": mode} | self.state
        return review(
            intent(change, moment, **self.intent),
            state(self.current, **facts),
            evidence(**self.evidence),
            NOW,
        )


def ex(name: str, *codes: C, **rest: Any) -> Example:
    return Example(name, codes, **rest)


def signed(**changes: Any) -> dict[str, Any]:
    return {"request": request(signed=evidence(**changes))}


def asked(**changes: Any) -> dict[str, Any]:
    return {"request": request(**changes)}


def by(*approvals: Any, **changes: Any) -> dict[str, Any]:
    return asked(approvals=approvals, **changes)


PASSING = [
    ex("the next percent"),
    ex(
        "a live step on its verdict alone",
        evidence={"verification": Verification.NOT_ENOUGH},
        state=signed(verification=Verification.NOT_ENOUGH),
    ),
    ex("a request of this moment", state=asked(created_at_ns=NOW)),
    ex("the release of a kill", current=KILLED, change=RELEASED),
    ex(
        "the release on verification alone",
        current=KILLED,
        change=RELEASED,
        state=signed(verdict=V.KILLED),
        evidence={"verdict": V.KILLED},
    ),
    ex("one more subject", current=AT_50, change=become(AT_50, rules=WIDER)),
    ex(
        "percent 100 after broadening",
        current=BROADENING,
        change=become(BROADENING, percent=100),
        state={"broadened": True},
    ),
    ex(
        "percent 100, broadening not needed",
        current=AT_50,
        change=ControlsChange(
            after=become(AT_50, percent=100), broadening_not_needed="one subject is all we teach"
        ),
    ),
    ex("steady", current=AT_100, change=STEADY),
    ex("evidence 4 h old", state=signed(frozen_at_ns=NOW - 4 * HOUR)),
    ex("evidence of this moment", state=signed(frozen_at_ns=NOW)),
    ex("a request 24 h old but for a nanosecond", state=asked(created_at_ns=NOW - 24 * HOUR + 1)),
    ex(
        "an exception for little data",
        evidence={"verdict": V.NOT_ENOUGH_DATA},
        state=asked(signed=evidence(verdict=V.NOT_ENOUGH_DATA), exception="quiet week"),
    ),
    ex(
        "little data then, enough now",
        state=asked(signed=evidence(verdict=V.NOT_ENOUGH_DATA), exception="quiet"),
    ),
    ex(
        "a finding that was signed",
        state=signed(findings=frozenset({"F"})),
        evidence={"findings": frozenset({"F"})},
    ),
    ex("a finding that is gone", state=signed(findings=frozenset({"F"}))),
    ex("an approver added long ago", state=by(approval(added_by=REQUESTER, added_at_ns=NOW - 24 * HOUR))),
    ex("an approver added by a stranger", state=by(approval(added_by=STRANGER, added_at_ns=NOW))),
    ex(
        "one good approval among bad ones",
        state=by(approval(may_approve=False), approval(base_revision=1), approval()),
    ),
    ex(
        "less enforcement", change=ModeChange(mode=Mode.OFF, checks_passed=False), state={"mode": Mode.SHADOW}
    ),
    ex("more power", change=GRANT),
    ex(
        "more power whatever the evidence",
        change=GRANT,
        evidence={"verdict": V.ROLL_BACK},
        state={"latched": "x"},
    ),
    ex("laxer thresholds", change=LAXER, state=VERSIONS),
    ex("a larger budget", change=MORE_BUDGET, state=SPENDING),
    ex("a larger budget, whatever the controls did", change=MORE_BUDGET, state=SPENDING | {"revision": 99}),
    ex("a larger budget under ROLL BACK", change=MORE_BUDGET, state=SPENDING | {"latched": "5 of 15"}),
    ex("laxer thresholds, whatever the controls did", change=LAXER, state=VERSIONS | {"revision": 99}),
    ex("a drill", change=DRILL, evidence={"verdict": V.HOLD}),
    ex(
        "the way back of a drill",
        current=KILLED,
        change=run(),
        state=AFTER_KILL,
        evidence={"verdict": V.KILLED},
    ),
    ex(
        "the way back in the last moment",
        current=KILLED,
        change=run(killed_at_ns=NOW - 15 * MINUTE),
        state=AFTER_KILL,
    ),
    ex("longer validity", current=values(valid_until_ns=NOW), change=values(valid_until_ns=NOW + HOUR)),
]

NARROWER = become(values(), percent=5)
TIGHTER = ModeChange(mode=Mode.ENFORCE, checks_passed=True)
TIGHTENING = [
    ex("a narrowing", change=NARROWER),
    ex("a narrowing by oncall alone", change=NARROWER, intent={"actor": person(STRANGER, {Role.ONCALL})}),
    ex("a narrowing by a viewer", C.ROLE, change=NARROWER, intent={"actor": person(STRANGER, {Role.VIEWER})}),
    ex("what stands already", C.NO_CHANGE, moments=frozenset({Moment.PROPOSE}), change=values()),
    ex("0 % where it is read as 100", C.ZERO_OPENS_GATE, current=live(Step.EXPAND_100, 100,
       zero_means_everyone=True),
       change=live(Step.EXPAND_100, 0, zero_means_everyone=True)),
    ex("less power", change=OperatorChange(operator_id=STRANGER, roles=frozenset(), grants=False)),
    ex("less power by an owner", C.ROLE, moments=frozenset({Moment.PROPOSE, Moment.APPLY}),
       change=OperatorChange(operator_id=STRANGER, roles=frozenset(), grants=False),
       intent={"actor": person(STRANGER, ANY_MOMENT_ROLES)}),
    ex("the last admin", C.LAST_ADMIN, change=LOSING),
    ex("stricter thresholds", change=STRICTER, state=VERSIONS | {"request": None},
       intent={"actor": person(STRANGER, {Role.ONCALL, Role.APPROVER})}),
    ex("stricter thresholds under ROLL BACK", change=STRICTER, state=VERSIONS | {"latched": "5 of 15"}),
    ex("stricter thresholds by a viewer", C.ROLE, change=STRICTER, state=VERSIONS,
       intent={"actor": person(STRANGER, {Role.VIEWER})}),
    ex("stricter thresholds over old ones", C.BASE_REVISION, change=STRICTER,
       state={"thresholds_version": 1}),
    ex("a smaller budget", change=LESS_BUDGET, state=SPENDING | {"request": None},
       intent={"actor": person(STRANGER, {Role.ADMIN, Role.APPROVER})}),
    ex("a smaller budget by the rota", C.ROLE, change=LESS_BUDGET, state=SPENDING,
       moments=frozenset({Moment.PROPOSE, Moment.APPLY}),
       intent={"actor": person(STRANGER, ANY_MOMENT_ROLES)}),
    ex("a smaller budget over an old one", C.BASE_REVISION, change=LESS_BUDGET,
       state={"spending_version": 1}),
    ex("the same budget", C.NO_CHANGE, change=SpendingChange(loosens=(), same=True), state=SPENDING),
    ex("the same thresholds", C.NO_CHANGE, change=ThresholdsChange(loosens=(), same=True), state=VERSIONS),
    ex("an acknowledgement", change=Acknowledgement(), state={"latched": "5 of 15", "request": None},
       intent={"decision_record": "", "actor": person(STRANGER, {Role.ONCALL, Role.APPROVER})}),
    ex("an acknowledgement while killed", change=Acknowledgement(), current=KILLED,
       state={"latched": "5 of 15"}, evidence={"verdict": V.ROLL_BACK}),
    ex("an acknowledgement that nobody can check, of an earlier revision", change=Acknowledgement(),
       state={"latched": "5 of 15", "latched_revision": REVISION - 1}, evidence={"digest": "none:4"}),
    ex("an acknowledgement that nobody can check", C.ROLLED_BACK, moments=SIGNING, change=Acknowledgement(),
       state={"latched": "5 of 15", "latched_revision": REVISION}, evidence={"digest": "none:4"}),
    ex("an acknowledgement while it goes on", C.ROLLED_BACK, moments=SIGNING, change=Acknowledgement(),
       state={"latched": "5 of 15"}, evidence={"verdict": V.ROLL_BACK}),
    ex("an acknowledgement of nothing", C.NO_CHANGE, change=Acknowledgement()),
    ex("an acknowledgement without a reason", C.REASON_REQUIRED, change=Acknowledgement(),
       state={"latched": "5 of 15"}, intent={"reason": " "}),
    ex("an acknowledgement by a viewer", C.ROLE, change=Acknowledgement(), state={"latched": "5 of 15"},
       moments=frozenset({Moment.PROPOSE, Moment.APPLY}),
       intent={"actor": person(STRANGER, {Role.VIEWER, Role.APPROVER})}),
]  # fmt: skip
