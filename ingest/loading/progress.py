"""How far a load of several files has come, in bytes as they lie on disk, with what was stored by outcome."""

from collections.abc import Sequence
from pathlib import Path

from ingest.progress import HowFar, Tell, Unit, Work, silent
from ingest.sources.counts import Counts


class LoadProgress:
    """Sums up what is read of `files`, one after another, and tells `tell`. A pipe has no size beforehand."""

    def __init__(self, tell: Tell, files: Sequence[Path]) -> None:
        self._tell = tell
        # Whom nobody asks looks at no file: a pass over thousands of them that did not change is cheap.
        self._sizes = {} if tell is silent else {path: _size(path) for path in files}
        self._total = (
            None if None in self._sizes.values() else sum(size or 0 for size in self._sizes.values())
        )
        self._passed, self._read_of_it = 0, 0
        self._stored, self._stored_of_it = Counts(), Counts()

    def read(self, name: str, done: int, stored: Counts) -> None:
        """`done` bytes of the file `name` were read, and `stored` of it by this load."""
        self._read_of_it, self._stored_of_it = done, stored
        counts = _by_outcome(self._stored + stored)
        self._tell(HowFar(Work.LOAD, Path(name).name, self._passed + done, self._total, Unit.BYTES, counts))

    def passed(self, path: Path) -> None:
        """The file is behind: it was read to its end, did not change, or is not to be read."""
        size = self._sizes.get(path)
        self._passed += self._read_of_it if size is None else size
        self._stored += self._stored_of_it
        self._read_of_it, self._stored_of_it = 0, Counts()


def _by_outcome(stored: Counts) -> tuple[tuple[str, int], ...]:
    return (
        ("accepted", stored.accepted),
        ("held already", stored.held_elsewhere),
        ("quarantined", stored.quarantined),
        ("noise", stored.noise_lines),
    )


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size if path.is_file() else None
    except OSError:
        return 0
