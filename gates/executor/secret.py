"""The API key, wrapped so that no repr, log or traceback can show it."""

from dataclasses import dataclass, field

from gates.executor.model import Failed
from schemas.codes import ErrorCode

MASK = "[api key]"
_SHORTEST_SECRET = 12


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key that can stand in an HTTP header."""

    value: str = field(repr=False)

    def masked(self, text: str) -> str:
        """`text` without the key."""
        return text.replace(self.value, MASK)

    def stands_in(self, text: str) -> bool:
        """Whether `text` gives the key away.

        Keys shorter than 12 characters are the placeholders of local stub servers ("test-key"): such
        a word in a lesson is no leak.
        """
        return len(self.value) >= _SHORTEST_SECRET and self.value in text


def usable_key(text: str | None) -> ApiKey | Failed:
    """The key, or MISSING_API_KEY: the SDK fails in four different ways on keys that cannot be sent."""
    if text is None:
        return _missing("OPENAI_API_KEY is not set")
    if not text.strip():
        return _missing("OPENAI_API_KEY is blank")
    if not text.isascii() or not text.isprintable() or text != text.strip():
        return _missing("OPENAI_API_KEY holds blanks at its ends, control or non-ASCII characters")
    return ApiKey(text)


def _missing(reason: str) -> Failed:
    return Failed(error_code=ErrorCode.MISSING_API_KEY, reason=reason)
