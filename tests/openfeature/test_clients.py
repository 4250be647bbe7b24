"""OpenFeature's own clients for Python and Node against the served endpoint, beside the decision itself.

Each client is asked with `true` as the default of its code: what is shut stays shut nevertheless.
"""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import pytest
from openfeature import api
from openfeature.client import OpenFeatureClient
from openfeature.contrib.provider.ofrep import OFREPProvider
from openfeature.evaluation_context import EvaluationContext

from gates.controls.publish import Publisher
from gates.controls.reader import ControlFile
from gates.decision import Admitted, as_record, decide
from gates.flag import KEY, Asked, asked_by
from gates.kill import stop
from gates.store.rows import TokenScope
from schemas.stages import Step
from tests.dashboard.api.on_loopback import on_loopback
from tests.dashboard.auth.town import Town, application, town
from tests.dashboard.rungs import WIDEST, Rung, controls

NODE = Path(__file__).parent / "node"
SAID = {
    "subject": "Biology", "level": "GCSE", "board": "AQA", "specVersion": "2016",
    "kind": "explanatory", "slotId": "summary", "allowAI": True, "jobs": 1,
}  # fmt: skip
CONTEXTS: list[dict[str, Any]] = [
    *({"targetingKey": key, **SAID} for key in ("J1", "job-1", "lesson/7", "Größe", "💡", " ", "x" * 2_000)),
    {"targetingKey": "J1", **SAID, "allowAI": False},
    {"targetingKey": "J1", **SAID, "allowAI": "true"},
    {"targetingKey": "J1", **SAID, "subject": "History"},
    {"targetingKey": "J1", **SAID, "jobs": 2},
    {"targetingKey": "J1", **SAID, "jobs": [{"slotId": "summary", "kind": "explanatory"}]},
    {"targetingKey": "J1", **SAID, "jobs": [{"slotId": "S1", "kind": "statutory"}] * 3},
    {"targetingKey": "J1"},
]
RUNGS = [
    Rung(Step.EXPAND_100, percent=100),
    Rung(Step.EXPAND_50, percent=50),
    Rung(Step.STEADY, percent=100, reach=WIDEST),
    Rung(Step.BASELINE, feature=False, percent=100),
    Rung(Step.CANARY_1, percent=0),
    Rung(Step.CANARY_1, allowlist=False, percent=100),
    Rung(Step.EXPAND_100, percent=100).killed(),
]


class Asks(Protocol):
    """A client: a flag, the default of its code, a context; details under the names that Node gives them."""

    def __call__(self, flag: str, default: bool, context: dict[str, Any]) -> dict[str, Any]: ...


@dataclass(frozen=True)
class Place:
    """A home that is served, and the token of a program."""

    town: Town
    url: str
    token: str

    def publish(self, rung: Rung, revision: int) -> None:
        document = controls(rung, revision, self.town.clock()).model_dump(mode="json")
        Publisher(self.town.home, self.town.clock).publish(document)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    people = town(tmp_path)
    with on_loopback(application(people.access)) as url:
        yield Place(people, url, people.token(TokenScope.READ))


@contextmanager
def python(place: Place) -> Iterator[Asks]:
    headers = {"Authorization": f"Bearer {place.token}"}
    provider = OFREPProvider(place.url, headers_factory=lambda: headers)
    api.set_provider(provider)
    client: OpenFeatureClient = api.get_client()

    def ask(flag: str, default: bool, context: dict[str, Any]) -> dict[str, Any]:
        key = context.get("targetingKey")
        attributes = {name: value for name, value in context.items() if name != "targetingKey"}
        details = client.get_boolean_details(flag, default, EvaluationContext(key, attributes))
        return {
            "value": details.value,
            "variant": details.variant,
            "reason": details.reason,
            "errorCode": details.error_code,
            "flagMetadata": details.flag_metadata,
        }

    yield ask
    api.clear_providers()
    provider.session.close()


@contextmanager
def node(place: Place) -> Iterator[Asks]:
    process = subprocess.Popen(
        ["node", "ask.mjs", place.url, place.token],
        cwd=NODE,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    assert process.stdin is not None
    assert process.stdout is not None
    to, back = process.stdin, process.stdout

    def ask(flag: str, default: bool, context: dict[str, Any]) -> dict[str, Any]:
        to.write(json.dumps({"flag": flag, "default": default, "context": context}) + "\n")
        to.flush()
        found: dict[str, Any] = json.loads(back.readline())
        return found

    with process:
        yield ask
        to.close()
        assert process.wait(timeout=20) == 0


CLIENTS = pytest.mark.parametrize("client", [python, node])


@CLIENTS
def test_the_same_as_the_decision(place: Place, client: Any) -> None:
    seen = set()
    with client(place) as ask:
        for revision, rung in enumerate(RUNGS, 3):
            place.publish(rung, revision)
            in_force = ControlFile(place.town.home.control_file, clock=place.town.clock).current()
            for context in CONTEXTS:
                asked = asked_by(context)
                assert isinstance(asked, Asked)
                decision = decide(in_force, asked.job)
                record = as_record(decision)
                found = ask(KEY, True, context)
                assert found["value"] is isinstance(decision, Admitted), (rung, context, found)
                assert found["variant"] == record["path"]
                assert not found.get("errorCode")
                metadata = found["flagMetadata"]
                assert metadata["why"] == record["reason"]
                for name in ("gate", "ruleId", "bucket", "percent", "revision"):
                    assert metadata.get(name) == record[name]
                seen.add((found["reason"], metadata.get("gate"), found["value"]))
    assert seen == {
        ("TARGETING_MATCH", None, True),
        ("SPLIT", None, True),
        ("DISABLED", "kill_switch", False),
        ("DISABLED", "feature_flag", False),
        ("TARGETING_MATCH", "job_opt_in", False),
        ("TARGETING_MATCH", "allowlist", False),
        ("SPLIT", "rollout", False),
    }


@CLIENTS
def test_a_kill_reaches_the_next_evaluation(place: Place, client: Any) -> None:
    place.publish(RUNGS[0], 3)
    job = {"targetingKey": "J1", **SAID}
    with client(place) as ask:
        assert ask(KEY, False, job)["value"] is True
        assert stop(place.town.home).killed
        killed = ask(KEY, True, job)
        assert (killed["value"], killed["reason"], killed["variant"]) == (False, "DISABLED", "stub")
        place.town.home.control_file.unlink()
        gone = ask(KEY, True, job)
        assert (gone["value"], gone["reason"]) == (False, "UNKNOWN")


@CLIENTS
def test_what_the_protocol_calls_an_error(place: Place, client: Any) -> None:
    with client(place) as ask:
        assert ask("other", False, {"targetingKey": "J1"})["errorCode"] == "FLAG_NOT_FOUND"
        assert ask(KEY, False, {})["errorCode"] == "TARGETING_KEY_MISSING"
    with client(Place(place.town, place.url, "slotgate_0_0")) as ask:
        nobody = ask(KEY, False, {"targetingKey": "J1", **SAID})
        assert (nobody["value"], nobody["errorCode"]) == (False, "GENERAL")
