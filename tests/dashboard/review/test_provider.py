"""Evidence for the change service: judged, kept canonically, and none where nothing can be read."""

import json
import subprocess
import sys
from dataclasses import replace

import pytest

from dashboard.review.document import document_of, review_of
from dashboard.review.provider import TelemetryEvidence
from dashboard.telemetry.memory import HeldTelemetry
from gates.policy.evidence import Verification
from gates.verdict.evidence import Severity
from gates.verdict.judge import judge
from gates.verdict.words import VerdictWord
from ingest.errors import StoreError
from tests.gates.verdict.builders import NOW, evidence, finding, kill, question, reference, units


def test_what_telemetry_shows_is_judged_and_kept() -> None:
    held = HeldTelemetry(evidence(units(100)))
    kept = TelemetryEvidence(held).evidence(question())
    assert held.asked == [question()]
    assert (kept.verdict, kept.verification) == (VerdictWord.EXPAND, Verification.PASSED)
    assert (kept.revision, kept.digest, kept.frozen_at_ns) == (7, "sha256:0", NOW)
    whole = json.loads(kept.document)
    assert (whole["verdict"]["word"], whole["evidence"]["units"]["jobs"]) == ("EXPAND", 100)
    assert whole["question"]["now_ns"] == str(NOW)


def test_only_serious_findings_that_are_not_excused_are_named() -> None:
    found = (
        finding("KILL_BREACH", Severity.CRITICAL),
        finding("KILL_NOT_SEEN", Severity.HIGH, 0, excused=3),
        finding("CONTRACT", Severity.HIGH),
        finding("STALE_KILL", Severity.MEDIUM),
    )
    kept = TelemetryEvidence(HeldTelemetry(evidence(units(100), findings=found))).evidence(question())
    assert kept.findings == {"KILL_BREACH", "CONTRACT"}
    assert kept.verdict is VerdictWord.ROLL_BACK


def test_telemetry_that_cannot_be_read_is_no_evidence() -> None:
    provider = TelemetryEvidence(HeldTelemetry())
    kept = provider.evidence(question())
    assert (kept.verdict, kept.verification) == (VerdictWord.NOT_ENOUGH_DATA, Verification.NOT_ENOUGH)
    assert "could not be read, so any failure rate is possible: the telemetry store" in kept.bound
    assert (kept.document, kept.findings) == ("", frozenset())
    with pytest.raises(StoreError):
        provider.reviewed(question())


def test_under_the_kill_it_is_killed_also_where_nobody_can_look() -> None:
    kept = TelemetryEvidence(HeldTelemetry()).evidence(question(killed=True))
    assert (kept.verdict, kept.verification) == (VerdictWord.KILLED, Verification.NOT_ENOUGH)
    assert kept.bound.startswith("the telemetry could not be read, so nothing confirms the kill: ")


def test_a_kept_review_reads_back_as_the_same_values() -> None:
    asked = question(reference=reference(), latched="5 of 15 failed")
    found = evidence(units(100, 3), units(20, executor_version="openai.v2"), kill=kill())
    verdict = judge(asked, found)
    text = document_of(asked, found, verdict)
    assert review_of(text) == (asked, found, verdict)
    assert document_of(*review_of(text)) == text
    assert list(json.loads(text)) == ["evidence", "question", "verdict"]
    with pytest.raises(ValueError, match="no review"):
        review_of("{}")


def test_the_bytes_follow_from_the_values_alone() -> None:
    first, second = question(), question(bad_outputs=())
    found = evidence(units(10))
    assert document_of(first, found, judge(first, found)) == document_of(second, found, judge(second, found))
    other = replace(found, digest="sha256:1")
    assert document_of(first, other, judge(first, other)) != document_of(first, found, judge(first, found))


def test_a_host_without_duckdb_says_so() -> None:
    code = """
import sys
for name in ("duckdb", "scipy", "pandas", "pyarrow"):
    sys.modules[name] = None
from pathlib import Path
from dashboard.cli.guarded import service_of
from dashboard.review.of_home import HomeEvidence
from gates.home import Home
from tests.gates.verdict.builders import question
said = HomeEvidence(Home(Path("nowhere"))).evidence(question())
print(said.verdict, said.verification, said.bound)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("NOT_ENOUGH_DATA NOT_ENOUGH this host has no ")
    assert "review where telemetry is ingested, or install slotgate[dashboard]" in done.stdout


@pytest.mark.parametrize("command", ["kill", "run"])
def test_kill_and_run_import_none_of_it(command: str) -> None:
    code = f"import sys, dashboard.cli.{command}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert not loaded & {"dashboard.review", "dashboard.telemetry", "duckdb", "scipy", "pydantic"}
