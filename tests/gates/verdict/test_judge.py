"""Precedence, and what EXPAND lacks: the rulings as tables."""
# ruff: noqa: E501 -- a case stands on one line

from dataclasses import replace
from itertools import combinations
from typing import Any

import pytest

from gates.verdict.defaults import DEFAULT
from gates.verdict.document import document_of, thresholds_of
from gates.verdict.evidence import Evidence, LatencyLimits, Severity, SliceUnits, VerificationFacts
from gates.verdict.judge import judge
from gates.verdict.question import Question
from gates.verdict.thresholds import RateLimits, Thresholds
from gates.verdict.verdict import CheckName, CheckState, Readiness
from gates.verdict.words import VerdictWord
from schemas import check
from schemas.stages import Step
from tests.gates.verdict.builders import (
    HOUR,
    NOW,
    SECOND,
    at,
    controls,
    evidence,
    finding,
    kill,
    question,
    units,
)

GOOD = evidence(units(240))


def changed(name: str, asked: Question, seen: Evidence) -> tuple[Question, Evidence]:
    """What makes each word, on top of evidence that would expand."""
    match name:
        case "killed":
            return asked, replace(seen, controls=replace(seen.controls or controls(), kill=True))
        case "removed":
            return asked, replace(seen, controls=replace(seen.controls or controls(), removed=True))
        case "latched":
            return replace(asked, latched="it failed"), seen
        case "breach":
            critical = finding("BUCKET_BREACH", Severity.CRITICAL)
            return asked, replace(seen, findings=(*seen.findings, critical))
        case "failures":
            bad = units(240, 40)
            return asked, replace(seen, units=replace(bad, executor_version=""), versions=(bad,))
        case "held":
            return asked, replace(seen, invalid=1)
        case "too young":
            return asked, replace(
                seen, controls=replace(seen.controls or controls(), effective_ns=NOW - HOUR)
            )
        case _:
            raise AssertionError(name)


MAKES = {
    "killed": VerdictWord.KILLED,
    "removed": VerdictWord.KILLED,
    "latched": VerdictWord.ROLL_BACK,
    "breach": VerdictWord.ROLL_BACK,
    "failures": VerdictWord.ROLL_BACK,
    "held": VerdictWord.HOLD,
    "too young": VerdictWord.NOT_ENOUGH_DATA,
}
ORDER = list(VerdictWord)
SUBSETS = [names for size in range(1, 5) for names in combinations(MAKES, size)]


@pytest.mark.parametrize("names", SUBSETS, ids="+".join)
def test_precedence(names: tuple[str, ...]) -> None:
    """KILLED > ROLL BACK > HOLD > EXPAND > NOT ENOUGH DATA, whatever else is the case."""
    asked, seen = question(), GOOD
    for name in names:
        asked, seen = changed(name, asked, seen)
    assert judge(asked, seen).word is min((MAKES[name] for name in names), key=ORDER.index)


def test_with_nothing_against_it_the_evidence_expands() -> None:
    assert judge(question(), GOOD).word is VerdictWord.EXPAND


def test_the_words_stand_in_order_of_precedence() -> None:
    assert [word.value for word in VerdictWord] == [
        "KILLED",
        "ROLL_BACK",
        "HOLD",
        "EXPAND",
        "NOT_ENOUGH_DATA",
    ]


WITHOUT_BUDGET: dict[str, Any] = {"limits": LatencyLimits(p50_ms=5000.0, p95_ms=None)}
HIDDEN = SliceUnits(visible=False, why="no job specs are known", units=None)
LACKS: list[tuple[str, Question, Evidence]] = [
    ("dwell", question(), replace(GOOD, controls=controls(effective_ns=NOW - 24 * HOUR + 1))),
    ("a clock before the revision", question(), replace(GOOD, controls=controls(effective_ns=NOW + HOUR))),
    ("hours", question(), replace(GOOD, model_hours=5)),
    (
        "jobs",
        question(thresholds=replace(DEFAULT, steps={
            **DEFAULT.steps, Step.CANARY_1: replace(DEFAULT.steps[Step.CANARY_1], min_jobs=241)})),
        GOOD,
    ),
    ("no latency limit", question(), evidence(units(240, over_p95=None), **WITHOUT_BUDGET)),
    ("no latency count", question(), replace(GOOD, units=replace(GOOD.units, over_p50=None))),
    ("never in effect", question(), replace(GOOD, controls=None)),
    ("no thresholds", *at(Step.OFF_LADDER, GOOD)),
    ("slice hidden", *at(Step.BROADEN_KIND, replace(evidence(units(400)), new_slice=HIDDEN))),
    ("slice unknown", *at(Step.BROADEN_KIND, evidence(units(400)))),
    ("baseline: stub jobs", *at(Step.BASELINE, evidence(stub_jobs=99))),
    ("baseline: hours", *at(Step.BASELINE, evidence(hours=0))),
    (
        "baseline: an excused openai line",
        *at(Step.BASELINE, evidence(units(1), findings=(finding("X", Severity.CRITICAL, 0, excused=1),))),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("lack", "asked", "seen"), LACKS, ids=[lack for lack, _, _ in LACKS])
def test_what_is_missing_keeps_from_expanding(lack: str, asked: Question, seen: Evidence) -> None:
    verdict = judge(asked, seen)
    assert verdict.word is VerdictWord.NOT_ENOUGH_DATA
    assert len(verdict.missing) == 1
    assert verdict.missing[0] in verdict.would_change


@pytest.mark.parametrize("step", [step for step in Step if step is not Step.OFF_LADDER])
def test_each_step_expands_on_enough_and_not_on_nothing(step: Step) -> None:
    part = SliceUnits(visible=True, why=None, units=units(100))
    enough = evidence() if step is Step.BASELINE else replace(evidence(units(400)), new_slice=part)
    assert judge(*at(step, enough)).word is VerdictWord.EXPAND
    assert judge(*at(step, evidence(stub_jobs=0))).word is VerdictWord.NOT_ENOUGH_DATA


def test_the_baseline_waits_for_the_audit_before_it_rolls_back() -> None:
    """A line may be in grace until the audit has looked at it; it holds meanwhile."""
    asked, seen = at(Step.BASELINE, evidence(units(1), controls=controls(feature=False)))
    assert judge(asked, seen).word is VerdictWord.ROLL_BACK
    waiting = replace(seen, ingest=replace(seen.ingest, unaudited=1))
    assert judge(asked, waiting).word is VerdictWord.HOLD


def laxest() -> Thresholds:
    """The laxest document that its contract accepts."""
    asks = {"dwellSeconds": 1, "minHours": 1, "minJobs": 1}
    rate = {"stop": 0.5, "expand": 0.5}
    document = document_of(DEFAULT) | {
        "passAlpha": 0.2,
        "failAlpha": 1e-9,
        "latency": {"p50": {"stop": 0.9, "expand": 0.9}, "p95": rate},
        "silenceMinSeconds": 86_400,
        "silenceHorizonSeconds": 31_536_000,
        "ingestLagSeconds": 3600,
    }
    document["steps"] = {
        name: asks | {key: rate for key in ("failures", "sliceFailures") if key in step}
        for name, step in document["steps"].items()
    }
    assert not check.problems("thresholds.v1", document)
    return thresholds_of(document)


@pytest.mark.parametrize("step", list(Step))
def test_under_the_laxest_thresholds_no_data_is_no_pass_either(step: Step) -> None:
    hidden = replace(evidence(stub_jobs=0), hours=100, model_hours=100, new_slice=HIDDEN)
    assert judge(*at(step, hidden, thresholds=laxest())).word is VerdictWord.NOT_ENOUGH_DATA


def test_under_the_laxest_thresholds_one_job_is_no_pass() -> None:
    asked = question(thresholds=laxest())
    assert judge(asked, evidence(units(1))).word is VerdictWord.NOT_ENOUGH_DATA
    assert judge(asked, evidence(units(8))).word is VerdictWord.EXPAND


def checks_of(seen: Evidence) -> dict[tuple[str | None, CheckName], CheckState]:
    return {(c.version, c.name): c.state for c in judge(question(), seen).checks}


def test_one_version_is_shown_once() -> None:
    assert set(checks_of(GOOD)) == {
        (None, CheckName.FAILURES), (None, CheckName.LATENCY_P50), (None, CheckName.LATENCY_P95),
    }  # fmt: skip


def test_a_new_version_starts_its_count_anew() -> None:
    seen = evidence(units(400), units(10, executor_version="openai.v2"))
    assert checks_of(seen)[None, CheckName.FAILURES] is CheckState.PASS
    assert checks_of(seen)["openai.v2", CheckName.FAILURES] is CheckState.OPEN
    assert judge(question(), seen).word is VerdictWord.NOT_ENOUGH_DATA


def test_a_version_no_longer_in_use_need_not_pass() -> None:
    seen = evidence(units(400), units(10, executor_version="openai.v0", in_use=False))
    assert checks_of(seen)["openai.v0", CheckName.FAILURES] is CheckState.OPEN
    assert judge(question(), seen).word is VerdictWord.EXPAND


def test_a_version_no_longer_in_use_still_rolls_back() -> None:
    seen = evidence(units(400), units(20, 12, executor_version="openai.v0", in_use=False))
    assert judge(question(), seen).word is VerdictWord.ROLL_BACK


def test_versions_share_the_error_probability_of_fail() -> None:
    """5 of 15 fails at 1 %; as one of three versions it is judged at a third of that."""
    alone = evidence(units(15, 5))
    shared = evidence(units(2000), units(15, 5, executor_version="b"), units(2000, executor_version="c"))
    assert checks_of(alone)[None, CheckName.FAILURES] is CheckState.FAIL
    assert checks_of(shared)["b", CheckName.FAILURES] is CheckState.OPEN
    many = evidence(units(2000), units(15, 6, executor_version="b"), units(2000, executor_version="c"))
    assert checks_of(many)["b", CheckName.FAILURES] is CheckState.FAIL


def test_the_slice_is_judged_by_its_own_limits() -> None:
    part = SliceUnits(visible=True, why=None, units=units(42))
    asked, seen = at(Step.BROADEN_KIND, replace(evidence(units(400)), new_slice=part))
    assert judge(asked, seen).word is VerdictWord.NOT_ENOUGH_DATA
    more = replace(seen, new_slice=replace(part, units=units(43)))
    assert judge(asked, more).word is VerdictWord.EXPAND


def test_only_what_is_slow_at_p95_fails_there() -> None:
    verdict = judge(question(), evidence(units(300, over_p95=45, over_p50=45)))
    assert verdict.word is VerdictWord.ROLL_BACK
    assert [c.name for c in verdict.checks if c.state is CheckState.FAIL] == [CheckName.LATENCY_P95]


def test_stops_say_what_fails_now() -> None:
    """A ROLL BACK without stops is one that was latched: what an acknowledgement needs to know."""
    assert judge(question(latched="x"), GOOD).stops == ()
    assert judge(question(), evidence(units(15, 5))).stops


def test_a_past_window_never_expands() -> None:
    verdict = judge(question(until_ns=NOW), replace(GOOD, newer_revision=8))
    assert verdict.word is VerdictWord.HOLD


def test_lax_latency_cannot_hide_failures() -> None:
    lax = replace(DEFAULT, latency_p95=RateLimits(stop=0.5, expand=0.5))
    assert judge(question(thresholds=lax), evidence(units(15, 5))).word is VerdictWord.ROLL_BACK


VERIFIED: list[tuple[Readiness, dict[str, Any], str]] = [
    (Readiness.PASSED, {}, "verified: 20 lines since revision 7, all as the controls say"),
    (Readiness.NOT_ENOUGH, {"lines": 12}, "not verified: 12 of 20 lines since revision 7; `slotgate probe --count 8`"),
    (Readiness.FAILED, {"violations": 1}, "not verified: 1 line against the controls; `slotgate gate-audit` shows them"),
    (Readiness.FAILED, {"schema_invalid": 2}, "not verified: 2 invalid records; `slotgate gate-audit` shows them"),
    (Readiness.FAILED, {"lines": 0, "violations": 1},
     "not verified: 1 line against the controls; `slotgate gate-audit` shows them"),
]  # fmt: skip


@pytest.mark.parametrize(("state", "facts", "words"), VERIFIED, ids=[words for _, _, words in VERIFIED])
def test_readiness(state: Readiness, facts: dict[str, Any], words: str) -> None:
    seen = {"lines": 20, "schema_invalid": 0, "violations": 0} | facts
    asked = replace(GOOD, controls=controls(kill=True), verification=VerificationFacts(**seen))
    verdict = judge(question(), asked)
    assert (verdict.word, verdict.readiness, verdict.readiness_words) == (VerdictWord.KILLED, state, words)


UNKNOWN = [
    {"controls": None},
    {"ingest": replace(GOOD.ingest, failure="the disk is full")},
    {"ingest": replace(GOOD.ingest, unaudited=1)},
    {"gone_before_ns": GOOD.until_ns},
]


@pytest.mark.parametrize("others", UNKNOWN, ids=["never in effect", "ingest fails", "not audited", "gone"])
def test_what_is_unknown_is_not_verified(others: dict[str, Any]) -> None:
    assert judge(question(), replace(GOOD, **others)).readiness is Readiness.NOT_ENOUGH


def test_a_breached_kill_is_not_verified() -> None:
    breached = kill(openai_since=1, last_openai_start_ns=NOW - SECOND)
    seen = replace(GOOD, controls=controls(kill=True), kill=breached)
    assert judge(question(), seen).readiness is Readiness.FAILED
