"""Values for policy tests: a change that everything speaks for, so that each case spoils one thing."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from gates.policy.diff import diff
from gates.policy.evidence import ReviewEvidence, Verification
from gates.policy.intent import Actor, Change, ControlsChange, Intent, Mode, Moment, Role
from gates.policy.ladder_steps import step_after
from gates.policy.outcome import PolicyDecision, ReasonCode
from gates.policy.review import review
from gates.policy.state import Approval, RequestFacts, State
from gates.policy.values import ControlValues, RuleValues
from gates.verdict.words import VerdictWord
from schemas.instant import SECOND
from schemas.stages import Step

MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
NOW = 1_800_000_000 * SECOND
REVISION = 7
REQUESTER, EDITOR, APPROVER, STRANGER = "local|olga", "local|edda", "local|anna", "local|sven"
EVERY_ROLE = frozenset(Role)


def rule(rule_id: str = "r1", **changes: Any) -> RuleValues:
    """The smallest rule there is."""
    fields: dict[str, Any] = {
        "subject": {"Biology"},
        "level": {"GCSE"},
        "board": {"AQA"},
        "spec_version": {"v1"},
        "kind": {"explanatory"},
        "slot_ids": {"S1"},
    } | {key: value for key, value in changes.items() if key != "max_jobs"}
    sets = {key: frozenset(value) for key, value in fields.items()}
    return RuleValues(rule_id=rule_id, max_jobs=changes.get("max_jobs", 1), **sets)


def values(**changes: Any) -> ControlValues:
    """Live at expand-10 with the smallest rule set."""
    fields: dict[str, Any] = {
        "kill": False,
        "feature": True,
        "percent": 10,
        "zero_means_everyone": False,
        "step": Step.EXPAND_10,
        "allowlist_enabled": True,
        "rules": (rule(),),
        "valid_until_ns": None,
        "break_glass_until_ns": None,
    }
    return ControlValues(**(fields | changes))


def baseline(**changes: Any) -> ControlValues:
    """As a new home has it: kill on, feature off, percent 0, allowlist off."""
    fields = {"kill": True, "feature": False, "percent": 0, "allowlist_enabled": False}
    return values(**({"step": Step.BASELINE} | fields | changes))


def live(step: Step, percent: int, **changes: Any) -> ControlValues:
    return values(step=step, percent=percent, **changes)


def become(current: ControlValues, **changes: Any) -> ControlValues:
    """`current` with `changes`, at the step that it thereby reaches unless another is named."""
    after = replace(current, **changes)
    return after if "step" in changes else at_its_step(current, after)


def at_its_step(current: ControlValues, after: ControlValues) -> ControlValues:
    return replace(after, step=step_after(current, after, diff(current, after)))


def evidence(**changes: Any) -> ReviewEvidence:
    """Verified, EXPAND, no findings, criteria met."""
    fields: dict[str, Any] = {
        "revision": REVISION,
        "verdict": VerdictWord.EXPAND,
        "verification": Verification.PASSED,
        "findings": frozenset(),
        "beta_criteria_met": True,
        "bound": "the true rate could be up to 3 %",
        "digest": "evidence-1",
        "frozen_at_ns": NOW - HOUR,
    }
    return ReviewEvidence(**(fields | changes))


def approval(**changes: Any) -> Approval:
    fields: dict[str, Any] = {
        "approver_id": APPROVER,
        "content_digest": "content-1",
        "base_revision": REVISION,
        "evidence_digest": "evidence-1",
        "may_approve": True,
        "added_by": None,
        "added_at_ns": 0,
    }
    return Approval(**(fields | changes))


def request(**changes: Any) -> RequestFacts:
    fields: dict[str, Any] = {
        "content_digest": "content-1",
        "base_revision": REVISION,
        "editors": frozenset({REQUESTER}),
        "last_editor": REQUESTER,
        "additions": (),
        "created_at_ns": NOW - HOUR,
        "signed": evidence(),
        "exception": None,
        "approvals": (approval(),),
        "void_reason": None,
        "rejected": False,
    }
    return RequestFacts(**(fields | changes))


def state(current: ControlValues | None = None, **changes: Any) -> State:
    fields: dict[str, Any] = {
        "revision": REVISION,
        "current": values() if current is None else current,
        "mode": Mode.ENFORCE,
        "broadened": False,
        "latched": None,
        "release_review_owed": False,
        "request": request(),
        "decision_record_pattern": r"ADR-\d+|https://\S+",
    }
    return State(**(fields | changes))


def person(actor_id: str, roles: Iterable[Role] = EVERY_ROLE) -> Actor:
    return Actor(actor_id, frozenset(roles))


def intent(change: Change, moment: Moment = Moment.APPLY, **changes: Any) -> Intent:
    """By the approver where one is needed, else by the requester; both hold every role."""
    fields: dict[str, Any] = {
        "intent_id": "i1",
        "at_ns": NOW,
        "actor": person(APPROVER if moment is Moment.APPROVE else REQUESTER),
        "moment": moment,
        "change": change,
        "base_revision": REVISION,
        "reason": "the window is clean",
        "decision_record": "ADR-12",
        "content_digest": "content-1",
    }
    return Intent(**(fields | changes))


def judge(
    current: ControlValues,
    after: ControlValues,
    moment: Moment = Moment.APPLY,
    *,
    live_evidence: ReviewEvidence | None = None,
    **facts: Any,
) -> PolicyDecision:
    """Review `current` becoming `after`, with `facts` changed in the state."""
    found = evidence() if live_evidence is None else live_evidence
    return review(intent(ControlsChange(after=after), moment), state(current, **facts), found, NOW)


def codes(decision: PolicyDecision) -> list[ReasonCode]:
    return list(decision.reason_codes)
