"""The field's four variables, in both modes: one row a value."""

import json
from pathlib import Path

import pytest

from gates.controls.environment import EnvironmentControls, EnvironmentNarrowing
from gates.controls.reader import ControlFile
from gates.decision import Admitted, Denied, Gate
from tests.gates.controls.files import answer, assert_admits, encoded, put
from tests.gates.decision.builders import allowlist, rule

FEATURE, KILL = "FEATURE_SLOTGEN_AI", "SLOTGEN_AI_KILL"
PERCENT, ALLOWLIST = "SLOTGEN_AI_ROLLOUT_PERCENT", "SLOTGEN_ALLOWLIST_PATH"

NOT_TRUE = ["", "TRUE", "True", " true", "true ", "true\n", "1", "yes", "on", "false", "ｔｒｕｅ"]
NOT_PERCENT = [
    "", " ", "250", "101", "-5", "-0", "+5", "5.5", "5.0", "1e2", "٣", "５", "0x10", "050", "00", "007",
    " 50", "50 ", "50\n", "5_0", "50%", "NaN", "true", "null", "9" * 5000,
]  # fmt: skip


@pytest.fixture
def permitting(tmp_path: Path) -> Path:
    path = tmp_path / "allowlist.json"
    put(path, json.dumps(allowlist(rule("env"))).encode())
    return path


@pytest.fixture
def variables(permitting: Path) -> dict[str, str]:
    return {FEATURE: "true", PERCENT: "100", ALLOWLIST: str(permitting)}


def gate_of(source: EnvironmentControls | ControlFile) -> Gate | None:
    decision = answer(source)
    return decision.gate if isinstance(decision, Denied) else None


class TestEnvironmentMode:
    def test_open(self, variables: dict[str, str]) -> None:
        decision = answer(EnvironmentControls(variables))
        assert isinstance(decision, Admitted)
        assert (decision.origin, decision.revision, decision.percent) == ("environment", None, 100)
        assert decision.rule_id == "env"

    def test_nothing_set(self) -> None:
        decision = answer(EnvironmentControls({}))
        assert isinstance(decision, Denied)
        assert (decision.gate, decision.error_code) == (Gate.FEATURE_FLAG, None)

    @pytest.mark.parametrize("value", NOT_TRUE)
    def test_only_true_turns_the_feature_on(self, variables: dict[str, str], value: str) -> None:
        assert gate_of(EnvironmentControls(variables | {FEATURE: value})) is Gate.FEATURE_FLAG

    def test_only_true_kills(self, variables: dict[str, str]) -> None:
        assert gate_of(EnvironmentControls(variables | {KILL: "true"})) is Gate.KILL_SWITCH
        assert gate_of(EnvironmentControls({KILL: "true"})) is Gate.KILL_SWITCH
        for value in NOT_TRUE:
            assert gate_of(EnvironmentControls(variables | {KILL: value})) is None

    @pytest.mark.parametrize("value", NOT_PERCENT)
    def test_what_is_no_percent_is_nobody(self, variables: dict[str, str], value: str) -> None:
        decision = answer(EnvironmentControls(variables | {PERCENT: value}))
        assert isinstance(decision, Denied)
        assert (decision.gate, decision.percent) == (Gate.ROLLOUT, 0)

    def test_an_unset_percent_is_nobody(self, variables: dict[str, str]) -> None:
        del variables[PERCENT]
        assert gate_of(EnvironmentControls(variables)) is Gate.ROLLOUT

    def test_every_percent(self, variables: dict[str, str]) -> None:
        for value in range(101):
            gate = gate_of(EnvironmentControls(variables | {PERCENT: str(value)}))
            assert gate is (None if value > 43 else Gate.ROLLOUT), value  # J1 has bucket 43

    @pytest.mark.parametrize("content", [None, b"", b"{", b"[]", b"null", b'{"version":"allowlist.v1"}'])
    def test_an_allowlist_that_cannot_be_used_permits_nothing(
        self, variables: dict[str, str], permitting: Path, content: bytes | None
    ) -> None:
        source = EnvironmentControls(variables)
        assert gate_of(source) is None
        if content is None:
            permitting.unlink()
        else:
            put(permitting, content)
        decision = answer(source)
        assert isinstance(decision, Denied)
        assert (decision.gate, decision.error_code) == (Gate.ALLOWLIST, "NOT_ALLOWLISTED")
        assert str(permitting) in decision.reason
        put(permitting, json.dumps(allowlist(rule("again"))).encode())
        assert answer(source).rule_id == "again"

    @pytest.mark.parametrize("value", ["", ".", "/", "/dev/zero", "nowhere"])
    def test_an_allowlist_path_that_is_none(self, variables: dict[str, str], value: str) -> None:
        assert gate_of(EnvironmentControls(variables | {ALLOWLIST: value})) is Gate.ALLOWLIST

    def test_without_an_allowlist_path(self, variables: dict[str, str]) -> None:
        del variables[ALLOWLIST]
        assert gate_of(EnvironmentControls(variables)) is Gate.ALLOWLIST

    def test_a_disabled_allowlist(self, variables: dict[str, str], permitting: Path) -> None:
        put(permitting, json.dumps(allowlist(rule(), enabled=False)).encode())
        assert gate_of(EnvironmentControls(variables)) is Gate.ALLOWLIST


class TestFileMode:
    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        path = tmp_path / "control.json"
        put(path, encoded(percent=80))
        return path

    def source(self, path: Path, **variables: str) -> ControlFile:
        return ControlFile(path, EnvironmentNarrowing(variables))

    def test_an_unset_variable_has_no_opinion(self, path: Path) -> None:
        decision = answer(self.source(path))
        assert isinstance(decision, Admitted)
        assert (decision.origin, decision.percent, decision.revision) == ("file", 80, 7)

    def test_true_has_no_opinion_either(self, path: Path) -> None:
        assert_admits(self.source(path, FEATURE_SLOTGEN_AI="true", SLOTGEN_AI_KILL="false"))

    @pytest.mark.parametrize("value", NOT_TRUE)
    def test_a_feature_that_is_not_true_is_off(self, path: Path, value: str) -> None:
        assert gate_of(self.source(path, FEATURE_SLOTGEN_AI=value)) is Gate.FEATURE_FLAG

    @pytest.mark.parametrize(
        "value", ["true", "TRUE", "1", "0", "no", "False", "FALSE", " false", " ", "x" * 5000]
    )
    def test_every_kill_value_but_empty_and_false_kills(self, path: Path, value: str) -> None:
        assert gate_of(self.source(path, SLOTGEN_AI_KILL=value)) is Gate.KILL_SWITCH
        assert len(answer(self.source(path, SLOTGEN_AI_KILL=value)).reason) < 100  # type: ignore[union-attr]

    @pytest.mark.parametrize("value", ["", "false"])
    def test_no_kill(self, path: Path, value: str) -> None:
        assert_admits(self.source(path, SLOTGEN_AI_KILL=value))

    @pytest.mark.parametrize(
        ("value", "percent"), [("0", 0), ("10", 10), ("80", 80), ("81", 80), ("100", 80)]
    )
    def test_the_percent_is_the_minimum(self, path: Path, value: str, percent: int) -> None:
        assert answer(self.source(path, SLOTGEN_AI_ROLLOUT_PERCENT=value)).percent == percent

    @pytest.mark.parametrize("value", NOT_PERCENT)
    def test_what_is_no_percent_is_nobody(self, path: Path, value: str) -> None:
        assert gate_of(self.source(path, SLOTGEN_AI_ROLLOUT_PERCENT=value)) is Gate.ROLLOUT

    def test_zero_means_nobody_whatever_the_file_says(self, path: Path) -> None:
        put(path, encoded(percent=0, rolloutZero="everyone"))
        assert_admits(self.source(path))
        assert gate_of(self.source(path, SLOTGEN_AI_ROLLOUT_PERCENT="0")) is Gate.ROLLOUT
        assert gate_of(self.source(path, SLOTGEN_AI_ROLLOUT_PERCENT="43")) is Gate.ROLLOUT
        assert_admits(self.source(path, SLOTGEN_AI_ROLLOUT_PERCENT="44"))

    def test_both_allowlists_must_permit(self, path: Path, permitting: Path) -> None:
        source = self.source(path, SLOTGEN_ALLOWLIST_PATH=str(permitting))
        assert answer(source).rule_id == "r1"
        put(permitting, json.dumps(allowlist(rule("env", kinds=["statutory"]))).encode())
        assert gate_of(source) is Gate.ALLOWLIST
        permitting.unlink()
        assert gate_of(source) is Gate.ALLOWLIST
        put(permitting, json.dumps(allowlist(rule("env"))).encode())
        assert_admits(source)
        put(path, encoded(allowlist=allowlist()))
        assert gate_of(source) is Gate.ALLOWLIST

    def test_an_empty_allowlist_path_permits_nothing(self, path: Path) -> None:
        assert gate_of(self.source(path, SLOTGEN_ALLOWLIST_PATH="")) is Gate.ALLOWLIST

    def test_the_environment_never_widens(self, path: Path, permitting: Path) -> None:
        put(path, encoded(kill=True, feature=False, percent=0))
        everything = {FEATURE: "true", KILL: "false", PERCENT: "100", ALLOWLIST: str(permitting)}
        assert gate_of(self.source(path, **everything)) is Gate.KILL_SWITCH
        path.unlink()
        assert gate_of(self.source(path, **everything)) is Gate.CONTROLS

    def test_a_change_of_the_file_is_narrowed_too(self, path: Path) -> None:
        source = self.source(path, SLOTGEN_AI_ROLLOUT_PERCENT="60")
        assert answer(source).percent == 60
        put(path, encoded(percent=50))
        assert answer(source).percent == 50
        put(path, encoded(percent=90))
        assert answer(source).percent == 60
