"""One topic as a page. The text is ours and still inert: escaped first, then a few marks become markup."""

import re
import shlex
from pathlib import Path
from typing import assert_never

import streamlit as st

from dashboard.data.handbook import Topic, slug
from dashboard.data.markdown import Block, Code, Heading, Items, Paragraph, Table
from dashboard.views.markup import tag, text

_CODE = re.compile(r"`([^`]+)`")
_BOLD = re.compile(r"\*\*([^*]+)\*\*")
_EMPHASIS = re.compile(r"(?<!\*)\*([^*\s][^*]*)\*(?!\*)")
_LINK = re.compile(r"\[([^\]]+)\]\(([^)\s]+)\)")
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
    """A sentence with code, weight and links; code is left as it is."""
    parts = _CODE.split(said)
    return "".join(
        tag("code", text(part)) if number % 2 else _marks(text(part)) for number, part in enumerate(parts)
    )


def _marks(escaped: str) -> str:
    linked = _LINK.sub(lambda found: _link(found[1], found[2]), escaped)
    return _EMPHASIS.sub(r"<em>\1</em>", _BOLD.sub(r"<strong>\1</strong>", linked))


def _link(words: str, target: str) -> str:
    """Only to pages of ours; another document is named, not linked."""
    href = _PAGES.get(target.partition("#")[0])
    return words if href is None else f'<a href="{href}" target="_self">{words}</a>'


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
            table = tag("table", tag("thead", heads), tag("tbody", *body), cls="sg-table")
            return tag("div", table, cls="sg-table-box", tabindex="0", role="region", aria_label="Table")
        case Code(_, said):
            return tag("pre", text(said))
        case _:
            assert_never(block)


def _put(waiting: list[str]) -> None:
    if waiting:
        st.html(tag("div", *waiting, cls="sg-topic"))
        waiting.clear()
