"""Records as events, and events in words."""

from typing import Any

import pytest

from dashboard.notify.events import Event, EventType, Incident, event_of
from dashboard.notify.telling import outgoing_of
from dashboard.notify.wording import message_of
from tests.dashboard.notify.chains import event, receiver, record

T, N = EventType, Incident
_RELEASES = (N.KILL, N.KILL_FAILED, N.KILL_BREACHED, N.UNREVIEWED)
ON, OFF = {"kill": True, "revision": 3}, {"kill": False, "revision": 4}
CASES: list[tuple[dict[str, Any], EventType, Incident | None, tuple[Incident, ...]]] = [
    (record("kill"), T.KILL_ENGAGED, N.KILL, (N.KILL_FAILED,)),
    (record("kill again"), T.AUDIT_RECORDED, None, ()),
    (record("kill breached"), T.KILL_BREACHED, N.KILL_BREACHED, ()),
    (record("restore"), T.KILL_ENGAGED, N.KILL, (N.KILL_FAILED,)),
    (record("kill failed"), T.KILL_FAILED, N.KILL_FAILED, ()),
    (record("apply", before=ON, after=OFF), T.KILL_RELEASED, None, _RELEASES),
    (record("apply", before=OFF, after=ON), T.KILL_ENGAGED, N.KILL, (N.KILL_FAILED,)),
    (record("apply", before=OFF, after=OFF), T.CONTROLS_CHANGED, None, ()),
    (record("apply", before=ON, after=OFF, outcome="BLOCKED"), T.CHANGE_REFUSED, None, ()),
    (record("apply", before=ON, after=OFF, outcome="WOULD_BLOCK"), T.KILL_RELEASED, None,
     _RELEASES),
    (record("apply", target="operator"), T.ACCESS_CHANGED, None, ()),
    (record("apply", target="thresholds"), T.RULES_CHANGED, None, ()),
    (record("apply", target="of a later version"), T.RULES_CHANGED, None, ()),
    (record("break glass", before=ON, after=OFF), T.KILL_RELEASED, None, _RELEASES),
    (record("narrow", after={"revision": 5, "deltas": ["percent 10 → 5"]}), T.CONTROLS_CHANGED, None, ()),
    (record("narrow", after={"deltas": ["kill switch off → on"]}), T.KILL_ENGAGED, N.KILL, (N.KILL_FAILED,)),
    (record("reconcile UNREVIEWED_CONTROLS"), T.CONTROLS_UNREVIEWED, N.UNREVIEWED, ()),
    (record("reconcile RELEASE_ENDED"), T.KILL_ENGAGED, N.KILL, (N.KILL_FAILED,)),
    (record("reconcile CONTROLS_REMOVED"), T.KILL_ENGAGED, N.KILL, (N.KILL_FAILED,)),
    (record("reconcile adopted"), T.CONTROLS_CHANGED, None, ()),
    (record("latch roll back"), T.VERDICT_ROLL_BACK, N.ROLL_BACK, ()),
    (record("acknowledge", outcome="ALLOWED"), T.VERDICT_ACKNOWLEDGED, None, (N.ROLL_BACK,)),
    (record("acknowledge", outcome="BLOCKED"), T.CHANGE_REFUSED, None, ()),
    (record("drill kill"), T.DRILL, None, ()),
    (record("drill kill failed"), T.KILL_FAILED, N.KILL_FAILED, ()),
    (record("drill restore", before=ON, after=OFF), T.DRILL, None, _RELEASES),
    (record("drill ends", after={"state": "restored"}), T.DRILL, None, ()),
    (record("drill ends", after={"state": "left_killed"}), T.DRILL, N.KILL, ()),
    (record("propose", request_id="3"), T.REQUEST_OPENED, None, ()),
    (record("approve"), T.REQUEST_APPROVED, None, ()),
    (record("reject"), T.REQUEST_CLOSED, None, ()),
    (record("in force"), T.AUDIT_RECORDED, None, ()),
    (record("never in force", late=True), T.REQUEST_CLOSED, None, ()),
    (record("reconcile undone"), T.CONTROLS_CHANGED, None, ()),
    (record("kill refused"), T.ACCESS_REFUSED, None, ()),
    (record("sign in refused"), T.ACCESS_REFUSED, None, ()),
    (record("budget warning"), T.BUDGET_WARNING, None, ()),
    (record("of a later version"), T.AUDIT_RECORDED, None, ()),
    ({"seq": 7, "action": "(unreadable record)"}, T.AUDIT_RECORDED, None, ()),
    ({"seq": 7, "action": 5, "after": [], "before": 3, "reason_codes": "x"}, T.AUDIT_RECORDED, None, ()),
]  # fmt: skip


@pytest.mark.parametrize(("said", "kind", "triggers", "resolves"), CASES)
def test_a_record_as_an_event(
    said: dict[str, Any], kind: EventType, triggers: Incident | None, resolves: tuple[Incident, ...]
) -> None:
    found = event_of(said)
    assert (found.type, found.triggers, found.resolves) == (kind, triggers, resolves)
    assert message_of(found, None).headline
    assert outgoing_of(receiver(), found, None, 0)


def test_only_what_was_refused_names_nothing_that_stands() -> None:
    """A kill by somebody who may not kill stops nothing, and resolves nothing."""
    found = event("kill refused", outcome="ALLOWED")
    assert (found.triggers, found.resolves) == (None, ())


@pytest.mark.parametrize("kind", EventType)
def test_every_type_has_words(kind: EventType) -> None:
    found = event("kill", reason="storm", request_id="12", after={"revision": 7, "readBack": "kill is on"})
    found = Event(**{name: getattr(found, name) for name in Event.__dataclass_fields__} | {"type": kind})
    message = message_of(found, "https://gate.example/")
    assert "test" in message.headline
    assert "alice" in message.headline
    assert message.next_step
    assert message.link == "https://gate.example/record/12"
    assert ("reason", "storm") in message.facts


def test_what_people_typed_stays_on_its_line() -> None:
    message = message_of(event("kill", reason="a\nb\x1b[2J\u202e", actor="local|\u202eevil"), None)
    assert ("reason", "a\\nb\\x1b[2J\\u202e") in message.facts
    assert message.headline == "STOPPED: all AI calls in test are stopped, by \\u202eevil"
    assert len(dict(message_of(event("kill", reason="x" * 9_999), None).facts)["reason"]) == 501


def test_a_kill_comes_first() -> None:
    assert event("kill").urgent
    assert event("kill failed").urgent
    assert not event("apply").urgent
