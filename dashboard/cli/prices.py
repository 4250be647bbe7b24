"""What a model's tokens cost: the price table that cost estimates and a limit of money go by.

  show       the prices.v1 document in force, and who put it there
  set FILE   put another in force, by an admin; under a limit of money a lower or missing price takes two
             people where rules are enforced, because less would be counted

Costs are estimates. A model that the table does not name has no cost that is known, never none.

exit codes: 0 shown, done or requested · 1 refused · 2 wrong usage · 3 no such document · 4 home unusable ·
5 the table moved on
"""

from argparse import ArgumentParser, Namespace

from dashboard.cli.spending import configure_words, show_or_set
from gates.changes.spending import SpendingDocument


def configure(parser: ArgumentParser) -> None:
    """Declare the words."""
    configure_words(parser, "a prices.v1 document")


def execute(arguments: Namespace) -> int:
    """Show or set it."""
    return show_or_set(arguments, SpendingDocument.PRICES)
