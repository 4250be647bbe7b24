"""What is sent to a receiver for an event, and what its answer means."""

from dataclasses import dataclass
from typing import assert_never

from dashboard.notify.events import Event
from dashboard.notify.pagerduty import pagerduty_requests
from dashboard.notify.receivers import PagerDutyReceiver, Receiver, SlackReceiver, WebhookReceiver
from dashboard.notify.sending import Answered, Outgoing, Sender, Unanswered
from dashboard.notify.slack import slack_request
from dashboard.notify.webhook import webhook_request
from dashboard.notify.wording import message_of

_LONGEST_SAID = 200
_NEVER_TAKEN = (400, 413, 422)
_GONE = 410


@dataclass(frozen=True, slots=True)
class Told:
    """The receiver has it."""


@dataclass(frozen=True, slots=True)
class Later:
    """It may have it later; `at_least_s` is what it asked to be left alone for."""

    why: str
    at_least_s: float


@dataclass(frozen=True, slots=True)
class Never:
    """It does not take this event."""

    why: str


@dataclass(frozen=True, slots=True)
class Gone:
    """It wants nothing any more (410)."""

    why: str


Result = Told | Later | Never | Gone


def outgoing_of(
    receiver: Receiver, event: Event, public_url: str | None, now_ns: int
) -> tuple[Outgoing, ...]:
    """The requests that tell `receiver` of `event`, in order."""
    message = message_of(event, public_url)
    match receiver:
        case WebhookReceiver():
            secret = receiver.secret.get_secret_value()
            return (webhook_request(receiver.target, secret, event, message, now_ns),)
        case PagerDutyReceiver():
            key = receiver.routingKey.get_secret_value()
            return pagerduty_requests(receiver.target, key, event, message)
        case SlackReceiver():
            return (slack_request(receiver.target, event, message),)
        case _:
            assert_never(receiver)


def tell(sender: Sender, receiver: Receiver, event: Event, public_url: str | None, now_ns: int) -> Result:
    """Send all of it; the first request that fails decides. Blocking, within the bounds of `sender`."""
    for outgoing in outgoing_of(receiver, event, public_url, now_ns):
        result = meaning(sender.send(outgoing, allow_private=receiver.allowPrivate))
        if not isinstance(result, Told):
            return result
    return Told()


def meaning(answer: Answered | Unanswered) -> Result:
    """What an answer, or none, means for the event."""
    match answer:
        case Unanswered(why):
            return Later(why, 0.0)
        case Answered(status, retry_after, body):
            said = f"answered {status} {_quoted(body)}".strip()
            if 200 <= status < 300:
                return Told()
            if status == _GONE:
                return Gone(said)
            if status in _NEVER_TAKEN:
                return Never(said)
            return Later(said, _seconds(retry_after))
        case _:
            assert_never(answer)


def _seconds(retry_after: str | None) -> float:
    """The header as seconds; a date is not worth a clock, the pauses grow by themselves."""
    text = (retry_after or "").strip()
    return float(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0.0


def _quoted(body: bytes) -> str:
    text = body[:_LONGEST_SAID].decode("utf-8", "replace")
    return "".join(char if char.isprintable() else " " for char in text).strip()
