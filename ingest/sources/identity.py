"""What makes a source the same source: its content, as digests that can be extended and taken up again.

The content is cut into pages. Each finished page is folded into a chain, so that a `Mark` at any
offset stands for every byte before it, and reading back at most two pages is enough both to check
that a file still holds those bytes at its end and to go on from there.
"""

import hashlib
from dataclasses import dataclass
from typing import Self

from ingest.sources.beginnings import LENGTHS, digest_of_beginning

PAGE = 65_536


@dataclass(frozen=True, slots=True)
class Mark:
    """All bytes before `offset`: `digest` names them.

    It follows from `chain` and the bytes from `anchor` to `offset`.
    """

    offset: int
    anchor: int
    chain: bytes
    digest: bytes


class Prefix:
    """The bytes of a source read so far."""

    def __init__(self, anchor: int = 0, chain: bytes = b"") -> None:
        self.offset = anchor
        self._chain_before_last_page = b""
        self._chain = chain
        self._page = hashlib.sha256()
        self._head = b"" if anchor == 0 else None
        self._beginnings: tuple[bytes, ...] = ()

    @property
    def beginnings(self) -> tuple[bytes, ...]:
        """The digests of the first `LENGTHS` bytes, as far as there are so many.

        None of them where reading was taken up behind the first page.
        """
        return self._beginnings

    @classmethod
    def resumed(cls, mark: Mark, data: bytes) -> Self | None:
        """The prefix at `mark`, given the bytes from its anchor to its offset; None when they are others."""
        prefix = cls(mark.anchor, mark.chain)
        prefix.update(data)
        return prefix if prefix.mark() == mark else None

    def update(self, data: bytes | memoryview) -> None:
        """Add the bytes that follow."""
        view = memoryview(data)
        if self._head is not None:
            self._begin(self._head + view[: LENGTHS[-1] - len(self._head)])
        while view:
            room = PAGE - self.offset % PAGE
            self._page.update(view[:room])
            self.offset += len(view[:room])
            view = view[room:]
            if self.offset % PAGE == 0:
                self._chain_before_last_page = self._chain
                self._chain = hashlib.sha256(self._chain + self._page.digest()).digest()
                self._page = hashlib.sha256()

    def _begin(self, head: bytes) -> None:
        """Digest the first bytes; they are kept until there are enough."""
        self._head = head if len(head) < LENGTHS[-1] else None
        for length in LENGTHS[len(self._beginnings) :]:
            if len(head) >= length:
                self._beginnings += (digest_of_beginning(head[:length]),)

    def mark(self) -> Mark:
        """Stand for every byte so far."""
        anchor = max(0, self.offset // PAGE - 1) * PAGE
        chain = self._chain if self.offset < PAGE else self._chain_before_last_page
        return Mark(self.offset, anchor, chain, hashlib.sha256(self._chain + self._page.digest()).digest())


NOTHING = Prefix().mark()


def first_line(head: bytes) -> bytes | None:
    """The digest of the first line, given the first `PAGE` bytes; None while it has no end.

    A line longer than a page is told by its first page.
    """
    end = head.find(b"\n", 0, PAGE) + 1
    if end == 0 and len(head) < PAGE:
        return None
    return hashlib.sha256(head[: end or PAGE]).digest()
