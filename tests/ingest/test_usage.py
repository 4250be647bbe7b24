"""Calls and tokens by day and model: every line once, on the day of its own time."""

from pathlib import Path
from typing import Any

import pytest

from gates.spending.used import Used
from ingest.history.controls import read_history
from ingest.instants import rfc3339
from ingest.loading.load import load
from ingest.report.report import Selection, empty_report, report
from ingest.store import TelemetryStore
from ingest.usage import DAY_NS, day_usage
from tests.ingest.store_from_template import open_store
from tests.ingest.stored import DATA
from tests.ingest.telemetry import line, line_v2

DAY_NO = 20_778
DAY = "2026-11-21"
NOON_NS = DAY_NO * DAY_NS + DAY_NS // 2
MODEL = {"path": "openai", "status": "COMPLETED", "errorCode": None}
NO_CALL = {"attempt": 0, "model": None, "usage": None, "requestId": None}


@pytest.fixture
def store(tmp_path: Path) -> Any:
    with open_store(tmp_path / "telemetry.duckdb") as opened:
        yield opened


def cri(record: bytes, at_ns: int = NOON_NS) -> bytes:
    return f"{rfc3339(at_ns)} stderr F ".encode() + record + b"\n"


def loaded(store: TelemetryStore, folder: Path, *lines: bytes, name: str = "a.log") -> None:
    (folder / name).write_bytes(b"".join(lines))
    load(store, [folder / name], None)


def of_day(store: TelemetryStore, day_no: int = DAY_NO) -> dict[str | None, Used]:
    with store.cursor() as cursor:
        return {one.model: one for one in day_usage(cursor, day_no).used}


def counted(one: Used) -> tuple[int, int, int, int]:
    return one.lines, one.calls, one.untold, one.total_tokens


def test_calls_and_tokens_by_model(store: TelemetryStore, tmp_path: Path) -> None:
    loaded(
        store, tmp_path,
        cri(line_v2()), cri(line_v2(attempt=3)), cri(line_v2(usage=None)),
        cri(line_v2(model="o9", attempt=2)),
        cri(line(**MODEL)), cri(line(**MODEL, jobId="b")),
        cri(line(path="openai", status="FAILED", errorCode="MISSING_API_KEY")),
        cri(line_v2(status="FAILED", errorCode="MISSING_API_KEY", **NO_CALL)),
        cri(line()), cri(line_v2(path="stub", status="STUB", errorCode="KILL_SWITCH", gate="kill_switch",
                                 **NO_CALL)),
    )  # fmt: skip
    found = of_day(store)
    assert {model: counted(one) for model, one in found.items()} == {
        "gpt-4.1": (3, 5, 1, 1016),
        "o9": (1, 2, 0, 508),
        None: (2, 2, 2, 0),
    }
    assert found["gpt-4.1"].day == DAY
    assert (found["gpt-4.1"].input_tokens, found["gpt-4.1"].output_tokens) == (824, 192)


def test_a_stub_that_says_it_called_is_counted(store: TelemetryStore, tmp_path: Path) -> None:
    """Whatever else such a line gets wrong, a call costs money."""
    loaded(store, tmp_path, cri(line_v2(path="stub", status="STUB", errorCode="KILL_SWITCH", gate="rollout")))
    assert counted(of_day(store)["gpt-4.1"]) == (1, 1, 0, 508)


EDGES = [
    (DAY_NO * DAY_NS, True),
    (DAY_NO * DAY_NS - 1_000, False),
    ((DAY_NO + 1) * DAY_NS - 1_000, True),
    ((DAY_NO + 1) * DAY_NS, False),
]


@pytest.mark.parametrize(("at_ns", "is_of_day"), EDGES)
def test_the_day_is_that_of_the_line(
    store: TelemetryStore, tmp_path: Path, at_ns: int, is_of_day: bool
) -> None:
    loaded(store, tmp_path, cri(line_v2(emittedAt="2026-11-25T00:00:00Z"), at_ns))
    assert bool(of_day(store)) == is_of_day


def test_late_and_copied_lines_count_once_on_their_day(store: TelemetryStore, tmp_path: Path) -> None:
    yesterday = cri(line_v2(jobId="late"), NOON_NS - DAY_NS)
    loaded(store, tmp_path, cri(line_v2()))
    loaded(store, tmp_path, cri(line_v2()), yesterday)
    loaded(store, tmp_path, cri(line_v2()), yesterday, name="copy.log")
    assert counted(of_day(store)["gpt-4.1"])[0] == counted(of_day(store, DAY_NO - 1)["gpt-4.1"])[0] == 1


def test_without_a_time_v2_has_the_day_it_says_and_v1_none(store: TelemetryStore, tmp_path: Path) -> None:
    loaded(store, tmp_path, line_v2() + b"\n", line(**MODEL) + b"\n")
    assert counted(of_day(store)["gpt-4.1"]) == (1, 1, 0, 508)
    with store.cursor() as cursor:
        untimed = [day_usage(cursor, day_no).untimed for day_no in (0, 40_000)]
    assert untimed == [1, 0]  # the file was written to after 1970, and not yet in 2079


def test_what_quarantine_hides_is_a_call(store: TelemetryStore, tmp_path: Path) -> None:
    loaded(store, tmp_path, cri(line_v2(version="v3")), cri(line(version="v3")))
    with store.cursor() as cursor:
        assert day_usage(cursor, DAY_NO).hidden_calls == 1
        assert day_usage(cursor, DAY_NO + 1).hidden_calls == 0


def test_another_rollouts_history_is_only_looked_at(store: TelemetryStore, tmp_path: Path) -> None:
    (tmp_path / "a.log").write_bytes(cri(line_v2()))
    load(store, [tmp_path / "a.log"], read_history(DATA / "executor-a.controls.jsonl"))
    assert of_day(store) == {}
    with store.cursor() as cursor:
        totals = report(cursor, Selection())["totals"]
    assert [one["calls"] for one in totals["usage"]] == [1]


def test_the_report_has_usage_by_day_and_model_in_every_group(store: TelemetryStore, tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    times = [1_795_227_786_000_000_000 + n * 1_000_000_000 for n in range(0, 60, 5)]
    log.write_bytes(
        b"".join(cri(line_v2(jobId=f"j{at}", latencyMs=1), at) for at in times) + line_v2() + b"\n"
    )
    load(store, [log], read_history(DATA / "executor-a.controls.jsonl"))
    with store.cursor() as cursor:
        found = report(cursor, Selection())
    [total] = found["totals"]["usage"]
    assert total == {
        "day": DAY, "model": "gpt-4.1", "lines": 13, "calls": 13, "linesWithoutUsage": 0,
        "inputTokens": 13 * 412, "outputTokens": 13 * 96, "totalTokens": 13 * 508,
    }  # fmt: skip
    groups = [*found["steps"], found["unattributed"]]
    assert sum(one["lines"] for group in groups for one in group["usage"]) == 13
    for group in groups:
        assert sum(one["lines"] for one in group["usage"]) == group["lines"]
    assert found["unattributed"]["usage"][0]["lines"] >= 1
    assert empty_report(Selection())["totals"]["usage"] == []
