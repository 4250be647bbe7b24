"""What job specs add: the new slice of a broaden step, and who opted in."""

from collections.abc import Callable
from typing import Any

import pytest

from schemas.stages import Step
from tests.ingest.evidence.homes import START, Home, in_force, line, stub

OLD, NEW = 1, 2
SUBJECT, BOARD = Step.BROADEN_SUBJECT, Step.BROADEN_BOARD


@pytest.fixture
def home(make_home: Callable[..., Home]) -> Home:
    """Shape OLD was permitted by the step before, shape NEW is since revision 2."""
    made = make_home(
        in_force(1, 0, SUBJECT, allowlist_digest="before"), in_force(2, 100, BOARD, allowlist_digest="now")
    )
    with made.store.transaction() as cursor:
        cursor.execute(
            "INSERT INTO scope_answer VALUES ('before', ?, true), ('before', ?, false)", [OLD, NEW]
        )
    return made


def specs(home: Home, **jobs: tuple[bool | None, int | None]) -> None:
    with home.store.transaction() as cursor:
        for job, (opted_in, shape) in jobs.items():
            cursor.execute("INSERT INTO job_spec VALUES (?, ?, ?, ?)", [job, opted_in, shape, START])


def test_units_of_the_new_slice(home: Home) -> None:
    specs(home, old=(True, OLD), new=(True, NEW), failed=(True, NEW))
    home.put(
        [
            line("old", 110, code="OPENAI_HTTP_ERROR"),
            line("new", 111, ms=300),
            line("new", 112, version="v2"),
            line("failed", 113, code="OPENAI_HTTP_ERROR"),
            stub("excluded", after_s=114),
        ]
    )
    found = home.ask(2, step=BOARD, budget_p50_ms=200.0).new_slice
    assert found is not None
    assert found.units is not None
    assert (found.visible, found.why) == (True, None)
    units = found.units
    assert (units.jobs, units.failed, units.completed, units.over_p50, units.over_p95) == (3, 1, 2, 1, None)


@pytest.mark.parametrize("spec", [None, (None, None), (True, 3)])
def test_one_job_without_a_known_spec_hides_the_slice(
    home: Home, spec: tuple[bool | None, int | None] | None
) -> None:
    specs(home, new=(True, NEW), **({"other": spec} if spec else {}))
    home.put([line("new", 110), line("other", 111)])
    found = home.ask(2, step=BOARD).new_slice
    assert found is not None
    assert found.units is not None
    assert (found.visible, found.units.jobs) == (False, 1)
    assert found.why == "the job specs of 1 of 2 jobs that reached the model are not known"


def test_no_scope_before(home: Home) -> None:
    found = home.ask(1, step=SUBJECT).new_slice
    assert found is not None
    assert (found.visible, found.units, found.why) == (False, None, "the history has no step before this one")


def test_a_scope_before_that_the_history_does_not_say(make_home: Callable[..., Home]) -> None:
    found = make_home(in_force(1, 0, SUBJECT), in_force(2, 100, BOARD)).ask(2, step=BOARD).new_slice
    assert found is not None
    assert (found.visible, found.why) == (False, "the allowlist of revision 1 is not known")


@pytest.mark.parametrize("step", [Step.EXPAND_50, Step.EXPAND_100, Step.STEADY])
def test_other_steps_open_no_slice(home: Home, step: Step) -> None:
    assert home.ask(1, step=step).new_slice is None


def test_the_share_that_opted_in(home: Home) -> None:
    specs(home, refused=(True, OLD), declined=(False, OLD))
    home.put(
        [
            line("admitted", 110),
            stub("excluded", after_s=111),
            stub("refused", "NOT_ALLOWLISTED", 112),
            stub("declined", "NOT_ALLOWLISTED", 113),
            stub("unknown", "NOT_ALLOWLISTED", 114),
            stub("killed", "KILL_SWITCH", 115),
            stub("probe:1", "ROLLOUT_EXCLUDED", 116),
        ]
    )
    assert home.ask(2).opt_in_share == 3 / 5


@pytest.mark.parametrize("changes", [{"kill": True}, {"feature": False}, {"allowlist": False}])
def test_controls_under_which_opting_in_never_shows(
    make_home: Callable[..., Home], changes: dict[str, Any]
) -> None:
    home = make_home(in_force(1, **changes))
    home.put(stub("a", "NOT_ALLOWLISTED"))
    assert home.ask().opt_in_share is None
