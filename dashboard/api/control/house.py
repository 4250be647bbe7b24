"""What the control API reaches of the home that is served."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any

from dashboard.api.control.keys import Keys
from dashboard.auth.access import Access
from dashboard.auth.threads import Threads
from dashboard.commands.perform import Performer
from dashboard.telemetry.port import Telemetry
from gates.changes.belonging import open_store
from gates.changes.service import ChangeService
from gates.home import Home
from gates.store.port import StorePort

_AT_WORK, _AT_THE_DOOR, _NARROWING = 16, 8, 8


class Pools:
    """Threads of the API's own: its slow calls stand before none of another family, least of all the kill.

    Whoever asks is looked at in `door`, what takes away runs in `narrowing`, everything else in `work`.
    """

    def __init__(self) -> None:
        self.work = Threads(_AT_WORK)
        self.door = Threads(_AT_THE_DOOR)
        self.narrowing = Threads(_NARROWING)


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """One home.

    `performer` carries out what is asked, as for pages; `to_look` opens the change service only to ask it.
    `examined` and `invariants` are the documents of `slotgate doctor`; `keys` knows the calls that are not
    done twice; `sleep` takes seconds.
    """

    access: Access
    performer: Performer
    to_look: Callable[[], AbstractContextManager[ChangeService]]
    telemetry: Telemetry
    examined: Callable[[], dict[str, Any]]
    invariants: Callable[[], dict[str, Any]]
    pools: Pools
    keys: Keys
    sleep: Callable[[float], None]

    @property
    def home(self) -> Home:
        """Its files."""
        return self.access.home

    @contextmanager
    def store(self) -> Iterator[StorePort]:
        """Its store, opened for one call. Raises a `StoreError`."""
        store = open_store(self.home, self.access.place)
        try:
            yield store
        finally:
            store.close()

    def now_ns(self) -> int:
        """Epoch nanoseconds."""
        return self.access.clock()
