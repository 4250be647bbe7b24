"""docs/metrics.md knows every metric and alert; an alert is fired by what it is for, not by what is near."""

import json
import re
import subprocess
from pathlib import Path
from sys import executable

from tests.dashboard.api.metrics.test_metrics import Scraped, add_receiver

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")
RULES = ROOT / "docs" / "prometheus-alerts.yml"
PROMTOOL = Path(executable).with_name("promtool")
ALERTS = re.findall(r"- alert: (\w+)", RULES.read_text(encoding="utf-8"))
_ROW = re.compile(r"^\| `(slotgate_\w+)` \| (\w+)[^|]*\|([^|]*)\|", re.MULTILINE)
ROWS = {name: (type_, labels) for name, type_, labels in _ROW.findall(PAGE)}

JOBS = 'slotgate_jobs_total{path="openai",status="%s"}'
BUCKET = 'slotgate_job_latency_seconds_bucket{path="openai",status="COMPLETED",le="%s"}'
COUNT = 'slotgate_job_latency_seconds_count{path="openai",status="COMPLETED"}'
LIVE = 'slotgate_controls_state{state="live"}'
AFTER_A_DAY = ("SlotgateNotEnforcing",)
# Each alert: series that fire it within half an hour, minute by minute, and series near by that do not.
FIRES: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "SlotgateDown": ({'up{job="slotgate"}': "0x40"}, {'up{job="other"}': "0x40"}),
    "SlotgateControlsUnreadable": (
        {"slotgate_controls_readable": "0x40"},
        {"slotgate_controls_readable": "1x40"},
    ),
    "SlotgateKillBreached": (
        {'slotgate_kill_confirmation{state="BREACHED"}': "1x40"},
        {'slotgate_kill_confirmation{state="CONFIRMED"}': "1x40"},
    ),
    "SlotgateKillUnconfirmed": (
        {'slotgate_kill_confirmation{state="UNCONFIRMED"}': "1x40"},
        {'slotgate_kill_confirmation{state="UNCONFIRMED"}': "0x25 1x4 0x9"},
    ),
    "SlotgateGateBreach": (
        {'slotgate_gate_audit_findings{severity="critical"}': "3x20 4x20"},
        {'slotgate_gate_audit_findings{severity="critical"}': "3x40"},
    ),
    "SlotgateRollBack": (
        {'slotgate_verdict{verdict="ROLL_BACK"}': "1x40"},
        {'slotgate_verdict{verdict="ROLL_BACK"}': "0x40"},
    ),
    "SlotgateHold": (
        {'slotgate_verdict{verdict="HOLD"}': "1x40"},
        {'slotgate_verdict{verdict="EXPAND"}': "1x40"},
    ),
    "SlotgateModelFails": (
        {JOBS % "FAILED": "0+1x40", JOBS % "COMPLETED": "0+9x40"},
        {JOBS % "FAILED": "0+1x40", JOBS % "COMPLETED": "0+99x40"},
    ),
    "SlotgateModelSlow": (
        {BUCKET % "10.0": "0+8x40", BUCKET % "60.0": "0+10x40", BUCKET % "+Inf": "0+10x40", COUNT: "0+10x40"},
        {
            BUCKET % "10.0": "0+10x40",
            BUCKET % "60.0": "0+10x40",
            BUCKET % "+Inf": "0+10x40",
            COUNT: "0+10x40",
        },
    ),
    "SlotgateSilent": (
        {"slotgate_last_line_timestamp_seconds": "-4000x40", LIVE: "1x40"},
        {"slotgate_last_line_timestamp_seconds": "-4000x40", LIVE: "0x40"},
    ),
    "SlotgateTelemetryOld": (
        {"slotgate_telemetry_age_seconds": "1000x40"},
        {"slotgate_telemetry_up": "1x40"},
    ),
    "SlotgateIngestBehind": (
        {"slotgate_ingest_behind_bytes": "20000000x40"},
        {"slotgate_ingest_behind_bytes": "0x40"},
    ),
    "SlotgateQuarantine": (
        {'slotgate_ingest_records_total{outcome="quarantined"}': "5x20 6x20"},
        {'slotgate_ingest_records_total{outcome="quarantined"}': "5x40"},
    ),
    "SlotgateVerdictOld": ({"slotgate_verdict_up": "0x40"}, {"slotgate_verdict_age_seconds": "5x40"}),
    "SlotgateBudgetNear": (
        {'slotgate_budget_used_ratio{limit="calls"}': "0.8x40"},
        {'slotgate_budget_used_ratio{limit="calls"}': "0.7x40"},
    ),
    "SlotgateBudgetDown": ({"slotgate_budget_up": "0x40"}, {"slotgate_budget_up": "1x40"}),
    "SlotgateNotificationsFail": (
        {'slotgate_notifications_failed_total{receiver="chat"}': "0x5 1x40"},
        {'slotgate_notifications_waiting{receiver="chat"}': "0x20 3x5 0x15"},
    ),
    "SlotgateBreakGlass": (
        {"slotgate_controls_break_glass_until_timestamp_seconds": "3600x40"},
        {"slotgate_controls_break_glass_until_timestamp_seconds": "60x40"},
    ),
    "SlotgateOverdue": (
        {'slotgate_owed_overdue{kind="reason"}': "1x40"},
        {'slotgate_owed{kind="reason"}': "1x40"},
    ),
    "SlotgateNotEnforcing": (
        {'slotgate_enforcement_mode{mode="enforce"}': "0x100", LIVE: "1x100"},
        {'slotgate_enforcement_mode{mode="enforce"}': "1x100", LIVE: "1x100"},
    ),
    "SlotgateRecordDown": ({"slotgate_record_up": "0x40"}, {"slotgate_record_up": "1x40"}),
}


def promtool(*words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([PROMTOOL, *words], capture_output=True, text=True, check=False)


def test_prometheus_takes_the_rules() -> None:
    done = promtool("check", "rules", RULES)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(ALERTS)} rules found" in done.stdout


def test_every_metric_is_in_the_page_with_its_type_and_labels(tmp_path: Path) -> None:
    here = Scraped(tmp_path)
    add_receiver(here.town.home.root)
    text = here.text()
    types = dict(re.findall(r"^# TYPE (slotgate_\w+) (\w+)$", text, re.MULTILINE))
    absent = {name for name in ROWS if "valid_until" in name or "break_glass" in name}
    assert set(types) == set(ROWS) - absent | {"slotgate_build_info"}
    for name, type_ in types.items():
        if name in ROWS:
            assert ROWS[name][0] == type_, name
            series = [line for line in text.splitlines() if re.match(rf"{name}(_bucket)?[{{ ]", line)]
            [of_series] = {frozenset(re.findall(r'(\w+)="', line)) - {"le"} for line in series}
            # After a colon stand the values of a label.
            assert set(re.findall(r"`([a-z_]+)`", ROWS[name][1].partition(":")[0])) == of_series, name


def test_every_alert_is_in_the_page_and_asks_for_metrics_that_are_there() -> None:
    assert set(ALERTS) == set(re.findall(r"`(Slotgate\w+)`", PAGE)) == set(FIRES)
    asked = set(re.findall(r"\bslotgate_\w+", RULES.read_text(encoding="utf-8")))
    there = set(ROWS) | {f"{name}_{part}" for name in ROWS for part in ("bucket", "count", "sum")}
    assert asked <= there


def written(alert: str, to: Path) -> Path:
    """A file for `promtool test rules`: the alert over what fires it, and over what does not."""
    minutes, at = (15, 1_500) if alert in AFTER_A_DAY else (1, 30)
    tests = [
        {
            "interval": f"{minutes}m",
            "input_series": [{"series": name, "values": values} for name, values in series.items()],
            "promql_expr_test": [
                {
                    "expr": f'count(ALERTS{{alertname="{alert}",alertstate="firing"}}) or vector(0)',
                    "eval_time": f"{at}m",
                    "exp_samples": [{"labels": "{}", "value": int(fires)}],
                }
            ],
        }
        for series, fires in zip(FIRES[alert], (True, False), strict=True)
    ]
    document = {"rule_files": [str(RULES)], "evaluation_interval": f"{minutes}m", "tests": tests}
    file = to / f"{alert}.yml"
    file.write_text(json.dumps(document))
    return file


def test_alerts_fire_for_what_they_are_for(tmp_path: Path) -> None:
    done = promtool("test", "rules", *(written(alert, tmp_path) for alert in ALERTS))
    assert done.returncode == 0, done.stdout + done.stderr
