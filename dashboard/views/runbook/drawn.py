"""One topic as a page. The text is ours and still inert: only a few marks become markup."""

import re
import shlex
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import assert_never

import streamlit as st
from markdown_it.token import Token

from dashboard.data.handbook import Topic, slug
from dashboard.data.markdown import Block, Code, Heading, Items, Paragraph, Table, marks
from dashboard.views.markup import table_box, tag, text

_PAGES = {
    "reason-codes.md": "/runbook?q=E_",
    "beta.md": "/beta",
    "gate-audit.md": "/gate-audit",
    "audit.md": "/audit",
}
_SAFE = re.compile(r"/[A-Za-z0-9._/ @+,=-]+")
_HOME = "export SLOTGATE_HOME="
_RUN = {"sh", "bash", "console"}


def draw(topic: Topic, home: Path) -> None:
    """The blocks of it; commands can be copied whole, with the folder of this home in them."""
    waiting: list[str] = []
    for number, block in enumerate(topic.blocks):
        if not isinstance(block, Code):
            waiting.append(_markup(block))
            continue
        _put(waiting)
        with st.container(key=f"code-{slug(topic.name)}-{number}"):
            # Without a language: the colours that Streamlit gives to shell words are too pale to read.
            st.code(command_text(block, home), language=None, wrap_lines=True)
    _put(waiting)


def command_text(block: Code, home: Path) -> str:
    """What is copied: without prompts, after a line that names this home where its name is harmless."""
    if block.language not in _RUN:
        return block.text
    lines = block.text.splitlines()
    if block.language == "console":
        if not any(line.startswith("$ ") for line in lines):
            return block.text
        lines = [line.removeprefix("$ ") for line in lines]
    said = "\n".join(lines)
    folder = str(home)
    if _HOME in said or _SAFE.fullmatch(folder) is None or "slotgate" not in said:
        return said
    return f"{_HOME}{shlex.quote(folder)}\n{said}"


def inline(said: str) -> str:
    """A sentence with code, weight, and links to pages of ours: another document is named, not linked."""
    return "".join(_mark(mark) for mark in _linked(marks(said)))


def _linked(found: Iterable[Token]) -> Iterator[Token]:
    """The marks without links that lead elsewhere."""
    leads: list[bool] = []
    for mark in found:
        if mark.type == "link_open":
            leads.append(_page(mark) is not None)
        if not mark.type.startswith("link_") or leads[-1]:
            yield mark
        if mark.type == "link_close":
            leads.pop()


def _page(link: Token) -> str | None:
    return _PAGES.get(str(link.attrGet("href")).partition("#")[0])


def _mark(mark: Token) -> str:
    match mark.type:
        case "code_inline":
            return tag("code", text(mark.content))
        case "link_open":
            return f'<a href="{_page(mark)}" target="_self">'
        case "strong_open" | "strong_close" | "em_open" | "em_close" | "link_close":
            return f"<{'/' if mark.nesting < 0 else ''}{mark.tag}>"
        case _:
            return text(mark.content)


def _markup(block: Block) -> str:
    match block:
        case Heading(_, said):
            return tag("h3", inline(said), id=slug(said), cls="sg-heading")
        case Paragraph(said):
            return tag("p", inline(said))
        case Items(numbered, items):
            return tag("ol" if numbered else "ul", *(tag("li", inline(item)) for item in items))
        case Table(head, rows):
            heads = tag("tr", *(tag("th", inline(cell), scope="col") for cell in head))
            body = [tag("tr", *(tag("td", inline(cell)) for cell in row)) for row in rows]
            return table_box(tag("thead", heads), tag("tbody", *body), label="Table")
        case Code(_, said):
            return tag("pre", text(said))
        case _:
            assert_never(block)


def _put(waiting: list[str]) -> None:
    if waiting:
        st.html(tag("div", *waiting, cls="sg-topic"))
        waiting.clear()
