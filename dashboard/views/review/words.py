"""Parts of markup that both halves of the page share: states, people, directions, times."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo

from dashboard.auth.visitor import short
from dashboard.data import format as words
from dashboard.views.markup import glyph, moment, table_box, tag, text, titled
from gates.policy.diff import Direction
from gates.store.rows import RequestState

STATES = {
    RequestState.DRAFT: ("○", "DRAFT", "sg-r-open"),
    RequestState.IN_REVIEW: ("◔", "IN REVIEW", "sg-r-open"),
    RequestState.APPROVED: ("✓", "APPROVED", "sg-r-approved"),
    RequestState.APPLIED: ("●", "APPLIED", "sg-r-applied"),
    RequestState.REJECTED: ("✕", "REJECTED", "sg-r-ended"),
    RequestState.EXPIRED: ("◷", "EXPIRED", "sg-r-ended"),
    RequestState.VOIDED: ("∅", "VOID", "sg-r-ended"),
}
DIRECTIONS = {
    Direction.WIDENS: ("▲", "sg-r-widens"),
    Direction.NARROWS: ("▼", "sg-r-narrows"),
    Direction.NEUTRAL: ("●", "sg-soft"),
}
SOON_SECONDS = 2 * 3600


@dataclass(frozen=True, slots=True)
class Here:
    """When and where something is drawn."""

    now_ns: int
    zone: tzinfo

    def at(self, epoch_ns: int | None) -> str:
        """A moment as markup."""
        if epoch_ns is None:
            return text(words.MISSING)
        return moment(words.instant(epoch_ns, self.zone), words.utc(epoch_ns))

    def ago(self, epoch_ns: int) -> str:
        """How long ago, the moment on hover."""
        said = words.ago((self.now_ns - epoch_ns) / 1e9)
        return moment(said, words.utc(epoch_ns))


def state(found: RequestState) -> str:
    """A state as a chip: glyph, word and colour."""
    sign, word, cls = STATES[found]
    return tag("span", glyph(sign, ""), text(word), cls=f"sg-r-state {cls}")


def direction(found: Direction) -> str:
    """WIDENS ▲, NARROWS ▼, NEUTRAL."""
    sign, cls = DIRECTIONS[found]
    return tag("span", glyph(sign, ""), text(found.value), cls=f"sg-r-direction {cls}")


def person(operator_id: str | None) -> str:
    """Somebody by their short name, the whole id on hover."""
    if not operator_id:
        return text("nobody")
    return tag("b", text(short(operator_id)), title=operator_id)


def expiry(expires_ns: int, now_ns: int) -> str:
    """`expires in 3 h 05 min`; what expired and was not closed yet says so."""
    left = (expires_ns - now_ns) / 1e9
    if left <= 0:
        return tag("span", glyph("◷", "sg-warn"), "expired; nobody closed it yet", cls="sg-r-late")
    cls = "sg-r-late" if left < SOON_SECONDS else ""
    said = moment(f"expires in {words.duration(left)}", words.utc(expires_ns))
    return tag("span", glyph("◷", "sg-warn" if cls else "sg-soft"), said, cls=cls)


def heading(title: str, note: str = "", anchor: str | None = None) -> str:
    """The title of a panel."""
    return titled(title, text(note), anchor=anchor)


def box(inner: str, cls: str = "", role: str | None = None) -> str:
    """A panel."""
    return tag("div", inner, cls=f"sg-r-box {cls}".strip(), role=role)


def grid(head: tuple[str, ...], rows: Sequence[tuple[str, ...]], caption: str) -> str:
    """A small table of cells that are markup already."""
    top = tag("thead", tag("tr", *(tag("th", text(name), scope="col") for name in head)))
    body = tag("tbody", *(tag("tr", *(tag("td", cell) for cell in row)) for row in rows))
    return table_box(tag("caption", text(caption)), top, body, label=caption, cls="sg-r-table")
