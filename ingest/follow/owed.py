"""What was seen while nothing could be stored, as on a full disk: it is owed, and said where it went."""

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import replace

from ingest.follow.finding import Key
from ingest.sources.checkpoint import KnownFile
from ingest.sources.listing import FileStat


class Owed:
    """The files that a pass which failed could not read, as they were seen last."""

    def __init__(self) -> None:
        self._seen: dict[Key, FileStat] = {}

    def note(self, unread: Iterable[FileStat]) -> None:
        """Take note of files that wait."""
        for stat in unread:
            self._seen[stat.device, stat.inode] = stat

    def as_seen(self, known: KnownFile) -> KnownFile:
        """A file with the size that it was seen to have since it was stored."""
        seen = self._seen.get((known.stat.device, known.stat.inode))
        return known if seen is None or seen.size <= known.stat.seen else replace(known, stat=seen)

    def unknown(self, stored: Container[Key], there: Container[Key]) -> Iterator[FileStat]:
        """The files of which nothing is `stored`, and that are not `there` any more."""
        return (stat for key, stat in self._seen.items() if key not in stored and key not in there)

    def settle(self, stored: Mapping[Key, KnownFile], there: Mapping[Key, FileStat]) -> None:
        """After a pass that stored what it read, and said what went: keep those that still wait."""
        self._seen = {
            key: stat
            for key, stat in self._seen.items()
            if key in there and (key not in stored or stored[key].stat != there[key])
        }
