"""The captured executor under its own history: what is known of it, and what a breach would look like."""

import json
from collections import Counter
from pathlib import Path

import pytest

from gates.decision import bucket
from gates.verdict.evidence import Severity
from gates.verdict.gate_audit import GateCode
from ingest.gate_audit import Filter, findings, lines_of
from ingest.history.controls import read_history
from ingest.loading.load import load
from tests.ingest.store_from_template import open_store
from tests.ingest.stored import DATA

HISTORY = DATA / "executor-a.controls.jsonl"
LOG = DATA / "executor-a.cri.log"


def test_no_exposure_breach_and_one_known_mismatch(tmp_path: Path) -> None:
    with open_store(tmp_path / "telemetry.duckdb") as store:
        load(store, [LOG], read_history(HISTORY))
        with store.cursor() as cursor:
            answer = findings(cursor, Filter())
            lines = lines_of(cursor, Filter(code=GateCode.REASON_MISMATCH), 100)
            assert findings(cursor, Filter(history="home")).found == ()
    assert (answer.judged, answer.not_judged, answer.unaudited) == (266, (), 0)
    assert [(one.code, one.severity, one.lines, one.excused) for one in answer.found] == [
        (GateCode.REASON_MISMATCH, Severity.LOW, len(lines), 0)
    ]
    assert {one.revision for one in lines} <= {1, 9}  # the feature was off
    assert {(one.path, one.error_code) for one in lines} == {("stub", "NOT_ALLOWLISTED")}
    assert lines[0].words == (
        "stub NOT_ALLOWLISTED at 2026-11-21T02:22:58Z under revision 1: the feature was off since 02:22:53"
    )


def test_the_other_revisions_without_a_time_are_not_judged(tmp_path: Path) -> None:
    with open_store(tmp_path / "telemetry.duckdb") as store:
        load(store, [DATA / "executor-a.stderr.log"], read_history(HISTORY))
        with store.cursor() as cursor:
            answer = findings(cursor, Filter())
    assert (answer.judged, answer.not_judged, answer.found) == (0, (("no time", 266),), ())


# Where the same openai line of a job with bucket >= 1 would have had to be something else.
MOVED = {
    "02:23:02.000000Z": (GateCode.KILL_BREACH, Severity.CRITICAL, "the kill was on since 02:22:58"),
    "02:22:56.000000Z": (
        GateCode.FEATURE_OFF_BREACH,
        Severity.CRITICAL,
        "the feature was off since 02:22:53",
    ),
    "02:23:16.000000Z": (
        GateCode.ALLOWLIST_BREACH,
        Severity.CRITICAL,
        "the allowlist was off since 02:23:12",
    ),
    "02:23:40.000000Z": (GateCode.BUCKET_BREACH, Severity.CRITICAL, "is outside 1 %"),
}


@pytest.mark.parametrize(("moment", "said"), MOVED.items(), ids=[code.value for code, *_ in MOVED.values()])
def test_a_line_moved_to_where_it_cannot_be(
    tmp_path: Path, moment: str, said: tuple[GateCode, Severity, str]
) -> None:
    moved = tmp_path / "moved.log"
    record = {
        "version": "v1",
        "executorVersion": "openai.v1",
        "jobId": "job-0",
        "path": "openai",
        "status": "COMPLETED",
        "latencyMs": 200,
        "errorCode": None,
    }
    assert bucket("job-0") >= 1
    tampered = f"2026-11-21T{moment} stderr F {json.dumps(record)}\n"
    moved.write_text(LOG.read_text(encoding="utf-8") + tampered, encoding="utf-8")
    code, severity, why = said
    with open_store(tmp_path / "telemetry.duckdb") as store:
        load(store, [moved], read_history(HISTORY))
        with store.cursor() as cursor:
            answer = findings(cursor, Filter())
            (line,) = lines_of(cursor, Filter(code=code), 100)
    assert Counter({one.code: one.lines for one in answer.found})[code] == 1
    assert answer.violations(severity) == 1
    assert line.job_id == "job-0"
    assert line.words.endswith(why)


def test_a_captured_openai_line_moved_into_the_kill_window(tmp_path: Path) -> None:
    text = LOG.read_text(encoding="utf-8")
    original = next(line for line in text.splitlines() if " stderr F {" in line and '"path":"openai"' in line)
    tampered = "2026-11-21T02:23:02.500000Z " + original.split(" ", 1)[1]
    moved = tmp_path / "tampered.log"
    moved.write_text(text.replace(original, tampered, 1), encoding="utf-8")
    with open_store(tmp_path / "telemetry.duckdb") as store:
        load(store, [moved], read_history(HISTORY))
        with store.cursor() as cursor:
            answer = findings(cursor, Filter())
    assert [one.code for one in answer.found] == [GateCode.KILL_BREACH, GateCode.REASON_MISMATCH]
    assert (answer.judged, answer.violations(Severity.CRITICAL)) == (266, 1)
