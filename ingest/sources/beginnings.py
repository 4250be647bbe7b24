"""Which sources begin like a file, however many begin with the same line: found by digests of first bytes.

A source keeps the digests of its first 256, 2,048 and 16,384 bytes, as far as it has so many. A file is
looked for among those that have its own, and among those that are shorter than the next one.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from typing import Generic, Protocol, TypeVar

LENGTHS = (256, 2_048, 16_384)
_DIGEST = 16


class Beginning(Protocol):
    """What is looked at of a source."""

    @property
    def source_id(self) -> int:
        """Tells sources apart."""

    @property
    def first_line(self) -> bytes | None:
        """The digest of its first line; None while that has no end."""

    @property
    def beginnings(self) -> tuple[bytes, ...]:
        """The digests of its first `LENGTHS` bytes, as far as they are known."""


Some = TypeVar("Some", bound=Beginning)
Read = Callable[[int], bytes]
"""The first so many bytes of a file; all of it where it is shorter."""


def digest_of_beginning(data: bytes) -> bytes:
    """What a source keeps of its first bytes."""
    return hashlib.sha256(data).digest()[:_DIGEST]


def within(beginnings: tuple[bytes, ...], length: int) -> tuple[bytes, ...]:
    """Those of the first `length` bytes or less."""
    return beginnings[: sum(one <= length for one in LENGTHS)]


class Alike(Generic[Some]):
    """The sources that begin with the same bytes: those of which no more is known, and the others by more."""

    __slots__ = ("ending_here", "longer")

    def __init__(self) -> None:
        self.ending_here: dict[int, Some] = {}
        self.longer: dict[bytes, Alike[Some]] = {}

    def everyone(self) -> Iterator[Some]:
        """All sources that begin so."""
        yield from self.ending_here.values()
        for longer in self.longer.values():
            yield from longer.everyone()


class Beginnings(Generic[Some]):
    """Sources by their first lines, and by what follows these."""

    def __init__(self, sources: Iterable[Some]) -> None:
        self._by_line: dict[bytes | None, Alike[Some]] = {}
        for source in sources:
            self.put(source)

    def put(self, source: Some) -> None:
        """A source that is not here."""
        self._place(source).ending_here[source.source_id] = source

    def leave_out(self, source: Some) -> None:
        """A source that is here, as it was put."""
        del self._place(source).ending_here[source.source_id]

    def like(self, first_line: bytes | None, read: Read) -> Iterator[Some]:
        """The sources that may begin with all of a file, or with all of which the file may begin.

        No more is read of the file than there are sources to compare it with.
        """
        alike = self._by_line.get(first_line)
        for length in LENGTHS:
            if alike is None or not alike.longer:
                break
            data = read(length)
            if len(data) < length:
                yield from alike.everyone()
                return
            yield from alike.ending_here.values()
            alike = alike.longer.get(digest_of_beginning(data))
        if alike is not None:
            yield from alike.ending_here.values()

    def _place(self, source: Some) -> Alike[Some]:
        alike = self._by_line.setdefault(source.first_line, Alike())
        for digest in source.beginnings:
            alike = alike.longer.setdefault(digest, Alike())
        return alike
