"""`slotgate preview` over real telemetry: exact counts, and why there are none where it cannot be read."""

import json
import re
import shutil
import struct
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from functools import reduce
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingest.store import TelemetryStore
from tests.dashboard.cli.homes import ALICE, SAID, answer, founded, run

DATA = Path(__file__).parents[2] / "data"
RULE = {
    "id": "r", "enabled": True, "kinds": ["explanatory"], "slotIds": ["S1"], "maxJobsPerRun": 1,
    "appliesTo": {"subject": ["Biology"], "level": ["GCSE"], "board": ["AQA"], "specVersion": ["v1"]},
}  # fmt: skip
ALLOWLIST = {"version": "allowlist.v1", "enabled": True, "mode": "deny_by_default", "rules": [RULE]}
TIME = re.compile(r"^[0-9-]{10}T[0-9:.]{15}Z", re.MULTILINE)
SPLIT = "%Y-%m-%dT%H:%M:%S.%fZ"


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a home in shadow at percent 10."""
    folder = tmp_path_factory.mktemp("template")
    founded(folder)
    (folder / "allowlist.json").write_text(json.dumps(ALLOWLIST))
    for change in (("--feature", "on"), ("--allowlist", "allowlist.json"), ("--percent", "10"),
                   ("--kill", "off")):  # fmt: skip
        number = str(answer(folder, "propose", *change, *SAID, *ALICE)["request"])
        answer(folder, "apply", number, *ALICE)
    return folder


@pytest.fixture
def place(template: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return shutil.copytree(template, tmp_path / "place")


def bucket(job_id: str) -> int:
    """CONTRACTS section 6, anew."""
    units = (unit for (unit,) in struct.iter_unpack("<H", job_id.encode("utf-16-le")))
    return reduce(lambda h, unit: (31 * h + unit) % 2**32, units, 0) % 100


def captured() -> dict[str, bool]:
    """The captured jobs, and whether each reached its bucket: read from the unsplit stderr."""
    jobs: dict[str, bool] = {}
    text = (DATA / "executor-a.stderr.log").read_text(encoding="utf-8")
    for start in re.finditer(r'\{"version":"v1","executorVersion"', text):
        line, _ = json.JSONDecoder().raw_decode(text, start.start())
        reached = line["path"] == "openai" or line["errorCode"] == "ROLLOUT_EXCLUDED"
        jobs[line["jobId"]] = jobs.get(line["jobId"], False) or reached
    return jobs


def ingested(place: Path) -> float:
    """Bring the capture into the spool, moved to end an hour ago, and load it; the hours it covers."""
    text = (DATA / "executor-a.cri.log").read_text(encoding="utf-8")
    times = [datetime.strptime(found, SPLIT).replace(tzinfo=UTC) for found in TIME.findall(text)]
    moved = datetime.now(UTC) - timedelta(hours=1) - max(times)

    def later(found: re.Match[str]) -> str:
        return (datetime.strptime(found[0], SPLIT).replace(tzinfo=UTC) + moved).strftime(SPLIT)

    spool = place / ".slotgate" / "spool"
    (spool / "executor-a.log").write_text(TIME.sub(later, text), encoding="utf-8")
    assert answer(place, "ingest", "load", str(spool))["balanced"] is True
    records = [when for when, line in zip(times, text.splitlines(), strict=True) if '"jobId"' in line]
    return (max(records) - min(records)) / timedelta(hours=1)


def test_ten_to_fifty_is_exact_among_those_that_reached_the_bucket(place: Path) -> None:
    hours = ingested(place)
    jobs = captured()
    found = answer(place, "preview", "--percent", "50")
    newly = {job for job, reached in jobs.items() if 10 <= bucket(job) < 50}
    assert found["seen"] == len(jobs)
    assert set(found["admitted"]) == {job for job in newly if jobs[job]}
    assert found["admitted"]
    assert found["expelled"] == []
    assert found["perhapsAdmitted"] == sum(not jobs[job] for job in newly)
    assert found["perhapsExpelled"] == 0
    assert found["unseen"] is None
    assert found["hours"] == pytest.approx(hours, rel=0.01)
    assert found["admittedPerHour"] == pytest.approx(len(newly) / found["hours"])
    words = run(place, "preview", "--percent", "50")[0]
    assert f"newly admits {len(found['admitted'])} and expels 0 of {len(jobs)} jobs seen" in words
    assert "newly admitted per hour: " in words


def test_ten_to_one_expels(place: Path) -> None:
    ingested(place)
    found = answer(place, "preview", "--percent", "1")
    expelled = {job for job, reached in captured().items() if reached and 1 <= bucket(job) < 10}
    assert (set(found["expelled"]), found["admitted"]) == (expelled, [])


def unseen(place: Path, why: str) -> None:
    found = answer(place, "preview", "--percent", "50")
    assert why in found["unseen"]
    assert found["unseen"] in found["sentence"]
    counts = (
        "seen",
        "hours",
        "admitted",
        "expelled",
        "perhapsAdmitted",
        "perhapsExpelled",
        "admittedPerHour",
    )
    assert {name: found[name] for name in counts} == dict.fromkeys(counts)
    assert found["exact"] is False
    assert found["deltas"]
    assert why in run(place, "preview", "--percent", "50")[0]


def test_without_telemetry(place: Path) -> None:
    unseen(place, "no telemetry was ingested yet")


def test_locked_by_another_process(place: Path) -> None:
    with TelemetryStore.open(place / ".slotgate" / "telemetry.duckdb"):
        unseen(place, "is in use by another process")


@pytest.mark.parametrize("data", [b"", b"no telemetry store", b"\0" * 20_000], ids=["empty", "text", "zeros"])
def test_damaged(place: Path, data: bytes) -> None:
    (place / ".slotgate" / "telemetry.duckdb").write_bytes(data)
    unseen(place, "telemetry store")


def test_of_another_making(place: Path) -> None:
    with duckdb.connect(place / ".slotgate" / "telemetry.duckdb") as connection:
        connection.execute("CREATE TABLE migration (version INTEGER)")
        connection.execute("INSERT INTO migration VALUES (99)")
    unseen(place, "update slotgate")


def test_a_folder_in_its_place(place: Path) -> None:
    (place / ".slotgate" / "telemetry.duckdb").mkdir()
    unseen(place, "telemetry store")


def test_telemetry_without_a_job_is_seen_to_have_none(place: Path) -> None:
    TelemetryStore.open(place / ".slotgate" / "telemetry.duckdb").close()
    found: dict[str, Any] = answer(place, "preview", "--percent", "50")
    assert (found["seen"], found["unseen"], found["admittedPerHour"]) == (0, None, None)
    assert "cannot be said" in found["sentence"]


def test_duckdb_is_imported_by_looking_alone() -> None:
    words = "import sys, dashboard.cli.preview, dashboard.cli.propose, dashboard.cli.apply\n"
    words += "sys.exit(str({'duckdb', 'ingest', 'ingest.store'} & {*sys.modules} or ''))"
    done = subprocess.run([sys.executable, "-c", words], capture_output=True, text=True, check=False)
    assert done.stderr.strip() == ""
