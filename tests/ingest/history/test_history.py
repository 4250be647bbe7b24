"""Control histories in both shapes, and everything that is none."""

import json
from pathlib import Path
from typing import Any

import pytest

from ingest.errors import InvalidHistory
from ingest.history.controls import HOME, ControlHistory, read_history, read_home_history
from schemas.instant import epoch_ns
from schemas.stages import Step
from tests.ingest.stored import DATA, captured

FIELD = {
    "at": "2026-11-21T02:00:00Z",
    "FEATURE_SLOTGEN_AI": "true",
    "SLOTGEN_AI_KILL": None,
    "SLOTGEN_AI_ROLLOUT_PERCENT": "10",
    "allowlist": "on",
}
CONTROLS = {
    "version": "controls.v1",
    "environment": "test",
    "revision": 1,
    "effectiveAt": "2026-11-21T02:00:00Z",
    "kill": False,
    "feature": True,
    "percent": 5,
    "rolloutZero": "nobody",
    "stage": 3,
    "step": "broaden-board",
    "allowlist": {"version": "allowlist.v1", "enabled": True, "mode": "deny_by_default", "rules": []},
    "breakGlassUntil": None,
    "validUntil": None,
}


def event(kind: str, second: int, revision: int, **changed: Any) -> dict[str, Any]:
    return {
        "version": "control-revision.v1",
        "event": kind,
        "at": f"2026-11-21T02:00:{second:02d}Z",
        "revision": revision,
        "late": False,
        "controls": None if kind == "removed" else CONTROLS | {"revision": revision} | changed,
    }


def written(folder: Path, *documents: Any, end: str = "\n") -> Path:
    path = folder / "history.jsonl"
    lines = [one if isinstance(one, str) else json.dumps(one) for one in documents]
    path.write_text("\n".join(lines) + end)
    return path


def steps(history: ControlHistory) -> list[tuple[int, str]]:
    return [(one.revision, one.step.value) for one in history.intervals]


def test_the_field_capture_has_nine_revisions() -> None:
    history = read_history(DATA / "executor-a.controls.jsonl")
    names = ["baseline", "baseline", "expand-100", "baseline"]
    names += ["canary-1", "expand-10", "expand-50", "expand-100", "baseline"]
    assert steps(history) == list(enumerate(names, 1))
    starts = [one["at"] for one in captured("executor-a.controls.jsonl")]
    assert [one.from_ns for one in history.intervals] == [epoch_ns(at) for at in starts]
    assert [one.to_ns for one in history.intervals] == [*(epoch_ns(at) for at in starts[1:]), None]


@pytest.mark.parametrize(
    ("changed", "step", "with_everyone"),
    [
        ({}, "expand-10", "expand-10"),
        ({"SLOTGEN_AI_KILL": "true"}, "baseline", "baseline"),
        ({"SLOTGEN_AI_KILL": "TRUE"}, "expand-10", "expand-10"),
        ({"FEATURE_SLOTGEN_AI": "1"}, "baseline", "baseline"),
        ({"allowlist": "off"}, "baseline", "baseline"),
        ({"SLOTGEN_AI_ROLLOUT_PERCENT": "0"}, "baseline", "expand-100"),
        ({"SLOTGEN_AI_ROLLOUT_PERCENT": None}, "baseline", "expand-100"),
        ({"SLOTGEN_AI_ROLLOUT_PERCENT": "250"}, "baseline", "expand-100"),
        ({"SLOTGEN_AI_ROLLOUT_PERCENT": "30"}, "off-ladder", "off-ladder"),
        ({"SLOTGEN_AI_ROLLOUT_PERCENT": "5"}, "canary-5", "canary-5"),
    ],
)
def test_the_step_of_the_field_s_controls(
    tmp_path: Path, changed: dict[str, Any], step: str, with_everyone: str
) -> None:
    path = written(tmp_path, FIELD | changed)
    assert steps(read_history(path)) == [(1, step)]
    assert steps(read_history(path, "everyone")) == [(1, with_everyone)]
    assert read_history(path).history_id != read_history(path, "everyone").history_id


def test_only_what_took_effect_is_in_force_and_a_removal_denies(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        event("publishing", 1, 1),
        event("effective", 2, 1),
        event("publishing", 3, 2),
        event("effective", 4, 2, kill=True, step="canary-5", stage=1),
        event("removed", 5, 2),
        event("publishing", 8, 9),
    )
    history = read_history(path)
    assert steps(history) == [(1, "broaden-board"), (2, "canary-5"), (2, "baseline")]
    first, second, third = history.intervals
    assert (first.publishing_ns, second.publishing_ns) == (first.from_ns - 10**9, second.from_ns - 10**9)
    assert (third.removed, third.kill, third.stage, third.to_ns) == (True, True, 0, None)
    assert third.step is Step.BASELINE


def test_a_late_line_takes_its_place_in_time(tmp_path: Path) -> None:
    path = written(tmp_path, event("effective", 2, 1), event("effective", 9, 2), event("removed", 5, 1))
    assert steps(read_history(path)) == [(1, "broaden-board"), (1, "baseline"), (2, "broaden-board")]


@pytest.mark.parametrize(
    ("documents", "said"),
    [
        ([], "holds no revision"),
        (["not json"], "line 1: not JSON"),
        ([FIELD, "not json"], "line 2: not JSON"),
        ([[1]], "not an object"),
        ([FIELD | {"at": "yesterday"}], "line 1: `at`"),
        ([FIELD | {"at": 5}], "line 1: `at`"),
        ([FIELD | {"at": "9999-01-01T00:00:00Z"}], "line 1: `at`"),
        ([FIELD, FIELD | {"at": "2026-11-21T01:00:00Z"}], "line 2 is earlier"),
        ([FIELD | {"allowlist": True}], "`allowlist` is neither"),
        ([FIELD | {"SLOTGEN_AI_KILL": True}], "`SLOTGEN_AI_KILL` is neither"),
        ([FIELD | {"percent": 5}], "`percent` is not a key"),
        ([event("effective", 1, 1) | {"controls": None}], "without its controls"),
        ([event("publishing", 1, 1)], "took effect"),
        ([event("effective", 1, 1), event("effective", 2, 2, percent=101)], "line 2"),
        ([event("effective", 1, 1), FIELD], "line 2"),
        (['{"at":1,"at":2}'], "twice"),
    ],
)
def test_what_is_no_history_is_refused_and_says_why(tmp_path: Path, documents: list[Any], said: str) -> None:
    with pytest.raises(InvalidHistory, match="nothing was loaded") as refused:
        read_history(written(tmp_path, *documents))
    assert said in str(refused.value)
    assert refused.value.exit_code == 3


def test_a_missing_history_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidHistory, match="cannot be read"):
        read_history(tmp_path / "none")


def test_the_home_s_history_may_be_missing_or_end_in_a_line_being_written(tmp_path: Path) -> None:
    assert read_home_history(tmp_path / "history.jsonl") is None
    assert read_home_history(written(tmp_path, '{"version":', end="")) is None
    history = read_home_history(written(tmp_path, event("effective", 1, 1), '{"version":', end=""))
    assert history is not None
    assert (history.history_id, len(history.intervals)) == (HOME, 1)
    with pytest.raises(InvalidHistory):
        read_home_history(written(tmp_path, event("effective", 1, 1), "broken"))


def test_a_home_whose_first_publication_was_interrupted_has_no_history_yet(tmp_path: Path) -> None:
    assert read_home_history(written(tmp_path, event("publishing", 1, 1))) is None
    with pytest.raises(InvalidHistory, match="line 2"):
        read_home_history(written(tmp_path, event("publishing", 1, 1), "broken"))
