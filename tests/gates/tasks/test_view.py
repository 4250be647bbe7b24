"""The projection: a fold that no event can break, and in which the first end stays."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gates.tasks.events import ENDING, LEASING, EventKind, TaskEvent
from gates.tasks.view import RunView, TaskState, begun, moved

KINDS = st.sampled_from(sorted(set(EventKind) - {EventKind.CREATED}))
FIRST = TaskEvent(
    seq=1,
    task_id="t1",
    kind=EventKind.CREATED,
    actor_id="a",
    at_ns=0,
    detail={"spec": {}, "jobId": "J1", "mostRuns": 3},
)


@st.composite
def events(draw: st.DrawFn) -> list[TaskEvent]:
    """Anything at all, in any order, by any clock."""
    kinds = draw(st.lists(KINDS, max_size=12))
    return [
        TaskEvent(
            seq=seq,
            task_id="t1",
            kind=kind,
            actor_id=draw(st.sampled_from("ab")),
            at_ns=draw(st.integers(-5, 50)),
            run=draw(st.integers(0, 3)),
            lease_ns=draw(st.integers(1, 20)) if kind in LEASING else None,
            artifact_digest=draw(st.sampled_from(["x", "y"])) if kind is EventKind.ARTIFACT else None,
        )
        for seq, kind in enumerate(kinds, 2)
    ]


def folded(given: list[TaskEvent]) -> list[RunView]:
    views = [begun(FIRST)]
    for event in given:
        views.append(moved(views[-1], event))
    return views


@given(events())
def test_what_ended_a_task_first_is_final(given: list[TaskEvent]) -> None:
    first = next((one for one in given if one.kind in ENDING), None)
    last = folded(given)[-1]
    assert last.terminal_seq == (None if first is None else first.seq)
    assert last.is_final == (last.state not in (TaskState.QUEUED, TaskState.LEASED)) == (first is not None)


@given(events())
def test_only_a_leased_task_has_a_holder(given: list[TaskEvent]) -> None:
    for view in folded(given):
        held = view.state is TaskState.LEASED
        assert [held] * 3 == [
            one is not None for one in (view.actor_id, view.renewed_at_ns, view.lease_until_ns)
        ]


@given(events())
def test_noise_is_only_seen(given: list[TaskEvent]) -> None:
    views = folded(given)
    for before, after, event in zip(views, views[1:], given, strict=False):
        assert (after.last_seq, after.last_kind, after.last_at_ns) == (event.seq, event.kind, event.at_ns)
        of_the_run = before.state is TaskState.LEASED and event.run == before.run
        if before.is_final or not (of_the_run or event.kind in ENDING or event.kind is EventKind.CLAIMED):
            assert before == replace(
                after, last_seq=before.last_seq, last_kind=before.last_kind, last_at_ns=before.last_at_ns
            )


@pytest.mark.parametrize("kind", sorted(set(EventKind) - {EventKind.CREATED}))
def test_a_task_begins_with_its_creation(kind: EventKind) -> None:
    with pytest.raises(ValueError, match="begins with"):
        begun(replace(FIRST, kind=kind))
