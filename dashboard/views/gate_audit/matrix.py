"""The truth table as a matrix with counts. A wrong cell leads to its lines."""

from collections.abc import Sequence

from dashboard.data import format as words
from dashboard.data.gate_audit.table import COLUMNS, NO_CONTROLS, Box, Row
from dashboard.views.links import link
from dashboard.views.markup import glyph, table_box, tag, text
from dashboard.views.severity import SIGNS, severity_word


def matrix(rows: Sequence[Row], others: dict[str, str]) -> str:
    """The matrix as markup; `others` are the filters that stand, kept in its links."""
    unplaced = any(row.boxes[-1].right or row.boxes[-1].violations for row in rows)
    names = [name for name, _ in COLUMNS] + ([NO_CONTROLS] if unplaced else [])
    head = tag(
        "tr", tag("th", "the line says", scope="col"), *(tag("th", text(one), scope="col") for one in names)
    )
    body = [_row(row, len(names), others) for row in rows]
    caption = tag(
        "caption", "Lines by what they say and what the controls demanded, in the order of the gates"
    )
    label = "Truth table of the gate audit"
    return table_box(caption, tag("thead", head), tag("tbody", *body), label=label, cls="sg-matrix")


def _row(row: Row, columns: int, others: dict[str, str]) -> str:
    said = tag("th", tag("code", text(row.said)) if row.said.isupper() else text(row.said), scope="row")
    return tag("tr", said, *(_cell(box, others) for box in row.boxes[:columns]))


def _cell(box: Box, others: dict[str, str]) -> str:
    parts = []
    if box.is_right and not box.counted:
        parts.append(
            tag(
                "div",
                glyph("–", "sg-soft"),
                tag("b", text(words.count(box.right))),
                tag("small", "not judged"),
            )
        )
    elif box.is_right:
        sign = glyph("✓", "sg-ok") if box.right else glyph("✓", "sg-soft")
        word = tag("small", "right")
        parts.append(tag("div", sign, tag("b", text(words.count(box.right))), word, cls=_cls(box.right)))
    if box.wrong is not None:
        parts.append(_wrong(box, others))
    if not parts:
        return tag("td", tag("span", "–", cls="sg-soft"))
    worst = box.wrong.severity.value if box.wrong is not None and box.violations else ""
    return tag("td", *parts, cls=f"sg-found-{worst}" if worst else "")


def _wrong(box: Box, others: dict[str, str]) -> str:
    assert box.wrong is not None
    severity, code = box.wrong.severity, box.wrong.code
    name = tag("code", text(code.value))
    if box.violations or box.excused:
        name = link(
            "gate-audit", name, **(others | {"code": code.value, "grace": "1" if not box.violations else ""})
        )
    grace = tag("small", f"{words.count(box.excused)} in grace", cls="sg-grace") if box.excused else ""
    if not box.violations:
        sign = glyph(SIGNS[severity], "sg-soft")
        return tag("div", sign, tag("b", "0"), name, tag("small", text(severity.value)), grace, cls="sg-none")
    count = tag("b", text(words.count(box.violations)))
    return tag("div", count, " ", severity_word(severity), name, grace, cls="sg-some")


def _cls(count: int) -> str:
    return "sg-some" if count else "sg-none"
