"""The Python provider under a real OpenFeature client: the decision of each conformance case, never open."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openfeature import api
from openfeature.client import OpenFeatureClient
from openfeature.evaluation_context import EvaluationContext
from openfeature.exception import ErrorCode
from openfeature.flag_evaluation import Reason

from gates.controls.environment import EnvironmentNarrowing
from gates.controls.reader import ControlFile
from gates.flag import KEY, Resolution, resolve
from gates.openfeature.provider import SlotgateProvider
from tests.conformance import cases
from tests.gates.decision.builders import controls
from tests.gates.flag.contexts import context, context_of

CASES = [
    case
    for case in cases.load()
    if case.expected["gate"] != "job_spec" and case.controls.keys() & {"document", "text", "missing"}
    # SDKs take an empty targeting key for none.
    if context_of(json.loads(case.line))["targetingKey"]
]
NAMED = ("gate", "ruleId", "bucket", "percent", "revision", "errorCode")


def evaluation_context(said: dict[str, Any]) -> EvaluationContext:
    return EvaluationContext(said["targetingKey"], {k: v for k, v in said.items() if k != "targetingKey"})


JOB = evaluation_context(context())


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "control.json"


@pytest.fixture
def client(file: Path) -> Iterator[OpenFeatureClient]:
    file.write_text(json.dumps(controls()))
    api.set_provider(SlotgateProvider.of_file(file))
    yield api.get_client()
    api.clear_providers()


@pytest.mark.parametrize("case", CASES, ids=[case.label for case in CASES])
def test_conformance(case: cases.Case, tmp_path: Path) -> None:
    """The same controls, the same job: the same path, gate, rule, bucket, percent and revision."""
    setting = cases.set_up(case.controls, tmp_path)
    assert setting.control_file is not None
    provider = SlotgateProvider.of_file(setting.control_file, setting.environ)
    said = context_of(json.loads(case.line))
    details = provider.resolve_boolean_details(KEY, True, evaluation_context(said))
    expected = case.expected
    assert details.variant == expected["path"]
    assert details.value is (expected["path"] == "openai")
    assert {name: details.flag_metadata.get(name) for name in expected if name in NAMED} == {
        name: value for name, value in expected.items() if name in NAMED
    }
    same = resolve(ControlFile(setting.control_file, EnvironmentNarrowing(setting.environ)).current(), said)
    assert isinstance(same, Resolution)
    assert (details.reason, details.flag_metadata) == (same.reason, same.metadata)


def test_a_kill_reaches_the_next_evaluation(client: OpenFeatureClient, file: Path) -> None:
    assert client.get_boolean_value(KEY, False, JOB)
    file.write_text(json.dumps(controls(kill=True)))
    details = client.get_boolean_details(KEY, True, JOB)
    assert (details.value, details.reason, details.variant) == (False, Reason.DISABLED, "stub")
    assert details.error_code is None
    file.unlink()
    details = client.get_boolean_details(KEY, True, JOB)
    assert (details.value, details.reason) == (False, Reason.UNKNOWN)
    assert "missing" in str(details.flag_metadata["why"])


@pytest.mark.parametrize("text", ["", "{", "[]", '{"version": "controls.v1"}', "\x00" * 10])
def test_controls_that_cannot_be_read(client: OpenFeatureClient, file: Path, text: str) -> None:
    file.write_text(text)
    details = client.get_boolean_details(KEY, True, JOB)
    assert (details.value, details.reason, details.error_code) == (False, Reason.UNKNOWN, None)


@pytest.mark.parametrize(
    "said",
    [None, EvaluationContext(), EvaluationContext(""), EvaluationContext(None, {"subject": "Biology"})],
)
def test_no_job_is_false_whatever_the_default(
    client: OpenFeatureClient, said: EvaluationContext | None
) -> None:
    details = client.get_boolean_details(KEY, True, said)
    assert (details.value, details.reason, details.variant) == (False, Reason.ERROR, "stub")
    assert "TARGETING_KEY_MISSING" in str(details.error_message)


def test_the_targeting_key_wins_over_an_attribute(client: OpenFeatureClient) -> None:
    said = EvaluationContext("J1", {**context(), "targetingKey": "another"})
    assert client.get_boolean_details(KEY, False, said).flag_metadata["bucket"] == 43


def test_other_flags_are_not_found_and_other_types_do_not_fit(client: OpenFeatureClient) -> None:
    assert client.get_boolean_details("other", True, JOB).error_code is ErrorCode.FLAG_NOT_FOUND
    asks: tuple[tuple[Callable[..., Any], Any], ...] = (
        (client.get_string_details, "a"),
        (client.get_integer_details, 1),
        (client.get_float_details, 1.5),
        (client.get_object_details, {"a": 1}),
    )
    for ask, default in asks:
        for key, code in ((KEY, ErrorCode.TYPE_MISMATCH), ("other", ErrorCode.FLAG_NOT_FOUND)):
            details = ask(key, default, JOB)
            assert (details.value, details.error_code) == (default, code)


def test_the_environment_only_narrows(file: Path) -> None:
    file.write_text(json.dumps(controls()))
    for environ, value in (
        ({}, True),
        ({"SLOTGEN_AI_KILL": "true"}, False),
        ({"SLOTGEN_AI_KILL": "1"}, False),
    ):
        provider = SlotgateProvider.of_file(file, environ)
        assert provider.resolve_boolean_details(KEY, True, JOB).value is value


def test_of_a_home(tmp_path: Path) -> None:
    provider = SlotgateProvider.of_home(tmp_path)
    assert provider.resolve_boolean_details(KEY, True, JOB).reason == Reason.UNKNOWN
    (tmp_path / "controls").mkdir()
    (tmp_path / "controls" / "control.json").write_text(json.dumps(controls()))
    assert provider.resolve_boolean_details(KEY, False, JOB).value
    assert provider.get_metadata().name == "slotgate"


def test_a_relative_path_survives_a_change_of_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("control.json").write_text(json.dumps(controls()))
    provider = SlotgateProvider.of_file(Path("control.json"))
    monkeypatch.chdir("/")
    assert provider.resolve_boolean_details(KEY, False, JOB).value


ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.datetimes(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner, max_size=2),
    max_leaves=5,
)


SAID = st.fixed_dictionaries({}, optional={name: st.just(value) | ODD for name, value in context().items()})


@given(key=st.just("J1") | st.none() | st.text(), attributes=SAID)
def test_whatever_is_said_nothing_raises_and_nothing_opens_that_is_not_known(
    tmp_path_factory: pytest.TempPathFactory, key: str | None, attributes: dict[str, Any]
) -> None:
    file = tmp_path_factory.getbasetemp() / "open.json"
    if not file.exists():
        file.write_text(json.dumps(controls()))
    details = SlotgateProvider.of_file(file).resolve_boolean_details(
        KEY, True, EvaluationContext(key, attributes)
    )
    assert details.error_code is None
    if details.value:
        assert details.flag_metadata.get("notKnown") in (None, "slotId")
        assert attributes["allowAI"] is True
    else:
        assert details.variant == "stub"


def test_careless_contexts(client: OpenFeatureClient, file: Path) -> None:
    provider = SlotgateProvider.of_file(file)
    nothing: Any = None
    assert provider.resolve_boolean_details(KEY, True, EvaluationContext("J1", nothing)).value is False
    number: Any = 7
    assert provider.resolve_boolean_details(KEY, True, EvaluationContext(number)).value is False
    assert client.get_boolean_value(KEY, True, EvaluationContext("J1", {"allowAI": "true"})) is False
