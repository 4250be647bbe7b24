"""The JSON Schemas in the tree are the models', neither more nor less."""

import json
from typing import Any

import pytest

from schemas import check
from schemas.export import DOCUMENTS, text

# What each keyword of JSON Schema must be, so that no model feature is lost on the way: a keyword
# that checkers do not know (pydantic can write `ge`) would silently check nothing.
KEYWORDS = {
    "$schema", "$ref", "$defs", "title", "description", "default", "type", "const", "enum", "anyOf",
    "properties", "required", "additionalProperties",
    "items", "minItems", "minLength", "pattern", "minimum", "maximum",
    "exclusiveMinimum",
}  # fmt: skip


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_file_is_what_the_model_says(name: str) -> None:
    path = check.FOLDER / f"{name}.schema.json"
    assert path.read_text(encoding="utf-8") == text(name), "run `make schemas`"


def test_there_is_no_other_file() -> None:
    assert {path.name for path in check.FOLDER.iterdir()} == {f"{name}.schema.json" for name in DOCUMENTS}


def schemas_in(node: Any) -> list[dict[str, Any]]:
    """Every schema object below `node`, `node` included."""
    if isinstance(node, list):
        return [schema for item in node for schema in schemas_in(item)]
    if not isinstance(node, dict):
        return []
    found = [node]
    for key, value in node.items():
        if key in ("properties", "$defs"):
            found += [schema for inner in value.values() for schema in schemas_in(inner)]
        elif key in ("items", "anyOf"):
            found += schemas_in(value)
    return found


@pytest.mark.parametrize("name", DOCUMENTS)
def test_only_keywords_that_checkers_know(name: str) -> None:
    for schema in schemas_in(json.loads(text(name))):
        assert schema.keys() <= KEYWORDS


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_object_with_named_keys_refuses_others(name: str) -> None:
    for schema in schemas_in(json.loads(text(name))):
        if "properties" in schema:
            assert schema["additionalProperties"] is False
            assert schema["type"] == "object"


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_key_has_a_type(name: str) -> None:
    for schema in schemas_in(json.loads(text(name))):
        for key, value in schema.get("properties", {}).items():
            assert value.keys() & {"type", "$ref", "anyOf"}, key
