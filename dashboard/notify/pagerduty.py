"""PagerDuty's Events API v2: incidents begin and end by a key, changes are told as changes.

https://developer.pagerduty.com/docs/events-api-v2-overview. A request that is sent again changes nothing:
the key names the incident.
"""

import json
from typing import Any

from dashboard.notify.events import Event, EventType, Incident
from dashboard.notify.sending import Outgoing
from dashboard.notify.wording import Message

ALERTS_PATH, CHANGES_PATH = "/v2/enqueue", "/v2/change/enqueue"
_LONGEST_SUMMARY = 1_024
_SEVERITY = {
    Incident.KILL: "critical",
    Incident.KILL_FAILED: "critical",
    Incident.KILL_BREACHED: "critical",
    Incident.UNREVIEWED: "critical",
    Incident.ROLL_BACK: "error",
}
_CHANGES = frozenset(
    {EventType.KILL_RELEASED, EventType.CONTROLS_CHANGED, EventType.RULES_CHANGED, EventType.DRILL}
)


def pagerduty_requests(url: str, routing_key: str, event: Event, message: Message) -> tuple[Outgoing, ...]:
    """The POSTs for `event`, in order; none where it begins and ends nothing and changes nothing."""
    base = url.rstrip("/")
    found = [
        _posted(f"{base}{ALERTS_PATH}", {**_named(routing_key, event, ended), "event_action": "resolve"})
        for ended in event.resolves
    ]
    if event.triggers is not None:
        found.append(_posted(f"{base}{ALERTS_PATH}", _alert(routing_key, event, message, event.triggers)))
    if event.type in _CHANGES or event.type is EventType.TEST:
        body = {"routing_key": routing_key, "payload": _payload(event, message), "links": _links(message)}
        found.append(_posted(f"{base}{CHANGES_PATH}", body))
    return tuple(found)


def _alert(routing_key: str, event: Event, message: Message, incident: Incident) -> dict[str, Any]:
    more = {"severity": _SEVERITY[incident], "component": "slotgate", "class": event.type.value}
    return {
        **_named(routing_key, event, incident),
        "event_action": "trigger",
        "payload": {**_payload(event, message), **more},
        "links": _links(message),
        "client": "slotgate",
    }


def _named(routing_key: str, event: Event, incident: Incident) -> dict[str, Any]:
    return {"routing_key": routing_key, "dedup_key": f"slotgate/{event.environment}/{incident}"[:255]}


def _payload(event: Event, message: Message) -> dict[str, Any]:
    return {
        "summary": message.headline[:_LONGEST_SUMMARY],
        "source": event.environment,
        "timestamp": event.at,
        "custom_details": {**dict(message.facts), "next": message.next_step},
    }


def _links(message: Message) -> list[dict[str, str]]:
    return [] if message.link is None else [{"href": message.link, "text": "Open slotgate"}]


def _posted(url: str, body: dict[str, Any]) -> Outgoing:
    headers = {"Content-Type": "application/json", "User-Agent": "slotgate"}
    return Outgoing(url, headers, json.dumps(body).encode())
