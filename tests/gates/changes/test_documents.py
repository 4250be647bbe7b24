"""The document a change leads to; narrowing as properties."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gates.changes.documents import killed, narrowed, patched, released
from gates.changes.scope import intersection
from gates.decision import Admitted, compile_controls, decide, effective_at
from gates.errors import InvalidChange
from gates.policy.diff import diff, widens
from gates.policy.values import control_values
from schemas import check
from tests.gates.changes.world import HOUR, START, allowlist, document, rule
from tests.gates.decision.builders import job

VALUES = st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=3, unique=True)
SLOTS = st.lists(st.sampled_from(["S1", "S2"]), max_size=2, unique=True)


@st.composite
def rules(draw: st.DrawFn) -> dict[str, Any]:
    return rule(
        id=draw(st.sampled_from(["r1", "r2", "r3"])),
        enabled=draw(st.booleans()),
        subject=draw(VALUES),
        level=draw(VALUES),
        board=draw(VALUES),
        specVersion=draw(VALUES),
        kinds=draw(VALUES),
        slotIds=draw(SLOTS),
        maxJobsPerRun=draw(st.integers(1, 3)),
    )


ALLOWLISTS = st.builds(
    lambda enabled, listed: {
        "version": "allowlist.v1",
        "enabled": enabled,
        "mode": "deny_by_default",
        "rules": listed,
    },
    st.booleans(),
    st.lists(rules(), max_size=3, unique_by=lambda one: one["id"]),
)


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    step, stage = draw(st.sampled_from([("baseline", 0), ("expand-10", 2), ("expand-100", 3)]))
    return document(
        kill=draw(st.booleans()),
        feature=draw(st.booleans()),
        percent=draw(st.integers(0, 100)),
        rolloutZero=draw(st.sampled_from(["nobody", "everyone"])),
        allowlist=draw(ALLOWLISTS),
        step=step,
        stage=stage,
    )


PATCHES = st.fixed_dictionaries(
    {"percent": st.integers(0, 100)},
    optional={
        "kill": st.booleans(),
        "feature": st.booleans(),
        "rolloutZero": st.sampled_from(["nobody", "everyone"]),
        "allowlist": ALLOWLISTS,
        "validUntil": st.sampled_from(["2030-01-01T00:00:00Z", None]),
    },
)
JOBS = st.builds(
    lambda job_id, subject, level, board, spec: job(
        job_id=job_id, subject=subject, level=level, board=board, spec_version=spec
    ),
    st.text(max_size=3),
    *[st.sampled_from(["a", "b", "c"])] * 4,
)


class TestNarrowed:
    @given(base=documents(), patch=PATCHES)
    def test_never_widens_whatever_is_asked(self, base: dict[str, Any], patch: dict[str, Any]) -> None:
        after = narrowed(base, patch, revision=2, at_ns=START)
        assert not widens(diff(control_values(base), control_values(after)))
        assert check.problems("controls.v1", after) == []

    @given(base=documents(), patch=PATCHES, one=JOBS)
    def test_admits_no_job_that_was_not(self, base: dict[str, Any], patch: dict[str, Any], one: Any) -> None:
        after = narrowed(base, patch, revision=2, at_ns=START)
        if isinstance(decide(compile_controls(after, "test"), one), Admitted):
            assert isinstance(decide(compile_controls(base, "test"), one), Admitted)

    @given(base=documents(), percent=st.integers(1, 100))
    def test_takes_the_lesser_percent(self, base: dict[str, Any], percent: int) -> None:
        after = narrowed(base, {"percent": percent}, revision=2, at_ns=START)
        current = control_values(base).admits_below
        assert control_values(after).admits_below == min(current, percent)

    @given(own=ALLOWLISTS, other=ALLOWLISTS, one=JOBS)
    def test_the_common_part_is_what_both_permit(self, own: Any, other: Any, one: Any) -> None:
        def permits(lists: Any) -> bool:
            opened = document(kill=False, feature=True, percent=100, allowlist=lists)
            return isinstance(decide(compile_controls(opened, "test"), one), Admitted)

        assert permits(intersection(own, other)) == (permits(own) and permits(other))


class TestPatched:
    @pytest.mark.parametrize(
        "patch",
        [{}, {"stage": 4}, {"revision": 9}, {"percent": 101}, {"percent": "5"}, {"kill": 1},
         {"step": "canary-1"}, {"environment": "other"}, {"breakGlassUntil": None},
         {"allowlist": {}}, {"validUntil": "soon"}],
        ids=str,
    )  # fmt: skip
    def test_what_cannot_be_asked(self, patch: dict[str, Any]) -> None:
        with pytest.raises(InvalidChange):
            patched(document(), patch, revision=2, at_ns=START)

    def test_a_break_glass_release_ends_with_it(self) -> None:
        base = released(
            document(feature=True, percent=1, allowlist=allowlist(), step="canary-1", stage=1),
            until_ns=START + HOUR,
            revision=2,
            at_ns=START,
        )
        after = patched(base, {"percent": 5}, revision=3, at_ns=START)
        assert after["kill"] is True
        assert after["breakGlassUntil"] is None

    def test_the_step_follows(self) -> None:
        base = document(
            kill=False, feature=True, percent=10, allowlist=allowlist(), step="expand-10", stage=2
        )
        assert patched(base, {"percent": 25}, revision=2, at_ns=START)["step"] == "expand-25"
        assert patched(base, {"percent": 3}, revision=2, at_ns=START)["step"] == "canary-1"
        assert patched(base, {"feature": False}, revision=2, at_ns=START)["step"] == "baseline"
        assert killed(base, revision=2, at_ns=START)["step"] == "expand-10"


class TestReleased:
    def test_the_reader_ends_it_and_a_clock_set_back_too(self) -> None:
        base = document(feature=True, percent=100, allowlist=allowlist(), step="expand-100", stage=3)
        compiled = compile_controls(released(base, until_ns=START + HOUR, revision=2, at_ns=START), "test")
        assert effective_at(compiled, START).killed is None
        assert effective_at(compiled, START + HOUR - 1).killed is None
        assert effective_at(compiled, START + HOUR).killed
        assert effective_at(compiled, START - 1).killed
