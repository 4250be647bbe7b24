"""The enable sequence and the ladder of steps as a reader stands on them, each step with what keeps it.

What may be done is asked of the policy, by a rehearsal that records nothing; only the order is known here.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from dashboard.data.controls_example import smallest, wider
from dashboard.data.controls_page import ControlsNow
from gates.changes.content import Terms
from gates.changes.documents import Patch
from gates.changes.rehearsing import Rehearsal
from gates.changes.service import ChangeService
from gates.errors import InvalidChange
from gates.policy.evidence import ReviewEvidence, Verification
from gates.policy.intent import Actor, Role
from gates.policy.ladder_steps import BROADEN_OF, PERCENT_OF, may_broaden, next_percent
from gates.policy.outcome import Finding, Outcome, ReasonCode
from gates.policy.sequence import EnableStep, in_sequence, next_enable_step
from gates.policy.values import ENDLESS, ControlValues
from schemas.stages import Step

VERIFY, RELEASE, RESET = "verify", "release", "reset"
KILL_ON, FEATURE_ON, ALLOWLIST_ON, FIRST_PERCENT = "kill-on", "feature-on", "allowlist-on", "percent-1"
SEQUENCE = (KILL_ON, FEATURE_ON, ALLOWLIST_ON, FIRST_PERCENT, VERIFY, Step.CANARY_1.value)
UP = (Step.CANARY_5, Step.EXPAND_10, Step.EXPAND_25, Step.EXPAND_50)
_AT = {
    EnableStep.KILL_ON: 0,
    EnableStep.RESET: 1,
    EnableStep.FEATURE_ON: 1,
    EnableStep.ALLOWLIST_ON: 2,
    EnableStep.FIRST_PERCENT: 3,
    EnableStep.KILL_OFF: 4,
}
OF_THE_FORM = {ReasonCode.REASON_REQUIRED, ReasonCode.DECISION_RECORD, ReasonCode.ROLE}
ANYBODY = Actor("rehearsal", frozenset({Role.ENGINEERING_OWNER}))
_SAID = Terms(reason="to be said", broadening_not_needed="to be said")


class Place(StrEnum):
    """Where a rung is, seen from where the rollout stands."""

    BEHIND = "behind"
    HERE = "here"
    NEXT = "next"
    AHEAD = "ahead"


class Way(StrEnum):
    """What a reader does to take a rung."""

    PROPOSE = "propose"
    EDIT = "edit the allowlist"
    STOP = "stop"
    PROBE = "probe"
    AT_ONCE = "at once"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """One step. `patch` is what it changes, null where a form makes it or nothing changes.

    `blocked` says why it cannot be proposed, `would_block` the same where shadow lets it pass, `to_sign`
    what would keep others from signing it as the telemetry stands. `needs_statement`: going to 100 %
    asks for a word on why no broadening is needed.
    """

    name: str
    title: str
    detail: str
    place: Place
    way: Way
    patch: Patch | None = None
    blocked: tuple[Finding, ...] = ()
    would_block: tuple[Finding, ...] = ()
    to_sign: tuple[Finding, ...] = ()
    needs_statement: bool = False
    verification: Verification | None = None


def ladder(service: ChangeService, now: ControlsNow, evidence: ReviewEvidence) -> tuple[Rung, ...]:
    """Every rung, lowest first, as the policy would answer somebody who may propose."""
    return tuple(_judged(service, now, evidence, rung) for rung in _rungs(now, evidence))


def may_be_proposed(rung: Rung) -> bool:
    """Whether proposing it would open a request."""
    return rung.way is Way.PROPOSE and not rung.blocked and rung.patch is not None


def _rungs(now: ControlsNow, evidence: ReviewEvidence) -> Iterator[Rung]:
    values = now.values
    at = _AT[next_enable_step(values)] if in_sequence(values) else None
    yield from _sequence(now, values, at, evidence)
    if at is None and values.released_until_ns != ENDLESS:
        limited = not values.kill
        yield Rung(
            name=RELEASE,
            title="Release the kill" if not limited else "Make the release lasting",
            detail=f"back to {values.step}, {values.percent} %; two people, and telemetry that verifies",
            place=Place.NEXT,
            way=Way.PROPOSE,
            patch={"kill": False},
        )
    live = at is None and values.released_until_ns == ENDLESS
    follows = next_percent(values) if live and not may_broaden(values) else None
    for step in UP:
        yield _percent(values, step, follows, at)
    for dimension, step in BROADEN_OF.items():
        place = _broaden_place(values, step, live, at)
        detail = "one allowlist dimension a change, percent stays; made in the allowlist editor"
        yield Rung(
            name=step.value, title=step.value, detail=detail, place=place, way=Way.EDIT,
            patch=wider(now.document["allowlist"], dimension.value),
        )  # fmt: skip
    yield _percent(values, Step.EXPAND_100, 100 if live and may_broaden(values) else follows, at)
    steady = Place.HERE if values.step is Step.STEADY else Place.AHEAD
    if live and values.step is Step.EXPAND_100:
        steady = Place.NEXT
    yield Rung(
        name=Step.STEADY.value,
        title=Step.STEADY.value,
        detail="the last stage: nothing moves, the name says that the beta criteria are met and signed",
        place=steady,
        way=Way.PROPOSE,
        patch={"step": Step.STEADY.value},
    )


def _sequence(
    now: ControlsNow, values: ControlValues, at: int | None, evidence: ReviewEvidence
) -> Iterator[Rung]:
    if at is not None and next_enable_step(values) is EnableStep.RESET:
        first: Patch = (
            {"percent": 0}
            if values.percent
            else {"allowlist": {**now.document["allowlist"], "enabled": False}}
        )
        yield Rung(
            name=RESET,
            title="Begin anew",
            detail="percent back to 0 and the allowlist off; at once, by one person",
            place=Place.NEXT,
            way=Way.AT_ONCE,
            patch=first,
        )
    allowlist = now.document["allowlist"]
    made: tuple[tuple[str, str, str, Way, Patch | None], ...] = (
        (KILL_ON, "1 · Kill switch on", "everything is a stub while it is on", Way.STOP, None),
        (FEATURE_ON, "2 · Feature on", "the kill stays on", Way.PROPOSE, {"feature": True}),
        (
            ALLOWLIST_ON,
            "3 · Allowlist on",
            "with the smallest rule set: one value in each dimension, one slot, one job a run",
            Way.EDIT,
            {"allowlist": smallest(allowlist)},
        ),
        (FIRST_PERCENT, "4 · Percent 1", "the first canary value; the kill stays on", Way.PROPOSE,
         {"percent": 1}),
        (VERIFY, "5 · Verify", "telemetry since this revision shows that the controls are obeyed",
         Way.PROBE, None),
        (Step.CANARY_1.value, "6 · Kill switch off: canary-1", "1 % of admitted jobs call the model",
         Way.PROPOSE, {"kill": False}),
    )  # fmt: skip
    for index, (name, title, detail, way, patch) in enumerate(made):
        yield Rung(
            name=name,
            title=title,
            detail=detail,
            place=_sequence_place(values, index, at),
            way=way,
            patch=patch,
            verification=evidence.verification if name == VERIFY and at == _AT[EnableStep.KILL_OFF] else None,
        )


def _sequence_place(values: ControlValues, index: int, at: int | None) -> Place:
    last = len(SEQUENCE) - 1
    if at is None:
        return Place.HERE if index == last and values.step is Step.CANARY_1 else Place.BEHIND
    if index == at - 1:
        return Place.HERE
    if index < at:
        return Place.BEHIND
    is_release = at == _AT[EnableStep.KILL_OFF] and index == last
    return Place.NEXT if index == at or is_release else Place.AHEAD


def _percent(values: ControlValues, step: Step, follows: int | None, at: int | None) -> Rung:
    percent = PERCENT_OF[step]
    if values.step is step:
        place = Place.HERE
    elif percent == follows:
        place = Place.NEXT
    else:
        place = Place.BEHIND if at is None and percent <= values.admits_below else Place.AHEAD
    more = max(0, percent - values.admits_below)
    detail = f"{percent} % of the buckets" + (
        f", {more} more than now" if place not in (Place.BEHIND, Place.HERE) else ""
    )
    return Rung(
        name=step.value,
        title=f"{step.value}: {percent} %",
        detail=detail,
        place=place,
        way=Way.PROPOSE,
        patch=None if place in (Place.BEHIND, Place.HERE) else {"percent": percent},
    )


def _broaden_place(values: ControlValues, step: Step, live: bool, at: int | None) -> Place:
    if values.step is step:
        return Place.HERE
    if live and may_broaden(values):
        return Place.NEXT
    over = at is None and values.admits_below > PERCENT_OF[Step.EXPAND_50]
    return Place.BEHIND if over else Place.AHEAD


def _judged(service: ChangeService, now: ControlsNow, evidence: ReviewEvidence, rung: Rung) -> Rung:
    if rung.patch is None or rung.place is Place.BEHIND:
        return rung
    try:
        found = service.would_propose(ANYBODY, rung.patch, _SAID, now.revision, evidence)
        bare = rung.name == Step.EXPAND_100.value and not now.standing.broadened
    except InvalidChange:
        return rung
    findings = tuple(one for one in found.decision.findings if one.code not in OF_THE_FORM)
    is_blocked = found.decision.outcome is Outcome.BLOCKED and bool(findings)
    return _with(rung, found, findings, is_blocked=is_blocked, needs_statement=bare)


def _with(
    rung: Rung, found: Rehearsal, findings: tuple[Finding, ...], *, is_blocked: bool, needs_statement: bool
) -> Rung:
    blocked = found.decision.outcome is Outcome.BLOCKED
    return replace(
        rung,
        blocked=findings if is_blocked else (),
        would_block=() if blocked else findings,
        to_sign=tuple(one for one in found.to_sign if one.code not in OF_THE_FORM),
        needs_statement=needs_statement,
    )
