"""Read JSON so that no two readers can understand it differently.

Refused beyond RFC 8259's grammar: duplicate keys, NaN and the infinities (also by overflow, as in
1e999 or 400 digits), lone surrogates, a byte order mark, invalid UTF-8, and nesting too deep for the parser.
"""

import json
from math import isfinite
from typing import Any

from schemas.errors import InvalidJson

_DOUBLE_DIGITS = 308  # every integer this long is a finite double


def loads(data: bytes | str) -> Any:
    """The value of one JSON text.

    Raises `InvalidJson` with the reason in words.
    """
    try:
        text = data if isinstance(data, str) else data.decode("utf-8")
        value = _DECODER.decode(text)
        if _may_hold_surrogates(text):
            json.dumps(value, ensure_ascii=False).encode("utf-8")
    except InvalidJson:
        raise
    except UnicodeDecodeError as error:
        raise InvalidJson(f"not valid UTF-8 at byte {error.start}") from None
    except UnicodeEncodeError:
        raise InvalidJson("a string holds half of a surrogate pair") from None
    except RecursionError:
        raise InvalidJson("nested too deeply") from None
    except json.JSONDecodeError as error:
        raise InvalidJson(f"not JSON at character {error.pos}: {error.msg.lower()}") from None
    except ValueError as error:  # an integer with more digits than Python converts
        raise InvalidJson(f"a number is out of range: {error}") from None
    return value


def _may_hold_surrogates(text: str) -> bool:
    return "\\ud" in text or "\\uD" in text or not text.isascii()


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise InvalidJson(f"key `{key}` stands twice")
            seen.add(key)
    return value


def _int(literal: str) -> int:
    if len(literal) > _DOUBLE_DIGITS:
        _float(literal)
    return int(literal)


def _float(literal: str) -> float:
    value = float(literal)
    if not isfinite(value):
        raise InvalidJson(f"number `{literal[:40]}` is out of range")
    return value


def _constant(literal: str) -> Any:
    raise InvalidJson(f"`{literal}` is not a JSON number")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=_int, parse_float=_float, parse_constant=_constant
)
