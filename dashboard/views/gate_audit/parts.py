"""The other parts of the page as markup: the answer, what findings have in common, lines, buckets."""

from collections.abc import Sequence
from datetime import tzinfo

from dashboard.data import format as words
from dashboard.data.gate_audit.figures import Group
from dashboard.data.gate_audit.sentence import Headline
from dashboard.data.inert import shown
from dashboard.views.links import job_link, link
from dashboard.views.markup import card_row, glyph, moment, table_box, tag, text, titled
from dashboard.views.prose import prose
from dashboard.views.severity import SIGNS, severity_mark, severity_word
from gates.verdict.bucket_health import BucketHealth
from gates.verdict.evidence import Severity
from ingest.gate_audit import Line

_NAMES = {"step": "step", "revision": "revision", "executorVersion": "version", "source": "source"}
_LONG = 60
_LINE_HEADS = (
    "finding", "what the line says, and why that is wrong", "job", "time", "step, revision", "source"
)  # fmt: skip


def answer(said: Headline) -> str:
    """The first thing to read: found or not, and what the audit cannot see."""
    if said.worst is not None:
        word, sign, cls = "FINDINGS", SIGNS[said.worst], f"sg-ga-{said.worst.value}"
    elif said.answered:
        word, sign, cls = "NO BREACH FOUND", "✓", "sg-ga-none"
    else:
        word, sign, cls = "NO ANSWER", "?", "sg-ga-unknown"
    limits = tag("ul", *(tag("li", prose(one)) for one in said.limits)) if said.limits else ""
    return tag(
        "section",
        tag("div", glyph(sign, "sg-v-sign"), tag("strong", word), cls="sg-v-word"),
        tag("div", tag("p", prose(said.sentence), cls="sg-v-sentence"), limits, cls="sg-v-body"),
        cls=f"sg-verdict sg-ga {cls}",
        aria_label="What the gate audit found",
        data_answer=word,
    )


def chips(given: dict[str, str], grace: str) -> str:
    """The filters that stand, each with the way out of it."""
    said = [
        tag(
            "span",
            tag("span", text(name), cls="sg-soft"),
            " ",
            tag("code", text(shown(value, _LONG))),
            link(
                "gate-audit",
                "remove",
                "sg-remove",
                **{k: v for k, v in given.items() if k != name},
                grace=grace,
            ),
            cls="sg-chip",
        )
        for name, value in given.items()
    ]
    return tag("div", *said, link("gate-audit", "all findings"), cls="sg-chips") if said else ""


def group_table(kind: str, groups: Sequence[Group], given: dict[str, str], zone: tzinfo) -> str:
    """Findings of one dimension; the worst first."""
    head = tag(
        "tr",
        tag("th", text(kind), scope="col"),
        *(tag("th", severity_mark(one), text(one.value), scope="col", cls="sg-number") for one in Severity),
        tag("th", "in grace", scope="col", cls="sg-number"),
        tag("th", "last", scope="col"),
    )
    body = [_group(_NAMES[kind], one, given, zone) for one in groups]
    return table_box(tag("caption", f"By {text(kind)}"), tag("thead", head), tag("tbody", *body))


def _group(name: str, one: Group, given: dict[str, str], zone: tzinfo) -> str:
    label = text(shown(one.label, _LONG))
    said = link("gate-audit", label, **(given | {name: one.value})) if one.value else label
    counts = (
        tag(
            "td",
            text(words.count(count)) if count else "·",
            cls="sg-number" if count else "sg-number sg-soft",
        )
        for count in (*one.by_severity, one.excused)
    )
    return tag("tr", tag("th", said, scope="row", cls="sg-code"), *counts, tag("td", at(one.last_ns, zone)))


def line_table(lines: Sequence[Line], zone: tzinfo) -> str:
    """The lines of a page. Everything in them was written by an executor."""
    head = tag("tr", *(tag("th", name, scope="col") for name in _LINE_HEADS))
    body = tag("tbody", *(_line(one, zone) for one in lines))
    return table_box(tag("thead", head), body, label="Lines behind the findings", cls="sg-lines sg-cards")


def _line(one: Line, zone: tzinfo) -> str:
    place = f"{one.source_id}:{one.line_offset}:{one.record_index}"
    if one.explained_by is None:
        mark = severity_word(one.severity)
    else:
        said = f"in grace, legal under revision {one.explained_by}"
        mark = tag("span", glyph("◌", "sg-soft"), text(said), cls="sg-soft")
    where = "–"
    if one.revision is not None:
        step = link("stages", text(one.step or "–"), step=one.step)
        where = f"{step}<br>{link('gate-audit', f'revision {one.revision}', revision=one.revision)}"
    source = tag(
        "span", text(shown(one.source.rpartition("/")[2] or one.source, _LONG)), title=shown(one.source, 300)
    )
    return card_row(
        _LINE_HEADS,
        tag("td", mark, tag("small", tag("code", text(one.code.value)))),
        tag("td", text(shown(one.words, 400)), cls="sg-words"),
        tag("td", job_link(one.job_id, place, _LONG), tag("small", f"bucket {one.bucket}")),
        tag("td", at(one.line_time_ns, zone)),
        tag("td", where),
        tag(
            "td",
            source,
            tag("small", text(f"{one.trust}, byte {words.count(one.line_offset)}")),
            tag("small", text(shown(one.executor_version, _LONG))),
        ),
    )


def buckets(counts: Sequence[int], health: BucketHealth) -> str:
    """How evenly the ids fall, and what each percent would admit of the jobs seen."""
    title = titled("Bucket health", "distinct jobs, without probes")
    if not health.jobs:
        return title + tag("p", "No job seen: nothing is known of the buckets.", cls="sg-note")
    few = "" if health.jobs >= 500 else " So few jobs show only gross unevenness."
    if health.uneven is None:
        said = tag(
            "p", glyph("✓", "sg-ok"), text(f"No sign of unevenness in {words.count(health.jobs)} jobs.{few}")
        )
    else:
        said = tag(
            "p",
            glyph("▲", "sg-warn"),
            tag("b", "Uneven: "),
            text(f"{health.uneven}, of {words.count(health.jobs)} jobs. The ids do not spread like chance: "),
            "percent is not the share of jobs.",
        )
    top = max(counts)
    bars = "".join(
        tag(
            "i", style=f"height:{100 * count / top:.1f}%", title=f"bucket {number}: {words.count(count)} jobs"
        )
        for number, count in enumerate(counts)
    )
    picture = tag(
        "div", bars, cls="sg-buckets", role="img", aria_label=f"Jobs of each bucket 0 to 99, at most {top}"
    )
    scale = tag("div", tag("span", "bucket 0"), tag("span", "99"), cls="sg-buckets-scale", aria_hidden="true")
    head = tag(
        "tr",
        *(tag("th", name, scope="col", cls="sg-number") for name in ("percent", "would admit", "exactly")),
    )
    body = [
        tag(
            "tr",
            tag("th", f"{one.percent} %", scope="row", cls="sg-number"),
            tag("td", text(f"{words.count(one.jobs)} {'job' if one.jobs == 1 else 'jobs'}"), cls="sg-number"),
            tag("td", text(words.share(one.jobs, health.jobs)), cls="sg-number"),
        )
        for one in health.admits
    ]
    table = table_box(tag("thead", head), tag("tbody", *body), cls="sg-narrow")
    return title + tag("div", said, picture, scale, table, cls="sg-bucket-box")


def at(epoch_ns: int | None, zone: tzinfo) -> str:
    """A time in the reader's zone."""
    return "no time" if epoch_ns is None else moment(words.instant(epoch_ns, zone), words.utc(epoch_ns))
