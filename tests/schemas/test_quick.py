"""The quick look never accepts what the JSON Schema engine refuses."""

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema_rs import Draft202012Validator

from schemas.export import DOCUMENTS, json_schema
from schemas.quick import surely_valid
from tests.gates.executor.builders import allowlist, controls, spec

SCHEMAS = {name: json_schema(name) for name in DOCUMENTS}
VALIDATORS = {name: Draft202012Validator(json.dumps(schema)) for name, schema in SCHEMAS.items()}
SAMPLES: dict[str, dict[str, Any]] = {
    "slot-generation.v1": spec(),
    "allowlist.v1": allowlist(),
    "controls.v1": controls(validUntil="2026-11-21T00:00:00.5+01:00"),
    "executor-config.v1": {
        "version": "executor-config.v1",
        "temperature": 0.2,
        "attempts": 2,
        "api": "responses",
    },
}

VALUES = (
    st.none()
    | st.booleans()
    | st.integers(-2, 101)
    | st.floats(-2, 101)
    | st.sampled_from(
        ["", "v1", "controls.v1", "text", "2026-11-21T00:00:00Z\n", "2026-11-21T00:00:00Z", "statutory"]
    )
    | st.lists(st.sampled_from(["", "a"]), max_size=2)
    | st.dictionaries(st.sampled_from(["", "a", "version"]), st.integers(), max_size=2)
)


def places(node: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a document, by keys and positions."""
    inner = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [path, *(place for key, value in inner for place in places(value, (*path, key)))]


def changed(document: Any, path: tuple[Any, ...], value: Any, how: str) -> Any:
    root = {"": copy.deepcopy(document)}
    node: Any = root
    *way, last = ("", *path)
    for key in way:
        node = node[key]
    if how == "drop" and path:
        del node[last]
    elif how == "add" and isinstance(node[last], dict):
        node[last]["unknown"] = value
    else:
        node[last] = value
    return root[""]


@pytest.mark.parametrize("name", SAMPLES)
def test_the_usual_documents_are_surely_valid(name: str) -> None:
    assert surely_valid(SCHEMAS[name], SAMPLES[name], SCHEMAS[name])


@given(data=st.data(), name=st.sampled_from(sorted(SAMPLES)), how=st.sampled_from(["set", "drop", "add"]))
def test_what_is_surely_valid_is_valid(data: st.DataObject, name: str, how: str) -> None:
    sample = SAMPLES[name]
    document = changed(sample, data.draw(st.sampled_from(places(sample))), data.draw(VALUES), how)
    if surely_valid(SCHEMAS[name], document, SCHEMAS[name]):
        assert VALIDATORS[name].is_valid(document), document


@pytest.mark.parametrize(
    "schema",
    [
        {"unheardOf": 1},
        {"type": ["string", "null"]},
        {"$ref": "#/$defs/None"},
        {"additionalProperties": {}},
        {"enum": [1]},
    ],
)
def test_what_is_not_understood_is_not_sure(schema: dict[str, Any]) -> None:
    assert not surely_valid(schema, {"a": 1} if "additionalProperties" in schema else 1, schema)
