"""What the Controls page says when it has no record of changes, or nobody who could make one."""

from dashboard.auth.visitor import Visitor, short
from dashboard.views.markup import glyph, tag, text, titled
from dashboard.views.prose import prose
from gates.policy.intent import Role

AS_ROLE = {
    Role.ONCALL: "oncall",
    Role.ENGINEERING_OWNER: "engineering_owner",
    Role.ADMIN: "admin",
    Role.APPROVER: "approver",
}


def no_record(error: Exception) -> str:
    """The store did not answer: what still works, in the order of urgency."""
    ways = (
        "To stop everything: the red button above, or `slotgate kill` in a shell. Neither needs the record.",
        (
            "To take something away: below, or `slotgate propose --percent N`, `--feature off` or "
            "`--allowlist off` in a shell of this host. It takes effect at once and is recorded late."
        ),
        "What is wrong, and what mends it: `slotgate doctor`.",
    )
    return tag(
        "div",
        tag("h2", "The record of changes cannot be read"),
        tag("p", glyph("▲", "sg-warn"), prose(str(error))),
        tag(
            "p",
            "What is in force is read from its own file, and stays current above. Nothing can be widened.",
        ),
        tag("ul", *(tag("li", prose(way)) for way in ways)),
        cls="sg-empty",
        data_state="no-record",
        role="status",
    )


def cannot(visitor: Visitor | None, roles: frozenset[Role], deed: str) -> str | None:
    """Why this reader cannot do it, in words, or null. The policy judges again; this only says it early."""
    if visitor is None:
        return f"nobody is signed in; sign in to {deed}"
    if visitor.roles & roles:
        return None
    needed = " or ".join(sorted(AS_ROLE[role] for role in roles))
    return f"you ({short(visitor.operator_id)}) may not {deed}: it takes the role {needed}"


def section(title: str, note: str = "", anchor: str | None = None) -> str:
    """A heading with a few words beside it; `anchor` is what a link of the page names it by."""
    return titled(title, prose(note), anchor=anchor)


def jumps(**anchors: str) -> str:
    """On a phone, links to parts further down this page."""
    links = (tag("a", f"{text(words)} ↓", href=f"#{anchor}") for anchor, words in anchors.items())
    return tag("p", *links, cls="sg-jump")


def note(words: str) -> str:
    """A sentence below a heading."""
    return tag("p", prose(words), cls="sg-note")


def warning(words: str) -> str:
    """A sentence that asks for attention."""
    return tag("p", glyph("▲", "sg-warn"), prose(words), cls="sg-note sg-c-warning")
