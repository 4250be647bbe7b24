"""What fits now, the list of topics, and what is said where there is none."""

from collections.abc import Sequence
from urllib.parse import quote

from dashboard.data.handbook import Topic
from dashboard.data.handbook import topic as topic_of
from dashboard.data.runbook_now import Fits
from dashboard.views.markup import glyph, tag, text
from dashboard.views.prose import prose


def now_panel(fits: Sequence[Fits]) -> str:
    """The topics of this moment, the most urgent first."""
    if not fits:
        said = "Nothing calls for anything: choose a topic."
        return tag("section", tag("p", said), cls="sg-now", aria_label="What fits now")
    items = [tag("li", _link(one.name), " – ", prose(one.said)) for one in fits]
    head = tag("h2", glyph("▶", "sg-warn"), "What fits now", cls="sg-heading")
    return tag("section", head, tag("ol", *items), cls="sg-now", aria_label="What fits now")


def topic_list(title: str, found: Sequence[Topic], here: str = "", *, is_long: bool = False) -> str:
    """Links to topics; a long list is folded."""
    items = [tag("li", _anchor(one.name, one.title, "page" if one.name == here else None)) for one in found]
    body = tag("ul", *items)
    if is_long:
        return tag("details", tag("summary", text(title)), body, cls="sg-topics")
    return tag("nav", tag("h2", text(title), cls="sg-heading"), body, cls="sg-topics", aria_label=title)


def nothing_found(wanted: str) -> str:
    """The search found nothing."""
    said = f"No topic holds all of these words: {wanted!r}. Use fewer, or choose a topic."
    return tag("p", text(said), cls="sg-note", role="status")


def unknown(asked: str) -> str:
    """An address names a topic that is none."""
    said = f"There is no topic {asked[:60]!r}. Choose one of the list, or search."
    return tag("div", tag("h2", "No such topic"), tag("p", text(said)), cls="sg-empty", role="status")


def nothing_installed() -> str:
    """The documents are missing: an installation that was not made from our wheel."""
    said = (
        "The runbook was not installed with this program. `slotgate kill` stops every AI call, now as ever."
    )
    return tag("div", tag("h2", "No runbook here"), tag("p", prose(said)), cls="sg-empty", role="status")


def _link(name: str) -> str:
    found = topic_of(name)
    return _anchor(name, name if found is None else found.title, None)


def _anchor(name: str, title: str, current: str | None) -> str:
    href = f"/runbook?topic={quote(name, safe='')}"
    return tag("a", text(title), href=href, target="_self", aria_current=current)
