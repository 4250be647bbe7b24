"""Passes of retention killed with SIGKILL at random moments: nothing needed goes, nothing counts twice."""

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ingest.loading.load import load
from ingest.retention.bound import DAY_NS, HOUR_NS
from ingest.rollups.rebuilding import rebuild_rollups
from ingest.store import TelemetryStore
from tests.ingest.gate_audit.reference import Line
from tests.ingest.gate_audit.worlds import BASE_NS, cri
from tests.ingest.rollups.content import kept, recounted

ROOT = Path(__file__).parents[2]
LINES, DAYS = 20_000, 20
PASS = f"""
import sys
from pathlib import Path
from ingest.retention.keeping import KeepNothing
from ingest.retention.run import Order, retain
from ingest.store import TelemetryStore

class Small(KeepNothing):
    rows_at_once = 200

with TelemetryStore.open(Path(sys.argv[1])) as store:
    print("open", flush=True)
    retain(store, Order(days=7, trusts_clock=True), lambda: {BASE_NS}, Small())
"""


def killed(store: Path, draw: random.Random) -> bool:
    """Begin a pass and kill it some moment after the file was opened; whether it was still at work."""
    process = subprocess.Popen(
        [sys.executable, "-c", PASS, str(store)],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"open\n"
    try:
        process.wait(draw.expovariate(5))
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
    process.communicate()
    assert process.returncode in (0, -signal.SIGKILL)
    return process.returncode != 0


@pytest.mark.parametrize("seed", range(3))
def test_many_kills(tmp_path: Path, seed: int) -> None:
    draw = random.Random(seed)
    moments = [BASE_NS - draw.randint(0, DAYS * 24) * HOUR_NS for _ in range(LINES)]
    lines = [cri(Line(at_ns, f"job-{n % 50}", "stub", "STUB", None, 7)) for n, at_ns in enumerate(moments)]
    (tmp_path / "some.log").write_text("".join(lines))
    store, kills = tmp_path / "telemetry.duckdb", 0
    with TelemetryStore.open(store) as opened, TelemetryStore.open(tmp_path / "twin.duckdb") as twin:
        for one in (opened, twin):
            load(one, [tmp_path / "some.log"], None)
        expected = recounted(twin)
    while killed(store, draw):
        kills += 1
        with TelemetryStore.open(store) as opened:
            assert kept(opened, "rollup_minute") == expected
    assert kills > 0
    with TelemetryStore.open(store) as opened:
        with opened.cursor() as cursor:
            times = sorted(row[0] for row in cursor.execute("SELECT line_time_ns FROM telemetry").fetchall())
        day = BASE_NS - 7 * DAY_NS - (BASE_NS - 7 * DAY_NS) % DAY_NS
        assert times == sorted(at_ns for at_ns in moments if at_ns >= day)
        rebuild_rollups(opened)
        assert kept(opened, "rollup_minute") == expected
        assert load(opened, [tmp_path / "some.log"], None).is_balanced
