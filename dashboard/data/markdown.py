"""The little of markdown that our own documents use, as values. Pure; what it does not know stays text."""

import re
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Heading:
    """`level` 1 is the title of the document."""

    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Text with the inline marks still in it."""

    text: str


@dataclass(frozen=True, slots=True)
class Code:
    """`language` as the document says; empty where it does not."""

    language: str
    text: str


@dataclass(frozen=True, slots=True)
class Items:
    """A list; `numbered` when its order matters."""

    numbered: bool
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Every row has as many cells as the head."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


Block = Heading | Paragraph | Code | Items | Table

_HEADING = re.compile(r"(#{1,6}) +(.+)")
_ITEM = re.compile(r"(?:([-*])|(\d+)\.) +(.+)")
_CELL = re.compile(r"(?<!\\)\|")


def blocks(text: str) -> Iterator[Block]:
    """The blocks, in order."""
    lines = text.splitlines()
    at = 0
    while at < len(lines):
        line = lines[at]
        end = at + 1
        if not line.strip():
            at = end
            continue
        if line.startswith("```"):
            while end < len(lines) and not lines[end].startswith("```"):
                end += 1
            yield Code(line[3:].strip(), "\n".join(lines[at + 1 : end]))
            at = end + 1
            continue
        heading = _HEADING.fullmatch(line)
        if heading is not None:
            yield Heading(len(heading[1]), heading[2].strip())
            at = end
            continue
        while end < len(lines) and _goes_on(lines[end]):
            end += 1
        yield _block(lines[at:end])
        at = end


def _goes_on(line: str) -> bool:
    return bool(line.strip()) and not line.startswith("```") and _HEADING.fullmatch(line) is None


def _block(lines: list[str]) -> Block:
    first = _ITEM.match(lines[0])
    if lines[0].startswith("|"):
        rows = [tuple(cell.strip() for cell in _CELL.split(line.strip("| "))) for line in lines]
        width = len(rows[0])
        return Table(rows[0], tuple((row + ("",) * width)[:width] for row in rows[2:]))
    if first is not None:
        items: list[str] = []
        for line in lines:
            item = _ITEM.match(line)
            if item is not None:
                items.append(item[3])
            else:
                items[-1] += f" {line.strip()}"
        return Items(first[2] is not None, tuple(items))
    return Paragraph(" ".join(line.strip() for line in lines))
