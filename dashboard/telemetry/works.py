"""Long work that this process does for others: how far each is, and that somebody wants it ended.

Whoever asks names the work by a word that nobody else has: then they can ask how far it is, and end it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from ingest.errors import WorkStopped
from ingest.progress import HowFar, Tell


@dataclass(frozen=True, slots=True)
class Working:
    """Work that is under way; `far` is null before it has told anything."""

    far: HowFar | None


@dataclass(slots=True)
class _Work:
    far: HowFar | None = None
    is_to_end: bool = False

    def tell(self, far: HowFar) -> None:
        self.far = far
        if self.is_to_end:
            raise WorkStopped("stopped as it was asked to; what is whole stands, the same again goes on")


@dataclass(frozen=True, slots=True)
class Works:
    """All that is under way. Each thread may ask; only whoever works tells."""

    _by_name: dict[str, _Work] = field(default_factory=dict)

    @contextmanager
    def begun(self, name: str) -> Iterator[Tell]:
        """Work goes on in the block; it tells what is yielded, which raises `WorkStopped` to end it."""
        work = self._by_name[name] = _Work()
        try:
            yield work.tell
        finally:
            del self._by_name[name]

    def how_far(self, name: str) -> Working | None:
        """Null where no such work is under way, not yet or not any more."""
        work = self._by_name.get(name)
        return None if work is None else Working(work.far)

    def end(self, name: str) -> None:
        """End that work at the next moment when it tells how far it is."""
        work = self._by_name.get(name)
        if work is not None:
            work.is_to_end = True
