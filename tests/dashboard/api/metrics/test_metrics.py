"""`/metrics`: who may scrape, what it says, whether Prometheus understands it; the controls always come."""

import json
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from sys import executable
from typing import Self

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as of_openmetrics
from prometheus_client.parser import text_string_to_metric_families
from starlette.applications import Starlette
from starlette.testclient import TestClient

from dashboard.api.metrics.measured import Figures, Judged, Measured, Measuring, Spent, nothing_served
from dashboard.api.routes import api_routes
from dashboard.auth.access import open_access
from dashboard.auth.config import SignIn
from dashboard.auth.door import Door
from dashboard.notify.backlog import Backlog, Waiting
from dashboard.notify.backlog_file import FOLDER, BacklogFile
from dashboard.notify.receivers import NAME
from gates.controls.publish import Publisher
from gates.home import Home
from gates.kill import stop
from gates.spending.budget import Limit, Standing
from gates.store.rows import OwedKind, TokenScope
from gates.store.store import Store
from gates.verdict.evidence import Severity
from gates.verdict.judge import judge
from ingest.report.totals import BOUNDS_S, Latencies, Outcome, Totals
from schemas.stages import Step
from tests.dashboard.auth.town import ALICE, ORIGIN, SECOND, START, Town, town
from tests.dashboard.rungs import Rung, controls
from tests.gates.verdict import builders

PROMTOOL = Path(executable).with_name("promtool")
TOTALS = Totals(
    lines={
        Outcome("canary-5", "stub", "STUB", "ROLLOUT_EXCLUDED"): 40,
        Outcome("canary-5", "openai", "COMPLETED", None): 9,
        Outcome("canary-5", "openai", "FAILED", "other"): 1,
        Outcome(None, "stub", "STUB", None): 2,
    },
    latencies={
        ("canary-5", "openai", "COMPLETED"): Latencies((0, 0, 4, *[0] * (len(BOUNDS_S) - 3), 5), 700.5)
    },
    accepted=52,
    duplicate=3,
    quarantined=4,
    noise_lines=5,
    findings={**dict.fromkeys(Severity, 0), Severity.HIGH: 6},
    last_line_ns=START,
)
CALLS = Standing(limit=Limit.CALLS, used=Decimal(90), most=Decimal(100), unit="calls", unknown=None)
MONEY = Standing(limit=Limit.MONEY, used=Decimal(0), most=Decimal(0), unit="GBP", unknown="no price table")
MEASURED = Measured(
    figures=Figures(totals=TOTALS, behind_bytes=11, age_s=12.0, took_s=0.25),
    judged=Judged(verdict=judge(builders.question(), builders.evidence()), age_s=3.0),
    spent=Spent(standings=(CALLS, MONEY), looked=True),
    counted=True,
    loaded=True,
    looked=True,
    loaded_age_s=1.5,
)
Samples = dict[str, float]


class Scraped:
    """A home, what is known of its telemetry, and a program that may read."""

    def __init__(self, folder: Path) -> None:
        self.town: Town = town(folder)
        self.read = self.town.token(TokenScope.READ)
        self.telling(lambda: MEASURED)

    def telling(self, measuring: Measuring) -> Self:
        """The same home, where that is known of the telemetry."""
        routes = api_routes(self.town.access, ORIGIN, measuring=measuring)
        self.client = TestClient(Starlette(routes=routes), ORIGIN)
        return self

    def text(self, **headers: str) -> str:
        answer = self.client.get("/metrics", headers={"Authorization": f"Bearer {self.read}"} | headers)
        assert answer.status_code == 200, answer.text
        return answer.text

    def samples(self) -> Samples:
        return dict(samples(self.text()))


def add_receiver(root: Path) -> None:
    """A receiver that was told two events and failed with a third; a fourth waits."""
    document = {
        "version": "notify.v1",
        "receivers": [{"kind": "slack", "name": "chat", "url": "https://chat.example/hook"}],
    }
    (root / NAME).write_text(json.dumps(document))
    (root / NAME).chmod(0o600)
    waiting = (Waiting(seq=9, urgent=True, incidents=()),)
    backlog = Backlog(after=0, cursor=9, waiting=waiting, delivered=2, failures=1)
    BacklogFile(root / FOLDER, "chat").write(backlog)


def samples(text: str) -> Iterator[tuple[str, float]]:
    """Each series as it is written, without quotes, and its value."""
    for family in text_string_to_metric_families(text):
        for one in family.samples:
            labels = ",".join(f"{name}={value}" for name, value in sorted(one.labels.items()))
            yield one.name + (f"{{{labels}}}" if labels else ""), one.value


def ours(found: Samples) -> set[str]:
    return {name.partition("{")[0] for name in found if name.startswith("slotgate_")}


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Scraped:
    return Scraped(tmp_path_factory.mktemp("scraped"))


@pytest.fixture
def scraped(standing: Scraped) -> Scraped:
    """The same home for every test that does not change it."""
    return standing.telling(lambda: MEASURED)


def test_the_controls(scraped: Scraped) -> None:
    found = scraped.samples()
    assert found["slotgate_controls_readable"] == 1
    assert found["slotgate_controls_killed"] == 0
    assert found["slotgate_controls_feature_enabled"] == 1
    assert found["slotgate_controls_rollout_ratio"] == 0.05
    assert found["slotgate_controls_revision"] == 2
    assert found["slotgate_controls_effective_timestamp_seconds"] == START / SECOND
    assert found["slotgate_controls_info{environment=demo,stage=1,step=canary-5}"] == 1
    assert found["slotgate_controls_state{state=live}"] == 1
    assert sum(value for name, value in found.items() if name.startswith("slotgate_controls_state")) == 1
    assert "slotgate_controls_valid_until_timestamp_seconds" not in found


def test_the_record(scraped: Scraped) -> None:
    found = scraped.samples()
    assert found["slotgate_record_up"] == 1
    assert found["slotgate_enforcement_mode{mode=shadow}"] == 1
    assert found["slotgate_enforcement_mode{mode=enforce}"] == 0
    assert found["slotgate_requests_open{state=in_review}"] == 0
    assert found["slotgate_owed{kind=reason}"] == 0


def test_the_telemetry(scraped: Scraped) -> None:
    found = scraped.samples()
    assert found["slotgate_telemetry_up"] == 1
    assert found["slotgate_telemetry_age_seconds"] == 12
    assert found["slotgate_spool_pass_age_seconds"] == 1.5
    job = "slotgate_jobs_total{error_code=%s,path=%s,status=%s,step=%s}"
    assert found[job % ("ROLLOUT_EXCLUDED", "stub", "STUB", "canary-5")] == 40
    assert found[job % ("", "openai", "COMPLETED", "canary-5")] == 9
    assert found[job % ("other", "openai", "FAILED", "canary-5")] == 1
    assert (
        found[job % ("OPENAI_HTTP_ERROR", "openai", "FAILED", "canary-5")] == 0
    )  # so that the first is seen
    assert found[job % ("", "stub", "STUB", "none")] == 2
    latency = "slotgate_job_latency_seconds"
    of = "path=openai,status=COMPLETED,step=canary-5"
    assert found[f"{latency}_bucket{{le=0.01,{of}}}"] == 0
    assert found[f"{latency}_bucket{{le=0.025,{of}}}"] == 4
    assert found[f"{latency}_bucket{{le=120.0,{of}}}"] == 4
    assert found[f"{latency}_bucket{{le=+Inf,{of}}}"] == 9 == found[f"{latency}_count{{{of}}}"]
    assert found[f"{latency}_sum{{{of}}}"] == 700.5
    assert found["slotgate_ingest_records_total{outcome=quarantined}"] == 4
    assert found["slotgate_ingest_noise_lines_total"] == 5
    assert found["slotgate_ingest_behind_bytes"] == 11
    assert found["slotgate_last_line_timestamp_seconds"] == START / SECOND
    assert found["slotgate_gate_audit_findings{severity=high}"] == 6
    assert found["slotgate_gate_audit_findings{severity=critical}"] == 0


def test_the_verdict(scraped: Scraped) -> None:
    found = scraped.samples()
    assert found["slotgate_verdict_up"] == 1
    assert found["slotgate_verdict_age_seconds"] == 3
    words = {name: value for name, value in found.items() if name.startswith("slotgate_verdict{")}
    assert len(words) == 5
    assert sum(words.values()) == 1
    assert sum(value for name, value in found.items() if name.startswith("slotgate_kill_confirmation")) == 0


@pytest.mark.parametrize(
    "measuring", [lambda: MEASURED, nothing_served], ids=["served", "telemetry is broken"]
)
def test_promtool_finds_nothing_to_complain_of(scraped: Scraped, measuring: Measuring) -> None:
    text = scraped.telling(measuring).text()
    done = subprocess.run(
        [PROMTOOL, "check", "metrics"], input=text, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_openmetrics_where_it_is_accepted(scraped: Scraped) -> None:
    accepted = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5"
    text = scraped.text(Accept=accepted)
    assert text.endswith("# EOF\n")
    families = {family.name: family for family in of_openmetrics(text)}  # type: ignore[no-untyped-call]  # as it is
    assert families["slotgate_jobs"].type == "counter"
    assert families["slotgate_controls"].type == "info"
    assert families["slotgate_job_latency_seconds"].unit == "seconds"


@pytest.mark.parametrize(
    "accepted",
    ["", "*/*", "text/plain;version=1.x", "application/openmetrics-text;version=abc", ";;,=", "x" * 9_000],
)
def test_text_where_nothing_else_is_understood(scraped: Scraped, accepted: str) -> None:
    assert "slotgate_controls_readable" in dict(samples(scraped.text(Accept=accepted)))


def test_no_label_grows_with_the_log(scraped: Scraped) -> None:
    """All steps with all that can happen on them: what docs/metrics.md says that a home has at most."""
    steps = [*(step.value for step in Step), None]
    groups = [("stub", "STUB"), ("openai", "COMPLETED"), ("openai", "FAILED")]
    one = Latencies((1,) * (len(BOUNDS_S) + 1), 1.0)
    everything = replace(
        TOTALS,
        lines={Outcome(step, "stub", "STUB", None): 1 for step in steps},
        latencies={(step, *group): one for step in steps for group in groups},
    )
    figures = Figures(totals=everything, behind_bytes=0, age_s=0, took_s=0)
    found = scraped.telling(lambda: replace(MEASURED, figures=figures)).samples()
    assert 1_000 < len(found) < 1_200


def test_with_the_telemetry_broken_the_controls_still_come(scraped: Scraped) -> None:
    found = scraped.telling(nothing_served).samples()
    assert (found["slotgate_telemetry_up"], found["slotgate_controls_readable"]) == (0, 1)
    assert not {name for name in ours(found) if "jobs" in name or "verdict" in name}


@pytest.mark.parametrize("old", [replace(MEASURED, counted=False), replace(MEASURED, loaded=False)])
def test_what_is_old_is_said_to_be(scraped: Scraped, old: Measured) -> None:
    found = scraped.telling(lambda: old).samples()
    assert found["slotgate_telemetry_up"] == 0
    assert found["slotgate_telemetry_age_seconds"] == 12


def test_before_the_first_count(scraped: Scraped) -> None:
    nothing = Measured(figures=None, judged=None, counted=False, loaded=True, looked=True, loaded_age_s=None)
    found = scraped.telling(lambda: nothing).samples()
    assert found["slotgate_telemetry_up"] == 0
    assert not {name for name in ours(found) if "jobs" in name or "age" in name}


def test_a_kill_and_controls_that_cannot_be_read(tmp_path: Path) -> None:
    here = Scraped(tmp_path)
    assert stop(here.town.home).killed
    found = here.samples()
    assert (found["slotgate_controls_killed"], found["slotgate_controls_state{state=killed}"]) == (1, 1)
    here.town.home.control_file.write_text("{")
    found = here.samples()
    assert (found["slotgate_controls_readable"], found["slotgate_controls_state{state=unknown}"]) == (0, 1)
    assert {name for name in ours(found) if "controls" in name} == {
        "slotgate_controls_readable",
        "slotgate_controls_state",
    }


def test_limits_of_time(tmp_path: Path) -> None:
    here = Scraped(tmp_path)
    clock = here.town.clock
    document = controls(Rung(Step.CANARY_1, percent=1), 3, clock()).model_dump(mode="json")
    ends = "2027-01-15T09:00:00Z"
    Publisher(here.town.home, clock).publish({**document, "breakGlassUntil": ends, "validUntil": ends})
    found = here.samples()
    assert found["slotgate_controls_break_glass_until_timestamp_seconds"] == 1_800_003_600
    assert found["slotgate_controls_valid_until_timestamp_seconds"] == 1_800_003_600
    clock.now += 3_600 * SECOND
    assert here.samples()["slotgate_controls_readable"] == 0


def test_what_is_owed_and_without_a_record(tmp_path: Path) -> None:
    here = Scraped(tmp_path)
    store = Store.open(here.town.home.store)
    with store.begin() as tx:
        for due_ns in (START - SECOND, START + SECOND):
            tx.owed.add(
                OwedKind.REASON, revision=2, operator_id=ALICE, since_ns=START - SECOND, due_ns=due_ns
            )
    store.close()
    found = here.samples()
    assert (found["slotgate_owed{kind=reason}"], found["slotgate_owed_overdue{kind=reason}"]) == (2, 1)
    browser = here.town.signed_in("bob")
    here.client.cookies = browser.cookies
    here.town.home.store.write_bytes(b"no database" * 1_000)
    answer = here.client.get("/metrics")
    assert answer.status_code == 200, answer.text
    found = dict(samples(answer.text))
    assert (found["slotgate_record_up"], found["slotgate_controls_readable"]) == (0, 1)
    assert "slotgate_enforcement_mode{mode=shadow}" not in found


def test_who_may_scrape(scraped: Scraped) -> None:
    def status(**headers: str) -> int:
        return scraped.client.get("/metrics", headers=headers).status_code

    assert status() == 401
    assert status(Authorization="Bearer slotgate_0_0") == 401
    for scope in TokenScope:
        expected = 200 if scope in (TokenScope.ALL, TokenScope.READ) else 401
        assert status(Authorization=f"Bearer {scraped.town.token(scope)}") == expected
    reading = f"Bearer {scraped.read}"
    assert status(Authorization=reading, Origin="http://evil.example") == 403
    assert status(Authorization=reading, **{"Sec-Fetch-Site": "cross-site"}) == 403
    browser = scraped.town.signed_in("bob")
    for site, expected in (("none", 200), ("same-origin", 200), ("same-site", 403), ("cross-site", 403)):
        scraped.client.cookies = browser.cookies
        assert status(**{"Sec-Fetch-Site": site}) == expected
    scraped.client.cookies.clear()


def test_a_home_without_people_is_looked_at(tmp_path: Path) -> None:
    home = Home(tmp_path)
    access = open_access(home, home.store, Door("http", 8501, loopback=True), SignIn())
    client = TestClient(Starlette(routes=api_routes(access, ORIGIN)), ORIGIN)
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert dict(samples(answer.text))["slotgate_controls_readable"] == 0
    assert "slotgate_record_up" not in answer.text
    assert client.get("/metrics", headers={"Origin": "http://evil.example"}).status_code == 403
