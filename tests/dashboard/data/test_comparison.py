"""Two stays side by side, in words."""

from dashboard.data.comparison import CAVEAT, Side, differences
from dashboard.data.stages import Figures, bounded
from gates.verdict.counts import OutcomeJobs
from gates.verdict.defaults import DEFAULT
from ingest.evidence import StepWindow
from schemas.stages import Step


def side(
    name: str,
    failed: int,
    of: int,
    p50: float | None = 2_000,
    *,
    code: str = "OPENAI_HTTP_ERROR",
    version: str = "openai.v1",
    hours: int = 6,
) -> Side:
    outcomes = [OutcomeJobs(path="stub", status="STUB", error_code="ROLLOUT_EXCLUDED", lines=of, jobs=of)]
    if of - failed:
        done = of - failed
        outcomes.append(
            OutcomeJobs(path="openai", status="COMPLETED", error_code=None, lines=done, jobs=done)
        )
    if failed:
        outcomes.append(
            OutcomeJobs(path="openai", status="FAILED", error_code=code, lines=failed, jobs=failed)
        )
    window = StepWindow(
        step=Step.EXPAND_10,
        stage=2,
        revisions=(1,),
        from_ns=0,
        to_ns=None,
        outcomes=tuple(outcomes),
        units=of,
        failed=failed,
        completed=of - failed,
        p50=p50,
        p95=p50,
        p99=p50,
    )
    return Side(
        name=name,
        lines=Figures(window=window, points=(), asked_ns=0).in_lines,
        failures=bounded(failed, of, DEFAULT),
        versions={version: of},
        hours=hours,
    )


def test_failures_that_the_bounds_tell_apart() -> None:
    said = differences(side("a", 5, 1_000), side("b", 200, 1_000))
    assert said[0] == (
        "Failures: 5 of 1,000 failed (0.5 %) in a, 200 of 1,000 failed (20 %) in b: "
        "19.5 points more in b; the bounds do not overlap."
    )
    assert "19.5 points fewer in b" in differences(side("a", 200, 1_000), side("b", 5, 1_000))[0]


def test_failures_that_they_do_not() -> None:
    said = differences(side("a", 1, 50), side("b", 3, 50))[0]
    assert said.startswith("Failures: 1 of 50 failed (2 %) in a, 3 of 50 failed (6 %) in b. The bounds (")
    assert said.endswith("overlap: these numbers alone do not tell the two apart.")


def test_latency_with_n_and_without_where_n_is_small() -> None:
    said = differences(side("a", 0, 40), side("b", 0, 60, 2_500))
    assert "p50: 2.00 s → 2.50 s, 500 ms longer (n 40 and 60)." in said
    assert "p50: 2.00 s → 2.00 s, the same (n 40 and 60)." in differences(side("a", 0, 40), side("b", 0, 60))
    few = differences(side("a", 0, 40), side("b", 0, 19))
    assert "Latency: 19 completed calls in b are too few for percentiles; see the points below." in few
    assert not any(one.startswith("p95") for one in few)


def test_what_else_was_not_the_same() -> None:
    said = " ".join(
        differences(side("a", 1, 30), side("b", 1, 30, code="MISSING_API_KEY", version="openai.v2", hours=48))
    )
    assert "only in b: MISSING_API_KEY; only in a: OPENAI_HTTP_ERROR" in said
    assert "The executorVersions were not the same: openai.v1 → openai.v2." in said
    assert "lines in 6 and in 48 distinct hours" in said


def test_nothing_to_compare_is_said() -> None:
    said = differences(side("a", 0, 0, None), side("b", 0, 30))
    assert said[0] == "Failures: no job reached the model in a, so there is nothing to compare."
    assert "openai share: no run in a." in said
    assert "not an experiment" in CAVEAT
