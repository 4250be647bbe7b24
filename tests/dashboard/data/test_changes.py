from dataclasses import replace
from typing import Any

import pytest

from dashboard.data.bins import SECOND_NS, Axis
from dashboard.data.changes import Held, changes, difference, lane

START = 1_795_200_000 * SECOND_NS
AXIS = Axis(START, START + 100 * SECOND_NS, SECOND_NS)
LIVE = Held(
    from_ns=START,
    to_ns=None,
    revision=4,
    stage=1,
    step="canary-1",
    kill=False,
    feature=True,
    percent=1,
    allowlist=True,
)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"kill": True}, "■ kill"),
        ({"percent": 5, "step": "canary-5"}, "1 → 5 %"),
        ({"percent": 0, "feature": False, "step": "baseline"}, "feature off, 1 → 0 %"),
        ({"allowlist": False}, "allowlist off"),
        ({"step": "broaden-board"}, "broaden-board"),
        ({"revision": 5}, "revision 5"),
    ],
)
def test_a_change_in_words(changed: dict[str, Any], said: str) -> None:
    assert difference(LIVE, replace(LIVE, **changed)) == said


def test_lane_is_cut_to_the_axis_and_leaves_out_what_is_beside_it() -> None:
    held = (
        replace(LIVE, from_ns=START - 500 * SECOND_NS, to_ns=START - 400 * SECOND_NS),
        replace(LIVE, from_ns=START - 400 * SECOND_NS, to_ns=START + 25 * SECOND_NS),
        replace(LIVE, from_ns=START + 25 * SECOND_NS, to_ns=None, kill=True),
    )
    drawn = lane(held, AXIS)
    assert drawn["share"].tolist() == [0.25, 0.75]
    assert drawn["state"].tolist() == ["live", "killed"]
    assert drawn["name"].tolist() == ["canary-1", "■ killed at canary-1"]
    assert drawn["until"].iloc[-1] == drawn["at"].iloc[0] + (drawn["until"].iloc[-1] - drawn["at"].iloc[0])


def test_changes_within_the_axis_know_what_was_before_it() -> None:
    held = (
        replace(LIVE, from_ns=START - SECOND_NS, to_ns=START + 40 * SECOND_NS),
        replace(LIVE, from_ns=START + 40 * SECOND_NS, to_ns=START + 60 * SECOND_NS, kill=True, revision=5),
        replace(LIVE, from_ns=START + 60 * SECOND_NS, to_ns=None, revision=6),
    )
    drawn = changes(held, AXIS)
    assert drawn["label"].tolist() == ["■ kill", "kill off"]
    assert drawn["kills"].tolist() == [True, False]
    assert drawn["room"].tolist() == [0.2, 0.4]


def test_no_history_is_an_empty_frame_with_its_columns() -> None:
    assert list(changes((), AXIS).columns) == ["at", "utc", "label", "kills", "revision", "step", "room"]
    assert lane((), AXIS).empty
