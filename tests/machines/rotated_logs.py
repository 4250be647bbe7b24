"""Logs of three streams that programs write and rotate: which lines are whole in which file, as a model."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.ingest.stored import cri

STREAMS = ("named", "folder", "link")
HALF = 60


@dataclass
class Log:
    """A file, and which lines are whole in it. `half` is the line that was begun at its end."""

    path: Path
    whole: list[int] = field(default_factory=list)
    half: int | None = None
    is_known: bool = False
    """A pass read a whole line of it: the follower knows its inode."""


class Files:
    """Three streams of logs, what each file of them holds, and what may be lost without blame."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.number = 0
        self.suffix = 0
        self.written: set[int] = set()
        self.read: set[int] = set()
        self.excused: set[int] = set()
        self.rotated: dict[str, list[Log]] = {stream: [] for stream in STREAMS}
        self.left: list[Log] = []
        self.pods = 0
        self.current: dict[str, Log | None] = dict.fromkeys(STREAMS)
        for name in ("named", "folder"):
            (folder / name).mkdir()
        self.swap()

    @property
    def paths(self) -> list[str]:
        """What is followed."""
        return [
            str(self.folder / "named" / "app.log"),
            str(self.folder / "folder"),
            str(self.folder / "link.log"),
        ]

    def logs(self) -> Iterator[Log]:
        """Every file there is."""
        for stream in STREAMS:
            if (log := self.current[stream]) is not None:
                yield log
            yield from self.rotated[stream]
        yield from self.left

    def place(self, stream: str) -> Path:
        """Where a stream is written to."""
        match stream:
            case "link":
                return self.folder / "pods" / str(self.pods) / "0.log"
            case _:
                return self.folder / stream / "app.log"

    def writing(self, stream: str) -> Log:
        """The current file, made where there is none."""
        log = self.current[stream]
        if log is None:
            log = self.current[stream] = Log(self.place(stream))
            log.path.touch()
        return log

    def write(self, log: Log, count: int) -> None:
        """Finish the line that was begun, and add whole ones."""
        with log.path.open("ab") as file:
            if log.half is not None:
                file.write(cri(log.half)[HALF:])
                log.whole.append(log.half)
                self.written.add(log.half)
                log.half = None
            for _ in range(count):
                self.number += 1
                file.write(cri(self.number))
                log.whole.append(self.number)
                self.written.add(self.number)

    def begin_line(self, log: Log) -> None:
        """Write the first half of a line."""
        self.write(log, 0)
        self.number += 1
        log.half = self.number
        with log.path.open("ab") as file:
            file.write(cri(self.number)[:HALF])

    def add(self, log: Log, garbage: bytes) -> None:
        """Write what is no telemetry."""
        self.write(log, 0)
        with log.path.open("ab") as file:
            file.write(garbage)

    def next_name(self, path: Path) -> Path:
        """What rotation calls a file."""
        self.suffix += 1
        return path.with_name(f"{path.name}.{self.suffix}")

    def went(self, log: Log) -> None:
        """A file lost its content: what was not read and is nowhere else is lost."""
        elsewhere = {line for other in self.logs() if other is not log for line in other.whole}
        self.excused |= set(log.whole) - self.read - elsewhere

    def swap(self) -> None:
        """Point the link at another file, as Kubernetes does for a new container."""
        for log in [self.current["link"], *self.rotated["link"]]:
            if log is not None:
                if not log.is_known:
                    self.went(log)
                    self.excused |= set(log.whole)
                self.left.append(log)
        self.current["link"], self.rotated["link"] = None, []
        self.pods += 1
        place = self.place("link")
        place.parent.mkdir(parents=True)
        fresh = self.folder / "link.new"
        fresh.symlink_to(place)
        fresh.rename(self.folder / "link.log")

    def passed(self, *, compressed: bool) -> None:
        """A pass came to its end: it read all plain files, and after a while the compressed ones, too."""
        for log in self.logs():
            if log in self.left and not log.is_known:
                continue
            if compressed or log.path.suffix not in (".gz", ".zst"):
                log.is_known |= bool(log.whole)
                self.read |= set(log.whole) - self.excused
