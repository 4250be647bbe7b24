"""The little of markdown that our own documents use, as values. Pure; nothing in it is HTML."""

from collections.abc import Iterator
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markdown_it.tree import SyntaxTreeNode


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

_READER = MarkdownIt("commonmark", {"html": False}).enable("table")


def blocks(text: str) -> Iterator[Block]:
    """The blocks, in order; the first paragraph of each item of a list."""
    for node in SyntaxTreeNode(_READER.parse(text)).children:
        match node.type:
            case "heading":
                yield Heading(int(node.tag[1:]), _inline(node))
            case "paragraph":
                yield Paragraph(_inline(node))
            case "fence":
                yield Code(node.info.strip(), node.content.rstrip("\n"))
            case "bullet_list" | "ordered_list":
                items = tuple(_inline(item.children[0]) for item in node.children)
                yield Items(node.type == "ordered_list", items)
            case "table":
                head, *rows = (
                    tuple(map(_inline, row.children)) for part in node.children for row in part.children
                )
                yield Table(head, tuple(rows))


def _inline(node: SyntaxTreeNode) -> str:
    """What stands in a block, on one line, its marks still in it."""
    return " ".join(line.strip() for child in node.children for line in child.content.splitlines())


def marks(text: str) -> list[Token]:
    """The inline marks of a sentence, in order."""
    return _READER.parseInline(text)[0].children or []
