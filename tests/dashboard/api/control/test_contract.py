"""Every call of the OpenAPI document, tried with what its schemas allow and do not allow, by schemathesis."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import checks
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode
from starlette.testclient import TestClient

from dashboard.api.control.application import CALLS
from dashboard.api.control.document import OPEN, WHERE
from dashboard.api.control.entrance import Changing, TakingAway
from tests.dashboard.api.control.place import Place, placed
from tests.dashboard.auth.town import ORIGIN

HELD = [
    checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
    checks.missing_required_header,
    checks.negative_data_rejection,
]
Case = schemathesis.Case[Any]
Schema = schemathesis.BaseSchema
HOST = ORIGIN.partition("//")[2]
CHANGING = {
    f"{method} {route.path}"
    for route in CALLS
    if isinstance(route, Changing | TakingAway)
    for method in route.methods or ()
}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with placed(tmp_path_factory.mktemp("contract")) as found:
        yield found


@pytest.fixture(scope="module")
def schema(house: Place) -> Schema:
    return schemathesis.openapi.from_asgi(f"{WHERE}/openapi.json", house.app, headers={"Host": HOST})


def each(
    schema: Schema,
    examples: int,
    held: Callable[[Case], None],
    mode: GenerationMode = GenerationMode.POSITIVE,
) -> int:
    """`held` for `examples` cases of every operation; how many operations there are. Raises all failures.

    Cases fit their schema, or in `mode` NEGATIVE break it somewhere.
    """
    bounded = settings(
        max_examples=examples,
        database=None,
        derandomize=True,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    failures, count = {}, 0
    for result in schema.get_all_operations():
        assert isinstance(result, Ok), result
        operation, count = result.ok(), count + 1
        try:
            bounded(given(case=operation.as_strategy(generation_mode=mode))(held))()
        except Exception as error:  # noqa: BLE001  all of them are told at once
            failures[operation.label] = str(error)
    assert not failures, "\n\n".join(f"{label}: {words}" for label, words in failures.items())
    return count


def test_every_call_answers_as_the_document_says(house: Place, schema: Schema) -> None:
    """Nobody gets 401, whoever may look changes nothing, and the answers to Alice are those described."""
    seen: set[int] = set()

    def refused(case: Case) -> None:
        if case.operation.path not in OPEN:
            nobody = {"Host": HOST, "Origin": ORIGIN, "X-Slotgate-Request": "1"}
            assert case.call(headers=nobody).status_code == 401
        if case.operation.label in CHANGING:
            before = house.people.home.control_file.read_bytes()
            looking_on = case.call(headers={**house.token("bob"), "Host": HOST})
            assert looking_on.status_code >= 400, looking_on.content
            assert house.people.home.control_file.read_bytes() == before

    def answered(case: Case) -> None:
        response = case.call(headers={**house.token("alice"), "Host": HOST})
        seen.add(response.status_code)
        case.validate_response(response, checks=HELD)
        assert "access-control-allow-origin" not in response.headers
        assert response.headers["cache-control"] == ["no-store"]

    def tried(case: Case) -> None:
        refused(case)
        answered(case)

    assert each(schema, 1, tried) > 65
    each(schema, 1, answered, GenerationMode.NEGATIVE)
    assert {200, 403, 404, 422} <= seen, seen


def test_a_broken_answer_would_be_seen(house: Place, schema: Schema) -> None:
    """The checks above look at the schemas that the document names."""
    case = schema["/owed"]["GET"].Case()
    response = case.call(headers={**house.token("alice"), "Host": HOST})
    response.content = b'{"owed": [{"id": "one"}]}'
    with pytest.raises(FailureGroup):
        case.validate_response(response, checks=HELD)


def test_the_document_names_the_calls_that_stand_before_it(house: Place) -> None:
    said = TestClient(house.app, ORIGIN).get(f"{WHERE}/openapi.json").json()
    assert {"/kill", "/kill/reason", "/state", "/sign-in", "/sign-out"} <= set(said["paths"])
    assert said["servers"] == [{"url": WHERE}]
    keyed = [
        (path, method)
        for path, operations in said["paths"].items()
        for method, operation in operations.items()
        for one in operation["parameters"]
        if one["name"] == "Idempotency-Key"
    ]
    assert ("/kill", "post") not in keyed
    assert ("/requests", "post") in keyed
