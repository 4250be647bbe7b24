"""A served home as a process keeps its budget: lines in the spool, a stop on record, commands around it."""

import json
import time
from pathlib import Path

import pytest

from gates.controls.reader import ControlFile
from gates.home import Home
from ingest.instants import rfc3339
from tests.dashboard.auth.town import now, town
from tests.dashboard.cli.homes import ALICE, SAID, answer, live
from tests.dashboard.server.processes import started
from tests.dashboard.views.pages import set_up
from tests.dashboard.views.test_spending import kept
from tests.gates.spending.documents import budget_document, prices_document
from tests.ingest.telemetry import line, line_v2
from tests.warm.commands import run


def spent(home: Home, name: str, *records: bytes) -> None:
    """As a shipper leaves it in the spool: lines of now."""
    now = rfc3339(time.time_ns())
    path = home.spool / name
    path.write_bytes(b"".join(f"{now} stderr F ".encode() + record + b"\n" for record in records))


@pytest.mark.timeout(300)
def test_a_budget_that_is_used_up_stops_the_home(tmp_path: Path) -> None:
    live(tmp_path)
    for name, document in (
        ("prices", prices_document()),
        ("budget", budget_document(callsPerDay=1000, moneyPerDay=1.0, currency="USD")),
    ):
        (tmp_path / f"{name}.json").write_text(json.dumps(document))
        assert answer(tmp_path, name, "set", f"{name}.json", *SAID, *ALICE)["outcome"] == "ALLOWED"
    home = Home(tmp_path / ".slotgate")
    source = ControlFile(home.control_file)
    dear = {"inputTokens": 100_000, "outputTokens": 100_000, "totalTokens": 200_000}  # 1 USD
    with started(tmp_path, "serve") as served:
        served.wait_until_ready()
        assert source.current().killed is None
        spent(home, "a.log", line_v2(jobId="cheap"), line(jobId="stub"), line_v2(jobId="dear", usage=dear))
        deadline = time.monotonic() + 60
        while source.current().killed is None and time.monotonic() < deadline:
            time.sleep(0.1)
        assert source.current().killed is not None
        shown = answer(tmp_path, "budget", "show")
        report = answer(tmp_path, "report")
        told = answer(tmp_path, "unkill", *SAID, *ALICE)
        _, _, log = served.stop()
    newest = answer(tmp_path, "controls", "history")["revisions"][-1]
    assert (newest["by"], newest["kind"]) == ("system|budget", "kill")
    assert "the budget of money is used up: 1.0016 of 1 USD today (100 %)" in log
    assert {one["limit"]: one["used"] for one in shown["today"]} == {"calls": 2.0, "money": 1.001592}
    assert report["totals"]["cost"] == {"amount": 1.001592, "currency": "USD", "unknown": []}
    assert report["prices"]["label"] == "estimate, by the price table of 2026-11-01"
    assert "the guard stops again until the limit is raised or the day (UTC) is over" in told["done"]
    words = run(tmp_path, "report").stdout.decode()
    assert "cost 1.001592 USD" in words
    assert "costs: estimate, by the price table of 2026-11-01, in USD" in words


@pytest.mark.timeout(300)
def test_damaged_telemetry_stops_where_the_budget_says_so(tmp_path: Path) -> None:
    here = town(tmp_path, clock=now())
    set_up(here, budget=kept(budget_document(callsPerDay=10, unknown="kill")))
    here.access.close()
    here.home.telemetry.write_bytes(b"nothing like a database" * 400)
    source = ControlFile(here.home.control_file)
    assert source.current().killed is None
    with started(tmp_path, "serve", "--home", str(here.home.root)) as served:
        deadline = time.monotonic() + 60
        while source.current().killed is None and time.monotonic() < deadline:
            assert served.process.poll() is None
            time.sleep(0.1)
        code, _, log = served.stop()
    assert source.current().killed is not None
    assert code == 0
    assert "the budget cannot be kept: what is used today cannot be counted" in log
