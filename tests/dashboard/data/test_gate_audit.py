"""Filters from the address, the answer in sentences, the truth table as it is read."""

from dataclasses import replace

import pytest

from dashboard.data.cached.late import Late, in_time
from dashboard.data.gate_audit.asked import Asked, asked
from dashboard.data.gate_audit.sentence import headline, uncounted
from dashboard.data.gate_audit.table import COLUMNS, ROWS, truth_table
from dashboard.errors import QueryTimeout
from gates.verdict.evidence import Severity
from gates.verdict.gate_audit import CELLS, GateCode, Wrong
from gates.verdict.situations import Observed, Situation
from ingest.gate_audit import Cell, Findings, FoundCode
from schemas.stages import Step


@pytest.mark.parametrize(
    ("address", "given"),
    [
        ({}, {}),
        ({"code": "KILL_BREACH", "severity": "critical"}, {"code": "KILL_BREACH", "severity": "critical"}),
        (
            {
                "code": "NO_SUCH",
                "severity": "bad",
                "step": "x",
                "revision": "-1",
                "source": "1e3",
                "history": "a b",
            },
            {},
        ),
        (
            {"step": "canary-5", "revision": "7", "source": "3"},
            {"step": "canary-5", "revision": "7", "source": "3"},
        ),
        ({"version": "<script>"}, {"version": "<script>"}),
        ({"version": "x" * 10_001, "revision": "9" * 30}, {}),
        ({"revision": "٣", "page": "2"}, {}),
    ],
)
def test_what_the_address_asks(address: dict[str, str], given: dict[str, str]) -> None:
    assert asked(address).given == given


def test_a_filter_of_it() -> None:
    chosen = Asked(code="KILL_BREACH", step="canary-5", revision="7", version="v", source="2").chosen
    assert (chosen.code, chosen.step, chosen.revision) == (GateCode.KILL_BREACH, Step.CANARY_5, 7)
    assert (chosen.executor_version, chosen.source_id, chosen.severity) == ("v", 2, None)


def found(lines: int, excused: int, code: GateCode = GateCode.STALE_KILL) -> FoundCode:
    severity = Severity.MEDIUM if code is GateCode.STALE_KILL else Severity.CRITICAL
    return FoundCode(
        history="home",
        code=code,
        severity=severity,
        lines=lines,
        jobs=1,
        excused=excused,
        first_ns=1,
        last_ns=2,
    )


def answer(*codes: FoundCode, judged: int = 1_000, unaudited: int = 0, unknown: int = 0) -> Findings:
    return Findings(
        found=codes,
        judged=judged,
        not_judged=(("no time", 3),) if unknown else (),
        scope_unknown=unknown,
        unaudited=unaudited,
        clock_skew_ns=10**9,
    )


@pytest.mark.parametrize(
    ("findings", "worst", "answered", "sentence"),
    [
        (answer(), None, True, "No breach found in 1,000 audited lines."),
        (answer(judged=0), None, False, "No answer: no line was judged against controls."),
        (answer(found(0, 4)), None, True, "No breach found in 1,000 audited lines."),
        (
            answer(found(2, 0, GateCode.KILL_BREACH), found(7, 1)),
            Severity.CRITICAL,
            True,
            "Worst is critical: `KILL_BREACH`. Violations in 1,000 audited lines: 2 critical, 7 medium.",
        ),
    ],
)
def test_the_answer(findings: Findings, worst: Severity | None, answered: bool, sentence: str) -> None:
    said = headline(findings)
    assert (said.worst, said.answered, said.sentence) == (worst, answered, sentence)


def test_what_it_cannot_see_is_said() -> None:
    limits = headline(answer(found(0, 1), unaudited=1, unknown=5)).limits
    assert [one.split(":")[0] for one in limits] == [
        "1 line in grace",
        "1 line not audited yet",
        "3 lines not judged",
        "not visible",
    ]


def test_deleted_lines_are_said() -> None:
    limits = headline(replace(answer(found(1, 0)), gone_before_ns=1_792_627_200 * 10**9)).limits
    assert limits == (
        "lines are kept since 2026-10-22; older ones were deleted, with what was found in them",
    )


def test_findings_are_said_where_lines_cannot_be_counted() -> None:
    said = uncounted((found(2, 0, GateCode.KILL_BREACH), found(7, 1)), "it took too long")
    assert said.sentence == "Worst is critical: `KILL_BREACH`. Violations: 2 critical, 7 medium."
    assert said.limits == ("how many lines were audited is not known: it took too long",)
    assert uncounted((), "it took too long").answered is False


def test_what_was_late_is_a_timeout_again() -> None:
    assert in_time(7) == 7
    with pytest.raises(QueryTimeout, match="longer than 5 s"):
        in_time(Late("the query took longer than 5 s"))


def test_the_table_has_every_cell_once() -> None:
    assert sorted(situation for _, several in COLUMNS for situation in several) == sorted(Situation)
    assert sorted(observed for _, observed in ROWS) == sorted(Observed)
    for row, (_, observed) in zip(truth_table(()), ROWS, strict=True):
        for box, (_, situations) in zip(row.boxes, COLUMNS, strict=False):
            answers = [CELLS[observed][one] for one in situations]
            assert box.is_right is (None in answers)
            assert box.wrong in (*answers, None)
            assert len({one for one in answers if one is not None}) <= 1
            assert (box.right, box.violations, box.excused) == (0, 0, 0)


def test_counts_stand_where_they_belong() -> None:
    wrong = CELLS[Observed.OPENAI][Situation.KILLED]
    assert isinstance(wrong, Wrong)
    cells = (
        Cell(observed=Observed.OPENAI, situation=Situation.KILLED, wrong=wrong, lines=5, excused=2),
        Cell(observed=Observed.OPENAI, situation=Situation.INSIDE, wrong=None, lines=7, excused=0),
        Cell(observed=Observed.OPENAI, situation=Situation.INSIDE_IN_SCOPE, wrong=None, lines=1, excused=0),
        Cell(observed=Observed.NO_CODE, situation=None, wrong=None, lines=9, excused=0),
    )
    rows = dict(zip((observed for _, observed in ROWS), truth_table(cells), strict=True))
    killed, inside = rows[Observed.OPENAI].boxes[0], rows[Observed.OPENAI].boxes[5]
    assert (killed.violations, killed.excused, killed.right) == (3, 2, 0)
    assert (inside.right, inside.violations) == (8, 0)
    assert rows[Observed.NO_CODE].boxes[-1].right == 9
