"""Gather what decides which rows may go: the setting, what is looked at, and the history of the home.

What cannot be gathered raises: then no row goes.
"""

from dashboard.telemetry.retaining import RetainRequest
from gates.changes.service import ChangeService
from gates.home import Home
from ingest.history.controls import read_home_history
from ingest.retention.needs import Wanted, needs_of
from ingest.retention.run import Order


def retain_request(
    home: Home, service: ChangeService, now_ns: int, *, trusts_clock: bool = False
) -> RetainRequest:
    """What a pass over `home` is to delete, as of `now_ns`.

    Raises a `StoreError` of the change store, `InvalidHistory`, and `NeedUnknown`.
    """
    kept = service.retention().in_force(now_ns)
    wanted = [Wanted(one.why, one.revision, one.since_ns) for one in service.looked_at()]
    history = read_home_history(home.history)
    needs = needs_of(() if history is None else history.intervals, wanted, now_ns)
    return RetainRequest(
        order=Order(days=kept.days, needs=needs, trusts_clock=trusts_clock), archive=kept.archive
    )
