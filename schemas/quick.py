"""A first look at a document: surely valid, or not sure.

Loading the JSON Schema engine costs a third of a stub run. Most documents are small and right, and for
those the few keywords of our exported schemas are enough. Anything else, an unknown keyword too, is
"not sure", and then the engine has the word. A property test holds that the engine agrees.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

Schema = Mapping[str, Any]


def surely_valid(schema: Schema, value: object, root: Schema) -> bool:
    """True only if `value` fits `schema`, whose references point into `root`. Raises `RecursionError`."""
    for keyword, expected in schema.items():
        check = _CHECKS.get(keyword)
        if check is None or not check(expected, value, schema, root):
            return False
    return True


def _type(expected: Any, value: Any, _schema: Schema, _root: Schema) -> bool:
    # Exact types: a bool is no integer. 10.0 is one to JSON Schema, and not sure here.
    return type(value) in _TYPES.get(expected, ()) if isinstance(expected, str) else False


def _const(expected: Any, value: Any, _schema: Schema, _root: Schema) -> bool:
    return isinstance(value, str) and isinstance(expected, str) and value == expected


def _enum(expected: Any, value: Any, _schema: Schema, _root: Schema) -> bool:
    return isinstance(value, str) and value in expected


def _required(expected: Any, value: Any, _schema: Schema, _root: Schema) -> bool:
    return not isinstance(value, dict) or all(key in value for key in expected)


def _properties(expected: Any, value: Any, _schema: Schema, root: Schema) -> bool:
    if not isinstance(value, dict):
        return True
    return all(surely_valid(expected[key], item, root) for key, item in value.items() if key in expected)


def _additional(expected: Any, value: Any, schema: Schema, _root: Schema) -> bool:
    if expected is True or not isinstance(value, dict):
        return True
    return expected is False and value.keys() <= schema.get("properties", {}).keys()


def _items(expected: Any, value: Any, _schema: Schema, root: Schema) -> bool:
    return not isinstance(value, list) or all(surely_valid(expected, item, root) for item in value)


def _any_of(expected: Any, value: Any, _schema: Schema, root: Schema) -> bool:
    return any(surely_valid(option, value, root) for option in expected)


def _reference(expected: Any, value: Any, _schema: Schema, root: Schema) -> bool:
    target = root.get("$defs", {}).get(expected.removeprefix("#/$defs/"))
    return target is not None and surely_valid(target, value, root)


def _pattern(expected: Any, value: Any, _schema: Schema, _root: Schema) -> bool:
    # Python's `$` matches before a final newline, the engine's does not.
    return not isinstance(value, str) or ("\n" not in value and re.search(expected, value) is not None)


def _size(least: Any, value: Any, _schema: Schema, _root: Schema) -> bool:
    return not isinstance(value, str | list) or len(value) >= least


def _annotation(_expected: Any, _value: Any, _schema: Schema, _root: Schema) -> bool:
    return True


_NUMBERS = (int, float)
_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": _NUMBERS,
    "null": (type(None),),
}
_CHECKS: dict[str, Callable[[Any, Any, Schema, Schema], bool]] = {
    "$schema": _annotation,
    "$defs": _annotation,
    "title": _annotation,
    "description": _annotation,
    "default": _annotation,
    "type": _type,
    "const": _const,
    "enum": _enum,
    "required": _required,
    "properties": _properties,
    "additionalProperties": _additional,
    "items": _items,
    "anyOf": _any_of,
    "$ref": _reference,
    "pattern": _pattern,
    "minLength": _size,
    "minItems": _size,
    "minimum": lambda least, value, *_: type(value) not in _NUMBERS or value >= least,
    "exclusiveMinimum": lambda least, value, *_: type(value) not in _NUMBERS or value > least,
    "maximum": lambda most, value, *_: type(value) not in _NUMBERS or value <= most,
}
