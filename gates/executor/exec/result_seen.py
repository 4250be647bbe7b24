"""What came out on stdout, held against the result contract.

The contract is read from its exported schema and asked here for the few keywords that it has: the engine
that knows them all takes longer to load than a command may have to wait (ADR 133). A test holds that both
say the same, and that there is no other keyword.
"""

import os
import re
from typing import Any

import schemas
from schemas import strict_json
from schemas.errors import ContractError

CONTRACT = "slot-generation-result.v1"
MAX_RESULT_BYTES = 8 << 20
KEYWORDS = frozenset(("const", "enum", "pattern", "type"))
_TYPES: dict[str, type | tuple[type, ...]] = {"string": str, "object": dict, "null": type(None)}
_LONGEST_WORDS = 200


def read_schema() -> bytes:
    """The exported schema of the contract."""
    folder = os.path.join(os.path.dirname(schemas.__file__), "json")
    with open(os.path.join(folder, f"{CONTRACT}.schema.json"), "rb") as file:
        return file.read()


class StdoutCopy:
    """Collects stdout as it passes; of more than 8 MiB nothing is kept."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._size = 0

    def add(self, piece: bytes) -> None:
        """One more piece."""
        self._size += len(piece)
        if self._size > MAX_RESULT_BYTES:
            self._pieces.clear()
        else:
            self._pieces.append(piece)

    def seen(self, schema: bytes) -> dict[str, Any]:
        """`state` missing, invalid or valid, with the result's `jobId` and `status` as far as it has them."""
        if self._size > MAX_RESULT_BYTES:
            return _invalid(f"larger than {MAX_RESULT_BYTES >> 20} MiB")
        data = b"".join(self._pieces)
        if not data.strip():
            return {"state": "missing", "jobId": None, "status": None, "problem": None}
        try:
            document = strict_json.loads(data)
        except ContractError as error:
            return _invalid(str(error))
        named = document if isinstance(document, dict) else {}
        says = {"jobId": _text(named.get("jobId")), "status": _text(named.get("status"))}
        problem = problem_of(document, strict_json.loads(schema))
        return {"state": "invalid" if problem else "valid", **says, "problem": problem}


def problem_of(document: object, schema: dict[str, Any]) -> str | None:
    """The first way in which `document` breaks the contract, in words; null when it keeps it.

    Besides the schema: `output` is null for STUB and FAILED, and an object for COMPLETED.
    """
    if not isinstance(document, dict):
        return "not an object"
    unknown = [key for key in document if key not in schema["properties"]]
    if unknown:
        return f"has the unknown key `{unknown[0][:40]}`"
    for key in schema["required"]:
        if key not in document:
            return f"lacks `{key}`"
    for key, asks in schema["properties"].items():
        if not _fits(document[key], asks):
            return f"has a `{key}` that the contract does not allow"
    if (document["status"] == "COMPLETED") is not (document["output"] is not None):
        which = "without" if document["output"] is None else "with"
        return f"has status {document['status']} {which} output"
    return None


def _fits(value: object, asks: dict[str, Any]) -> bool:
    assert set(asks) <= KEYWORDS
    types = [asks["type"]] if isinstance(asks["type"], str) else asks["type"]
    return (
        any(isinstance(value, _TYPES[name]) for name in types)
        and ("const" not in asks or value == asks["const"])
        and ("enum" not in asks or value in asks["enum"])
        and ("pattern" not in asks or re.search(asks["pattern"].replace("$", r"\Z"), str(value)) is not None)
    )


def _invalid(problem: str) -> dict[str, Any]:
    return {"state": "invalid", "jobId": None, "status": None, "problem": problem[:_LONGEST_WORDS]}


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and 0 < len(value) <= _LONGEST_WORDS else None
