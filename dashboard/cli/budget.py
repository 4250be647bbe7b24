"""What may be spent in a UTC day: calls, tokens, money. `slotgate serve` warns at 80 % and stops at 100 %.

  show       the budget.v1 document in force, who put it there, and how far it is used today
  set FILE   put another in force, by an admin; a limit that rises or goes takes two people where rules
             are enforced: approve it, then apply it

The stop is a kill like any other, by `system|budget`: only a reviewed release ends it, and only once the
limit was raised or the day is over does it last. docs/budget.md explains what is counted.

exit codes: 0 shown, done or requested · 1 refused · 2 wrong usage · 3 no such document · 4 home unusable ·
5 the budget moved on
"""

import time
from argparse import ArgumentParser, Namespace
from typing import Any

from dashboard.cli.guarded import Guarded
from dashboard.cli.spending import configure_words, show_or_set
from dashboard.documents import spending as documents
from gates.changes.spending import SpendingDocument
from gates.spending.budget import standings, warnings
from gates.spending.used import DayUsage


def configure(parser: ArgumentParser) -> None:
    """Declare the words."""
    configure_words(parser, "a budget.v1 document")


def execute(arguments: Namespace) -> int:
    """Show or set it."""
    return show_or_set(arguments, SpendingDocument.BUDGET, _today)


def _today(guarded: Guarded) -> tuple[list[dict[str, Any]], list[str]]:
    """How far each limit is used today: as JSON has it, and in words."""
    spending = guarded.service.spending()
    if spending.budget is None or not spending.budget.limits:
        return [], []
    found = standings(spending.budget, _used(guarded), spending.prices)
    said = [f"{one.limit.value}: {one.words}" for one in found]
    said += [words for name, words in warnings(found) if name.endswith("unknown")]
    return [documents.used(one) for one in found], said


def _used(guarded: Guarded) -> DayUsage:
    from dashboard.telemetry.at_home import HomeTelemetry
    from ingest.usage import DAY_NS

    return HomeTelemetry(guarded.home).day_usage(time.time_ns() // DAY_NS)
