"""The metrics of a home that is really served, over a kill and the server's own sudden end."""

import time
from pathlib import Path

import pytest

from gates.kill import stop
from tests.dashboard.api.metrics.test_metrics import Samples, samples
from tests.dashboard.auth.town import SECOND, Town, now, town
from tests.dashboard.record import line, spool
from tests.dashboard.server.processes import PATIENCE_S, Served, serving
from tests.security.requests import asked

STUBBED = "slotgate_jobs_total{error_code=NOT_ALLOWLISTED,path=stub,status=STUB,step=canary-5}"


def scraped(people: Town, served: Served) -> Samples:
    """Once the telemetry was counted."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        token = {"Authorization": f"Bearer {people.tokens['bob']}"}
        status, _, body = asked(served, "GET", "/metrics", token)
        assert status == 200, body
        found = dict(samples(body.decode()))
        if found["slotgate_telemetry_up"] == 1 and "slotgate_verdict{verdict=NOT_ENOUGH_DATA}" in found:
            return found
        time.sleep(0.1)
    pytest.fail("it was not counted")


def test_counters_go_on_after_a_sudden_end(tmp_path: Path) -> None:
    people = town(tmp_path, clock=now())
    people.access.close()
    people.home.spool.mkdir(exist_ok=True)
    at_ns = people.clock() + SECOND
    spool(people.home, [(at_ns, line(f"job-{number}")) for number in range(40)])
    with serving(tmp_path, people.home) as served:
        found = scraped(people, served)
        assert found[STUBBED] == found["slotgate_ingest_records_total{outcome=accepted}"] == 40
        assert found["slotgate_verdict{verdict=KILLED}"] == 0
        assert stop(people.home).killed
        served.process.kill()
        served.process.wait()
    spool(people.home, [(at_ns, line("job-late"))])
    with serving(tmp_path, people.home) as served:
        found = scraped(people, served)
        assert found[STUBBED] == 41
        assert found["slotgate_controls_killed"] == 1
