"""What an approver has to know that no verdict can: lines of this stay that nobody read."""

from dashboard.review.missed import Missed
from dashboard.views.markup import glyph, tag, text
from dashboard.views.prose import prose
from dashboard.views.review.words import Here


def missing(found: Missed, here: Here) -> str:
    """Said only where something is missing, or where nobody could look."""
    if found.failure is not None:
        said = f"Whether lines are missing could not be looked at: {found.failure}"
        return tag("p", glyph("?", "sg-warn"), prose(said), cls="sg-r-line", data_missing="unknown")
    if not found.gaps:
        return ""
    size = f"{found.bytes:,} {'byte' if found.bytes == 1 else 'bytes'}"
    logs = f"{found.logs:,} {'log' if found.logs == 1 else 'logs'}"
    return tag(
        "p",
        glyph("▲", "sg-warn"),
        tag("b", "Lines are missing. "),
        text(f"{size} of {logs} went before they were read, the last noticed "),
        here.at(found.gaps[-1].at_ns),
        ". No check counts them, so no verdict knows what was in them: before you sign, see with ",
        tag("code", "slotgate report"),
        " which logs these are, and load a copy where there is one.",
        cls="sg-r-warning",
        role="note",
        data_missing="lines",
    )
