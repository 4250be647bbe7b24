"""A store outside its home says whose it is: else a wrong URL would publish another home's controls here."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from gates.controls.durable import replace, sync_folder
from gates.errors import HomeError, StoreError, StoreMissing
from gates.home import Home

if TYPE_CHECKING:  # kill imports this before it knows whether there is a store to open
    from gates.store.store import Store

SETTING = "home"
Place = Path | str


def open_store(home: Home, place: Place, busy_seconds: float | None = None) -> "Store":
    """The store of `home` at `place`, a path or a URL.

    Raises a `StoreError`; `StoreMissing` where it is the store of another home.
    """
    from gates.store.store import BUSY_SECONDS, Store

    if place == home.store:
        require_own_store(home)
    store = Store.open(place, BUSY_SECONDS if busy_seconds is None else busy_seconds)
    if place == home.store:  # it lies in the home
        return store
    try:
        with store.read() as tx:
            owner = tx.settings.get(SETTING)
        if owner is None or owner != _written(home):
            raise StoreMissing(
                f"the store that was named is not that of `{home.root}`; name the right one, or another home"
            )
    except BaseException:
        store.close()
        raise
    return store


def require_own_store(home: Home) -> None:
    """Raise `StoreMissing` where the store of `home` is known to lie elsewhere: one in it is another."""
    if os.path.lexists(home.store_owner):
        raise StoreMissing(
            f"the store of `{home.root}` lies elsewhere; set SLOTGATE_STORE_URL to where it is"
        )


def claim(home: Home, owner: str) -> None:
    """Write down in the home which store is its own. Raises `HomeError`."""
    try:
        replace(home.store_owner, f"{owner}\n".encode(), lambda: None)
        sync_folder(home.root)
    except OSError as error:
        raise HomeError(
            f"cannot write `{home.store_owner}`: {(error.strerror or 'failed').lower()}; make it writable"
        ) from error


def _written(home: Home) -> str | None:
    try:
        return home.store_owner.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise StoreError(f"`{home.store_owner}` cannot be read; restore it from a backup") from error
