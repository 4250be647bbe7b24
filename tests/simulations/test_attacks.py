"""Bad data must not make a review say EXPAND, and must not hide what another line shows."""

import json
from collections.abc import Iterator
from itertools import count, islice
from pathlib import Path
from typing import Any

import pytest

from gates.decision import bucket
from gates.verdict.evidence import KillState
from gates.verdict.verdict import CheckName, CheckState, HoldCode, Readiness
from gates.verdict.words import VerdictWord
from tests.simulations.executors import SECOND, Executor
from tests.simulations.rollout import Rollout

DAY_S = 86_400


@pytest.fixture(scope="module")
def at_expand(tmp_path_factory: pytest.TempPathFactory) -> Rollout:
    """A rollout that stands at EXPAND, and nothing is wrong with it."""
    with Rollout(tmp_path_factory.mktemp("ready") / "home", "ready") as rollout:
        executor = Executor("a", seed="ready", fails=0.0)
        rollout.begin(executor)
        rollout.run(executor, 550, an_hour=20)
        review = rollout.review()
        assert review.word is VerdictWord.EXPAND, review.why
        assert review.raised == ()
    return rollout


@pytest.fixture
def ready(at_expand: Rollout, tmp_path: Path) -> Iterator[Rollout]:
    """A copy of it, to be spoilt."""
    with at_expand.copied_to(tmp_path / "home") as rollout:
        yield rollout


def line(job_id: str, **said: Any) -> bytes:
    """A line that failed at the model, unless it says otherwise."""
    record = {
        "version": "v1",
        "executorVersion": "openai.v1",
        "jobId": job_id,
        "path": "openai",
        "status": "FAILED",
        "latencyMs": 900,
        "errorCode": "OPENAI_HTTP_ERROR",
    }
    return json.dumps(record | said).encode() + b"\n"


def admitted(number: int, prefix: str = "job-") -> str:
    """The id of that number, of those in the lower half of the buckets."""
    return next(islice((one for one in _ids(prefix) if bucket(one) < 50), number, None))


def excluded() -> str:
    return next(one for one in _ids("job-") if bucket(one) >= 50)


def _ids(prefix: str) -> Iterator[str]:
    return (f"{prefix}{n}" for n in count())


def failures(rollout: Rollout, number: int, **said: Any) -> None:
    """Failing jobs that were to be admitted, a second apart, up to now."""
    for n in range(number):
        rollout.put("b", rollout.now_ns - n * SECOND, line(admitted(n), **said))


def test_failures_are_seen(ready: Rollout) -> None:
    failures(ready, 60)
    assert ready.review().word is VerdictWord.ROLL_BACK


@pytest.mark.parametrize("latency_ms", [10**9, 3 * 10**7, 10**15], ids=["12 days", "8 hours", "no end"])
def test_failures_do_not_hide_behind_a_huge_latency(ready: Rollout, latency_ms: int) -> None:
    failures(ready, 60, latencyMs=latency_ms)
    assert ready.review().word in (VerdictWord.ROLL_BACK, VerdictWord.HOLD)


def test_failures_do_not_hide_behind_the_name_of_a_probe(ready: Rollout) -> None:
    for n in range(60):
        ready.put("b", ready.now_ns - n * SECOND, line(admitted(n, "probe:")))
    review = ready.review()
    assert review.word is VerdictWord.ROLL_BACK
    assert review.codes == {"OPTIN_BREACH"}
    assert review.check(CheckName.FAILURES).state is CheckState.FAIL


def test_failures_do_not_hide_behind_ever_new_versions(ready: Rollout) -> None:
    for n in range(60):
        ready.put("b", ready.now_ns - n * SECOND, line(admitted(n), executorVersion=f"v{n}"))
    assert ready.review().word is VerdictWord.ROLL_BACK


def test_failures_do_not_hide_in_the_future(ready: Rollout) -> None:
    for n in range(60):
        ready.put("b", ready.now_ns + (DAY_S + n) * SECOND, line(admitted(n)))
    review = ready.review()
    assert review.word is VerdictWord.ROLL_BACK
    assert "a clock seems to be off" in review.why


@pytest.mark.parametrize("is_new", [True, False], ids=["a file of its own", "behind the lines of another"])
def test_failures_do_not_hide_in_lines_without_a_time(ready: Rollout, is_new: bool) -> None:
    ready.load()
    path = ready.folder / "spool" / ("raw.log" if is_new else "a.log")
    with path.open("ab") as file:
        file.writelines(line(admitted(n)) for n in range(60))
    assert ready.review().word in (VerdictWord.ROLL_BACK, VerdictWord.HOLD)


def test_one_job_told_a_thousand_times_is_one_job(tmp_path: Path) -> None:
    with Rollout(tmp_path / "home", 1) as rollout:
        executor = Executor("a", seed=1)
        rollout.begin(executor)
        for n in range(3_000):
            rollout.put(
                "b", rollout.now_ns + n * 60 * SECOND, line(admitted(0), status="COMPLETED", errorCode=None)
            )
        rollout.pass_s(2 * DAY_S + 3_600 * 2)
        rollout.put("b", rollout.now_ns, line(admitted(0), status="COMPLETED", errorCode=None))
        review = rollout.review()
        assert review.evidence.units.jobs == 1
        assert review.word is VerdictWord.NOT_ENOUGH_DATA


def test_ever_new_versions_of_few_jobs_never_expand(tmp_path: Path) -> None:
    with Rollout(tmp_path / "home", 1) as rollout:
        rollout.begin(Executor("a", seed=1))
        for n in range(1_500):
            said = line(admitted(n % 3), status="COMPLETED", errorCode=None, executorVersion=f"v{n}")
            rollout.put("b", rollout.now_ns + (n + 1) * 60 * SECOND, said)
        rollout.pass_s(1_500 * 60)
        review = rollout.review()
        assert review.word is VerdictWord.NOT_ENOUGH_DATA
        assert "1,400 executorVersions of the window are counted together" in review.why
        assert len(review.verdict.checks) < 400


def test_lines_from_the_future_never_expand(tmp_path: Path) -> None:
    with Rollout(tmp_path / "home", 1) as rollout:
        rollout.begin(Executor("a", seed=1))
        rollout.pass_s(DAY_S + 60)
        for n in range(200):
            said = line(admitted(n), status="COMPLETED", errorCode=None)
            rollout.put("b", rollout.now_ns + n * 3_600 * SECOND, said)
        review = rollout.review()
        assert review.word in (VerdictWord.NOT_ENOUGH_DATA, VerdictWord.HOLD)
        assert review.evidence.model_hours <= 1


def test_a_replaced_file_clears_no_failure(ready: Rollout) -> None:
    failures(ready, 60)
    assert ready.review().word is VerdictWord.ROLL_BACK
    path = ready.folder / "spool" / "b.log"
    path.unlink()
    path.write_bytes((ready.folder / "spool" / "a.log").read_bytes()[:20_000])
    assert ready.review().word is VerdictWord.ROLL_BACK
    path.unlink()
    assert ready.review().word is VerdictWord.ROLL_BACK


def test_quarantined_lines_of_the_model_hold(ready: Rollout) -> None:
    ready.put("b", ready.now_ns, line(admitted(0)).replace(b'"v1"', b'"v9"', 1))
    assert HoldCode.EXPOSURE_UNKNOWN in ready.review().holds


def test_a_clock_of_the_home_that_was_set_back_never_expands(ready: Rollout) -> None:
    ready.now_ns -= 23 * 3_600 * SECOND
    assert ready.review().word in (VerdictWord.NOT_ENOUGH_DATA, VerdictWord.HOLD)


def test_a_revision_number_that_is_used_again_does_not_inherit_evidence(ready: Rollout) -> None:
    """As after an old store was restored from a backup."""
    ready.revision -= 1
    ready.publish(ready.step, 90)
    ready.run(Executor("a", seed="ready", fails=0.0), 30, an_hour=1)
    review = ready.review()
    assert review.word is VerdictWord.HOLD
    assert HoldCode.EVIDENCE_OLD in review.holds
    assert "different controls under the number 2" in review.why


def test_the_same_file_put_back_is_no_other_revision(ready: Rollout) -> None:
    ready.remove()
    ready.pass_s(5)
    ready.revision -= 1
    ready.publish(ready.step, 50)
    assert HoldCode.EVIDENCE_OLD not in ready.review().holds


def test_failures_do_not_hide_in_the_revision_before(ready: Rollout) -> None:
    """Latencies in nanoseconds, say: each line claims to have begun weeks ago."""
    ready.publish(ready.step, 60)
    ready.run(Executor("a", seed="ready", fails=0.0), 550, an_hour=20)
    assert ready.review().word is VerdictWord.EXPAND
    failures(ready, 60, latencyMs=40 * 3_600_000)
    assert HoldCode.UNPLACED in ready.review().holds


def test_lines_of_imported_files_never_expand_and_their_breaches_count(tmp_path: Path) -> None:
    with Rollout(tmp_path / "home", 1) as rollout:
        rollout.begin(Executor("a", seed=1))
        moments = [rollout.now_ns + n * 600 * SECOND for n in range(200)]
        rollout.pass_s(200 * 600)
        done = [line(admitted(n), status="COMPLETED", errorCode=None) for n in range(199)]
        rollout.bring_in("elsewhere.log", zip(moments, (*done, line(excluded())), strict=True))
        review = rollout.review()
        assert review.evidence.units.jobs == 0
        assert review.codes == {"BUCKET_BREACH"}
        assert review.word is VerdictWord.ROLL_BACK


def test_a_breach_of_the_kill_does_not_hide_behind_a_huge_latency(ready: Rollout) -> None:
    ready.publish(ready.step, 50, kill=True)
    ready.run(Executor("a", seed="ready"), 30)
    assert ready.review().verdict.readiness is Readiness.PASSED
    ready.put("b", ready.now_ns, line(admitted(0), latencyMs=5 * 3_600_000))
    review = ready.review()
    assert review.verdict.kill is not None
    assert review.verdict.kill.state is KillState.BREACHED
    assert review.verdict.readiness is Readiness.FAILED


def test_only_lines_of_the_spool_confirm_a_kill(ready: Rollout) -> None:
    """Lines of another home, or written by hand, count only where somebody put them into the spool."""
    ready.publish(ready.step, 50, kill=True)
    stub = line("job-1", path="stub", status="STUB", errorCode="KILL_SWITCH")
    ready.bring_in("elsewhere.log", [(ready.now_ns + 5 * SECOND, stub)])
    ready.pass_s(120)
    kill = ready.review().verdict.kill
    assert kill is not None
    assert kill.state is KillState.UNCONFIRMED


def test_twice_the_same_lines_change_nothing(ready: Rollout) -> None:
    before = ready.review().evidence.units
    path = ready.folder / "spool"
    (path / "copy.log").write_bytes((path / "a.log").read_bytes() + b"\n")
    after = ready.review()
    assert after.evidence.units == before
    assert after.raised == ()


def test_a_loss_that_begins_late_is_found_after_a_day_of_clean_jobs(ready: Rollout) -> None:
    """Evidence of before must not make a review blind: all openai lines are lost from now on."""
    ready.run(Executor("a", seed="late", loses=1.0), 400, an_hour=20)
    assert HoldCode.SAMPLE_RATIO in ready.review().holds
