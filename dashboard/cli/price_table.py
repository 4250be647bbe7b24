"""The price table of a home, for a command that only wants to estimate."""

from dashboard.cli.store import store_of
from gates.changes.spending import spending_in_force
from gates.errors import GateError, StoreMissing
from gates.home import Home
from gates.spending.prices import PriceTable


def price_table_of(home: Home) -> tuple[PriceTable | None, str | None]:
    """The table, null where none is set; and why it cannot be read, or null."""
    try:
        store = store_of(home)
    except (StoreMissing, ImportError):  # no home of people, or a host without the store: nobody set a table
        return None, None
    except GateError as error:
        return None, str(error)
    try:
        with store.read() as tx:
            found = spending_in_force(tx)
        return found.prices, found.unreadable
    except GateError as error:
        return None, str(error)
    finally:
        store.close()
