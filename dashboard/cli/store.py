"""The one place that reads where the store of a home is: a URL in the environment, else its `gate.db`."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from gates.changes.belonging import open_store
from gates.home import Home

if TYPE_CHECKING:
    from gates.store.store import Store

STORE_VARIABLE = "SLOTGATE_STORE_URL"


def place_of(home: Home) -> Path | str:
    """Set but empty is as not set."""
    return os.environ.get(STORE_VARIABLE) or home.store


def store_of(home: Home) -> "Store":
    """The opened store of `home`. Raises a `StoreError`."""
    return open_store(home, place_of(home))
