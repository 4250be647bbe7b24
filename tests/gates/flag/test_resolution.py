"""The decision in OpenFeature's words: no other decision, and never open where something is not known."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gates.decision import Admitted, as_record, compile_controls, decide, effective_at, unknown_controls
from gates.flag import Asked, ContextFault, Reason, Resolution, Unusable, asked_by, resolve
from schemas.codes import Path
from tests.gates.decision.builders import allowlist, controls, rule
from tests.gates.flag.contexts import context

OPEN = compile_controls(controls(), "test")


def resolved(changes: dict[str, Any], **said: Any) -> Resolution:
    found = resolve(compile_controls(controls(**changes), "test"), context(**said))
    assert isinstance(found, Resolution)
    return found


@pytest.mark.parametrize(
    ("changes", "said", "value", "reason", "gate"),
    [
        ({}, {}, True, Reason.TARGETING_MATCH, None),
        ({"percent": 44}, {}, True, Reason.SPLIT, None),
        ({"percent": 0, "rolloutZero": "everyone"}, {}, True, Reason.TARGETING_MATCH, None),
        ({"kill": True}, {}, False, Reason.DISABLED, "kill_switch"),
        ({"kill": "false"}, {}, False, Reason.DISABLED, "kill_switch"),
        ({"feature": False}, {}, False, Reason.DISABLED, "feature_flag"),
        ({}, {"allowAI": False}, False, Reason.TARGETING_MATCH, "job_opt_in"),
        ({}, {"subject": "Physics"}, False, Reason.TARGETING_MATCH, "allowlist"),
        ({}, {"jobs": 4}, False, Reason.TARGETING_MATCH, "allowlist"),
        ({"allowlist": allowlist(enabled=False)}, {}, False, Reason.TARGETING_MATCH, "allowlist"),
        ({"percent": 43}, {}, False, Reason.SPLIT, "rollout"),
        ({"percent": 0}, {}, False, Reason.SPLIT, "rollout"),
        ({"percent": 101}, {}, False, Reason.UNKNOWN, "controls"),
        ({"allowlist": None}, {}, False, Reason.UNKNOWN, "controls"),
    ],
)
def test_each_gate(
    changes: dict[str, Any], said: dict[str, Any], value: bool, reason: Reason, gate: str | None
) -> None:
    found = resolved(changes, **said)
    assert (found.value, found.reason, found.metadata.get("gate")) == (value, reason, gate)
    assert found.variant is (Path.OPENAI if value else Path.STUB)


@pytest.mark.parametrize("name", ["subject", "level", "board", "specVersion", "kind", "jobs", "allowAI"])
def test_what_is_not_known_denies(name: str) -> None:
    found = resolved({}, **{name: None})
    assert not found.value
    assert found.metadata["notKnown"] == name


def test_an_unknown_slot_denies_where_the_rule_lists_slots() -> None:
    assert resolved({}, slotId=None).value  # any slot is permitted: which one it is does not matter
    assert not resolved({"allowlist": allowlist(rule(slotIds=["S1"]))}, slotId=None).value


def test_metadata() -> None:
    assert resolved({"percent": 44}).metadata == {
        "ruleId": "r1",
        "bucket": 43,
        "percent": 44,
        "revision": 7,
        "origin": "test",
        "breakGlass": False,
        "why": "all gates passed",
        "environment": "test",
        "step": "expand-100",
    }
    denied = resolve(unknown_controls("the file is missing", "file"), context())
    assert isinstance(denied, Resolution)
    assert denied.metadata == {
        "gate": "controls",
        "errorCode": "KILL_SWITCH",
        "bucket": 43,
        "origin": "file",
        "breakGlass": False,
        "why": "the file is missing",
    }


def test_an_ended_release_kills() -> None:
    released = compile_controls(controls(breakGlassUntil="2026-01-01T01:00:00Z"), "test")
    assert released.effective_ns is not None
    after = resolve(effective_at(released, released.effective_ns + 3_600 * 10**9), context())
    assert isinstance(after, Resolution)
    assert (after.value, after.reason) == (False, Reason.DISABLED)
    assert after.metadata["breakGlass"] is True


def test_a_context_that_names_no_job() -> None:
    found = resolve(OPEN, {"subject": "Biology"})
    assert isinstance(found, Unusable)
    assert found.fault is ContextFault.TARGETING_KEY_MISSING


@given(
    changes=st.fixed_dictionaries(
        {"percent": st.integers(0, 100), "rolloutZero": st.sampled_from(["nobody", "everyone"])},
        optional={"kill": st.booleans(), "feature": st.booleans()},
    ),
    said=st.fixed_dictionaries(
        {"targetingKey": st.text(min_size=1)},
        optional={"allowAI": st.booleans(), "subject": st.text(), "jobs": st.integers(-1, 5)},
    ),
)
def test_it_is_always_the_decision(changes: dict[str, Any], said: dict[str, Any]) -> None:
    compiled = compile_controls(controls(**changes), "test")
    asked, found = asked_by(context(**said)), resolve(compiled, context(**said))
    assert isinstance(asked, Asked)
    assert isinstance(found, Resolution)
    decision = decide(compiled, asked.job)
    record = as_record(decision)
    assert found.value is isinstance(decision, Admitted)
    assert found.variant == record["path"]
    assert {name: record[name] for name in found.metadata if name in record} == {
        name: value for name, value in found.metadata.items() if name in record
    }
    assert all(isinstance(value, bool | int | str) for value in found.metadata.values())
