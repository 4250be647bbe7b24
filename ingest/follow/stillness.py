"""For how long files have been as they are, by a clock that is never set."""

from collections.abc import Container

from ingest.follow.finding import Key
from ingest.sources.listing import FileStat


class Stillness:
    """What files were when they were last looked at, and since when."""

    def __init__(self) -> None:
        self._since: dict[Key, tuple[FileStat, float]] = {}

    def seconds(self, stat: FileStat, now: float) -> float:
        """For how long the file has been so; 0 when it was not before."""
        before, since = self._since.get((stat.device, stat.inode), (None, now))
        if before != stat:
            since = now
        self._since[stat.device, stat.inode] = stat, since
        return now - since

    def forget_all_but(self, kept: Container[Key]) -> None:
        """Forget the files that are not among `kept`."""
        for key in [one for one in self._since if one not in kept]:
            del self._since[key]
