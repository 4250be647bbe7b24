"""Compiling, narrowing and ageing controls: every doubt denies."""

from typing import Any

import pytest

from gates.decision import (
    Admitted,
    Denied,
    Gate,
    Narrowing,
    compile_allowlist,
    compile_controls,
    decide,
    effective_at,
    narrowed,
    refuse_all,
    unknown_controls,
)
from schemas.instant import SECOND, epoch_ns
from tests.gates.decision.builders import allowlist, controls, job, rule

BROKEN: list[dict[str, Any]] = [
    {"kill": "false"},
    {"kill": 0},
    {"kill": None},
    {"feature": "true"},
    {"feature": 1},
    {"percent": -1},
    {"percent": 101},
    {"percent": None},
    {"percent": True},
    {"percent": "all"},
    {"percent": "100"},
    {"percent": 99.5},
    {"revision": "7"},
    {"percent": float("nan")},
    {"percent": float("inf")},
    {"allowlist": None},
    {"allowlist": []},
    {"allowlist": {"enabled": "true"}},
    {"allowlist": {"enabled": True}},
    {"revision": None},
    {"effectiveAt": "yesterday"},
    {"validUntil": "2026-02-30T00:00:00Z"},
    {"breakGlassUntil": 12},
]


@pytest.mark.parametrize("changes", BROKEN, ids=str)
def test_a_document_nobody_checked_cannot_open_a_gate(changes: dict[str, Any]) -> None:
    assert isinstance(decide(compile_controls(controls(**changes), "test"), job()), Denied)


@pytest.mark.parametrize("key", list(controls()))
def test_a_missing_key_denies_where_the_gates_need_it(key: str) -> None:
    document = controls()
    del document[key]
    decision = decide(compile_controls(document, "test"), job())
    needed = key not in ("version", "environment", "stage", "step", "rolloutZero")
    assert isinstance(decision, Denied) is needed


NOON = epoch_ns("2026-01-01T12:00:00Z") or 0
LIMITS: list[tuple[str, dict[str, Any], int, Gate | None]] = [
    ("no limits, any clock", {}, 0, None),
    ("valid before the end", {"validUntil": "2026-01-01T12:00:00Z"}, NOON - 1, None),
    ("too old at the end", {"validUntil": "2026-01-01T12:00:00Z"}, NOON, Gate.CONTROLS),
    ("age unknown before publication", {"validUntil": "2026-01-01T12:00:00Z"}, 0, Gate.CONTROLS),
    ("break-glass running", {"breakGlassUntil": "2026-01-01T12:00:00Z"}, NOON - SECOND, None),
    ("break-glass over", {"breakGlassUntil": "2026-01-01T12:00:00Z"}, NOON, Gate.KILL_SWITCH),
    ("break-glass with the clock set back", {"breakGlassUntil": "2026-01-01T12:00:00Z"}, 0, Gate.KILL_SWITCH),
]


@pytest.mark.parametrize(("name", "changes", "now_ns", "gate"), LIMITS, ids=[row[0] for row in LIMITS])
def test_time_limits(name: str, changes: dict[str, Any], now_ns: int, gate: Gate | None) -> None:
    decision = decide(effective_at(compile_controls(controls(**changes), "test"), now_ns), job())
    assert (decision.gate if isinstance(decision, Denied) else None) == gate
    assert decision.break_glass == ("breakGlassUntil" in changes)


NARROWINGS: list[tuple[str, dict[str, Any], Narrowing, Gate | None]] = [
    ("nothing", {}, Narrowing(), None),
    ("kill", {}, Narrowing(killed="SLOTGEN_AI_KILL is set"), Gate.KILL_SWITCH),
    ("feature off", {}, Narrowing(feature_off=True), Gate.FEATURE_FLAG),
    ("lower percent", {}, Narrowing(percent=43), Gate.ROLLOUT),
    ("higher percent changes nothing", {"percent": 43}, Narrowing(percent=100), Gate.ROLLOUT),
    ("percent of everyone", {"percent": 0, "rolloutZero": "everyone"}, Narrowing(percent=44), None),
    ("zero of everyone", {"percent": 0, "rolloutZero": "everyone"}, Narrowing(percent=0), Gate.ROLLOUT),
    ("allowlist that permits", {}, Narrowing(allowlist=compile_allowlist(allowlist(rule("own")))), None),
    ("allowlist that does not", {}, Narrowing(allowlist=refuse_all("missing")), Gate.ALLOWLIST),
]


@pytest.mark.parametrize(("name", "changes", "by", "gate"), NARROWINGS, ids=[row[0] for row in NARROWINGS])
def test_narrowing(name: str, changes: dict[str, Any], by: Narrowing, gate: Gate | None) -> None:
    decision = decide(narrowed(compile_controls(controls(**changes), "test"), by), job())
    assert (decision.gate if isinstance(decision, Denied) else None) == gate
    if isinstance(decision, Admitted):
        assert decision.rule_id == "r1"  # the control file's rule, whatever narrows it


def test_narrowing_unknown_controls_keeps_them_unknown() -> None:
    decision = decide(narrowed(unknown_controls("gone", "test"), Narrowing(percent=100)), job())
    assert isinstance(decision, Denied)
    assert decision.gate is Gate.CONTROLS
