"""Undo the last change: at once where that narrows; step by step where it moves several dimensions.

What one narrowing took away may take several changes to give back, since a widening moves one dimension.
The first legal one is proposed, and what remains is said: after it `revert` would undo *that* one.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from gates.changes.documents import Document, Patch, patched
from gates.changes.gathering import gather, newest_revision
from gates.errors import InvalidChange
from gates.policy.delta import Direction
from gates.policy.diff import diff, widens
from gates.policy.evidence import no_evidence
from gates.policy.intent import Actor, ControlsChange, Intent, Mode, Moment, Role
from gates.policy.ladder_steps import next_percent
from gates.policy.outcome import ReasonCode
from gates.policy.review import review
from gates.policy.state import State
from gates.policy.values import ControlValues, control_values
from gates.store.port import Transaction

_KEYS = ("kill", "feature", "allowlist", "percent", "rolloutZero", "validUntil")
_SCOPE = ("subject", "level", "board", "specVersion")
_OF_A_PERSON = {ReasonCode.ROLE, ReasonCode.REASON_REQUIRED, ReasonCode.DECISION_RECORD}


@dataclass(frozen=True, slots=True)
class WayBack:
    """What to propose now; `remaining` says what is to be proposed after it, in order, in words."""

    patch: Patch
    remaining: tuple[str, ...]

    @property
    def words(self) -> str:
        """What remains, in a sentence; empty where nothing does."""
        if not self.remaining:
            return ""
        return (
            "the first of several steps back, one dimension each; after it propose, in this order: "
            f"{'; '.join(self.remaining)} (not `revert`, which would undo this step)"
        )


def way_back(tx: Transaction) -> WayBack:
    """How the last change is undone. Raises `InvalidChange` where there is none."""
    newest = newest_revision(tx)
    if newest.before is None:
        raise InvalidChange("there is no change to undo yet")
    now, then = newest.after, newest.before
    patch = {key: then[key] for key in _KEYS if then[key] != now[key]}
    if not patch:
        raise InvalidChange("the last revision changed nothing that could be undone")
    current, wanted = control_values(now), _values(now, patch)
    deltas = diff(current, wanted)
    moved = {delta.dimension for delta in deltas if delta.direction is not Direction.NEUTRAL}
    if len(moved) < 2 or not widens(deltas):
        return WayBack(patch, ())
    state = replace(gather(tx, None), mode=Mode.ENFORCE)
    first = next((step for step in _steps(now, then, current) if _is_legal(state, now, step)), None)
    if first is None:
        return WayBack(patch, ())  # the refusal says what stands in the way
    left = diff(_values(now, first), wanted)
    return WayBack(first, tuple(delta.words for delta in left if delta.direction is not Direction.NEUTRAL))


def _steps(now: Document, then: Document, current: ControlValues) -> Iterator[Patch]:
    """Single steps towards `then`, in the order in which the ladder may allow them."""
    for key in _KEYS:
        if now[key] == then[key]:
            continue
        if key == "allowlist" and now[key]["enabled"] and then[key]["enabled"]:
            yield from _scope_steps(now[key], then[key])
        yield {key: then[key]}
        higher = next_percent(current)
        if key == "percent" and higher is not None and higher < then[key]:
            yield {key: higher}


def _scope_steps(now: Mapping[str, Any], then: Mapping[str, Any]) -> Iterator[Patch]:
    """The allowlist of now with one dimension of each rule as it was then."""
    before = {rule["id"]: rule for rule in then["rules"]}
    for name in (*_SCOPE, "kinds", "slotIds"):
        rules = [_with(rule, before.get(rule["id"], rule), name) for rule in now["rules"]]
        if rules != now["rules"]:
            yield {"allowlist": {**now, "rules": rules}}


def _with(rule: Mapping[str, Any], old: Mapping[str, Any], name: str) -> dict[str, Any]:
    if name in _SCOPE:
        return {**rule, "appliesTo": {**rule["appliesTo"], name: old["appliesTo"][name]}}
    slots = {"maxJobsPerRun": old["maxJobsPerRun"]} if name == "slotIds" else {}
    return {**rule, name: old[name], **slots}


def _is_legal(state: State, now: Document, patch: Patch) -> bool:
    """Whether `enforce` would take up this step, from somebody who may propose and says why."""
    intent = Intent(
        intent_id="revert",
        at_ns=0,
        actor=Actor("revert", frozenset({Role.ENGINEERING_OWNER})),
        moment=Moment.PROPOSE,
        change=ControlsChange(after=_values(now, patch)),
        base_revision=state.revision,
        reason="revert",
        decision_record="",
        content_digest="",
    )
    decision = review(intent, state, no_evidence(state.revision, 0), 0)
    return set(decision.reason_codes) <= _OF_A_PERSON


def _values(now: Document, patch: Patch) -> ControlValues:
    return control_values(patched(now, patch, revision=now["revision"] + 1, at_ns=0))
