"""Laws of the verdict: worse evidence never reads better, and no evidence never passes."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from gates.verdict.checks import required
from gates.verdict.evidence import Evidence, Severity, Units
from gates.verdict.judge import judge
from gates.verdict.question import Question
from gates.verdict.verdict import Check, CheckState
from gates.verdict.words import VerdictWord
from schemas.stages import Step
from tests.gates.verdict.builders import FROM, NOW, controls, evidence, finding, pooled, question, units

VERSIONS = ("openai.v1", "openai.v2", "openai.v3")
LIVE = [
    step for step in Step if step not in (Step.BASELINE, Step.OFF_LADDER) and not step.startswith("broaden")
]


@st.composite
def a_version(draw: st.DrawFn, name: str) -> Units:
    jobs = draw(st.integers(1, 400))
    failed = draw(st.integers(0, min(jobs, 40)))
    slow = draw(st.integers(0, min(jobs - failed, 40)))
    return units(
        jobs,
        failed,
        executor_version=name,
        over_p95=draw(st.integers(0, slow)),
        over_p50=slow,
        in_use=draw(st.booleans()),
    )


@st.composite
def situations(draw: st.DrawFn) -> tuple[Question, Evidence]:
    names = draw(st.lists(st.sampled_from(VERSIONS), unique=True, min_size=1))
    seen = evidence(
        *(draw(a_version(name)) for name in names),
        model_hours=draw(st.integers(0, 24)),
        invalid=draw(st.sampled_from((0, 0, 0, 1))),
        controls=controls(kill=draw(st.sampled_from((False, False, False, True)))),
        newer_revision=draw(st.sampled_from((None, None, None, 9))),
    )
    step = draw(st.sampled_from(LIVE))
    latched = draw(st.sampled_from((None, None, None, "it failed")))
    return question(step=step, latched=latched), replace(seen, step=step)


def with_version(seen: Evidence, number: int, changed: Units) -> Evidence:
    versions = tuple(changed if n == number else one for n, one in enumerate(seen.versions))
    return replace(seen, versions=versions, units=pooled(versions))


def one_more(seen: Evidence, number: int, *, failed: int, clean: int) -> Evidence:
    one = seen.versions[number]
    return with_version(
        seen,
        number,
        replace(
            one, jobs=one.jobs + failed + clean, failed=one.failed + failed, completed=one.completed + clean
        ),
    )


# How far each word is from EXPAND; more failures never bring it nearer.
DISTANCE = {
    VerdictWord.EXPAND: 0,
    VerdictWord.NOT_ENOUGH_DATA: 1,
    VerdictWord.HOLD: 2,
    VerdictWord.ROLL_BACK: 3,
    VerdictWord.KILLED: 4,
}


def more_failures_never_read_better(situation: tuple[Question, Evidence], number: int, failures: int) -> None:
    """Also of jobs that count already: such evidence only gets worse."""
    asked, seen = situation
    one = seen.versions[number]
    turned = min(failures, one.jobs - one.failed)
    worse = with_version(seen, number, replace(one, failed=one.failed + turned))
    assert DISTANCE[judge(asked, worse).word] >= DISTANCE[judge(asked, seen).word]


def adding_a_failure_never_turns_roll_back_into_expand(
    situation: tuple[Question, Evidence], number: int, failures: int
) -> None:
    asked, seen = situation
    before = judge(asked, seen)
    after = judge(asked, one_more(seen, number, failed=failures, clean=0))
    if before.word is VerdictWord.ROLL_BACK:
        assert after.word is VerdictWord.ROLL_BACK
    if after.word is VerdictWord.EXPAND:
        assert before.word in (VerdictWord.EXPAND, VerdictWord.NOT_ENOUGH_DATA)


def states(checks: tuple[Check, ...]) -> dict[tuple[str | None, str], CheckState]:
    return {(check.version, check.name): check.state for check in checks}


def clean_jobs_never_turn_pass_into_fail(
    situation: tuple[Question, Evidence], number: int, clean: int
) -> None:
    asked, seen = situation
    before = states(judge(asked, seen).checks)
    after = states(judge(asked, one_more(seen, number, failed=0, clean=clean)).checks)
    for key, state in before.items():
        if state is CheckState.PASS:
            assert after[key] is CheckState.PASS
        if state is CheckState.OPEN:
            assert after[key] is not CheckState.FAIL


def order_changes_nothing(situation: tuple[Question, Evidence]) -> None:
    asked, seen = situation
    findings = tuple(finding(code, Severity.MEDIUM, of_last=1) for code in ("STALE_KILL", "UNDER_EXPOSED"))
    here = replace(seen, findings=findings)
    there = replace(seen, findings=findings[::-1], versions=seen.versions[::-1])
    one, other = judge(asked, here), judge(asked, there)
    assert (one.word, one.missing, one.bound) == (other.word, other.missing, other.bound)
    assert set(one.checks) == set(other.checks)


def the_same_evidence_gives_the_same_verdict(situation: tuple[Question, Evidence]) -> None:
    assert judge(*situation) == judge(*situation)


@given(st.sampled_from(list(Step)), st.integers(0, 10**9), st.integers(0, 10**6), st.booleans())
def test_no_data_never_expands(step: Step, hours: int, stub_jobs: int, old: bool) -> None:
    """However long one waits: no job at the model is never a pass (at the baseline: no stub job)."""
    seen = evidence(
        stub_jobs=0 if step is Step.BASELINE else stub_jobs,
        hours=hours,
        model_hours=hours,
        step=step,
        controls=controls(effective_ns=FROM if old else NOW),
    )
    assert judge(question(step=step), seen).word is not VerdictWord.EXPAND


def expand_means_that_nothing_is_against_it(situation: tuple[Question, Evidence]) -> None:
    verdict = judge(*situation)
    if verdict.word is VerdictWord.EXPAND:
        assert not verdict.holds
        assert not verdict.stops
        assert not verdict.missing
        # A version that is no longer in use need not pass, and may have had no job that completed.
        assert all(check.of > 0 for check in verdict.checks if required(situation[1], check))


def every_verdict_can_be_said(situation: tuple[Question, Evidence]) -> None:
    verdict = judge(*situation)
    assert verdict.sentence.startswith(f"{verdict.word.replace('_', ' ')}: ")
    assert verdict.sentence.endswith(".")
    assert verdict.why
    assert verdict.would_change
    assert verdict.next_action
    assert "None" not in " ".join((verdict.sentence, *verdict.why, *verdict.would_change))


@given(situations(), st.data(), st.integers(1, 30), st.integers(1, 300))
def test_what_holds_of_every_verdict(
    situation: tuple[Question, Evidence], data: st.DataObject, few: int, many: int
) -> None:
    """Of one example each: to draw it costs more than what is asked of it."""
    number = data.draw(st.integers(0, len(situation[1].versions) - 1))
    more_failures_never_read_better(situation, number, few)
    adding_a_failure_never_turns_roll_back_into_expand(situation, number, many)
    clean_jobs_never_turn_pass_into_fail(situation, number, many)
    order_changes_nothing(situation)
    the_same_evidence_gives_the_same_verdict(situation)
    expand_means_that_nothing_is_against_it(situation)
    every_verdict_can_be_said(situation)
