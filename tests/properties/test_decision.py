"""What must hold of every decision, against an oracle written straight from the contract."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from gates.controls.memory import HeldControls
from gates.controls.reader import ControlFile
from gates.decision import Admitted, Denied, Gate, as_record, bucket, decide, explain, job_from_spec
from schemas import check
from schemas.controls import Controls
from tests.properties.strategies import controls, damaged, json_values, rules, specs

Spec = dict[str, Any]


def naive_bucket(job_id: str) -> int:
    """The contract's own words: over the UTF-16 code units, h = 31·h + c mod 2^32."""
    h = 0
    data = job_id.encode("utf-16-be", "surrogatepass")
    for position in range(0, len(data), 2):
        h = (31 * h + data[position] * 256 + data[position + 1]) % 2**32
    return h % 100


def permits(rule: dict[str, Any], spec: Spec, job: dict[str, Any]) -> bool:
    scope = ("subject", "level", "board", "specVersion")
    return (
        rule["enabled"]
        and all(spec["appliesTo"][key] in rule["appliesTo"][key] for key in scope)
        and job["kind"] in rule["kinds"]
        and (not rule["slotIds"] or job["slotId"] in rule["slotIds"])
        and len(spec["jobs"]) <= rule["maxJobsPerRun"]
    )


def open_gates(document: dict[str, Any], spec: Spec) -> list[bool]:
    """Each of the five gates on its own, in order: does it let the job through?"""
    allowlist, percent = document["allowlist"], document["percent"]
    everyone = percent == 0 and document["rolloutZero"] == "everyone"
    run_id = spec.get("jobId", spec["jobs"][0]["jobId"])
    return [
        not document["kill"],
        document["feature"],
        spec["metadata"].get("allowAI") is True,
        allowlist["enabled"]
        and all(any(permits(rule, spec, job) for rule in allowlist["rules"]) for job in spec["jobs"]),
        everyone or naive_bucket(run_id) < percent,
    ]


ORDER = (Gate.KILL_SWITCH, Gate.FEATURE_FLAG, Gate.JOB_OPT_IN, Gate.ALLOWLIST, Gate.ROLLOUT)


def decided(document: dict[str, Any], spec: Spec) -> Admitted | Denied:
    assert not check.problems("slot-generation.v1", spec)
    return decide(HeldControls(document).current(), job_from_spec(spec))


def the_model_is_called_only_when_all_five_gates_pass(document: dict[str, Any], spec: Spec) -> None:
    gates = open_gates(document, spec)
    decision = decided(document, spec)
    if all(gates):
        assert isinstance(decision, Admitted)
    else:
        assert isinstance(decision, Denied)
        assert decision.gate is ORDER[gates.index(False)]
    assert decision.bucket == naive_bucket(decision.job_id)
    assert (decision.percent, decision.revision) == (document["percent"], document["revision"])


def explain_agrees_gate_by_gate(document: dict[str, Any], spec: Spec) -> None:
    answers = explain(HeldControls(document).current(), job_from_spec(spec))
    assert [answer.gate for answer in answers] == [Gate.CONTROLS, *ORDER]
    assert [answer.reason is None for answer in answers] == [True, *open_gates(document, spec)]


def the_kill_dominates_everything(document: dict[str, Any], spec: Spec) -> None:
    decision = decided(document | {"kill": True}, spec)
    assert isinstance(decision, Denied)
    assert (decision.gate, decision.error_code) == (Gate.KILL_SWITCH, "KILL_SWITCH")


def the_named_rule_permits_the_first_slot(document: dict[str, Any], spec: Spec) -> None:
    decision = decided(document, spec)
    if decision.rule_id is not None:
        named = [rule for rule in document["allowlist"]["rules"] if rule["id"] == decision.rule_id]
        assert any(permits(rule, spec, spec["jobs"][0]) for rule in named)
    assert (decision.rule_id is not None) == (isinstance(decision, Admitted) or decision.gate is Gate.ROLLOUT)


def raising_the_percent_never_expels_a_job(document: dict[str, Any], spec: Spec, low: int, more: int) -> None:
    high = min(low + more, 100)
    if isinstance(decided(document | {"percent": low}, spec), Admitted):
        assert isinstance(decided(document | {"percent": high}, spec), Admitted)


@given(controls, specs, st.integers(1, 100), st.integers(0, 99))
def test_what_holds_of_every_decision(document: dict[str, Any], spec: Spec, low: int, more: int) -> None:
    """Of one example each: to draw it costs ten times what is asked of it."""
    the_model_is_called_only_when_all_five_gates_pass(document, spec)
    explain_agrees_gate_by_gate(document, spec)
    the_kill_dominates_everything(document, spec)
    the_named_rule_permits_the_first_slot(document, spec)
    raising_the_percent_never_expels_a_job(document, spec, low, more)


@given(controls, specs, st.lists(rules, min_size=2, max_size=6), st.randoms(use_true_random=False))
def test_the_answer_never_depends_on_the_order_of_the_rules(
    document: dict[str, Any], spec: Spec, some: list[dict[str, Any]], random: Any
) -> None:
    shuffled = random.sample(some, len(some))
    first = document | {"allowlist": document["allowlist"] | {"rules": some}}
    second = document | {"allowlist": document["allowlist"] | {"rules": shuffled}}
    assert decided(first, spec) == decided(second, spec)


@given(st.text())
def test_the_bucket_of_any_text(job_id: str) -> None:
    assert bucket(job_id) == naive_bucket(job_id)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("controls") / "control.json"


def through_the_reader(path: Path, data: bytes, spec: Spec) -> Admitted | Denied:
    draft = path.with_suffix(".draft")
    draft.write_bytes(data)
    draft.replace(path)
    decision = decide(ControlFile(path).current(), job_from_spec(spec))
    assert as_record(decision)
    return decision


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(damaged(controls), specs)
def test_a_damaged_document_is_refused_or_obeyed_to_the_letter(path: Path, document: Any, spec: Spec) -> None:
    decision = through_the_reader(path, json.dumps(document).encode(), spec)
    try:
        valid = Controls.model_validate_json(json.dumps(document)).model_dump(mode="json")
    except ValidationError:
        assert isinstance(decision, Denied)
        assert (decision.gate, decision.revision) == (Gate.CONTROLS, None)
    else:
        assert isinstance(decision, Admitted) == all(open_gates(valid, spec))


@given(json_values, specs)
def test_any_json_denies_and_the_memory_twin_takes_it(path: Path, document: Any, spec: Spec) -> None:
    decision = through_the_reader(path, json.dumps(document).encode(), spec)
    assert isinstance(decision, Denied)
    assert decision.gate is Gate.CONTROLS
    assert HeldControls(document).current().unknown is not None


@given(st.binary(max_size=200), specs)
def test_any_bytes_deny(path: Path, data: bytes, spec: Spec) -> None:
    decision = through_the_reader(path, data, spec)
    assert isinstance(decision, Denied)
    assert (decision.gate, decision.error_code) == (Gate.CONTROLS, "KILL_SWITCH")


@given(controls, specs, st.integers(0, 10_000), st.binary(min_size=1, max_size=3))
def test_bytes_overwritten_anywhere_never_raise_and_a_file_cut_short_denies(
    path: Path, document: dict[str, Any], spec: Spec, at: int, noise: bytes
) -> None:
    data = json.dumps(document).encode()
    at %= len(data)
    through_the_reader(path, data[:at] + noise + data[at + len(noise) :], spec)
    assert isinstance(through_the_reader(path, data[:at], spec), Denied)
