"""`slotgate gate-audit` as a process: counts, lines in words, exit codes."""

import json
from pathlib import Path

from tests.dashboard.cli.test_ingest import CAPTURE, HISTORY, document, slotgate

RECORD = '{"version":"v1","executorVersion":"openai.v1","jobId":"%s","path":"%s","status":"%s","latencyMs":7}'
BREACH = "2026-11-21T02:23:02Z stderr F " + RECORD % ("job-0\\u001b[2J", "openai", "COMPLETED") + "\n"


def test_the_captured_executor_breaches_nothing(tmp_path: Path) -> None:
    assert slotgate("ingest", "load", CAPTURE, "--controls", HISTORY, cwd=tmp_path).returncode == 0
    found = document(slotgate("gate-audit", "--json", cwd=tmp_path))
    assert (found["judged"], found["unaudited"], found["clock_skew_s"]) == (266, 0, 1.0)
    assert [(one["code"], one["severity"]) for one in found["findings"]] == [("REASON_MISMATCH", "low")]
    assert found["violations"]["critical"] == found["violations"]["high"] == 0
    assert "lines" not in found
    report = document(slotgate("report", "--json", cwd=tmp_path))
    assert report["gate_audit"]["violations"] == found["violations"]


def test_a_breach_ends_with_1_and_is_shown_in_words_that_move_no_cursor(tmp_path: Path) -> None:
    log = tmp_path / "executor.log"
    log.write_text(BREACH)
    assert slotgate("ingest", "load", log, "--controls", HISTORY, cwd=tmp_path).returncode == 0
    done = slotgate("gate-audit", "--lines", cwd=tmp_path)
    assert done.returncode == 1
    said = done.stdout.decode()
    assert "KILL_BREACH" in said
    assert "openai at 2026-11-21T02:23:02Z under revision 2: the kill was on since 02:22:58" in said
    assert "\x1b" not in said
    assert slotgate("gate-audit", "--code", "BUCKET_BREACH", cwd=tmp_path).returncode == 0
    assert slotgate("gate-audit", "--revision", "2", cwd=tmp_path).returncode == 1
    only = slotgate("gate-audit", "--step", "baseline", "--lines", "--limit", "5", "--json", cwd=tmp_path)
    (line,) = json.loads(only.stdout)["lines"]
    assert (line["code"], line["offset"], line["trust"]) == ("KILL_BREACH", 0, "imported")


def test_without_lines_there_is_no_answer(tmp_path: Path) -> None:
    done = slotgate("gate-audit", cwd=tmp_path)
    assert done.returncode == 12
    assert b"nothing was judged: no answer" in done.stdout
    assert slotgate("gate-audit", "--code", "NONSENSE", cwd=tmp_path).returncode == 2
