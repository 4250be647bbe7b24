"""HTML from parts. Whatever comes from telemetry or a person goes through `text` and is inert."""

from collections.abc import Sequence
from html import escape


def text(value: object) -> str:
    """`value` as text between tags or in a quoted attribute."""
    return escape(str(value), quote=True)


def tag(name: str, *inner: str, cls: str = "", **attributes: object) -> str:
    """An element around `inner`, which is markup already; attributes are escaped, null ones left out."""
    given = {"class": cls or None, **attributes}
    written = "".join(
        f' {key.strip("_").replace("_", "-")}="{text(value)}"'
        for key, value in given.items()
        if value is not None
    )
    return f"<{name}{written}>{''.join(inner)}</{name}>"


def titled(title: str, *legend: str, anchor: str | None = None) -> str:
    """The title of a panel; `legend` beside it is markup already, links of the page name it by `anchor`."""
    return tag(
        "div",
        tag("h2", text(title), id=anchor),
        tag("span", *legend, cls="sg-legend"),
        cls="sg-chart-title",
    )


def table_box(*inner: str, label: str | None = None, cls: str = "", box: str = "") -> str:
    """A table that scrolls in a box of its own; where it has a `label`, it is a region that keys reach."""
    return tag(
        "div",
        tag("table", *inner, cls=f"sg-table {cls}".strip()),
        cls=f"sg-table-box {box}".strip(),
        tabindex=None if label is None else 0,
        role=None if label is None else "region",
        aria_label=label,
    )


def card_row(names: Sequence[str], *cells: str, cls: str = "") -> str:
    """A row of a table with the class `sg-cards`: a card on a phone, where each `td` says its column."""
    named = (
        cell.replace("<td", f'<td data-label="{text(name)}"', 1) if cell.startswith("<td") else cell
        for name, cell in zip(names, cells, strict=True)
    )
    return tag("tr", *named, cls=cls)


def glyph(sign: str, cls: str) -> str:
    """A sign that a screen reader skips, because the word beside it says the same."""
    return tag("span", text(sign), cls=f"sg-glyph {cls}", aria_hidden="true")


def moment(epoch_words: str, utc_words: str, cls: str = "") -> str:
    """A time in the reader's zone with UTC on hover."""
    return tag("span", text(epoch_words), cls=f"sg-time {cls}".strip(), title=utc_words)
