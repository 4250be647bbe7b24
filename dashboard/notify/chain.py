"""The audit chain, as far as notifications read it: records by number, and where it ends."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from typing import Protocol

from dashboard.notify.events import Event, event_of
from gates.store.audit.export import said
from gates.store.rows import AuditRecord
from gates.store.store import Store


@dataclass(frozen=True, slots=True)
class Link:
    """A record: its number, its leaf hash, and the event that it is."""

    seq: int
    leaf: str
    event: Event


class Chain(Protocol):
    """Both raise a `StoreError` when the store cannot be read."""

    def since(self, seq: int, most: int) -> tuple[Link, ...]:
        """The records from number `seq` on, oldest first, at most so many."""

    def tail(self) -> Link | None:
        """The newest record, or null."""


class StoreChain:
    """The chain of a store, which is opened for each look: nothing is held while nothing is read."""

    def __init__(self, opened: Callable[[], Store]) -> None:
        self._opened = opened

    def since(self, seq: int, most: int) -> tuple[Link, ...]:
        """The records from number `seq` on, oldest first, at most so many."""
        with closing(self._opened()) as store, store.read() as tx:
            return tuple(_link(record) for record in islice(tx.audit.iterate(max(1, seq)), most))

    def tail(self) -> Link | None:
        """The newest record, or null."""
        with closing(self._opened()) as store, store.read() as tx:
            found = tx.audit.tail()
        return None if found is None else _link(found)


def _link(record: AuditRecord) -> Link:
    return Link(record.seq, record.leaf, event_of({**said(record), "seq": record.seq}))
