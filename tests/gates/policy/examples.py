"""Examples for the rules of change: each breaks the rules it names, at the moments it names."""

from dataclasses import dataclass, field
from typing import Any

from gates.policy.evidence import Verification
from gates.policy.intent import Change, ControlsChange, Mode, ModeChange, Moment, OperatorChange, Role
from gates.policy.outcome import PolicyDecision
from gates.policy.outcome import ReasonCode as C
from gates.policy.review import review
from gates.policy.values import ControlValues
from gates.verdict.words import VerdictWord as V
from schemas.stages import Step
from tests.gates.policy.builders import (
    EDITOR,
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
IN_EVERY_MODE = {C.ZERO_OPENS_GATE, C.BASE_REVISION}

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
GRANT = OperatorChange(operator_id=STRANGER, roles=frozenset({Role.ONCALL}), grants=True)
ANY_MOMENT_ROLES = {Role.ENGINEERING_OWNER, Role.APPROVER}


def glass(until: int | None = GLASS_END, **changes: Any) -> ControlsChange:
    return ControlsChange(
        after=become(KILLED, kill=False, break_glass_until_ns=until, **changes), break_glass=True
    )


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
    ex("longer validity", current=values(valid_until_ns=NOW), change=values(valid_until_ns=NOW + HOUR)),
]

FAILING = [
    ex("0 would mean everyone", C.ZERO_OPENS_GATE, C.STEP_SKIPPED, C.BROADEN_FIRST,
       current=values(zero_means_everyone=True), change=become(values(zero_means_everyone=True), percent=0)),
    ex("the controls moved on", C.BASE_REVISION, intent={"base_revision": REVISION - 1}),
    ex("a revision from the future", C.BASE_REVISION, intent={"base_revision": REVISION + 1}),
    ex("a viewer", C.ROLE, intent={"actor": person(STRANGER, {Role.VIEWER, Role.AUDITOR})}),
    ex("an admin without another role", C.ROLE, intent={"actor": person(STRANGER, {Role.ADMIN})}),
    ex("nobody", C.ROLE, intent={"actor": person(STRANGER, ())}),
    ex("oncall may propose only", C.ROLE, moments=SIGNING, intent={"actor": person(STRANGER, {Role.ONCALL})}),
    ex("owner may not approve", C.ROLE, moments=APPROVING,
       intent={"actor": person(STRANGER, {Role.ENGINEERING_OWNER})}),
    ex("approver may only approve", C.ROLE, moments=frozenset({Moment.PROPOSE, Moment.APPLY}),
       intent={"actor": person(STRANGER, {Role.APPROVER})}),
    ex("operators are the admin's", C.ROLE, change=GRANT, moments=frozenset({Moment.PROPOSE, Moment.APPLY}),
       intent={"actor": person(STRANGER, {Role.ENGINEERING_OWNER, Role.APPROVER})}),
    ex("the mode is the admin's", C.ROLE, change=ModeChange(mode=Mode.OFF, checks_passed=True),
       moments=frozenset({Moment.PROPOSE, Moment.APPLY}), intent={"actor": person(STRANGER,
       ANY_MOMENT_ROLES)}),
    ex("no reason", C.REASON_REQUIRED, intent={"reason": ""}),
    ex("a blank reason", C.REASON_REQUIRED, intent={"reason": " \n\t"}),
    ex("no decision record", C.DECISION_RECORD, intent={"decision_record": ""}),
    ex("more than a decision record", C.DECISION_RECORD, intent={"decision_record": "ADR-12, or so"}),
    ex("a line beside the decision record", C.DECISION_RECORD, intent={"decision_record": "ADR-12\n"}),
    ex("an unusable pattern", C.DECISION_RECORD, state={"decision_record_pattern": "("}),
    ex("percent and kill", C.ONE_DIMENSION, C.ENABLE_ORDER, C.STEP_SKIPPED, C.BROADEN_FIRST,
       current=KILLED, change=become(KILLED, kill=False, percent=100)),
    ex("two dimensions of scope", C.ONE_DIMENSION, current=AT_50,
       change=become(AT_50, rules=(rule(subject={"Biology", "Physics"}, board={"AQA", "OCR"}),))),
    ex("one wider, another narrower", C.ONE_DIMENSION,
       change=become(values(rules=WIDER), percent=25, rules=(rule(),)), current=values(rules=WIDER)),
    ex("jobs a run and a kind", C.ONE_DIMENSION, current=AT_50,
       change=become(AT_50, rules=(rule(max_jobs=2, kind={"statutory", "explanatory"}),))),
    ex("more while killed", C.ENABLE_ORDER, current=KILLED, change=become(KILLED, percent=25)),
    ex("more while released for a time", C.ENABLE_ORDER, current=values(break_glass_until_ns=GLASS_END),
       change=become(values(break_glass_until_ns=GLASS_END), percent=25)),
    ex("feature on without the kill", C.ENABLE_ORDER, current=baseline(kill=False),
       change=become(baseline(kill=False), feature=True)),
    ex("a wide first scope", C.SMALLEST_SCOPE, current=READY,
       change=become(READY, allowlist_enabled=True, rules=WIDER)),
    ex("no rule at all", C.SMALLEST_SCOPE, current=READY, change=become(READY, allowlist_enabled=True,
       rules=())),
    ex("two first rules", C.SMALLEST_SCOPE, current=READY,
       change=become(READY, allowlist_enabled=True, rules=(rule(), rule("r2", board={"OCR"})))),
    ex("any slot at first", C.SMALLEST_SCOPE, current=READY,
       change=become(READY, allowlist_enabled=True, rules=(rule(slot_ids=()),))),
    ex("two slots at first", C.SMALLEST_SCOPE, current=READY,
       change=become(READY, allowlist_enabled=True, rules=(rule(slot_ids={"S1", "S2"}),))),
    ex("two jobs a run at first", C.SMALLEST_SCOPE, current=READY,
       change=become(READY, allowlist_enabled=True, rules=(rule(max_jobs=2),))),
    ex("a step left out", C.STEP_SKIPPED, change=become(values(), percent=50)),
    ex("a percent between two steps", C.STEP_SKIPPED, change=become(values(), percent=24)),
    ex("a percent beyond the step", C.STEP_SKIPPED, change=become(values(), percent=26)),
    ex("another step's name", C.STEP_NAME, change=become(values(), percent=25, step=Step.EXPAND_50)),
    ex("the old step's name", C.STEP_NAME, change=become(values(), percent=25, step=Step.EXPAND_10)),
    ex("a name alone", C.STEP_NAME, change=become(values(), step=Step.EXPAND_50)),
    ex("scope at expand-10", C.SCOPE_FROZEN, change=become(values(), rules=WIDER)),
    ex("scope at expand-100", C.SCOPE_FROZEN, current=AT_100, change=become(AT_100, rules=WIDER)),
    ex("scope at steady", C.SCOPE_FROZEN, current=STEADY, change=become(STEADY, rules=WIDER)),
    ex("scope at 99 %", C.SCOPE_FROZEN, current=live(Step.EXPAND_50, 99),
       change=become(live(Step.EXPAND_50, 99), rules=WIDER)),
    ex("a slot emptied at canary-5", C.SCOPE_FROZEN, current=live(Step.CANARY_5, 5),
       change=become(live(Step.CANARY_5, 5), rules=(rule(slot_ids=()),))),
    ex("percent while broadening", C.STEP_SKIPPED, C.PERCENT_FROZEN, current=BROADENING,
       change=become(BROADENING, percent=75)),
    ex("100 % without broadening", C.BROADEN_FIRST, current=AT_50, change=become(AT_50, percent=100)),
    ex("100 % with a blank statement", C.BROADEN_FIRST, current=AT_50,
       change=ControlsChange(after=become(AT_50, percent=100), broadening_not_needed=" ")),
    ex("steady too early", C.STEADY_CRITERIA, current=AT_50, change=become(AT_50, step=Step.STEADY)),
    ex("steady from a name", C.STEADY_CRITERIA, current=live(Step.EXPAND_100, 60),
       change=live(Step.STEADY, 60)),
    ex("steady without the criteria", C.STEADY_CRITERIA, current=AT_100, change=STEADY,
       evidence={"beta_criteria_met": False}),
    ex("steady signed without the criteria", C.STEADY_CRITERIA, current=AT_100, change=STEADY,
       state=signed(beta_criteria_met=False)),
    ex("steady while killed", C.NOT_EXPAND, moments=SIGNING, current=live(Step.EXPAND_100, 100, kill=True),
       change=live(Step.STEADY, 100, kill=True), evidence={"verdict": V.KILLED},
       state=signed(verdict=V.KILLED)),
    ex("steady and less percent", C.STEP_NAME, current=AT_100, change=live(Step.STEADY, 99)),
    ex("steady and the release", C.STEP_NAME, current=live(Step.EXPAND_100, 100, kill=True),
       change=live(Step.STEADY, 100)),
    ex("break-glass and percent", C.BREAK_GLASS, C.ONE_DIMENSION, C.ENABLE_ORDER, current=KILLED,
       change=glass(percent=25), state={"request": None}),
    ex("break-glass without an end", C.BREAK_GLASS, current=KILLED, change=glass(None),
       state={"request": None}),
    ex("break-glass beyond 60 minutes", C.BREAK_GLASS, current=KILLED, change=glass(GLASS_END + 1),
       state={"request": None}),
    ex("break-glass in the past", C.BREAK_GLASS, current=KILLED, change=glass(NOW), state={"request": None}),
    ex("break-glass with a review owed", C.BREAK_GLASS, current=KILLED, change=glass(),
       state={"request": None, "release_review_owed": True}),
    ex("break-glass for percent", C.BREAK_GLASS, change=ControlsChange(after=UP, break_glass=True)),
    ex("ROLL BACK latched", C.ROLLED_BACK, moments=SIGNING, state={"latched": "5 of 15 failed"}),
    ex("ROLL BACK latched and a release", C.ROLLED_BACK, moments=SIGNING, current=KILLED, change=RELEASED,
       state={"latched": "5 of 15 failed"}),
    ex("ROLL BACK latched and break-glass", C.ROLLED_BACK, moments=SIGNING, current=KILLED, change=glass(),
       state={"latched": "5 of 15 failed", "request": None}),
    ex("ROLL BACK now", C.ROLLED_BACK, C.NOT_EXPAND, C.EVIDENCE_WORSE, moments=SIGNING,
       evidence={"verdict": V.ROLL_BACK}),
    ex("ROLL BACK now, with an exception", C.ROLLED_BACK, C.NOT_EXPAND, C.EVIDENCE_WORSE, moments=SIGNING,
       evidence={"verdict": V.ROLL_BACK}, state=asked(exception="we know better")),
    ex("ROLL BACK then", C.ROLLED_BACK, C.NOT_EXPAND, moments=SIGNING, state=signed(verdict=V.ROLL_BACK)),
    ex("a release not verified", C.NOT_VERIFIED, moments=SIGNING, current=KILLED, change=RELEASED,
       evidence={"verification": Verification.NOT_ENOUGH}),
    ex("a release verified only now", C.NOT_VERIFIED, moments=SIGNING, current=KILLED, change=RELEASED,
       state=signed(verification=Verification.NOT_ENOUGH)),
    ex("a release contradicted", C.NOT_VERIFIED, C.EVIDENCE_WORSE, moments=SIGNING, current=KILLED,
       change=RELEASED, evidence={"verification": Verification.FAILED}),
    ex("an enable step not verified", C.NOT_VERIFIED, moments=SIGNING, current=baseline(),
       change=become(baseline(), feature=True), evidence={"verification": Verification.NOT_ENOUGH}),
    ex("HOLD", C.NOT_EXPAND, C.EVIDENCE_WORSE, moments=SIGNING, evidence={"verdict": V.HOLD}),
    ex("HOLD then", C.NOT_EXPAND, moments=SIGNING, state=signed(verdict=V.HOLD)),
    ex("HOLD, with an exception", C.NOT_EXPAND, moments=SIGNING, evidence={"verdict": V.HOLD},
       state=asked(exception="it is fine", signed=evidence(verdict=V.HOLD))),
    ex("little data", C.NOT_EXPAND, moments=SIGNING, evidence={"verdict": V.NOT_ENOUGH_DATA},
       state=signed(verdict=V.NOT_ENOUGH_DATA)),
    ex("little data, with a blank exception", C.NOT_EXPAND, moments=SIGNING,
       evidence={"verdict": V.NOT_ENOUGH_DATA},
       state=asked(signed=evidence(verdict=V.NOT_ENOUGH_DATA), exception=" ")),
    ex("evidence older than 4 h", C.EVIDENCE_STALE, moments=SIGNING,
       state=signed(frozen_at_ns=NOW - 4 * HOUR - 1)),
    ex("evidence from the future", C.EVIDENCE_STALE, moments=SIGNING, state=signed(frozen_at_ns=NOW + 1)),
    ex("evidence of another revision", C.EVIDENCE_STALE, moments=SIGNING,
       state=signed(revision=REVISION - 1)),
    ex("live evidence of another revision", C.EVIDENCE_STALE, moments=SIGNING,
       evidence={"revision": REVISION - 1}),
    ex("a new finding", C.EVIDENCE_WORSE, moments=SIGNING, evidence={"findings": frozenset({"F"})}),
    ex("less data than was signed", C.EVIDENCE_WORSE, moments=SIGNING,
       evidence={"verdict": V.NOT_ENOUGH_DATA},
       state=asked(exception="quiet week")),
    ex("a rejected request", C.REQUEST_CLOSED, moments=SIGNING, state=asked(rejected=True)),
    ex("a void request", C.REQUEST_CLOSED, moments=SIGNING, state=asked(void_reason="the content changed")),
    ex("a request of another revision", C.REQUEST_CLOSED, moments=SIGNING,
       state=by(approval(base_revision=6), base_revision=6)),
    ex("a request for something else", C.REQUEST_CLOSED, moments=SIGNING,
       intent={"content_digest": "content-2"}),
    ex("a request 24 h old", C.REQUEST_EXPIRED, moments=SIGNING, state=asked(created_at_ns=NOW - 24 * HOUR)),
    ex("a request from the future", C.REQUEST_EXPIRED, moments=SIGNING, state=asked(created_at_ns=NOW + 1)),
    ex("one's own request", C.OWN_APPROVAL, moments=APPROVING, intent={"actor": person(REQUESTER)}),
    ex("what one edited", C.OWN_APPROVAL, moments=APPROVING, intent={"actor": person(EDITOR)},
       state=asked(editors=frozenset({REQUESTER, EDITOR}))),
    ex("what one edited last", C.OWN_APPROVAL, moments=APPROVING, intent={"actor": person(EDITOR)},
       state=asked(last_editor=EDITOR)),
    ex("no approval", C.APPROVAL_MISSING, moments=APPLYING, state=by()),
    ex("an approval of the requester", C.APPROVAL_MISSING, moments=APPLYING,
       state=by(approval(approver_id=REQUESTER))),
    ex("an approval of an editor", C.APPROVAL_MISSING, moments=APPLYING,
       state=by(approval(approver_id=EDITOR), editors=frozenset({REQUESTER, EDITOR}))),
    ex("an approval of the last editor", C.APPROVAL_MISSING, moments=APPLYING,
       state=by(approval(approver_id=EDITOR), last_editor=EDITOR)),
    ex("an approval of other content", C.APPROVAL_MISSING, moments=APPLYING,
       state=by(approval(content_digest="content-2"))),
    ex("an approval of another revision", C.APPROVAL_MISSING, moments=APPLYING,
       state=by(approval(base_revision=REVISION - 1))),
    ex("an approval of other evidence", C.APPROVAL_MISSING, moments=APPLYING,
       state=by(approval(evidence_digest="evidence-2"))),
    ex("an approver no more", C.APPROVAL_MISSING, moments=APPLYING, state=by(approval(may_approve=False))),
    ex("mode without approval", C.APPROVAL_MISSING, moments=APPLYING,
       change=ModeChange(mode=Mode.OFF, checks_passed=True), state=by() | {"mode": Mode.ENFORCE}),
    ex("an approver the requester added", C.APPROVER_ADDED, moments=APPLYING,
       state=by(approval(added_by=REQUESTER, added_at_ns=NOW - 24 * HOUR + 1))),
    ex("an approver added in the future", C.APPROVER_ADDED, moments=APPLYING,
       state=by(approval(added_by=REQUESTER, added_at_ns=NOW + HOUR))),
]  # fmt: skip


NARROWER = become(values(), percent=5)
TIGHTER = ModeChange(mode=Mode.ENFORCE, checks_passed=True)
TIGHTENING = [
    ex("a narrowing", change=NARROWER),
    ex("a narrowing by oncall alone", change=NARROWER, intent={"actor": person(STRANGER, {Role.ONCALL})}),
    ex("a narrowing by a viewer", C.ROLE, change=NARROWER, intent={"actor": person(STRANGER, {Role.VIEWER})}),
    ex("what stands already", change=values()),
    ex("0 % where it is read as 100", C.ZERO_OPENS_GATE, current=live(Step.EXPAND_100, 100,
       zero_means_everyone=True),
       change=live(Step.EXPAND_100, 0, zero_means_everyone=True)),
    ex("less power", change=OperatorChange(operator_id=STRANGER, roles=frozenset(), grants=False)),
    ex("less power by an owner", C.ROLE, moments=frozenset({Moment.PROPOSE, Moment.APPLY}),
       change=OperatorChange(operator_id=STRANGER, roles=frozenset(), grants=False),
       intent={"actor": person(STRANGER, ANY_MOMENT_ROLES)}),
]  # fmt: skip
