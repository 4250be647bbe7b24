"""What the store knows of its sources, and where reading one goes on.

A source is its content (ADR 10). `checkpoint` is the newest place where no line was open, and
`ending` the end of what was read: rows from the checkpoint on belong to lines that were still open
then, and the next load replaces them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from ingest.sources.beginnings import Beginnings, Read
from ingest.sources.counts import Counts
from ingest.sources.foreign import refuse_foreign
from ingest.sources.identity import NOTHING, PAGE, Mark, Prefix, first_line
from ingest.sources.listing import FileStat
from ingest.sources.streams import Stream, read_fully

Trust = Literal["managed", "imported"]
SPOOL = "spool"
_STRIDE = 1 << 20


@dataclass(frozen=True, slots=True)
class Source:
    """One source as the store holds it."""

    source_id: int
    generation: int
    name: str
    trust: Trust
    history_id: str | None
    first_line: bytes | None
    checkpoint: Mark
    ending: Mark
    at_checkpoint: Counts
    at_ending: Counts
    beginnings: tuple[bytes, ...] = ()
    """Digests of its first bytes, see `ingest.sources.beginnings`; fewer where an older home read it."""

    @property
    def has_open_lines(self) -> bool:
        """Rows from the checkpoint on may change."""
        return self.checkpoint != self.ending or self.at_checkpoint != self.at_ending


@dataclass(frozen=True, slots=True)
class KnownFile:
    """A file that was read before: `covered` bytes of its source's content, which hold `counts`."""

    stat: FileStat
    source_id: int
    covered: int
    counts: Counts


@dataclass(slots=True)
class Catalog:
    """All sources and files that the store knows."""

    sources: dict[int, Source] = field(default_factory=dict)
    files: dict[tuple[int, int], KnownFile] = field(default_factory=dict)
    _named: dict[str, list[KnownFile]] = field(init=False, default_factory=dict)
    _imported: Beginnings[Source] | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        """Find files by their names, too."""
        for known in self.files.values():
            self._named.setdefault(_name(known.stat), []).append(known)

    @property
    def next_source_id(self) -> int:
        """A number that no source has."""
        return max(self.sources, default=0) + 1

    def known(self, stat: FileStat | None) -> tuple[KnownFile, Source] | None:
        """What a file with this inode was when it was last read."""
        known = self.files.get((stat.device, stat.inode)) if stat else None
        return (known, self.sources[known.source_id]) if known else None

    def moved(self, stat: FileStat, spool: str) -> list[Source]:
        """The managed sources whose file had this place in `spool`, or in another home's, and lost it."""
        place = f"/{SPOOL}/{stat.path.removeprefix(spool)}"
        return [
            self.sources[known.source_id]
            for known in self._named.get(_name(stat), [])
            if known.stat.path.endswith(place)
            and self.sources[known.source_id].trust == "managed"
            and not (known.stat.path.startswith(spool) and _is_there(known.stat))
        ]

    def imported_like(self, beginning: bytes | None, read: Read) -> list[Source]:
        """The imported sources that a file may be a copy of, or of which it may be a longer one.

        `beginning` is the digest of its first line.
        """
        if self._imported is None:  # not every load finds a file that it does not know
            imported = (source for source in self.sources.values() if source.trust == "imported")
            self._imported = Beginnings(imported)
        lines = (beginning,) if beginning is None else (beginning, None)
        return [
            source for line in lines for source in self._imported.like(line, read) if source.ending != NOTHING
        ]

    def remember(self, source: Source, known: KnownFile | None) -> None:
        """Take note of what was stored."""
        if self._imported is not None and source.trust == "imported":
            stood = self.sources.get(source.source_id)
            if stood is not None:
                self._imported.leave_out(stood)
            self._imported.put(source)
        self.sources[source.source_id] = source
        if known is not None:
            stat = known.stat
            earlier = self.files.get((stat.device, stat.inode))
            if earlier is not None:
                self._named[_name(earlier.stat)].remove(earlier)
            self.files[stat.device, stat.inode] = known
            self._named.setdefault(_name(stat), []).append(known)


@dataclass(frozen=True, slots=True)
class Resume:
    """Reading goes on in `source` at its checkpoint; `prefix` stands there, and so does the stream.

    Another file than before may begin like a source that has no whole line yet, and be an earlier copy of
    one that has: `alike`, as in `Fresh`.
    """

    source: Source
    prefix: Prefix
    is_same_file: bool
    alike: tuple[Source, ...] = ()


@dataclass(frozen=True, slots=True)
class Fresh:
    """Reading begins at 0 as a new source; `earlier` is what the same inode held before, if anything."""

    first_line: bytes | None
    earlier: Source | None
    alike: tuple[Source, ...]
    """Sources that begin with the same line: this may be an earlier copy of one."""


def _name(stat: FileStat) -> str:
    return stat.path.rpartition("/")[2]


def _is_there(stat: FileStat) -> bool:
    """Whether the very file still has its name."""
    try:
        found = Path(stat.path).stat()
    except OSError:
        return False
    return (found.st_dev, found.st_ino) == (stat.device, stat.inode)


def place(catalog: Catalog, stream: Stream, stat: FileStat | None, spool: str | None) -> Resume | Fresh:
    """Where to read `stream` on; afterwards the stream stands there. Raises `UnreadableSource`.

    `spool` is that of the home, with a slash behind it, for a file in it; null for any other.
    """
    known = catalog.known(stat)
    if known is not None:
        resume = same_file(stream, *known, stat)
        if resume is not None:
            return resume
    earlier = known[1] if known and stat and known[1].name == stat.path else None
    head = _head(stream)
    if spool is None:  # in a spool lies what a job wrote, whatever that is
        refuse_foreign(stream.name, head)
    beginning = first_line(head)
    if spool is not None:
        # Two runs may well say the same: in a spool a file is itself by its inode, or, in a home that was
        # copied or restored, by its place.
        moved = catalog.moved(stat, spool) if stat else []
        candidates = [*([known[1]] if known else []), *moved]
        candidates = [one for one in candidates if _may_begin(one, beginning)]
    else:
        reading = _Head(stream, head)
        candidates = catalog.imported_like(beginning, reading.first)
        head = reading.data
    alike = tuple(one for one in candidates if one.first_line == beginning and beginning)
    matching = _matching(stream, head, candidates)
    if matching is not None:
        prefix = _prefix_at(stream, matching.checkpoint)
        if prefix is not None:
            unsure = alike if matching.first_line is None else ()
            return Resume(replace(matching, first_line=beginning), prefix, is_same_file=False, alike=unsure)
    stream.go_to(0)
    return Fresh(beginning, earlier, alike)


def same_file(stream: Stream, known: KnownFile, source: Source, stat: FileStat | None) -> Resume | None:
    """Go on after comparing the end of what was read before; None when all of the file must be compared.

    Raises `UnreadableSource`.
    """
    covers_all = known.covered == source.ending.offset
    if stat is None or not stream.is_plain or not covers_all or stat.size < source.ending.offset:
        return None
    if _prefix_at(stream, source.ending) is None:
        stream.go_to(0)
        return None
    if source.first_line is None:
        stream.go_to(0)
        source = replace(source, first_line=first_line(_head(stream)))
    prefix = _prefix_at(stream, source.checkpoint)
    return Resume(source, prefix, is_same_file=True) if prefix else None


def _head(stream: Stream) -> bytes:
    """Enough to know the first line: a pipe may not give more for a long time."""
    head = b""
    while len(head) < PAGE and b"\n" not in head and (data := stream.read(PAGE - len(head))):
        head += data
    return head


class _Head:
    """The first bytes of `stream`, which stands behind `data`; more of them as they are asked for."""

    def __init__(self, stream: Stream, data: bytes) -> None:
        self.data = data
        self._stream = stream

    def first(self, count: int) -> bytes:
        """The first `count` bytes, or all there are. Raises `UnreadableSource`."""
        if len(self.data) < count:
            self.data += read_fully(self._stream, count - len(self.data))
        return self.data[:count]


def _prefix_at(stream: Stream, mark: Mark) -> Prefix | None:
    stream.go_to(mark.anchor)
    return Prefix.resumed(mark, read_fully(stream, mark.offset - mark.anchor))


def _may_begin(source: Source, beginning: bytes | None) -> bool:
    return source.ending != NOTHING and (source.first_line is None or source.first_line == beginning)


def _matching(stream: Stream, head: bytes, candidates: list[Source]) -> Source | None:
    """The candidate whose whole content the stream begins with, the longest if several do."""
    found = None
    prefix = Prefix()
    parts = _chunks(head, stream)
    rest = memoryview(b"")
    for source in sorted(candidates, key=lambda source: source.ending.offset):
        while prefix.offset < source.ending.offset:
            if not rest:
                rest = memoryview(next(parts, b""))
                if not rest:
                    return found
            wanted = source.ending.offset - prefix.offset
            prefix.update(rest[:wanted])
            rest = rest[wanted:]
        if prefix.mark() == source.ending:
            found = source
    return found


def _chunks(head: bytes, stream: Stream) -> Iterator[bytes]:
    yield head
    while data := stream.read(_STRIDE):
        yield data
