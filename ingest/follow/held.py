"""Open descriptors of followed files: what a file holds stays readable when it loses its name."""

import os
from collections import OrderedDict
from collections.abc import Container, Iterator
from io import BufferedReader

from ingest.follow.finding import Key
from ingest.sources.listing import FileStat, real_path, regular

MOST = 128
"""So many are held; those that were read longest ago are let go first."""


class HeldFiles:
    """Descriptors by device and inode, with the stat of the last reading."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._held: OrderedDict[Key, tuple[int, FileStat]] = OrderedDict()

    def opened(self, found: FileStat) -> tuple[BufferedReader, FileStat] | None:
        """The file that was found, to read it, and its stat now; null where another has its name by now.

        A held one needs no name. Raises `OSError`.
        """
        key = found.device, found.inode
        if key not in self._held:
            descriptor = os.open(found.path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
            there = os.fstat(descriptor)
            if (there.st_dev, there.st_ino) != key:
                os.close(descriptor)
                return None
            self._held[key] = descriptor, found
            while len(self._held) > self._most:
                self.let_go(next(iter(self._held)))
        descriptor, before = self._held[key]
        now = regular(real_path(found.path), os.fstat(descriptor), found.via) or before
        self._held[key] = descriptor, now
        self._held.move_to_end(key)
        # Another buffer for each reading: what was read ahead may have changed since.
        file = os.fdopen(os.dup(descriptor), "rb")
        file.seek(0)
        return file, now

    def nameless(self, named: Container[Key]) -> Iterator[FileStat]:
        """The held files that are not among `named`, as they are now."""
        for key, (descriptor, before) in self._held.items():
            if key not in named and (now := regular(before.path, os.fstat(descriptor), before.via)):
                yield now

    def let_go(self, key: Key) -> None:
        """Close a file, if it is held."""
        held = self._held.pop(key, None)
        if held is not None:
            os.close(held[0])

    def close(self) -> None:
        """Close all."""
        for key in list(self._held):
            self.let_go(key)
