"""Each gate's answer, and a story in the order of time: what is not known is said as not known."""

import json

import pytest

from dashboard.data.triage.causes import IN_WORDS
from dashboard.data.triage.explained import Answered, explained
from dashboard.data.triage.jobs import JobFound, Spec, names
from dashboard.data.triage.story import story
from gates.decision import CompiledControls, compile_allowlist, unknown_controls
from gates.decision.bucket import bucket
from gates.store.review_rows import BadOutputRow
from ingest.contract.outcomes import Cause

JOB = "job-1"
OWN = bucket(JOB)
SHAPE = {
    "subject": "Biology", "level": "GCSE", "board": "AQA", "specVersion": "v1",
    "jobs": [{"slotId": "S1", "kind": "explanatory"}],
}  # fmt: skip
RULE = {
    "id": "r", "enabled": True, "kinds": ["explanatory"], "slotIds": [], "maxJobsPerRun": 1,
    "appliesTo": {"subject": ["Biology"], "level": ["GCSE"], "board": ["AQA"], "specVersion": ["v1"]},
}  # fmt: skip
OPEN = compile_allowlist(
    {"version": "allowlist.v1", "enabled": True, "mode": "deny_by_default", "rules": [RULE]}
)
SHUT = compile_allowlist(
    {"version": "allowlist.v1", "enabled": False, "mode": "deny_by_default", "rules": []}
)
KNOWN = Spec(True, 5, json.dumps(SHAPE))


def controls(percent: int = 100, killed: str | None = None, allowlist: object = OPEN) -> CompiledControls:
    return CompiledControls(
        origin="t", unknown=None, killed=killed, feature=True, percent=percent, admits_below=percent,
        allowlists=(allowlist,), revision=3,  # type: ignore[arg-type]
    )  # fmt: skip


@pytest.mark.parametrize(
    ("under", "spec", "decision", "unknown"),
    [
        (controls(), KNOWN, "openai: every gate passes", []),
        (
            controls(),
            None,
            f"not known: bucket {OWN} is inside, and opt-in and scope decide",
            ["job_opt_in", "allowlist"],
        ),
        (controls(), Spec(None, 5, None), f"not known: bucket {OWN} is inside", ["job_opt_in", "allowlist"]),
        (controls(), Spec(False, 5, json.dumps(SHAPE)), "stub", []),
        (controls(percent=0), None, "stub, by this gate or one before it", ["job_opt_in", "allowlist"]),
        (controls(killed="the kill switch is on"), None, "stub", ["job_opt_in", "allowlist"]),
        (controls(allowlist=SHUT), None, "stub, by this gate or one before it", ["job_opt_in"]),
        (unknown_controls("it is missing", "t"), KNOWN, "stub", []),
    ],
)
def test_gate_by_gate(under: CompiledControls, spec: Spec | None, decision: str, unknown: list[str]) -> None:
    said = explained("now", under, JOB, spec)
    assert said.decision.startswith(decision)
    assert [one.gate for one in said.gates if one.answer is Answered.UNKNOWN] == unknown


def test_rules_that_nobody_kept_are_not_guessed() -> None:
    said = explained("then", controls(), JOB, KNOWN, scope_known=False)
    assert [one.why for one in said.gates if one.answer is Answered.UNKNOWN] == [
        "the history does not say its rules"
    ]


@pytest.mark.parametrize(
    ("text", "is_named"),
    [
        (b'{"jobId":"job-1","x', True),
        (b'{"jobId":"job-12"}', False),
        (b'{"jobId":"my-job-1"}', False),
        (b"job job-1 died", True),
        (b"", False),
    ],
)
def test_a_job_is_named_as_a_word(text: bytes, is_named: bool) -> None:
    assert names(JOB, text) is is_named


def test_the_order_of_time() -> None:
    found = JobFound(JOB, (), 0, (), KNOWN, (), 0.1)
    report = BadOutputRow(
        report_id=1, job_id=JOB, revision=2, reason="<b>", reported_by="local|a", at_ns=9,
        withdrawn_at_ns=20, withdrawn_by="local|b", withdrawn_because="no",
    )  # fmt: skip
    audit = [
        {"seq": 4, "time": "1970-01-01T00:00:00.000000007Z", "actor": "a", "action": "look", "target": JOB}
    ]
    events = story(found, [report], audit)
    assert [(one.kind, one.at_ns) for one in events] == [
        ("spec", 5),
        ("audit", 7),
        ("bad output", 9),
        ("withdrawn", 20),
    ]


def test_every_cause_has_words() -> None:
    assert set(IN_WORDS) == set(Cause)
