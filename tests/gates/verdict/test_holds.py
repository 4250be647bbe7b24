"""Every reason to hold, beside its clean twin: what is one step less is no reason."""
# ruff: noqa: E501 -- a case stands on one line

from dataclasses import replace
from typing import Any

import pytest

from gates.verdict.evidence import Evidence, IngestState, SampleRatio, Severity
from gates.verdict.judge import judge
from gates.verdict.question import BadOutput, Question
from gates.verdict.verdict import HoldCode
from gates.verdict.words import VerdictWord
from schemas.stages import Step
from tests.gates.verdict.builders import (
    FROM,
    HOUR,
    NOW,
    SECOND,
    evidence,
    finding,
    kill,
    question,
    reference,
    units,
)

CLEAN = evidence(units(100))
BAD = BadOutput(job_id="J1", reason="wrong year", reported_by="bob", at_ns=NOW)
RELEASED: dict[str, Any] = {
    "engaged_ns": FROM - 120 * SECOND,
    "released_ns": FROM,
    "last_openai_start_ns": None,
}


def seen(**others: Any) -> Evidence:
    return replace(CLEAN, **others)


def ingest(**others: Any) -> IngestState:
    return replace(CLEAN.ingest, **others)


def sample(admitted: int, reached: int = 400, **others: Any) -> SampleRatio:
    facts: dict[str, Any] = {"expected_share": 0.05, "visible": True, "why": None}
    return SampleRatio(reached=reached, admitted=admitted, **facts | others)


# code, words that must be said; question and evidence that hold, and the nearest ones that do not
Pair = tuple[Question, Evidence]
TABLE: list[tuple[HoldCode, str, Pair, Pair]] = [
    (HoldCode.SCHEMA_INVALID, "1 record broke", (question(), seen(invalid=1)), (question(), CLEAN)),
    (HoldCode.EXPOSURE_UNKNOWN, "1 unreadable record", (question(), seen(invalid=1, invalid_openai=1)),
     (question(), CLEAN)),
    (HoldCode.UNEXPECTED_CODE, "OPENAI_ODD (3)", (question(), seen(unknown_codes=(("OPENAI_ODD", 3),))),
     (question(), CLEAN)),
    (HoldCode.SILENCE, "the last line came 39 min ago", (question(), seen(last_line_ns=NOW - 39 * 60 * SECOND)),
     (question(), seen(last_line_ns=NOW - 36 * 60 * SECOND))),
    (HoldCode.SILENCE, "no line has come since the revision, 3 days ago",
     (question(reference=reference()), seen(lines=0, last_line_ns=None)),
     (question(), seen(lines=0, last_line_ns=None))),
    (HoldCode.VOLUME, "419 jobs in 3 days, 5.82 an hour: more than twice as many came under revision 4 (14)", (question(reference=reference()), seen(jobs=419)),
     (question(reference=reference()), seen(jobs=420))),
    (HoldCode.SAMPLE_RATIO, "lines of the openai arm are lost", (question(), seen(sample=sample(5))),
     (question(), seen(sample=sample(7)))),
    (HoldCode.SAMPLE_RATIO, "lines of the stub arm are lost", (question(), seen(sample=sample(60))),
     (question(), seen(sample=sample(60, visible=False, why="no specs")))),
    (HoldCode.GATE_AUDIT, "KILL_NOT_SEEN (1 line)",
     (question(), seen(findings=(finding("KILL_NOT_SEEN", Severity.HIGH),))),
     (question(), seen(findings=(finding("KILL_NOT_SEEN", Severity.HIGH, 0, excused=4),)))),
    (HoldCode.GATE_AUDIT, "STALE_KILL, UNDER_EXPOSED in 3 of the last 200 lines, 1 % is the most",
     (question(), seen(findings=(finding("STALE_KILL", Severity.MEDIUM, 40, of_last=2),
                                 finding("UNDER_EXPOSED", Severity.MEDIUM, 1)))),
     (question(), seen(findings=(finding("STALE_KILL", Severity.MEDIUM, 40, of_last=2),)))),
    (HoldCode.GATE_AUDIT, "in 1 of the last 20 lines",
     (question(), seen(last_lines=20, findings=(finding("STALE_KILL", Severity.MEDIUM, 1),))),
     (question(), seen(last_lines=20, findings=(finding("REASON_MISMATCH", Severity.LOW, 20),)))),
    (HoldCode.KILL_UNCONFIRMED, "the last kill (revision 8) is UNCONFIRMED",
     (question(), seen(kill=kill(**RELEASED, stubbed_since=0, in_flight=0))),
     (question(), seen(kill=kill(**RELEASED)))),
    (HoldCode.KILL_UNCONFIRMED, "is BREACHED", (question(), seen(kill=kill(**RELEASED, openai_since=1))),
     (question(), seen(kill=kill(**RELEASED)))),
    (HoldCode.INGEST_BEHIND, "ingest fails: the disk is full", (question(), seen(ingest=ingest(failure="the disk is full"))),
     (question(), CLEAN)),
    (HoldCode.INGEST_BEHIND, "has not run yet", (question(), seen(ingest=ingest(last_pass_ns=None))), (question(), CLEAN)),
    (HoldCode.INGEST_BEHIND, "ingest ran 61 s ago, at most 60 s are allowed",
     (question(), seen(ingest=ingest(last_pass_ns=NOW - 61 * SECOND))),
     (question(), seen(ingest=ingest(last_pass_ns=NOW - 59 * SECOND)))),
    (HoldCode.INGEST_BEHIND, "70,000 bytes behind", (question(), seen(ingest=ingest(behind_bytes=70_000))),
     (question(), seen(ingest=ingest(behind_bytes=4_000)))),
    (HoldCode.INGEST_BEHIND, "2 lines not audited yet", (question(), seen(ingest=ingest(unaudited=2))), (question(), CLEAN)),
    (HoldCode.EVIDENCE_OLD, "revision 8 is in force", (question(), seen(newer_revision=8)), (question(), CLEAN)),
    (HoldCode.EVIDENCE_OLD, "different controls under the number 7",
     (question(), seen(number_reused=True)), (question(), CLEAN)),
    (HoldCode.UNPLACED, "2 lines of path openai cannot be tied to a revision",
     (question(), seen(unplaced_openai=2)), (question(), CLEAN)),
    (HoldCode.LINES_GONE, "lines of the first 5 h of the window were deleted by retention",
     (question(), seen(gone_before_ns=FROM + 5 * HOUR)), (question(), CLEAN)),
    (HoldCode.EVIDENCE_OLD, "not of 8 (canary-1)", (question(revision=8), CLEAN), (question(), CLEAN)),
    (HoldCode.EVIDENCE_OLD, "not of 7 (canary-5)", (question(step=Step.CANARY_5), CLEAN), (question(), CLEAN)),
    (HoldCode.EVIDENCE_OLD, "the evidence ends 61 s ago",
     (question(now_ns=NOW + 61 * SECOND), seen(ingest=ingest(last_pass_ns=NOW + 60 * SECOND))),
     (question(now_ns=NOW + 59 * SECOND), seen(ingest=ingest(last_pass_ns=NOW + 58 * SECOND)))),
    (HoldCode.OPT_IN_JUMP, "80 % of 1,100 jobs opt in, 40 % did under revision 4",
     (question(reference=reference(opt_in_share=0.4, jobs_per_hour=None)), seen(opt_in_share=0.8)),
     (question(reference=reference(opt_in_share=0.4, jobs_per_hour=None)), seen(opt_in_share=0.62))),
    (HoldCode.OPT_IN_JUMP, "10 % of 1,100 jobs opt in",
     (question(reference=reference(opt_in_share=0.4, jobs_per_hour=None)), seen(opt_in_share=0.1)),
     (question(reference=reference(opt_in_share=0.4, jobs_per_hour=None)), seen(opt_in_share=0.1, jobs=10))),
    (HoldCode.BAD_OUTPUT, "bob reviewed the output of J1 as bad (wrong year)",
     (question(bad_outputs=(BAD,)), CLEAN), (question(), CLEAN)),
]  # fmt: skip


@pytest.mark.parametrize(
    ("code", "words", "holding", "_clean"), TABLE, ids=[f"{n}-{t[0]}" for n, t in enumerate(TABLE)]
)
def test_a_reason_holds(code: HoldCode, words: str, holding: Pair, _clean: Pair) -> None:
    verdict = judge(*holding)
    assert verdict.word is VerdictWord.HOLD
    assert code in {hold.code for hold in verdict.holds}
    assert any(words in hold.words for hold in verdict.holds), [hold.words for hold in verdict.holds]
    assert all("; " in hold.words for hold in verdict.holds), "says what would end it"


@pytest.mark.parametrize(
    ("code", "_words", "_holding", "clean"), TABLE, ids=[f"{n}-{t[0]}" for n, t in enumerate(TABLE)]
)
def test_its_clean_twin_does_not(code: HoldCode, _words: str, _holding: Pair, clean: Pair) -> None:
    assert code not in {hold.code for hold in judge(*clean).holds}


def test_every_code_is_in_the_table() -> None:
    assert {code for code, *_ in TABLE} == set(HoldCode)


def test_the_clean_twin_of_all_expands() -> None:
    assert judge(question(), CLEAN).word is VerdictWord.EXPAND


@pytest.mark.parametrize("lines", [1, 2, 3, 4])
def test_few_lines_make_no_alarm_by_themselves(lines: int) -> None:
    """They all came in the first second; the pace is that of the whole window, silence included."""
    for hours in (1, 3, 6, 12, 24):
        until = FROM + hours * HOUR
        quiet = seen(lines=lines, until_ns=until, last_line_ns=FROM + SECOND)
        assert HoldCode.SILENCE not in {hold.code for hold in judge(question(now_ns=until), quiet).holds}


def test_volume_waits_for_the_dwell_time() -> None:
    """A night is not compared with a day."""
    night = seen(jobs=0, until_ns=FROM + 23 * HOUR)
    asked = question(reference=reference())
    assert HoldCode.VOLUME not in {hold.code for hold in judge(asked, night).holds}


def test_codes_are_only_ever_appended() -> None:
    published = """
        SCHEMA_INVALID EXPOSURE_UNKNOWN UNEXPECTED_CODE SILENCE VOLUME SAMPLE_RATIO GATE_AUDIT
        KILL_UNCONFIRMED INGEST_BEHIND EVIDENCE_OLD OPT_IN_JUMP BAD_OUTPUT
        UNPLACED LINES_GONE
    """
    assert [code.value for code in HoldCode] == published.split()


def test_what_holds_first_is_said_first() -> None:
    """Of several reasons the one that makes the others unreadable comes first."""
    verdict = judge(question(), seen(invalid=1, ingest=ingest(failure="no"), newer_revision=9))
    assert [hold.code for hold in verdict.holds] == [
        HoldCode.EVIDENCE_OLD,
        HoldCode.INGEST_BEHIND,
        HoldCode.SCHEMA_INVALID,
    ]
