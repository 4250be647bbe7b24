"""One row a stay: what it was, what it showed, with which word it was left, and who signed. As markup."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo

from dashboard.data import format as words
from dashboard.data.in_lines import EXACT, InLines
from dashboard.data.stage_people import Change, LastWord, People
from dashboard.data.stages import Bounded, Figures, Found, ListedStay
from dashboard.data.timeline import FEWEST_FOR_PERCENTILES
from dashboard.views.links import link
from dashboard.views.markup import glyph, moment, table_box, tag, text
from dashboard.views.stages.choice import revisions
from dashboard.views.verdict import CLASSES, SIGNS
from gates.verdict.wording import percent
from gates.verdict.words import VerdictWord

SERIOUS = ("critical", "high")
COLUMNS = (
    "step",
    "when",
    "revisions",
    "runs",
    "openai failed",
    "openai p50 / p95 / p99",
    "errorCodes",
    "gate audit",
    "verdict",
    "by whom",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """`figures` and `failures` are null while they are counted, `why_not` says why they cannot be.

    `lines` are of the figures, or of rollups where these are there first; null without either.
    `people` is null where the store does not know the stay. `live` is the word of the verdict of now,
    null for a stay that is over; `live_revision` the revision it is of.
    """

    one: ListedStay
    figures: Figures | None
    lines: InLines | None
    failures: Bounded | None
    why_not: str | None
    people: People | None
    live: VerdictWord | None = None
    live_revision: int | None = None


def stays_table(rows: Sequence[Row], now_ns: int, zone: tzinfo) -> str:
    """The table; on a phone every row is a card."""
    head = tag("tr", *(tag("th", text(name), scope="col") for name in COLUMNS))
    body = [_row(row, now_ns, zone) for row in rows]
    caption = tag("caption", "Every stay on a step, newest first", cls="sg-hidden")
    return table_box(
        caption,
        tag("thead", head),
        tag("tbody", *body),
        label="Every stay on a step",
        cls="sg-stays sg-cards",
    )


def _row(row: Row, now_ns: int, zone: tzinfo) -> str:
    cells = [
        _when(row, now_ns, zone),
        _revisions(row),
        *_measured(row),
        found(row.one.found, row.one.stay.step.value, row.one.stay.revisions),
        verdict(row, zone),
        by_whom(row.people),
    ]
    named = [
        tag(
            "td",
            tag("div", inner) if inner else "",
            data_label=name,
            cls="sg-number" if name == "runs" else "",
        )
        for name, inner in zip(COLUMNS[1:], cells, strict=True)
    ]
    return tag("tr", tag("th", _step(row), scope="row"), *named, cls="sg-stay-now" if row.live else "")


def _step(row: Row) -> str:
    stay = row.one.stay
    stage = "off the ladder" if stay.stage is None else f"stage {stay.stage}"
    if not row.one.of_home:
        stage += ", brought in"
    now = tag("small", glyph("●", "sg-openai"), "now", cls="sg-badge") if stay.to_ns is None else ""
    return link("stages", text(stay.step.value), step=row.one.name) + now + tag("small", text(stage))


def _when(row: Row, now_ns: int, zone: tzinfo) -> str:
    stay = row.one.stay
    lasted = words.duration(((stay.to_ns or now_ns) - stay.from_ns) / 1e9)
    start = moment(words.instant(stay.from_ns, zone)[:-3], words.utc(stay.from_ns))
    if stay.to_ns is None:
        return f"since {start}" + tag("small", text(lasted))
    end = moment(words.instant(stay.to_ns, zone)[:-3], words.utc(stay.to_ns))
    return start + tag("small", "to ", end, f", {text(lasted)}")


def _revisions(row: Row) -> str:
    numbers = row.one.stay.revisions
    said = text(revisions(row.one).split(" ", 1)[1])
    if len(numbers) > 2:
        said += tag("small", f"{len(numbers)} of them")
    return said


def _measured(row: Row) -> tuple[str, str, str, str]:
    lines = row.lines
    if lines is None:
        said = tag("span", text(row.why_not or "counting …"), cls="sg-soft")
        return said, "", "", ""
    share = tag("small", glyph("●", "sg-openai"), text(words.share(lines.openai, lines.runs)), " openai")
    made_of = "" if lines.said == EXACT else tag("small", text(lines.said))
    return (
        text(words.count(lines.runs)) + share + made_of,
        failed(row),
        latency(lines),
        _codes(lines, row.one.stay.step.value),
    )


def failed(row: Row) -> str:
    """How many of how many jobs, and the rates that the data does not rule out; lines until then."""
    if row.failures is None:
        return _failed_lines(row)
    one = row.failures
    if one.units == 0:
        return tag("span", "no model call", cls="sg-soft")
    mark = glyph("✕", "sg-failed") if one.failed else ""
    said = f"{one.failed:,} of {one.units:,} ({percent(one.failed / one.units)})"
    few = ", few" if one.units < FEWEST_FOR_PERCENTILES else ""
    return (
        mark + text(said) + tag("small", text(f"true rate {percent(one.lower)} to {percent(one.upper)}{few}"))
    )


def _failed_lines(row: Row) -> str:
    jobs = tag("small", text(row.why_not or "jobs are being counted …"))
    if row.lines is None or row.lines.openai == 0:
        return tag("span", "no model call", cls="sg-soft") + jobs
    mark = glyph("✕", "sg-failed") if row.lines.failed else ""
    share = words.share(row.lines.failed, row.lines.openai)
    return mark + text(f"{row.lines.failed:,} of {row.lines.openai:,} lines ({share})") + jobs


def latency(lines: InLines) -> str:
    """Three percentiles, or the points where they are few."""
    if lines.completed == 0:
        return tag("span", "none completed", cls="sg-soft")
    if lines.points:
        each = ", ".join(words.latency(value) for value in lines.points)
        return text(each) + tag("small", f"each of {len(lines.points)}: too few for percentiles")
    three = " / ".join(words.latency(value) for value in lines.three)
    return text(three) + tag("small", f"n {lines.completed:,}")


def _codes(lines: InLines, step: str) -> str:
    if not lines.codes:
        return tag("span", "none" if lines.openai else "–", cls="sg-soft")
    return "".join(
        tag("span", _code(code, step), f" {count:,}", cls="sg-each") for code, count in lines.codes.items()
    )


def _code(code: str, step: str) -> str:
    return link("triage", text(code), tab="failures", code=code, step=step)


def found(each: Sequence[Found], step: str, numbers: Sequence[int]) -> str:
    """What the gate audit found, the worst first; lines in grace are said apart."""
    if not each:
        return tag("span", "nothing found", cls="sg-soft")
    only = numbers[0] if len(numbers) == 1 else None
    said = []
    for one in each:
        sign = ("✕", "sg-failed") if one.severity in SERIOUS else ("▲", "sg-warn")
        mark = glyph(*sign) if one.lines else ""
        count = f"{one.lines:,} {one.severity}" if one.lines else ""
        grace = f"{one.excused:,} in grace" if one.excused else ""
        name = link("gate-audit", text(one.code), code=one.code, step=step, revision=only)
        said.append(
            tag("span", mark, name, " ", text(", ".join(filter(None, (count, grace)))), cls="sg-each")
        )
    return "".join(said)


def verdict(row: Row, zone: tzinfo) -> str:
    """The verdict of now, or the word under which the stay was left."""
    if row.live is not None:
        of = f"live, of revision {row.live_revision}"
        return _word(row.live) + tag("small", text(of))
    if row.one.stay.to_ns is None:
        return tag("span", "not formed yet", cls="sg-soft")
    if row.people is None or row.people.word is None:
        return tag("span", "none on record", cls="sg-soft")
    last = row.people.word
    return _word(last.word) + tag("small", _how(last, zone))


def _word(word: VerdictWord) -> str:
    said = text(word.replace("_", " "))
    return tag("span", glyph(SIGNS[word], "sg-v-sign"), said, cls=f"sg-verdict-word {CLASSES[word]}")


def _how(last: LastWord, zone: tzinfo) -> str:
    at = moment(words.instant(last.at_ns, zone)[:-3], words.utc(last.at_ns))
    if last.signed:
        return "signed, " + link("review", text(f"request {last.request}"), request=last.request)
    return f"last noted by {text(who(last.by))} {at}"


def by_whom(people: People | None) -> str:
    """Who brought the stay about, and who signed; later changes within it are counted."""
    if people is None or not people.changes:
        return tag("span", "not in this home's history of changes", cls="sg-soft")
    first, more = people.changes[0], len(people.changes) - 1
    rest = tag("small", f"and {more} more {'change' if more == 1 else 'changes'}") if more else ""
    return change(first) + rest


def change(one: Change) -> str:
    """`alice, approved by bob` with the request, or who acted alone."""
    if one.request is None:
        alone = {"kill": "stopped by", "narrowing": "narrowed by", "init": "founded by"}.get(one.kind, "by")
        return f"{alone} {text(who(one.actor))}, alone"
    approved = ", ".join(who(name) for name in one.approvers) or "nobody"
    asked = link("review", text(f"request {one.request}"), request=one.request)
    applied = "" if one.actor == one.requester else f", applied by {text(who(one.actor))}"
    return (
        f"{text(who(one.requester or one.actor))}{applied}"
        + tag("small", "approved by ", text(approved), ", ", asked)
        + tag("small", link("audit", "audit log", request=one.request))
    )


def who(operator_id: str) -> str:
    """`alice` for `local|alice`; what is no such id as it is."""
    return operator_id.partition("|")[2] or operator_id
