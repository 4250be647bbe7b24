"""The default thresholds are the shared vectors; a document says them; what loosens is named."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gates.verdict.defaults import DEFAULT
from gates.verdict.document import document_of, loosens, thresholds_of
from gates.verdict.thresholds import RateLimits, StepThresholds, Thresholds
from schemas import check
from schemas.stages import Step

VECTORS: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "data" / "vectors" / "verdict.json").read_text(encoding="utf-8")
)
HOUR = 3600


def steps_of(name: str) -> list[Step]:
    return [step for step in Step if step.value == name or name == f"{step.value.partition('-')[0]}-*"]


@pytest.mark.parametrize("limits", VECTORS["default_limits"], ids=lambda limits: limits["step"])
def test_the_defaults_are_the_vectors(limits: dict[str, Any]) -> None:
    for step in steps_of(limits["step"]):
        asks = DEFAULT.steps[step]
        assert asks.dwell_s == (24 if limits["dwell_h"] == "rolling" else limits["dwell_h"]) * HOUR
        if step is Step.BASELINE:
            assert (asks.failures, asks.min_jobs) == (None, 100)
        elif step.startswith("broaden-"):
            assert asks.slice_failures == RateLimits(stop=limits["stop"], expand=limits["expand"])
            assert asks.failures == RateLimits(stop=limits["stop"], expand=0.05)
        else:
            assert asks.failures == RateLimits(stop=limits["stop"], expand=limits["expand"])
            assert asks.slice_failures is None


def test_the_latency_limits_are_the_vectors() -> None:
    latency = VECTORS["latency"]
    assert DEFAULT.latency_p50 == RateLimits(**latency["p50"])
    assert DEFAULT.latency_p95 == RateLimits(**latency["p95"])
    assert "1.25 * value" in latency["limit"]
    assert "n>=59" in latency["limit"]
    assert (DEFAULT.reference_factor, DEFAULT.reference_min_completed) == (1.25, 59)


def test_every_step_on_the_ladder_has_thresholds() -> None:
    assert set(DEFAULT.steps) == set(Step) - {Step.OFF_LADDER}


def test_the_document_and_the_values_are_the_same() -> None:
    document = document_of(DEFAULT)
    assert not check.problems("thresholds.v1", document)
    assert thresholds_of(json.loads(json.dumps(document))) == DEFAULT


def test_whole_numbers_may_be_written_as_numbers() -> None:
    """10.0 is an integer in JSON; counts are integers here."""
    document = json.loads(json.dumps(document_of(DEFAULT)))
    document["number"], document["steps"]["canary-1"]["minJobs"] = 3.0, 40.0
    assert not check.problems("thresholds.v1", document)
    thresholds = thresholds_of(document)
    assert isinstance(thresholds.version_number, int)
    assert isinstance(thresholds.steps[Step.CANARY_1].min_jobs, int)


def without(path: str) -> dict[str, Any]:
    document = json.loads(json.dumps(document_of(DEFAULT)))
    node = document
    *way, last = path.split(".")
    for key in way:
        node = node[key]
    del node[last]
    return document  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    "path", ["passAlpha", "steps.canary-1", "steps.canary-1.failures", "steps.broaden-kind.sliceFailures"]
)
def test_nothing_is_asked_for_that_does_not_stand_there(path: str) -> None:
    assert check.problems("thresholds.v1", without(path))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        # each of these would let a verdict pass with no data, or with almost none
        ("passAlpha", 0.5), ("passAlpha", 1), ("steps.canary-1.failures.expand", 1),
        ("steps.canary-1.failures.expand", 0.6), ("steps.canary-1.minJobs", 0),
        ("steps.canary-1.minHours", 0), ("steps.canary-1.dwellSeconds", 0), ("steps.baseline.minJobs", 0),
        ("latency.p95.expand", 0.9), ("latency.p50.expand", 1), ("verificationLines", 0),
        # and each of these would never let it stop
        ("failAlpha", 0), ("steps.canary-1.failures.stop", 1), ("steps.canary-1.failures.stop", 0.9),
        ("mediumShare", 1), ("clockSkewSeconds", 86_400), ("ingestLagSeconds", 86_400),
    ],
)  # fmt: skip
def test_what_would_pass_without_data_cannot_be_set(path: str, value: float) -> None:
    document = json.loads(json.dumps(document_of(DEFAULT)))
    node = document
    *way, last = path.split(".")
    for key in way:
        node = node[key]
    assert last in node
    node[last] = value
    assert check.problems("thresholds.v1", document)


def canary(**others: Any) -> Thresholds:
    asks: StepThresholds = replace(DEFAULT.steps[Step.CANARY_1], **others)
    return replace(DEFAULT, steps={**DEFAULT.steps, Step.CANARY_1: asks})


LOOSER: list[tuple[Thresholds, str]] = [
    (replace(DEFAULT, pass_alpha=0.1), "passAlpha 0.05 -> 0.1"),
    (replace(DEFAULT, fail_alpha=0.001), "failAlpha 0.01 -> 0.001"),
    (replace(DEFAULT, reference_factor=2.0), "referenceFactor 1.25 -> 2"),
    (replace(DEFAULT, verification_lines=1), "verificationLines 20 -> 1"),
    (replace(DEFAULT, clock_skew_s=5.0), "clockSkewSeconds 1 -> 5"),
    (replace(DEFAULT, medium_share=0.1), "mediumShare 0.01 -> 0.1"),
    (replace(DEFAULT, sample_ratio_limit=1000.0), "sampleRatioLimit 200 -> 1000"),
    (replace(DEFAULT, silence_min_s=600.0), "silenceMinSeconds 300 -> 600"),
    (replace(DEFAULT, ingest_lag_s=120.0), "ingestLagSeconds 60 -> 120"),
    (replace(DEFAULT, kill_confirm_s=600.0), "killConfirmSeconds 60 -> 600"),
    (replace(DEFAULT, opt_in_jump=0.5), "optInJump 0.2 -> 0.5"),
    (replace(DEFAULT, latency_p95=RateLimits(stop=0.1, expand=0.1)), "latency.p95.stop 0.05 -> 0.1"),
    (canary(dwell_s=60.0), "steps.canary-1.dwellSeconds 86400 -> 60"),
    (canary(min_hours=1), "steps.canary-1.minHours 6 -> 1"),
    (canary(min_jobs=1), "steps.canary-1.minJobs 20 -> 1"),
    (canary(failures=RateLimits(stop=0.05, expand=0.3)), "steps.canary-1.failures.expand 0.2 -> 0.3"),
    (canary(failures=RateLimits(stop=0.1, expand=0.2)), "steps.canary-1.failures.stop 0.05 -> 0.1"),
]


@pytest.mark.parametrize(("after", "words"), LOOSER, ids=[words for _, words in LOOSER])
def test_what_loosens_is_named_and_its_undoing_does_not(after: Thresholds, words: str) -> None:
    assert loosens(DEFAULT, after) == (words,)
    assert loosens(after, DEFAULT) == ()


@pytest.mark.parametrize("field", ["sample_ratio_weight", "reference_min_completed"])
def test_what_has_no_safe_direction_counts_both_ways(field: str) -> None:
    more = replace(DEFAULT, **{field: getattr(DEFAULT, field) * 2})
    assert loosens(DEFAULT, more)
    assert loosens(more, DEFAULT)


def test_the_number_alone_loosens_nothing() -> None:
    assert loosens(DEFAULT, replace(DEFAULT, version_number=9)) == ()


def test_a_step_that_goes_or_loses_its_limits_loosens() -> None:
    steps = dict(DEFAULT.steps)
    del steps[Step.STEADY]
    assert all("removed" in words for words in loosens(DEFAULT, replace(DEFAULT, steps=steps)))
    assert loosens(DEFAULT, canary(failures=None)) == (
        "steps.canary-1.failures.stop removed",
        "steps.canary-1.failures.expand removed",
    )
