"""A webhook: a CloudEvents 1.0 event as structured JSON, signed as Standard Webhooks.

https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md and
https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md. The body
depends on the record alone, so that a repetition has the same id and the same body.
"""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from standardwebhooks.webhooks import Webhook

from dashboard.notify.events import Event
from dashboard.notify.sending import Outgoing
from dashboard.notify.wording import Message
from schemas.instant import SECOND

TYPE_PREFIX = "slotgate."


def event_id(event: Event) -> str:
    """What names an event for ever, so that a receiver can drop repetitions."""
    # Standard Webhooks signs `id.timestamp.body`: no dot may stand in the id.
    environment = quote(event.environment, safe="").replace(".", "%2E")
    return f"slotgate-{environment}-{event.seq}"


def webhook_request(url: str, secret: str, event: Event, message: Message, now_ns: int) -> Outgoing:
    """The POST for `event`; `now_ns` is the moment of this attempt, which the signature covers."""
    body = JSONFormat().write(_cloud_event(event, message))
    name, moment = event_id(event), datetime.fromtimestamp(now_ns // SECOND, UTC)
    headers = {
        "Content-Type": "application/cloudevents+json; charset=utf-8",
        "User-Agent": "slotgate",
        "webhook-id": name,
        "webhook-timestamp": str(now_ns // SECOND),
        "webhook-signature": Webhook(secret).sign(name, moment, body.decode()),
    }
    return Outgoing(url, headers, body)


def _cloud_event(event: Event, message: Message) -> CloudEvent:
    attributes: dict[str, Any] = {
        "id": event_id(event),
        "source": f"urn:slotgate:{quote(event.environment, safe='')}",
        "type": f"{TYPE_PREFIX}{event.type}",
        "specversion": "1.0",
        "datacontenttype": "application/json",
        "subject": event.target or "slotgate",
    }
    if event.at:
        attributes["time"] = datetime.fromisoformat(event.at)
    data = {
        "headline": message.headline,
        "nextStep": message.next_step,
        "link": message.link,
        "environment": event.environment,
        "record": event.seq,
        "action": event.action,
        "target": event.target,
        "actor": event.actor,
        "reason": event.reason or None,
        "words": event.words or None,
        "request": event.request or None,
        "revision": event.revision,
        "outcome": event.outcome or None,
        "reasonCodes": list(event.codes),
        "late": event.late,
        "incident": event.triggers,
        "ends": list(event.resolves),
    }
    return CloudEvent(attributes, data)
