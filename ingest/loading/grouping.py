"""Which files are stored in one transaction: several of which little is new, or a single one.

A transaction costs a sync and each of its statements as much as some thousand rows. What was read in one
that did not end is read again, so it stays small.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from ingest.sources.checkpoint import Catalog
from ingest.sources.listing import FileStat

MOST_FILES = 1_000

_File = TypeVar("_File")


def groups(
    files: Iterable[_File], new_bytes: Callable[[_File], int | None], most: int
) -> Iterator[list[_File]]:
    """The files in order, in groups of `most` new bytes; one with more, or of which that is not known (null),
    is alone."""
    group, size = list[_File](), 0
    for file in files:
        new = new_bytes(file)
        if group and (new is None or size + new > most or len(group) == MOST_FILES):
            yield group
            group, size = [], 0
        group.append(file)
        size += most if new is None else new
    if group:
        yield group


def new_in(catalog: Catalog, stat: FileStat) -> int | None:
    """How many bytes of a file were not read; null where the sizes do not say, as of a compressed one."""
    if not stat.is_plain_by_name:
        return None
    known = catalog.known(stat)
    if known is None or known[0].covered > stat.size:
        return stat.size
    return stat.size - known[0].covered
