"""What a call asks: the evaluation context in its body."""

from dataclasses import dataclass

from schemas.errors import InvalidJson
from schemas.strict_json import loads

MOST_BYTES = 65_536
PARSE_ERROR = "PARSE_ERROR"


@dataclass(frozen=True, slots=True)
class Unparsable:
    """The body is no evaluation request; `words` say what to send."""

    words: str


@dataclass(frozen=True, slots=True)
class Question:
    """The context as it was sent, of whatever type; an empty object where none was."""

    context: object


def question_of(media: str, body: bytes | None) -> Question | Unparsable:
    """What `body` asks, read so that no two readers can understand it differently.

    Null stands for one that is longer than `MOST_BYTES`.
    """
    if body is None:
        return Unparsable(f"the request is too large; send at most {MOST_BYTES} bytes")
    # No page of others can send this type without asking first.
    if media != "application/json":
        return Unparsable("the request is not JSON by its type; send `Content-Type: application/json`")
    try:
        found = loads(body)
    except InvalidJson as error:
        return Unparsable(f"the request cannot be read: {error}; send a JSON object with a `context`")
    if not isinstance(found, dict):
        return Unparsable("the request is no object; send a JSON object with a `context`")
    return Question(found.get("context", {}))
