"""A review in words: the sentence first, then what to do, then everything behind it."""

from dataclasses import replace

from dashboard.cli.review_words import in_words, unread
from dashboard.review.missed import Missed
from gates.store.review_rows import ReviewMoment, ReviewRow
from gates.verdict.evidence import Evidence, IngestState, Percentiles, Severity
from gates.verdict.judge import judge
from gates.verdict.question import Question
from gates.verdict.words import VerdictWord
from ingest.store.gaps import Gap
from tests.gates.verdict.builders import (
    HOUR,
    NOW,
    SECOND,
    controls,
    evidence,
    finding,
    kill,
    question,
    reference,
    units,
)


def said(found: Evidence, asked: Question | None = None, reviews: tuple[ReviewRow, ...] = ()) -> list[str]:
    asked = asked or question()
    return list(in_words(asked, found, judge(asked, found), reviews))


def test_the_sentence_then_the_next_action() -> None:
    lines = said(evidence(units(15, 5)))
    assert lines[0].startswith("ROLL BACK: 5 of 15 failed; at least ")
    assert lines[1].startswith("next: ")
    assert "slotgate" in lines[1]


def test_checks_are_a_table_with_bounds_limits_and_needs() -> None:
    lines = said(evidence(units(12), units(3, executor_version="openai.v2")))
    head = lines.index("checks:") + 1
    assert lines[head].split("  ")[1] == "check"
    rows = [line for line in lines[head + 1 :] if line.startswith("  ")]
    assert any(row.split()[:2] == ["failures", "0/15"] and "OPEN" in row for row in rows)
    assert any("openai.v2" in row and "0/3" in row for row in rows)
    assert any("more clean" in row for row in rows)
    at = {line.rstrip().find("..") for line in rows[:2]}
    assert len(at) == 1 or -1 not in at


def test_findings_come_with_the_command_that_shows_their_lines() -> None:
    found = (finding("KILL_BREACH", Severity.CRITICAL, 3, excused=2),)
    lines = said(evidence(units(100), findings=found))
    shown = next(line for line in lines if "KILL_BREACH" in line and "slotgate gate-audit" in line)
    assert "3 lines" in shown
    assert "2 in grace" in shown
    assert shown.endswith("slotgate gate-audit --revision 7 --code KILL_BREACH")
    assert "gate audit: nothing found in 1,100 lines" in said(evidence(units(100)))


def test_a_kill_shows_its_confirmation_and_readiness() -> None:
    lines = said(evidence(controls=controls(kill=True), kill=kill()))
    assert lines[0].startswith("KILLED: ")
    assert any(line.startswith("kill: CONFIRMED: ") for line in lines)
    assert any(line.startswith("readiness: PASSED: ") for line in lines)


def test_few_points_are_shown_themselves() -> None:
    points = Percentiles(count=3, p50=900.0, p95=2500.0, p99=2500.0, points=(850.0, 900.0, 2500.0))
    lines = said(evidence(units(3), percentiles=points))
    assert "latency of 3 completed calls, too few for percentiles: 850 ms, 900 ms, 2.5 s" in lines
    assert any(line.endswith("p50 900 ms, p95 2.5 s, p99 3 s") for line in said(evidence(units(100))))


def test_a_reference_is_called_what_it_is() -> None:
    lines = said(evidence(units(100)), question(reference=reference()))
    shown = next(line for line in lines if line.startswith("before: "))
    assert "a before/after comparison, no control group" in shown


def test_how_old_the_evidence_is() -> None:
    assert any("last line 60 s ago" in line for line in said(evidence(units(5))))
    ahead = replace(evidence(units(5)), last_line_ns=NOW + 90 * SECOND)
    assert any("1.5 min ahead of this clock" in line for line in said(ahead))
    behind = IngestState(last_pass_ns=None, behind_bytes=12_000, unaudited=3, failure=None)
    assert any("12,000 bytes of the spool not read" in line for line in said(evidence(ingest=behind)))
    failed = replace(behind, failure="the disk is full")
    assert "ingest: the last pass failed: the disk is full" in said(evidence(ingest=failed))


def test_a_past_window_is_told_as_past() -> None:
    lines = said(evidence(units(5)), question(until_ns=NOW - HOUR))
    assert any("was in force for" in line for line in lines)


def test_a_revision_that_telemetry_does_not_know() -> None:
    lines = said(evidence(controls=None, from_ns=None))
    assert any("not in the control history, as far as telemetry knows" in line for line in lines)


def test_the_history_of_reviews_is_short() -> None:
    rows = tuple(
        ReviewRow(
            review_id=number, at_ns=NOW + number, revision=7, step="canary-1", verdict=VerdictWord.ROLL_BACK,
            moment=ReviewMoment.APPROVE, actor_id="local|bob", request_number=3,
            evidence_digest="sha256:abc",
        )
        for number in range(7)
    )  # fmt: skip
    lines = said(evidence(units(5)), reviews=rows)
    at = lines.index("reviews of canary-1:")
    assert lines[at + 1] == "  … 2 earlier ones"
    assert lines[-1].endswith(
        "revision 7  ROLL BACK  approve by local|bob for request 3; slotgate review --show sha256:abc"
    )


def test_what_no_check_can_count_is_said() -> None:
    assert list(unread(Missed())) == []
    gaps = tuple(Gap(n, f"/log/{n % 2}", 100, 1_100, 1_795_227_773 * 10**9 + n, "removed") for n in range(3))
    [said] = unread(Missed(gaps))
    assert said.startswith("MISSING: 3,000 bytes of 2 logs went before they were read, the last at ")
    assert said.endswith(", and no check counts them; `slotgate report` names them")
    assert list(unread(Missed(failure="it is locked"))) == ["gaps: not looked at: it is locked"]
