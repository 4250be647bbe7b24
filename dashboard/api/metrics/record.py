"""The record of the home as metrics: its mode, open requests, and what is owed."""

from collections import Counter
from collections.abc import Iterator

from prometheus_client.metrics_core import Metric

from dashboard.api.metrics.families import gauge, gauges, one_hot
from gates.changes.gathering import MODE
from gates.errors import GateError
from gates.policy.intent import Mode
from gates.store.port import StorePort
from gates.store.rows import OwedKind, RequestState

_OPEN = (RequestState.DRAFT, RequestState.IN_REVIEW, RequestState.APPROVED)


def of_record(store: StorePort | None, now_ns: int) -> Iterator[Metric]:
    """What the store says now; where it does not answer (null), only that."""
    found = None if store is None else _asked(store, now_ns)
    said = "Whether the store of requests, people and the audit chain answers."
    yield gauge("record_up", said, found is not None)
    yield from found or ()


def _asked(store: StorePort, now_ns: int) -> tuple[Metric, ...] | None:
    try:
        with store.read() as tx:
            mode = tx.settings.get(MODE)
            states = Counter(request.state for request in tx.requests.open())
            owed = tx.owed.open()
    except (GateError, OSError):
        return None
    open_, late = Counter(one.kind for one in owed), Counter(one.kind for one in owed if one.due_ns < now_ns)
    return (
        one_hot("enforcement_mode", "The enforcement mode of the home.", "mode", Mode, mode),
        gauges("requests_open", "Change requests that are open.", "state", {s: states[s] for s in _OPEN}),
        gauges("owed", "What is owed by somebody who acted alone.", "kind", {k: open_[k] for k in OwedKind}),
        gauges("owed_overdue", "What of it is overdue.", "kind", {k: late[k] for k in OwedKind}),
    )
