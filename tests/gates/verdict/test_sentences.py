"""What a verdict says, word for word: the sentence, the next action, the bound."""
# ruff: noqa: E501, ISC004 -- sentences stand as they are said

from dataclasses import replace
from typing import Any

import pytest

from gates.verdict.evidence import Evidence, LatencyLimits, Severity, SliceUnits
from gates.verdict.judge import judge
from gates.verdict.question import Question
from schemas.stages import Step
from tests.gates.verdict.builders import (
    DAY,
    FROM,
    HOUR,
    NOW,
    SECOND,
    at,
    controls,
    evidence,
    finding,
    kill,
    question,
    reference,
    units,
)

TERMS = '--reason "…" --decision-record LINK'
LAX = replace(question().thresholds, latency_p95=replace(question().thresholds.latency_p50))
WAIT = (
    "leave the step as it is and wait for jobs; or two people sign the bound: "
    f'`slotgate propose --percent 5 --exception "…" {TERMS}`'
)
BACK = 'then find the cause and `slotgate ack --reason "…"`'


def killed(**others: Any) -> tuple[Question, Evidence]:
    return question(revision=8), evidence(revision=8, controls=controls(kill=True), kill=kill(), **others)


TABLE: dict[str, tuple[tuple[Question, Evidence], str, str]] = {
    "few clean jobs": (
        (question(thresholds=LAX), evidence(units(12))),
        "NOT ENOUGH DATA: 0 of 12 failed, the true rate could be up to 31 %; 8 more clean jobs, about 2 days.",
        WAIT,
    ),
    "few clean jobs, latency needs more": (
        (question(), evidence(units(12))),
        "NOT ENOUGH DATA: 0 of 12 failed, the true rate could be up to 31 %; 8 more clean jobs, about 2 days; "
        "latency p95 needs 31 more, about 7.8 days.",
        WAIT,
    ),
    "no job": (
        (question(thresholds=LAX), evidence()),
        "NOT ENOUGH DATA: no job has reached the model; 20 clean jobs needed.",
        WAIT,
    ),
    "only dwell and hours are missing": (
        (question(), evidence(units(100), controls=controls(effective_ns=NOW - 20 * HOUR), model_hours=4)),
        "NOT ENOUGH DATA: 0 of 100 failed, at most 4.4 %, limit 20 %; still needed: 4 h of the 24 h that the "
        "revision must stand and jobs in 6 distinct hours (4 so far).",
        WAIT,
    ),
    "slow calls are open": (
        (question(), evidence(units(40, over_p95=3))),
        "NOT ENOUGH DATA: 3 of 40 slower than 20 s, the true share could be up to 24 %; 63 more quick jobs, "
        "about 4.7 days.",
        WAIT,
    ),
    "enough": (
        (question(), evidence(units(240))),
        "EXPAND: no evidence of harm yet: 0 of 240 failed, at most 1.9 %, limit 20 %.",
        f"`slotgate propose --percent 5 {TERMS}`",
    ),
    "enough at the last percent but one": (
        at(Step.EXPAND_50, evidence(units(240))),
        "EXPAND: no evidence of harm yet: 0 of 240 failed, at most 1.9 %, limit 5 %.",
        f"`slotgate propose --allowlist FILE {TERMS}`",
    ),
    "enough stub jobs at the baseline": (
        at(Step.BASELINE, evidence(controls=controls(feature=False))),
        "EXPAND: no evidence of harm yet: 1,000 stub jobs, none reached the model.",
        '`slotgate kill --reason "enable sequence, step 1"`',
    ),
    "failures": (
        (question(), evidence(units(15, 5))),
        "ROLL BACK: 5 of 15 failed; at least 5.2 %, limit 5 %.",
        f"`slotgate kill`; {BACK}",
    ),
    "failures higher up": (
        at(Step.EXPAND_25, evidence(units(15, 5))),
        "ROLL BACK: 5 of 15 failed; at least 5.2 %, limit 5 %.",
        f'`slotgate kill` or `slotgate propose --percent 10 --reason "…"`; {BACK}',
    ),
    "slow calls": (
        (question(), evidence(units(200, over_p95=40))),
        "ROLL BACK: 40 of 200 slower than 20 s; at least 11 %, limit 5 %.",
        f"`slotgate kill`; {BACK}",
    ),
    "failures of one version": (
        (question(), evidence(units(190), units(15, 6, executor_version="openai.v2"))),
        "ROLL BACK: openai.v2: 6 of 15 failed; at least 7.1 %, limit 5 %.",
        f"`slotgate kill`; {BACK}",
    ),
    "a breach": (
        (question(), evidence(units(100), findings=(finding("BUCKET_BREACH", Severity.CRITICAL, 3),))),
        "ROLL BACK: BUCKET_BREACH: 3 lines of 3 jobs against the controls.",
        f"`slotgate kill`; {BACK}",
    ),
    "openai at the baseline": (
        at(Step.BASELINE, evidence(units(2), controls=controls(feature=False))),
        "ROLL BACK: 2 lines of path openai at the baseline, where none may reach the model.",
        f"`slotgate kill`; {BACK}",
    ),
    "failures in the new slice": (
        at(
            Step.BROADEN_KIND,
            evidence(units(400, 5), new_slice=SliceUnits(visible=True, why=None, units=units(15, 5))),
        ),
        "ROLL BACK: new slice: 5 of 15 failed; at least 5.2 %, limit 5 %.",
        f'`slotgate kill` or `slotgate revert --reason "…"`; {BACK}',
    ),
    "latched": (
        (question(latched="5 of 15 failed under revision 6"), evidence(units(100))),
        "ROLL BACK: not acknowledged yet: 5 of 15 failed under revision 6.",
        'find the cause, then `slotgate ack --reason "…"`',
    ),
    "silence": (
        (question(), evidence(units(100), last_line_ns=NOW - DAY)),
        "HOLD: the last line came 24 h ago; at 15.3 an hour chance explains 37 min; it ends with the next line.",
        "see whether executors run and their lines arrive: `slotgate probe`, `slotgate doctor`",
    ),
    "a past revision that failed": (
        (question(until_ns=NOW), evidence(units(15, 5), newer_revision=8)),
        "ROLL BACK: 5 of 15 failed; at least 5.2 %, limit 5 %.",
        "none here: revision 8 is in force, `slotgate review` judges it",
    ),
    "two reasons to hold": (
        (question(), evidence(units(100), last_line_ns=NOW - DAY, invalid=2)),
        "HOLD: 2 records broke the telemetry contract and stand in quarantine; once mended, a new revision starts "
        "the count anew (and 1 more reason).",
        "`slotgate report` counts quarantined records by cause; mend what wrote them",
    ),
    "killed": (
        killed(stub_jobs=14),
        "KILLED: revision 8 with the kill on since 00:00:00Z; CONFIRMED: last OpenAI call started 1.2 s before the "
        "kill, 3 in flight ended by 23:59:25Z, 14 stubbed since, 0 calls since.",
        "verify: `slotgate probe --count 6`",
    ),
    "killed and verified": (
        killed(stub_jobs=20),
        "KILLED: revision 8 with the kill on since 00:00:00Z; CONFIRMED: last OpenAI call started 1.2 s before the "
        "kill, 3 in flight ended by 23:59:25Z, 14 stubbed since, 0 calls since.",
        f"when the cause is settled: `slotgate unkill {TERMS}`",
    ),
    "killed by removal": (
        (question(), evidence(controls=controls(removed=True), kill=None)),
        "KILLED: the control file was removed at 00:00:00Z; telemetry has not confirmed it.",
        "`slotgate doctor`, to see why the control file is gone",
    ),
}


@pytest.mark.parametrize("case", TABLE)
def test_sentence_and_next_action(case: str) -> None:
    (asked, seen), sentence, action = TABLE[case]
    verdict = judge(asked, seen)
    assert verdict.sentence == sentence
    assert verdict.next_action == action


@pytest.mark.parametrize("case", TABLE)
def test_every_verdict_has_why_and_what_would_change_it(case: str) -> None:
    verdict = judge(*TABLE[case][0])
    assert verdict.why
    assert verdict.would_change
    assert all((*verdict.why, *verdict.would_change))
    assert verdict.bound
    text = " ".join((verdict.sentence, *verdict.why, *verdict.would_change, verdict.bound))
    assert "healthy" not in text
    assert "None" not in text


BOUNDS: list[tuple[Evidence, str]] = [
    (evidence(), "no job has reached the model: any failure rate is possible"),
    (evidence(units(12)), "0 of 12 jobs failed: a failure rate of up to 31 % is possible (alpha 0.05)"),
    (evidence(units(15, 5)), "5 of 15 jobs failed: a failure rate of up to 68 % is possible (alpha 0.05)"),
    (evidence(units(1, 1)), "1 of 1 job failed: a failure rate of up to 100 % is possible (alpha 0.05)"),
]


@pytest.mark.parametrize(("seen", "words"), BOUNDS, ids=[words for _, words in BOUNDS])
def test_the_bound_says_what_cannot_be_ruled_out(seen: Evidence, words: str) -> None:
    assert judge(question(), seen).bound == words


def test_the_bound_at_the_baseline() -> None:
    assert judge(*at(Step.BASELINE, evidence())).bound == (
        "no job may reach the model here: 1,000 stub jobs seen"
    )


def test_latency_limits_name_their_origin() -> None:
    asked = question(reference=reference(), budget_p95_ms=None)
    why = judge(asked, evidence(units(100), limits=LatencyLimits(p50_ms=1250.0, p95_ms=5000.0))).why
    assert (
        "p95 limit 5 s: 1.25 x the 4 s of revision 4 (canary-1), the last approved window; "
        "a before/after comparison, no control group"
    ) in why
    assert (
        "before/after: 1 of 240 jobs failed in the last approved window, revision 4 (canary-1); no control group"
    ) in why
    budget = judge(question(), evidence(units(100))).why
    assert "p95 limit 20 s: the budget" in budget


def test_how_near_roll_back_is() -> None:
    verdict = judge(question(), evidence(units(100)))
    assert (
        verdict.would_change[-1]
        == "17 more failures in a row, or one breach of a gate, would make it ROLL BACK"
    )
    assert judge(question(), evidence(units(117, 17))).word == "ROLL_BACK"
    assert judge(question(), evidence(units(116, 16))).word != "ROLL_BACK"


ENABLE = [
    ({"feature": False, "allowlist": False, "percent": 0}, f"`slotgate propose --feature on {TERMS}`"),
    ({"allowlist": False, "percent": 0}, f"`slotgate propose --allowlist FILE {TERMS}`"),
    ({"percent": 0}, f"`slotgate propose --percent 1 {TERMS}`"),
    ({}, f"`slotgate unkill {TERMS}`"),
]


@pytest.mark.parametrize(("others", "command"), ENABLE, ids=[command for _, command in ENABLE])
def test_the_enable_sequence_names_its_next_step(others: dict[str, Any], command: str) -> None:
    asked, seen = at(Step.BASELINE, evidence(controls=controls(kill=True, **others), kill=kill()))
    assert judge(asked, seen).next_action == f"when the cause is settled: {command}"


def test_a_breached_kill_says_what_to_do_first() -> None:
    asked, seen = killed()
    breached = replace(seen, kill=kill(openai_since=1, engaged_ns=FROM, last_openai_start_ns=FROM + SECOND))
    verdict = judge(asked, breached)
    assert verdict.next_action.startswith("end the executors that go on calling, or set SLOTGEN_AI_KILL=true")
    assert (
        "BREACHED: 1 OpenAI call started after the kill of 00:00:00Z, the last 1.0 s after it"
        in verdict.sentence
    )
