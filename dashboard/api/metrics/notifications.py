"""What receivers of notifications were told as metrics, from what is kept on disk for each."""

from collections.abc import Callable, Iterator
from pathlib import Path

from prometheus_client.metrics_core import Metric

from dashboard.api.metrics.families import counter, gauge, gauges
from dashboard.notify.backlog import Backlog
from dashboard.notify.errors import ReceiversMisconfigured
from dashboard.notify.standing import standing


def of_notifications(root: Path) -> Iterator[Metric]:
    """How it stands with each receiver of the home at `root`; nothing where there is none."""
    try:
        found = standing(root)
    except (ReceiversMisconfigured, OSError):
        yield _up(readable=False)
        return
    if not found:
        return
    yield _up(readable=True)
    told = {one.name: one.backlog or Backlog(after=0, cursor=0) for one in found}

    def each(number: Callable[[Backlog], float]) -> dict[str, float]:
        return {name: number(backlog) for name, backlog in told.items()}

    def grown(number: Callable[[Backlog], float]) -> dict[tuple[str, ...], float]:
        return {(name,): value for name, value in each(number).items()}

    yield gauges("notifications_waiting", "Events that were not delivered yet.", "receiver",
                 each(lambda one: len(one.waiting)))  # fmt: skip
    yield gauges("notifications_disabled", "1: the receiver wants nothing any more.", "receiver",
                 each(lambda one: one.disabled is not None))  # fmt: skip
    yield counter("notifications_delivered", "Events that the receiver took.",
                  grown(lambda one: one.delivered), ("receiver",))  # fmt: skip
    yield counter("notifications_failed", "Events that were given up.",
                  grown(lambda one: one.failures), ("receiver",))  # fmt: skip


def _up(*, readable: bool) -> Metric:
    return gauge("notifications_up", "Whether it is known who is told what.", readable)
