"""The report against counts made by hand from the captured lines, and percentiles by their definition."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.history.controls import read_history
from ingest.instants import rfc3339
from ingest.loading.load import load
from ingest.report.report import Selection, empty_report, report, rolled_steps
from ingest.store import TelemetryStore
from schemas.instant import epoch_ns
from schemas.stages import Step
from tests.ingest.evidence.homes import SECOND, START, history, in_force
from tests.ingest.store_from_template import open_store
from tests.ingest.stored import DATA, RECORD, captured

HISTORY = DATA / "executor-a.controls.jsonl"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TelemetryStore]:
    with open_store(tmp_path_factory.mktemp("home") / "telemetry.duckdb") as opened:
        load(opened, [DATA / "executor-a.cri.log"], read_history(HISTORY))
        yield opened


def reported(store: TelemetryStore, selection: Selection | None = None) -> dict[str, Any]:
    with store.cursor() as cursor:
        return report(cursor, selection or Selection())


def outcomes(group: dict[str, Any]) -> dict[str, int]:
    return {f"{one['path']}/{one['status']}/{one['errorCode']}": one["count"] for one in group["by_outcome"]}


def by_hand() -> list[tuple[int, dict[str, Any]]]:
    """Time and record of every captured line, put together by hand: pieces joined, glued records cut out."""
    found: list[tuple[int, dict[str, Any]]] = []
    open_pieces: dict[str, tuple[str, str]] = {}
    for line in (DATA / "executor-a.cri.log").read_text(encoding="utf-8").splitlines():
        time, stream, tag, text = re.fullmatch(r"(\S+) (\S+) ([PF]) (.*)", line).groups()  # type: ignore[union-attr]
        first, begun = open_pieces.pop(stream, (time, ""))
        if tag == "P":
            open_pieces[stream] = (first, begun + text)
            continue
        records = re.findall(r'\{"version":"v1","executorVersion".*?\}', begun + text)
        found.extend((epoch_ns(first) or 0, json.loads(record)) for record in records)
    return found


def nearest_rank(values: list[float], percent: int) -> float | None:
    """The smallest value that at least `percent` % of the values do not exceed, by counting."""
    return next(
        (value for value in sorted(values) if 100 * sum(v <= value for v in values) >= percent * len(values)),
        None,
    )


def test_the_totals_are_those_expected(store: TelemetryStore) -> None:
    expected = json.loads((DATA / "executor-a.expected.json").read_text())
    totals = reported(store)["totals"]
    assert totals["lines"] == expected["telemetry_lines"]
    assert outcomes(totals) == expected["by_outcome"]
    assert sum(one["share"] for one in totals["by_outcome"]) == pytest.approx(1)
    assert totals["from"] == "2026-11-21T02:22:54.084715Z"


def test_every_step_holds_exactly_its_lines(store: TelemetryStore) -> None:
    starts = [epoch_ns(one["at"]) or 0 for one in captured(HISTORY.name)]
    # Entries of steps[] begin at these revisions: the first two, both baseline, are one.
    entries = [starts[0], *starts[2:]]
    counted: list[Counter[str]] = [Counter() for _ in entries]
    latencies: list[dict[str, list[float]]] = [{"stub": [], "openai": []} for _ in entries]
    for time, line in by_hand():
        decided = time - line["latencyMs"] * 1_000_000
        entry = sum(start <= decided for start in entries) - 1
        counted[entry][f"{line['path']}/{line['status']}/{line['errorCode']}"] += 1
        latencies[entry][line["path"]].append(line["latencyMs"])
    steps = reported(store)["steps"]
    names = ["baseline", "expand-100", "baseline", "canary-1"]
    assert [one["step"] for one in steps] == [*names, "expand-10", "expand-50", "expand-100", "baseline"]
    assert [one["stage"] for one in steps] == [0, 3, 0, 1, 2, 2, 3, 0]
    assert [one["revisions"] for one in steps] == [[1, 2], [3], [4], [5], [6], [7], [8], [9]]
    assert [outcomes(one) for one in steps] == [dict(one) for one in counted]
    assert sum(one["lines"] for one in steps) == 266
    for step, values in zip(steps, latencies, strict=True):
        for path in ("stub", "openai"):
            for percent in (50, 95, 99):
                assert step["latency"][path][f"p{percent}"] == nearest_rank(values[path], percent)
    assert steps[0]["from"] == "2026-11-21T02:22:53.390129Z"
    assert [one["to"] for one in steps[:-1]] == [one["from"] for one in steps[1:]]
    assert steps[-1]["to"] is None


def test_lines_without_time_belong_to_no_step(tmp_path: Path) -> None:
    with open_store(tmp_path / "t.duckdb") as raw:
        load(raw, [DATA / "executor-a.stderr.log"], read_history(HISTORY))
        found = reported(raw)
    assert found["unattributed"]["lines"] == 266
    assert found["unattributed"]["reasons"] == [{"reason": "no time", "count": 266}]
    assert [one["lines"] for one in found["steps"]] == [0] * 8
    expected = json.loads((DATA / "executor-a.expected.json").read_text())
    assert outcomes(found["totals"]) == expected["by_outcome"]


def test_a_step_and_a_time_restrict_all_of_it(store: TelemetryStore) -> None:
    found = reported(store, Selection(step=Step.EXPAND_100))
    assert [one["revisions"] for one in found["steps"]] == [[3], [8]]
    assert found["totals"]["lines"] == 21
    since = epoch_ns("2026-11-21T02:25:00Z")
    found = reported(store, Selection(since_ns=since))
    assert [one["revisions"] for one in found["steps"]] == [[7], [8], [9]]
    expected = Counter(line["path"] for time, line in by_hand() if since is not None and time >= since)
    assert {one["path"]: one["count"] for one in found["totals"]["by_path"]} == dict(expected)


def test_steps_from_rollups_are_those_of_the_report(store: TelemetryStore) -> None:
    exact = reported(store)
    with store.cursor() as cursor:
        rolled = rolled_steps(cursor)
    assert len(rolled["steps"]) == len(exact["steps"]) == 8
    for left, right in zip(
        [*rolled["steps"], rolled["unattributed"]], [*exact["steps"], exact["unattributed"]], strict=True
    ):
        counted = left.keys() - {"latency"}
        assert {key: left[key] for key in counted} == {key: right[key] for key in counted}
        for path, found in left["latency"].items():
            measured = {key: value for key, value in right["latency"][path].items() if value is not None}
            assert found.keys() - measured.keys() == {key for key, value in found.items() if value is None}
            assert {key: found[key] for key in measured} == pytest.approx(measured, rel=0.01)


def test_an_empty_store_reports_nothing() -> None:
    found = empty_report(Selection())
    assert (found["totals"]["lines"], found["steps"], found["sources"]) == (0, [], 0)
    assert found["totals"]["latency"]["openai"] == {"count": 0, "p50": None, "p95": None, "p99": None}


def test_quarantine_and_contradictions_are_told(tmp_path: Path) -> None:
    lines = [
        RECORD % "fine",
        (RECORD % "impossible").replace('"stub"', '"openai"'),
        (RECORD % "broken").replace('"stub"', '"openai"').replace('"latencyMs":7', '"latencyMs":-7'),
        "noise",
    ]
    (tmp_path / "a.log").write_text("\n".join(lines) + "\n")
    with open_store(tmp_path / "t.duckdb") as store:
        load(store, [tmp_path / "a.log"], None)
        found = reported(store)
    assert found["totals"]["contradictions"] == [
        {"contradiction": "path openai with status STUB", "count": 1}
    ]
    assert (found["quarantine"]["count"], found["quarantine"]["claims_openai"]) == (1, 1)
    assert found["quarantine"]["by_cause"][0]["cause"] == "NEGATIVE_LATENCY"
    assert found["noise_lines"] == 1
    assert found["unattributed"]["lines"] == 2


VALUES = st.sampled_from([0, 0.25, 1, 2, 3, 1e6]) | st.integers(0, 500)


def latencies(folder: Path, *groups: Sequence[float]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """What one report says of all stub lines, and of each group of them: a step of half an hour."""
    ladder = (Step.CANARY_1, Step.CANARY_5)
    steps = [in_force(n + 1, n * 1_800, ladder[n % 2]) for n in range(len(groups))]
    text = "".join(
        f"{rfc3339(START + (n * 1_800 + 1_700) * SECOND)} stderr F "
        + (RECORD % "x").replace('"latencyMs":7', f'"latencyMs":{value}')
        + "\n"
        for n, values in enumerate(groups)
        for value in values
    )
    (folder / "a.log").write_text(text)
    with open_store(folder / "t.duckdb") as store:
        load(store, [folder / "a.log"], history(*steps))
        found = reported(store)
    assert len(found["steps"]) == len(groups)
    return found["totals"]["latency"]["stub"], [one["latency"]["stub"] for one in found["steps"]]


@settings(max_examples=3)
@given(st.lists(st.lists(VALUES, min_size=1, max_size=300), min_size=1, max_size=5))
def test_percentiles_are_nearest_rank(
    tmp_path_factory: pytest.TempPathFactory, groups: list[list[float]]
) -> None:
    total, found = latencies(tmp_path_factory.mktemp("p"), *groups)
    for values, one in zip([[*chain(*groups)], *groups], [total, *found], strict=True):
        assert one == {"count": len(values)} | {f"p{p}": nearest_rank(values, p) for p in (50, 95, 99)}


def test_percentiles_at_the_edges_of_a_rank(tmp_path: Path) -> None:
    """Where p percent of the count is whole, or just not: 0.95 has no exact double."""
    whole = [20, 40, 60, 80, 100, 120, 140, 160, 180, 200, 300, 1_000, 2_000, 20_000]
    counts = [1, 2, 3, *(count + one for count in whole for one in (-1, 0, 1))]
    _, found = latencies(tmp_path, *(range(1, count + 1) for count in counts))
    for count, one in zip(counts, found, strict=True):
        assert one["count"] == count
        assert [one[f"p{p}"] for p in (50, 95, 99)] == [-(-count * p // 100) for p in (50, 95, 99)], count
