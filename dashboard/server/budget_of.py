"""The budget guard of a home, put together; also where its telemetry cannot be used."""

from collections.abc import Callable
from functools import partial

from dashboard.server.budget import BudgetGuard
from dashboard.server.own_log import say
from dashboard.server.own_service import blind_service, own_service
from gates.changes.ports import NoEvidence
from gates.controls.reader import ControlFile
from gates.home import Home
from gates.spending.used import DayUsage
from ingest.errors import StoreError


def budget_guard(
    home: Home, usage: Callable[[int], DayUsage], generation: Callable[[], int], lag: Callable[[], str | None]
) -> BudgetGuard:
    """See `BudgetGuard` for `usage`, `generation` and `lag`."""
    return BudgetGuard(
        partial(own_service, home, NoEvidence()),
        partial(blind_service, home),
        usage,
        generation,
        lag,
        ControlFile(home.control_file),
        say,
    )


def guard_without_telemetry(home: Home, why: str) -> BudgetGuard:
    """Nothing can be counted, because `why`: the budget says whether that stops."""

    def usage(_day_no: int) -> DayUsage:
        raise StoreError(why)

    return budget_guard(home, usage, lambda: 0, lambda: None)
