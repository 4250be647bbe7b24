"""Whole sources, made from a seed: which bytes they are, and what begins at each line."""

from dataclasses import dataclass, field, replace
from functools import partial
from random import Random

from tests.ingest.fuzz.broken import bytes_changed, emitted, text
from tests.ingest.fuzz.carried import Carried, carried, cloudwatch, in_bulk, in_pieces


@dataclass
class Source:
    """The bytes of a source, and what the line that begins at each offset carries."""

    data: bytearray = field(default_factory=bytearray)
    carried: dict[int, Carried] = field(default_factory=dict)
    lines: int = 0

    def add(self, message: Carried, draw: Random) -> None:
        """Append a message on the lines that it has."""
        self.carried[len(self.data)] = message
        for line in message.lines:
            self._write(line, draw)

    def add_behind_each_other(self, objects: list[Carried], draw: Random) -> None:
        """Append objects of which each is a line, although only the last has an end."""
        for one in objects[:-1]:
            self.carried[len(self.data)] = one
            self.data += one.lines[0]
            self.lines += 1
        self.add(objects[-1], draw)

    def interleave(self, one: Carried, other: Carried, draw: Random) -> None:
        """Append two messages of different streams, their lines in turn."""
        waiting = [list(one.lines), list(other.lines)]
        for message, lines in zip((one, other), waiting, strict=True):
            self.carried[len(self.data)] = message
            self._write(lines.pop(0), draw)
        while any(waiting):
            self._write(draw.choice([lines for lines in waiting if lines]).pop(0), draw)

    def _write(self, line: bytes, draw: Random) -> None:
        # One carriage return goes with the newline; what ends with one itself would keep it.
        is_dos = draw.random() < 0.05 and not line.endswith(b"\r")
        self.data += line + (b"\r\n" if is_dos else b"\n")
        self.lines += 1


def provable(draw: Random, lines: int) -> Source:
    """About so many lines, by transports whose lines are proven in bulk."""
    made = Source()
    while made.lines < lines:
        made.add(in_bulk(draw, (emitted if draw.random() < 0.7 else text)(draw)), draw)
    return made


def mixed(draw: Random, lines: int) -> Source:
    """About so many lines, by all transports, some in pieces."""
    made = Source()
    next_text = partial(text, draw)
    while made.lines < lines:
        chance = draw.random()
        if chance < 0.02:
            made.add_behind_each_other(_objects(draw), draw)
        elif chance < 0.9:
            made.add(carried(draw, next_text), draw)
        elif chance < 0.97:
            made.add(in_pieces(draw, next_text(), draw.choice(("stdout", "stderr"))), draw)
        else:
            made.interleave(
                in_pieces(draw, next_text(), "stdout"), in_pieces(draw, next_text(), "stderr"), draw
            )
    return made


def _objects(draw: Random) -> list[Carried]:
    counts = [draw.randint(0, 3) for _ in range(draw.randint(2, 4))]
    return [cloudwatch(draw, [text(draw) for _ in range(count)]) for count in counts]


def damaged(draw: Random, lines: int) -> Source:
    """About so many lines, by all transports, of which many are broken with what they carry."""
    made = Source()
    next_text = partial(text, draw)
    while made.lines < lines:
        chance = draw.random()
        if chance < 0.02:
            found = Carried((b"".join(one.lines[0] for one in _objects(draw)),), ())
        else:
            found = carried(draw, next_text) if chance < 0.9 else in_pieces(draw, next_text(), "stderr")
        made.add(replace(found, lines=tuple(_damaged(draw, line) for line in found.lines)), draw)
    return made


def _damaged(draw: Random, line: bytes) -> bytes:
    for _ in range(draw.choices((0, 1, 2, 5), (20, 50, 20, 10))[0]):
        line = bytes_changed(draw, line)
    return line.replace(b"\n", b" ")
