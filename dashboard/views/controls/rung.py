"""One step of the ladder as markup: where it is, what it does, and what keeps it."""

from dashboard.data.controls_ladder import Place, Rung, Way
from dashboard.views.markup import glyph, tag, text
from dashboard.views.prose import prose
from gates.policy.evidence import Verification
from gates.policy.outcome import Finding

SIGNS = {
    Place.BEHIND: ("✓", "sg-ok", "behind"),
    Place.HERE: ("●", "sg-openai", "you are here"),
    Place.NEXT: ("▲", "sg-ok", "next"),
    Place.AHEAD: ("○", "sg-soft", "ahead"),
}
VERIFIED = {
    Verification.PASSED: ("✓", "sg-ok", "verified since this revision"),
    Verification.NOT_ENOUGH: ("…", "sg-soft", "too few lines yet: run jobs, or `slotgate probe`"),
    Verification.FAILED: ("✕", "sg-failed", "telemetry contradicts the controls: see the gate audit"),
}


def markup(rung: Rung, *, is_chosen: bool) -> str:
    """The rung with its reasons."""
    said = [_reasons(rung)]
    if rung.verification is not None:
        sign, cls, words = VERIFIED[rung.verification]
        said.append(tag("p", glyph(sign, cls), prose(words), cls="sg-c-reason"))
    if rung.way is Way.STOP and rung.place is Place.NEXT:
        said.append(_reason("▲", "sg-ok", "press the red button above: a kill takes effect at once"))
    if rung.way is Way.AT_ONCE:
        said.append(_reason("▼", "sg-ok", "take it away below: percent first, then the allowlist"))
    return _box(rung.place, rung.title, rung.detail, "".join(said), rung.name, is_chosen=is_chosen)


def passed(title: str, detail: str) -> str:
    """Several steps behind, in one line."""
    return _box(Place.BEHIND, title, detail, "", "passed", is_chosen=False)


def broadening(rungs: list[Rung]) -> str:
    """The six ways to broaden, in one: they may come in any order, and again."""
    places = {rung.place for rung in rungs}
    place = next(one for one in (Place.HERE, Place.NEXT, Place.AHEAD, Place.BEHIND) if one in places)
    here = next((rung for rung in rungs if rung.place is Place.HERE), None)
    title = "broaden" if here is None else here.name
    chips = tag(
        "p",
        *(
            tag("span", text(rung.name.removeprefix("broaden-")), cls="sg-chip", data_place=rung.place.value)
            for rung in rungs
        ),
        cls="sg-chips",
    )
    first = here or rungs[0]
    said = chips + ("" if place is Place.BEHIND else _reasons(first))
    return _box(
        place, title, "one allowlist dimension a step, in any order, again where needed; percent stays",
        said, "broaden", is_chosen=False,
    )  # fmt: skip


def _reasons(rung: Rung) -> str:
    if rung.place is Place.BEHIND:
        return ""
    shown = slice(None) if rung.place in (Place.NEXT, Place.HERE) else slice(1)
    blocked = "".join(_finding("✕", "sg-failed", "not now: ", one) for one in rung.blocked[shown])
    would = "".join(
        _finding("▲", "sg-warn", "shadow lets it pass and records: ", one) for one in rung.would_block[shown]
    )
    is_open = rung.place is Place.NEXT and not rung.blocked
    later = "".join(
        _finding("…", "sg-soft", "before it can be signed: ", one) for one in rung.to_sign if is_open
    )
    return blocked + would + later


def _finding(sign: str, cls: str, before: str, finding: Finding) -> str:
    code = tag("code", text(finding.code.value))
    return tag("p", glyph(sign, cls), text(before), prose(finding.words), " ", code, cls="sg-c-reason")


def _reason(sign: str, cls: str, words: str) -> str:
    return tag("p", glyph(sign, cls), prose(words), cls="sg-c-reason")


def _box(place: Place, title: str, detail: str, said: str, name: str, *, is_chosen: bool) -> str:
    sign, cls, where = SIGNS[place]
    head = tag("p", glyph(sign, cls), tag("b", text(title)), tag("span", text(where), cls="sg-c-where"))
    return tag(
        "div",
        head,
        tag("p", prose(detail), cls="sg-c-detail"),
        said,
        cls=f"sg-rung sg-rung-{place.value}" + (" sg-rung-chosen" if is_chosen else ""),
        data_rung=name,
        data_place=place.value,
    )
