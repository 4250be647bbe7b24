"""Every item with its state, what speaks for or against it, who signed, and what would meet it."""

from datetime import tzinfo
from urllib.parse import quote

from dashboard.auth.visitor import short
from dashboard.beta.words import TITLES, verdict
from dashboard.data import format as words
from dashboard.data.beta import how_shown, what_would_meet
from dashboard.views.beta.choosing import ALL, UNMET
from dashboard.views.markup import card_row, glyph, moment, table_box, tag, text
from dashboard.views.prose import prose
from gates.beta.checklist import Checklist, Result, State
from gates.beta.facts import Statement
from gates.beta.items import BetaList

SIGNS = {
    State.MET: ("✓", "sg-ok", "met by evidence"),
    State.SIGNED: ("✓", "sg-ok", "signed"),
    State.OPEN: ("○", "sg-soft", "open"),
    State.EXPIRED: ("▲", "sg-warn", "expired"),
    State.CONTRADICTED: ("✕", "sg-failed", "contradicted"),
}
_HEADS = ("state", "item", "what is known", "signature", "what would meet it")


def item_lists(found: Checklist, belongs: str, state: str, zone: tzinfo) -> str:
    """The lists that were chosen, as tables."""
    shown = [_list(found, one, state, zone) for one in BetaList if belongs in (ALL, one.value)]
    inner = "".join(shown)
    return inner or tag("p", "No item of these lists is in that state.", cls="sg-note", role="status")


def _list(found: Checklist, belongs: BetaList, state: str, zone: tzinfo) -> str:
    results = [one for one in found.of(belongs) if _is_wanted(one, state)]
    if not results:
        return ""
    title = TITLES[belongs]
    heading = tag("h2", text(title[0].upper() + title[1:]), cls="sg-heading", id=f"list-{belongs.value}")
    head = tag("tr", *(tag("th", text(name), scope="col") for name in _HEADS))
    body = tag("tbody", *(_row(one, zone) for one in results))
    return heading + table_box(tag("thead", head), body, label=title, cls="sg-cards", box="sg-beta")


def _is_wanted(result: Result, state: str) -> bool:
    return state == ALL or (not result.is_met if state == UNMET else result.state.value == state)


def _row(result: Result, zone: tzinfo) -> str:
    item = result.item
    sign, cls, word = SIGNS[result.state]
    causes = (
        "" if result.causes is None else tag("small", text(f"causes {verdict(result.causes)}"), cls="sg-flag")
    )
    return card_row(
        _HEADS,
        tag("td", glyph(sign, cls), tag("b", text(word)), causes, cls="sg-beta-state"),
        tag("td", text(item.title), tag("small", tag("code", text(item.item_id)), f" · {how_shown(item)}")),
        tag("td", prose(_reason(result))),
        tag("td", _signature(result, zone)),
        tag("td", prose(what_would_meet(result) or "–")),
    )


def _reason(result: Result) -> str:
    """The command line's advice is left out where the form below does the same."""
    return result.reason.partition(": `slotgate beta sign")[0]


def _signature(result: Result, zone: tzinfo) -> str:
    statement = result.statement
    if statement is None:
        return "–" if not result.item.is_signed else "nobody"
    at = moment(words.instant(statement.at_ns, zone), words.utc(statement.at_ns))
    until = ""
    if result.expires_ns is not None:
        end = moment(words.instant(result.expires_ns, zone), words.utc(result.expires_ns))
        ran_out = result.state is State.EXPIRED
        until = tag("small", "ran out " if ran_out else "until ", end)
    who = tag("span", text(short(statement.author)), title=statement.author)
    said = tag("small", text(statement.text))
    return f"{who}, {at} {until} {said} {link_to(statement)}"


def link_to(statement: Statement) -> str:
    """A link only where it is one of the web; anything else is an id to look up."""
    link = statement.link
    if link.startswith(("https://", "http://")):
        safe = quote(link, safe=":/?#[]@!$&()*+,;=%~-._")
        return tag("a", text(link), href=safe, target="_blank", rel="noopener noreferrer")
    return tag("code", text(link))
