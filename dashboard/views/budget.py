"""What the budget guard says, above every page: how far the day is used, and what it did."""

from datetime import tzinfo

from dashboard.data import format as words
from dashboard.server.budget import Guarded
from dashboard.views.markup import glyph, moment, tag, text


def budget_line(guarded: Guarded | None, zone: tzinfo) -> str:
    """Nothing while no limit is near; else what is near, used up, unknown or was done."""
    if guarded is None:
        return ""
    said = ""
    if guarded.done is not None and guarded.done_ns is not None:
        at = moment(words.instant(guarded.done_ns, zone), words.utc(guarded.done_ns))
        said = _line("■", "sg-failed", f"{text('Done by the server itself')}, {at}", guarded.done)
    notes = [one.removeprefix("budget of ") for one in guarded.warnings]
    if guarded.failure is not None:
        notes.append(guarded.failure)
    if guarded.used_up is not None:
        lasts = f"{guarded.used_up}; a release lasts once the limit is raised or the day (UTC) is over"
        return said + _line("■", "sg-failed", text("Budget"), "; ".join((lasts, *notes)))
    return said + (_line("▲", "sg-warn", text("Budget"), "; ".join(notes)) if notes else "")


def _line(sign: str, cls: str, heading: str, body: str) -> str:
    said = tag("span", glyph(sign, cls), tag("b", heading), ": ")
    return tag("div", said, text(body), cls="sg-done", role="status")
