"""Records as the chain has them, a chain in memory, and senders that answer as they are told."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from dashboard.notify.chain import Link
from dashboard.notify.events import Event, event_of
from dashboard.notify.receivers import WebhookReceiver
from dashboard.notify.sending import Answered, Outgoing, Unanswered
from gates.errors import StoreLocked

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
AT = "2026-11-21T02:22:54.084715000Z"


def record(action: str, seq: int = 1, **fields: Any) -> dict[str, Any]:
    return {
        "v": 1, "seq": seq, "time": AT, "actor": "local|alice", "roles": ["oncall"], "action": action,
        "target": "controls", "before": None, "after": None, "reason": None, "request_id": None,
        "outcome": None, "mode": "enforce", "reason_codes": [], "environment": "test", "late": False,
        "recorded_at": None, "prev": "0" * 64,
    } | fields  # fmt: skip


def event(action: str, seq: int = 1, **fields: Any) -> Event:
    return event_of(record(action, seq, **fields))


def receiver(name: str = "hook", **fields: Any) -> WebhookReceiver:
    document = {"name": name, "kind": "webhook", "url": "https://hook.example/in", "secret": SECRET}
    return WebhookReceiver.model_validate(document | fields)


class MemoryChain:
    """A chain whose records are given to it."""

    def __init__(self) -> None:
        self.records: list[dict[str, Any]] = []
        self.name = "a"
        self.locked = False

    def add(self, action: str, **fields: Any) -> int:
        self.records.append(record(action, len(self.records) + 1, **fields))
        return len(self.records)

    def since(self, seq: int, most: int) -> tuple[Link, ...]:
        if self.locked:
            raise StoreLocked("the store is locked; try again")
        found = self.records[max(1, seq) - 1 :][:most]
        return tuple(Link(one["seq"], f"{self.name}{one['seq']}", event_of(one)) for one in found)

    def tail(self) -> Link | None:
        return next(iter(self.since(len(self.records), 1)), None) if self.records else None


@dataclass
class FakeSender:
    """Answers with what `answers` says for each request, and keeps what was sent."""

    answers: Callable[[Outgoing], Answered | Unanswered] = lambda _: Answered(200, None, b"ok")
    sent: list[Outgoing] = field(default_factory=list)

    def send(self, outgoing: Outgoing, *, allow_private: bool) -> Answered | Unanswered:
        self.sent.append(outgoing)
        return self.answers(outgoing)

    def records(self) -> list[int]:
        """The numbers of the records in the order in which they were sent."""
        return [int(one.headers["webhook-id"].rpartition("-")[2]) for one in self.sent]


def one_after_another(answers: Iterable[int]) -> Callable[[Outgoing], Answered]:
    """Each status once, then 200."""
    left = list(answers)
    return lambda _: Answered(left.pop(0) if left else 200, None, b"")
