"""Our own documents that the page Runbook shows: where they were installed, cut into topics."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from dashboard.data.markdown import Block, Code, Heading, Items, Paragraph, Table, blocks

_INSTALLED = Path(__file__).parents[1] / "handbook"
_SOURCE = Path(__file__).parents[2] / "docs"
_CODE = re.compile(r"[A-Z][A-Z_]{3,40}")


@dataclass(frozen=True, slots=True)
class Topic:
    """One section. `name` is what addresses call it; `document` is the file it comes from."""

    name: str
    title: str
    document: str
    blocks: tuple[Block, ...]

    @property
    def words(self) -> str:
        """Everything in it, to search."""
        return f"{self.title}\n" + "\n".join(_text(block) for block in self.blocks)


@cache
def document(name: str) -> str | None:
    """The text of `name`, from the wheel or from the source tree; null where neither has it."""
    for folder in (_INSTALLED, _SOURCE):
        try:
            return (folder / name).read_text(encoding="utf-8")
        except OSError:
            continue
    return None


@cache
def topics() -> tuple[Topic, ...]:
    """The sections of the runbook, in its order, then the audit chain."""
    found = [
        Topic(slug(title), title, "runbook.md", inner)
        for title, inner in _sections(document("runbook.md"), 2)
    ]
    for title, inner in _sections(document("audit.md"), 2):
        if title == "When it is broken":
            found.append(Topic("audit", "The audit chain is broken", "audit.md", inner))
    return tuple(found)


@cache
def codes() -> tuple[Topic, ...]:
    """One topic for every reason code, and for every reason to hold."""
    text = document("reason-codes.md")
    found = [
        Topic(title, title, "reason-codes.md", inner)
        for title, inner in _sections(text, 3)
        if _CODE.fullmatch(title)
    ]
    for title, inner in _sections(text, 2):
        for table in (block for block in inner if isinstance(block, Table) and title.startswith("Why")):
            found += [_hold(row) for row in table.rows]
    return tuple(found)


def topic(name: str) -> Topic | None:
    """The one of that name."""
    return next((one for one in (*topics(), *codes()) if one.name == name), None)


def search(wanted: str) -> tuple[Topic, ...]:
    """Every topic that holds all of the words; those with them in the title first."""
    words = wanted.casefold().split()
    found = [one for one in (*topics(), *codes()) if all(word in one.words.casefold() for word in words)]
    return tuple(sorted(found, key=lambda one: not all(word in one.title.casefold() for word in words)))


def slug(title: str) -> str:
    """A heading as addresses name it."""
    return re.sub(r"[^a-z0-9]+", "-", title.casefold()).strip("-")


def _hold(row: tuple[str, ...]) -> Topic:
    code, seen, ends = row[0].strip("`"), row[1], row[2]
    said = (
        Paragraph(f"The verdict is HOLD because of this: {seen}."),
        Paragraph(f"**What ends it:** {ends}."),
        Paragraph("Meanwhile expand nothing; narrowing and the kill are open. What to look at first:"),
        Code("console", "$ slotgate review\n$ slotgate doctor"),
    )
    return Topic(code, f"HOLD because of {code}", "reason-codes.md", said)


def _sections(text: str | None, level: int) -> list[tuple[str, tuple[Block, ...]]]:
    found: list[tuple[str, list[Block]]] = []
    inside = False
    for block in blocks(text or ""):
        if isinstance(block, Heading) and block.level <= level:
            inside = block.level == level
            if inside:
                found.append((block.text, []))
        elif inside:
            found[-1][1].append(block)
    return [(title, tuple(inner)) for title, inner in found]


def _text(block: Block) -> str:
    match block:
        case Heading(_, text) | Paragraph(text) | Code(_, text):
            return text
        case Items(_, items):
            return "\n".join(items)
        case Table(head, rows):
            return "\n".join(" ".join(row) for row in (head, *rows))
