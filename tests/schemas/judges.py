"""The three that must agree on a document: the model, the fast checker, and another library's checker."""

import json
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.protocols import Validator
from pydantic import ValidationError

from schemas import check, strict_json
from schemas.errors import InvalidJson
from schemas.export import DOCUMENTS as MODELS


def _independent(name: str) -> Validator:
    schema = json.loads((check.FOLDER / f"{name}.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


_VALIDATORS = {name: _independent(name) for name in MODELS}


def model_accepts(name: str, document: Any) -> bool:
    try:
        MODELS[name].model_validate_json(json.dumps(document))
    except ValidationError:
        return False
    return True


def verdicts(name: str, document: Any) -> dict[str, bool]:
    return {
        "model": model_accepts(name, document),
        "check": not check.problems(name, document),
        "jsonschema": _VALIDATORS[name].is_valid(document),
    }


def accepted(name: str, document: Any) -> bool:
    """The one verdict of all three, on what strict JSON lets through to them."""
    try:
        strict_json.loads(json.dumps(document))
    except InvalidJson:
        return False
    found = verdicts(name, document)
    assert len(set(found.values())) == 1, (found, check.problems(name, document), document)
    return found["model"]
