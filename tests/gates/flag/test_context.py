"""What a context says of a job, and what it leaves open."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gates.decision import Job, Slot
from gates.decision.allowlist import MAX_JOBS
from gates.flag import Asked, ContextFault, Unusable, asked_by
from tests.gates.flag.contexts import context

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
NAMES = ("targetingKey", "subject", "level", "board", "specVersion", "kind", "slotId", "allowAI", "jobs")


def asked(given_context: object) -> Asked:
    found = asked_by(given_context)
    assert isinstance(found, Asked), found
    return found


def test_everything_said() -> None:
    found = asked(context())
    assert found.not_known == ()
    assert found.job == Job("J1", "Biology", "GCSE", "AQA", "v1", True, (Slot("S1", "explanatory"),))


@pytest.mark.parametrize(
    ("given_context", "fault"),
    [
        (None, ContextFault.INVALID_CONTEXT),
        ([], ContextFault.INVALID_CONTEXT),
        ("J1", ContextFault.INVALID_CONTEXT),
        ({}, ContextFault.TARGETING_KEY_MISSING),
        (context(targetingKey=None), ContextFault.TARGETING_KEY_MISSING),
        (context(targetingKey=""), ContextFault.TARGETING_KEY_MISSING),
        (context(targetingKey=7), ContextFault.INVALID_CONTEXT),
        (context(targetingKey=["J1"]), ContextFault.INVALID_CONTEXT),
    ],
)
def test_a_context_that_names_no_job(given_context: object, fault: ContextFault) -> None:
    found = asked_by(given_context)
    assert isinstance(found, Unusable)
    assert found.fault is fault
    assert "send" in found.words


@pytest.mark.parametrize("name", [name for name in NAMES if name != "targetingKey"])
@pytest.mark.parametrize("value", [None, "", 7.5, {"a": 1}], ids=["null", "empty", "a number", "an object"])
def test_what_is_not_said_or_has_another_type_is_not_known(name: str, value: object) -> None:
    missing = {key: said for key, said in context().items() if key != name}
    for given_context in (missing, context(**{name: value})):
        assert asked(given_context).not_known == (name,)


@pytest.mark.parametrize("opted_in", ["true", 1, "True", [True], None])
def test_only_true_opts_in(opted_in: object) -> None:
    found = asked(context(allowAI=opted_in))
    assert not found.job.allow_ai
    assert found.not_known == ("allowAI",)
    assert asked(context(allowAI=False)).not_known == ()


@pytest.mark.parametrize(
    ("jobs", "slots"),
    [
        (1, 1), (2, 2), (2.0, 2), (100, 100), (101, MAX_JOBS + 1), (10**300, MAX_JOBS + 1),
        (0, 0), (-1, 0), (True, 0), ("1", 0), (1.5, 0), ([], 0),
        ([{"kind": "explanatory", "slotId": "S1"}], 1), ([{}] * 500, MAX_JOBS + 1), ([7], 0),
    ],
)  # fmt: skip
def test_how_many_jobs(jobs: object, slots: int) -> None:
    found = asked(context(jobs=jobs))
    assert len(found.job.slots) == slots
    assert ("jobs" in found.not_known) is (slots == 0)


def test_jobs_of_different_kinds_are_listed() -> None:
    jobs = [{"slotId": "S1", "kind": "explanatory"}, {"slotId": "S2", "kind": "statutory", "input": {}}]
    assert asked(context(jobs=jobs)).job.slots == (Slot("S1", "explanatory"), Slot("S2", "statutory"))
    found = asked(context(jobs=[*jobs, {"slotId": "S3"}]))
    assert found.not_known == ("kind",)


@given(st.dictionaries(st.sampled_from(NAMES), ANYTHING) | ANYTHING)
def test_total(given_context: Any) -> None:
    match asked_by(given_context):
        case Asked(job=job):
            assert job.job_id == given_context["targetingKey"]
            assert job.allow_ai is (given_context.get("allowAI") is True)
        case Unusable(words=words):
            assert words
