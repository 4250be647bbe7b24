"""Which event a record of the audit chain is. Pure: a record in, an event out.

The actions of records are listed in docs/audit.md. One that is not known here is still an event, of the
type `audit.recorded`: whoever selects that gets every record there is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class EventType(StrEnum):
    """What a receiver selects. Stable: types are added, never renamed."""

    KILL_ENGAGED = "kill.engaged"
    KILL_FAILED = "kill.failed"
    KILL_BREACHED = "kill.breached"
    KILL_RELEASED = "kill.released"
    CONTROLS_CHANGED = "controls.changed"
    CONTROLS_UNREVIEWED = "controls.unreviewed"
    VERDICT_ROLL_BACK = "verdict.roll_back"
    VERDICT_ACKNOWLEDGED = "verdict.acknowledged"
    REQUEST_OPENED = "request.opened"
    REQUEST_APPROVED = "request.approved"
    REQUEST_CLOSED = "request.closed"
    CHANGE_REFUSED = "change.refused"
    DRILL = "drill"
    RULES_CHANGED = "rules.changed"
    BUDGET_WARNING = "budget.warning"
    ACCESS_CHANGED = "access.changed"
    ACCESS_REFUSED = "access.refused"
    AUDIT_RECORDED = "audit.recorded"
    TEST = "test"


class Incident(StrEnum):
    """What stands until it is over; one of each at a time in an environment."""

    KILL = "kill"
    KILL_FAILED = "kill-failed"
    KILL_BREACHED = "kill-breached"
    UNREVIEWED = "unreviewed-controls"
    ROLL_BACK = "roll-back"


ALERTS = (
    EventType.KILL_ENGAGED,
    EventType.KILL_FAILED,
    EventType.KILL_BREACHED,
    EventType.KILL_RELEASED,
    EventType.CONTROLS_CHANGED,
    EventType.CONTROLS_UNREVIEWED,
    EventType.VERDICT_ROLL_BACK,
    EventType.VERDICT_ACKNOWLEDGED,
    EventType.BUDGET_WARNING,
)
"""What a receiver gets that selects nothing: what somebody should know, or act on."""

URGENT = frozenset(
    {
        EventType.KILL_ENGAGED,
        EventType.KILL_FAILED,
        EventType.KILL_BREACHED,
        EventType.CONTROLS_UNREVIEWED,
    }
)
"""What overtakes everything else that waits for a receiver."""

_STOPS = ("RELEASE_ENDED", "CONTROLS_REMOVED")
_BY_ACTION = {
    "kill": EventType.KILL_ENGAGED,
    "kill again": EventType.AUDIT_RECORDED,
    "kill failed": EventType.KILL_FAILED,
    "drill kill failed": EventType.KILL_FAILED,
    "kill breached": EventType.KILL_BREACHED,
    "restore": EventType.KILL_ENGAGED,
    "narrow": EventType.CONTROLS_CHANGED,
    "break glass": EventType.CONTROLS_CHANGED,
    "drill": EventType.DRILL,
    "drill kill": EventType.DRILL,
    "drill restore": EventType.DRILL,
    "drill ends": EventType.DRILL,
    "latch roll back": EventType.VERDICT_ROLL_BACK,
    "acknowledge": EventType.VERDICT_ACKNOWLEDGED,
    "propose": EventType.REQUEST_OPENED,
    "edit": EventType.REQUEST_OPENED,
    "approve": EventType.REQUEST_APPROVED,
    "reject": EventType.REQUEST_CLOSED,
    "expire": EventType.REQUEST_CLOSED,
    "never in force": EventType.REQUEST_CLOSED,
    "mode": EventType.RULES_CHANGED,
    "auto-narrow": EventType.RULES_CHANGED,
    "retention": EventType.RULES_CHANGED,
    "thresholds": EventType.RULES_CHANGED,
    "budget warning": EventType.BUDGET_WARNING,
    "operators": EventType.ACCESS_CHANGED,
    "set password": EventType.ACCESS_CHANGED,
    "add receiver": EventType.ACCESS_CHANGED,
    "remove receiver": EventType.ACCESS_CHANGED,
}
_TRIGGERS = {
    EventType.KILL_ENGAGED: Incident.KILL,
    EventType.KILL_FAILED: Incident.KILL_FAILED,
    EventType.KILL_BREACHED: Incident.KILL_BREACHED,
    EventType.CONTROLS_UNREVIEWED: Incident.UNREVIEWED,
    EventType.VERDICT_ROLL_BACK: Incident.ROLL_BACK,
}
_RESOLVES = {
    EventType.KILL_ENGAGED: (Incident.KILL_FAILED,),
    # Whoever released the kill had the controls reviewed.
    EventType.KILL_RELEASED: (
        Incident.KILL,
        Incident.KILL_FAILED,
        Incident.KILL_BREACHED,
        Incident.UNREVIEWED,
    ),
    EventType.VERDICT_ACKNOWLEDGED: (Incident.ROLL_BACK,),
}
_ON_APPLY = {"controls": EventType.CONTROLS_CHANGED, "operator": EventType.ACCESS_CHANGED}
"""By the kind of the request; all others are rules: modes, thresholds, budgets, prices."""

_KILL_ON = "kill switch off → on"
"""How a difference of controls says it (`gates.policy.diff`)."""


@dataclass(frozen=True, slots=True)
class Event:
    """One record, as something to tell.

    `seq` is its number in the chain, 0 for a test. `at` is RFC 3339, when it happened. Everything from
    `actor` on may quote what people typed. `words` is what was done, as the record says it.
    """

    seq: int
    type: EventType
    at: str
    environment: str
    action: str
    target: str
    actor: str
    reason: str
    words: str
    request: str
    revision: int | None
    outcome: str
    codes: tuple[str, ...]
    late: bool
    triggers: Incident | None
    resolves: tuple[Incident, ...]

    @property
    def urgent(self) -> bool:
        """Whether it overtakes what else waits."""
        return self.type in URGENT


def event_of(record: Mapping[str, Any]) -> Event:
    """The event that a record of the chain is."""
    kind = _type(record)
    after = _object(record.get("after"))
    revision = after.get("revision")
    codes = record.get("reason_codes")
    return Event(
        seq=int(record.get("seq") or 0),
        type=kind,
        at=_text(record.get("time")),
        environment=_text(record.get("environment")) or "unnamed",
        action=_text(record.get("action")),
        target=_text(record.get("target")),
        actor=_text(record.get("actor")),
        reason=_text(record.get("reason")),
        words=_words(after),
        request=_text(record.get("request_id")),
        revision=revision if isinstance(revision, int) else None,
        outcome=_text(record.get("outcome")),
        codes=tuple(map(str, codes)) if isinstance(codes, list) else (),
        late=record.get("late") is True,
        triggers=_TRIGGERS.get(kind) or (Incident.KILL if _left_killed(record) else None),
        resolves=_RESOLVES.get(EventType.KILL_RELEASED if _brought_back(record) else kind, ()),
    )


def _type(record: Mapping[str, Any]) -> EventType:
    action = _text(record.get("action"))
    if action.endswith(" refused"):
        return EventType.ACCESS_REFUSED
    if record.get("outcome") == "BLOCKED":
        return EventType.CHANGE_REFUSED
    if action.startswith("reconcile "):
        return _of_reconciling(action.removeprefix("reconcile "))
    kind = _BY_ACTION.get(action, EventType.AUDIT_RECORDED)
    if action == "apply":
        kind = _ON_APPLY.get(_text(record.get("target")), EventType.RULES_CHANGED)
    if kind is not EventType.CONTROLS_CHANGED:
        return kind
    match _kill_of(record):
        case (True, False):
            return EventType.KILL_RELEASED
        case (False, True):
            return EventType.KILL_ENGAGED
        case _:
            return kind


def _of_reconciling(code: str) -> EventType:
    if code == "UNREVIEWED_CONTROLS":
        return EventType.CONTROLS_UNREVIEWED
    return EventType.KILL_ENGAGED if code in _STOPS else EventType.CONTROLS_CHANGED


def _kill_of(record: Mapping[str, Any]) -> tuple[bool, bool] | None:
    """The kill switch before and after, where the record says both."""
    found = _object(record.get("after"))
    before, after = _object(record.get("before")).get("kill"), found.get("kill")
    deltas = found.get("deltas")
    if isinstance(deltas, list) and _KILL_ON in deltas:
        return (False, True)
    return (before, after) if isinstance(before, bool) and isinstance(after, bool) else None


def _left_killed(record: Mapping[str, Any]) -> bool:
    """A drill whose kill was not confirmed, or not taken back: everything is stopped for real."""
    after = _object(record.get("after"))
    return record.get("action") == "drill ends" and after.get("state") == "left_killed"


def _brought_back(record: Mapping[str, Any]) -> bool:
    """A drill that ended as it should, after a kill that may have been real meanwhile."""
    return record.get("action") == "drill restore" and _kill_of(record) == (True, False)


def _words(after: Mapping[str, Any]) -> str:
    for name in ("words", "readBack"):
        if isinstance(after.get(name), str) and after[name]:
            return str(after[name])
    deltas = after.get("deltas")
    return "; ".join(map(str, deltas)) if isinstance(deltas, list) else ""


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
