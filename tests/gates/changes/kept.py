"""What a world in memory has come to, for other new ones: database, files, clock and numbers."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.gates.store.in_memory import database_of

if TYPE_CHECKING:
    from tests.gates.changes.world import World


@dataclass(frozen=True, slots=True)
class Kept:
    """Of one world. `files` are those of its home, with their modes, a folder with None for its content.

    `number` is that of its last intent.
    """

    database: bytes
    files: tuple[tuple[Path, int, bytes | None], ...]
    now: int
    number: int

    @classmethod
    def of(cls, world: "World") -> "Kept":
        """Keep it as it is."""
        root = world.home.root
        files = tuple(
            (path.relative_to(root), path.stat().st_mode, None if path.is_dir() else path.read_bytes())
            for path in sorted(root.rglob("*"))
        )
        return cls(database_of(world.store).serialize(), files, world.clock.now, _next_number(world))

    def restore(self, world: "World") -> None:
        """Make a new world like it."""
        for name, mode, data in self.files:
            path = world.home.root / name
            if data is None:
                path.mkdir(exist_ok=True)
            else:
                path.write_bytes(data)
            path.chmod(mode)
        database_of(world.store).deserialize(self.database)
        world.clock.now = self.now
        while _next_number(world) < self.number:
            pass


def _next_number(world: "World") -> int:
    return int(world.desk.ids().rpartition("-")[2])
