"""Check a document against its exported JSON Schema, without the cost of building pydantic models.

For programs that start once per job. The schemas are written from the models by `schemas.export`,
and a test holds that both accept the same documents.
"""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from schemas import strict_json
from schemas.errors import InvalidDocument

if TYPE_CHECKING:
    from jsonschema_rs import Draft202012Validator

FOLDER = Path(__file__).parent / "json"


@cache
def _validator(name: str) -> "Draft202012Validator":
    from jsonschema_rs import Draft202012Validator

    return Draft202012Validator((FOLDER / f"{name}.schema.json").read_text(encoding="utf-8"))


def problems(name: str, document: object) -> list[str]:
    """Every way in which `document` breaks the contract `name`, as `path: what is wrong`; empty if none."""
    try:
        found = sorted(
            _validator(name).iter_errors(document), key=lambda error: list(map(str, error.instance_path))
        )
    except (ValueError, OverflowError, RecursionError) as error:
        return [f"the document cannot be checked: {error}"]
    return [
        f"`{'.'.join(map(str, error.instance_path)) or 'document'}`: {_in_words(error.message)}"
        for error in found
    ]


def parse(name: str, data: bytes | str) -> Any:
    """Read `data` as strict JSON and check it against the contract `name`.

    Raises `InvalidJson` or `InvalidDocument`; the latter lists at most five problems.
    """
    document = strict_json.loads(data)
    found = problems(name, document)
    if found:
        rest = f" (and {len(found) - 5} more)" if len(found) > 5 else ""
        raise InvalidDocument(f"not a {name} document: {'; '.join(found[:5])}{rest}")
    return document


def _in_words(message: str) -> str:
    return message if len(message) <= 200 else message[:197] + "..."
