"""What the budget guard says, above every page: how far the day is used, and what it did."""

from datetime import tzinfo

from dashboard.data import format as words
from dashboard.server.budget import Guarded
from dashboard.views.markup import glyph, moment, tag, text


def budget_line(guarded: Guarded | None, zone: tzinfo) -> str:
    """Nothing while no limit is near; else what is near, used up, unknown or was done."""
    if guarded is None:
        return ""
    said = "".join(_line("▲", "sg-warn", "Budget", one) for one in (*guarded.warnings, *_failure(guarded)))
    if guarded.used_up is not None:
        lasts = f"{guarded.used_up}; a release lasts once the limit is raised or the day (UTC) is over"
        said = _line("■", "sg-failed", "Budget", lasts) + said
    if guarded.done is not None and guarded.done_ns is not None:
        at = moment(words.instant(guarded.done_ns, zone), words.utc(guarded.done_ns))
        said = _line("■", "sg-failed", "Done by the server itself", f"{guarded.done}", at) + said
    return said


def _failure(guarded: Guarded) -> tuple[str, ...]:
    return () if guarded.failure is None else (guarded.failure,)


def _line(sign: str, cls: str, heading: str, body: str, at: str = "") -> str:
    said = tag("span", glyph(sign, cls), tag("b", text(heading)), " ", at, ": ")
    return tag("div", said, text(body), cls="sg-done", role="status")
