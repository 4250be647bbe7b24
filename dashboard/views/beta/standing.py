"""How far each list is, what requires rollback, and whether `steady` is permitted."""

from dashboard.beta.words import ROLL_BACK_BY, TITLES, verdict
from dashboard.data.beta import Progress, against_steady, progress
from dashboard.views.markup import glyph, tag, text
from dashboard.views.prose import prose
from gates.beta.checklist import Checklist
from gates.beta.items import BetaList

_NAMED = 3


def standing_panel(found: Checklist, revision: int) -> str:
    """What requires rollback comes first."""
    lists = [_list(one) for one in progress(found)]
    return tag(
        "section",
        _hard_stops(found),
        tag("h2", "Where it stands", cls="sg-heading"),
        _steady(found),
        tag("div", *lists, cls="sg-beta-lists"),
        tag("p", text(f"What is computed is of revision {revision}, the one in force."), cls="sg-note"),
        aria_label="Progress of the lists",
    )


def _hard_stops(found: Checklist) -> str:
    stops = found.hard_stops
    if not stops:
        return ""
    items = [
        tag("li", tag("b", text(one.item.title)), text(f" ({verdict(one.causes)}): "), prose(one.reason))
        for one in stops
    ]
    head = tag("p", glyph("▼", "sg-failed"), tag("b", "The plans require rollback: "), prose(ROLL_BACK_BY))
    return tag("div", head, tag("ul", *items), cls="sg-outcome sg-refused", role="alert")


def _steady(found: Checklist) -> str:
    against = against_steady(found)
    if not against:
        said = "every list but the exit to GA is met or signed."
        return tag("p", glyph("✓", "sg-ok"), tag("b", "Permits steady: yes, "), said, cls="sg-beta-steady")
    named = ", ".join(one.item.title for one in against[:_NAMED])
    more = f" and {len(against) - _NAMED} more" if len(against) > _NAMED else ""
    count = "1 item is not met" if len(against) == 1 else f"{len(against)} items are not met"
    said = text(f"{count}: {named}{more}.")
    return tag(
        "p", glyph("✕", "sg-failed"), tag("b", "Permits steady: no, because "), said, cls="sg-beta-steady"
    )


def _list(one: Progress) -> str:
    counts = one.met + one.signed
    bar = tag("progress", max=one.of, value=counts, aria_label=TITLES[one.belongs])
    how = f"{counts} of {one.of}: {one.met} by evidence, {one.signed} signed"
    asked = "" if one.belongs is not BetaList.GA_EXIT else " · not asked for by steady"
    link = tag("a", text(TITLES[one.belongs]), href=f"/beta?list={one.belongs.value}", target="_self")
    return tag("div", link, bar, tag("small", text(how + asked)))
