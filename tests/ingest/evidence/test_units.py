"""Units and counts: which lines make a unit, what makes it fail, and whose lines count at all."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from gates.verdict.evidence import OutcomeJobs
from gates.verdict.question import Reference
from schemas.stages import Step
from tests.ingest.evidence.homes import NOW, START, Home, in_force, line, stub

DATA = Path(__file__).parents[2] / "data" / "vectors"
REFERENCE = Reference(
    revision=0,
    step=Step.EXPAND_25,
    approved_at_ns=START,
    jobs=200,
    failed=0,
    completed=59,
    p50_ms=100.0,
    p95_ms=400.0,
    jobs_per_hour=4.0,
    opt_in_share=None,
)


def test_of_nothing(home: Home) -> None:
    found = home.ask()
    assert found.controls is not None
    assert (found.from_ns, found.controls.percent, found.controls.effective_ns) == (START, 50, START)
    assert (found.lines, found.jobs, found.units.jobs, found.versions) == (0, 0, 0, ())
    assert (found.last_line_ns, found.percentiles.p50, found.jobs_per_hour) == (None, None, 0.0)
    assert found.digest.startswith("sha256:")


def test_a_revision_that_never_took_effect(home: Home) -> None:
    home.put(line("a"))
    found = home.ask(2)
    assert (found.controls, found.from_ns, found.lines, found.invalid) == (None, None, 0, 0)
    assert found.sample.why == "the revision never took effect"
    assert found.digest.startswith("sha256:")


def test_any_failed_attempt_fails_the_job_and_any_slow_one_is_slow(home: Home) -> None:
    home.put(
        [
            line("good", ms=100),
            line("retried", code="OPENAI_HTTP_ERROR"),
            line("retried", after_s=70, ms=100),
            line("slow once", ms=100),
            line("slow once", after_s=70, ms=101),
            line("failed slowly", code="OPENAI_HTTP_ERROR", ms=9_000),
            stub("excluded"),
        ]
    )
    units = home.ask(budget_p50_ms=100.0, budget_p95_ms=5_000.0).units
    assert (units.jobs, units.failed, units.completed) == (4, 2, 3)
    assert (units.over_p50, units.over_p95) == (1, 0)


def test_without_limits_nothing_is_said_of_latency(home: Home) -> None:
    home.put(line("a"))
    units = home.ask().units
    assert (units.over_p50, units.over_p95) == (None, None)


def test_a_limit_is_the_smaller_of_budget_and_reference(home: Home) -> None:
    limits = home.ask(reference=REFERENCE, budget_p50_ms=120.0, budget_p95_ms=9_000.0).limits
    assert (limits.p50_ms, limits.p95_ms) == (120.0, 500.0)
    short = replace(REFERENCE, completed=58)
    limits = home.ask(reference=short, budget_p95_ms=9_000.0).limits
    assert (limits.p50_ms, limits.p95_ms) == (None, 9_000.0)


def test_versions_are_counted_apart_and_pooled(home: Home) -> None:
    home.put([line("a"), line("a", version="v2"), line("b", version="v2", code="OPENAI_HTTP_ERROR")])
    found = home.ask()
    assert [(one.executor_version, one.jobs, one.failed) for one in found.versions] == [
        ("v1", 1, 0),
        ("v2", 2, 1),
    ]
    assert (found.units.executor_version, found.units.jobs, found.units.failed) == ("", 3, 1)
    assert found.jobs == 2


def test_a_version_is_in_use_while_it_is_among_the_newest_lines(home: Home) -> None:
    home.put([line("old", version="old", after_s=1), *(line(f"job {n}", after_s=2 + n) for n in range(199))])
    assert [one.in_use for one in home.ask().versions] == [True, True]
    home.put(line("one more", after_s=300))
    assert [(one.executor_version, one.in_use) for one in home.ask().versions] == [
        ("old", False),
        ("v1", True),
    ]


@pytest.mark.parametrize(
    ("text", "jobs", "failed"),
    [
        (line("a", status="STUB"), 0, 0),
        (line("a", code="OPENAI_HTTP_ERROR", status="COMPLETED"), 0, 0),
        (line("a", status="FAILED"), 1, 1),
        (line("a", code="KILL_SWITCH", status="FAILED"), 1, 1),
        (line("a", path="stub", status="FAILED"), 0, 0),
    ],
)
def test_a_contradiction_never_passes_but_can_fail(home: Home, text: str, jobs: int, failed: int) -> None:
    home.put(text)
    found = home.ask()
    assert (found.units.jobs, found.units.failed, found.units.completed) == (jobs, failed, 0)
    assert [one.code for one in found.findings] == ["CONTRACT"]


def test_a_probe_that_reached_the_model_is_none(home: Home) -> None:
    home.put([line("probe:1", code="OPENAI_HTTP_ERROR"), line("job")])
    found = home.ask()
    assert (found.probes, found.units.jobs, found.units.failed) == (0, 2, 1)


def test_probes_are_in_no_rate_but_verify(home: Home) -> None:
    home.put([stub("probe:1", "NOT_ALLOWLISTED"), stub("probe:2"), stub("job")])
    found = home.ask()
    assert (found.lines, found.jobs, found.units.jobs, found.probes, found.hours) == (1, 1, 0, 2, 1)
    assert found.last_lines == 3
    assert found.verification.lines + found.verification.violations == 3


def test_imported_lines_are_in_no_rate_but_their_findings_count(home: Home) -> None:
    home.put([line("a", code="KILL_SWITCH", status="FAILED"), stub("b")], "imported.log")
    found = home.ask()
    assert (found.lines, found.units.jobs, found.verification.lines) == (0, 0, 0)
    assert [(one.code, one.lines, one.of_last) for one in found.findings] == [("CONTRACT", 1, 1)]
    assert found.last_lines == 2


def test_outcomes_and_unknown_codes(home: Home) -> None:
    home.put([stub("a"), stub("a", after_s=61), stub("b"), stub("c", "SOMETHING_NEW"), line("d", code="ODD")])
    found = home.ask()
    assert found.outcomes[0] == OutcomeJobs(
        path="stub", status="STUB", error_code="ROLLOUT_EXCLUDED", lines=3, jobs=2
    )
    assert found.unknown_codes == (("ODD", 1), ("SOMETHING_NEW", 1))
    assert (found.jobs, found.stub_jobs, found.units.jobs, found.units.failed) == (4, 3, 1, 1)


def test_more_kinds_of_lines_than_one_number_holds(home: Home) -> None:
    home.put(
        [text for n in range(150) for text in (line(f"job {n % 7}", code=f"CODE_{n}"), line(f"job {n % 7}"))]
    )
    found = home.ask()
    assert (len(found.outcomes), found.units.jobs, found.units.failed, found.units.completed) == (
        151,
        7,
        7,
        7,
    )
    assert {one.jobs for one in found.outcomes} == {1, 7}


def test_hours_and_the_newest_line_are_of_times_up_to_now(home: Home) -> None:
    home.put(
        [stub("a", after_s=10), line("b", after_s=3_700), line("c", after_s=3_650), stub("d", after_s=10**6)]
    )
    found = home.ask()
    assert (found.hours, found.model_hours, found.last_line_ns) == (2, 1, START + 3_700 * 10**9)
    assert found.jobs == 4, "a wrong clock does not make an outcome untrue"
    assert found.jobs_per_hour == 4 / 48


def test_points_are_shown_where_they_are_few(home: Home) -> None:
    home.put([line(f"job {n}", ms=ms) for n, ms in enumerate((300, 100, 100))])
    found = home.ask().percentiles
    assert (found.count, found.p50, found.p95, found.points) == (3, 100, 300, (100, 100, 300))
    home.put([line(f"more {n}", ms=200) for n in range(17)])
    found = home.ask().percentiles
    assert (found.count, found.p50, found.p95, found.p99, found.points) == (20, 200, 200, 300, ())


def test_percentiles_are_those_of_the_vectors(home: Home) -> None:
    vectors = json.loads((DATA / "verdict.json").read_text(encoding="utf-8"))["percentile_nearest_rank"]
    home.put([line(f"job {n}", ms=ms) for n, ms in enumerate(vectors["values"])])
    found = home.ask().percentiles
    assert (found.p50, found.p95) == (vectors["p50"], vectors["p95"])


def test_lines_without_a_revision_are_said(home: Home) -> None:
    home.put(line("untimed").split(" F ")[1], "spool/raw.log")
    home.put(line("before everything", after_s=-50), "spool/old.log")
    found = home.ask()
    assert (found.lines, found.unattributed) == (0, 1)


def test_a_past_window_ends_when_the_next_revision_took_effect(make_home: Callable[..., Home]) -> None:
    home = make_home(in_force(1), in_force(2, 1_000))
    home.put([line("a", 10), line("b", 1_010), line("straddles", 1_001, ms=2_000)])
    past = home.ask(1, until_ns=START + 1_000 * 10**9)
    assert (past.units.jobs, past.newer_revision, past.until_ns) == (2, 2, START + 1_000 * 10**9)
    assert past.jobs_per_hour == 2 * 3600 / 1000
    live = home.ask(2)
    assert (live.units.jobs, live.newer_revision, live.until_ns) == (1, None, NOW)


def test_too_many_versions_are_counted_together(home: Home) -> None:
    """The rarest: all of them count in the rates of all, and none is shown to pass by itself."""
    home.put([line(f"job {n}", after_s=n, version=f"v{n:03}") for n in range(1, 103) for _ in range(2)])
    home.put(
        [line("job 1", 200, code="OPENAI_HTTP_ERROR", version="v101"), line("job 2", 201, version="v200")]
    )
    found = home.ask()
    assert (found.versions_together, len(found.versions)) == (3, 101)
    together = found.versions[0]
    assert (together.executor_version, together.jobs, together.in_use) == ("(other versions)", 3, True)
    assert (found.units.jobs, found.units.failed) == (104, 1)
