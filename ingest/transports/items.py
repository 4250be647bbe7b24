"""Read a JSON object whose lists hold messages, item by item, so that an odd item spoils no other."""

import json
import re
from array import array
from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from ingest.contract.validate import DEPTH_LIMIT, depth
from ingest.timestamps import exact, whole

# Around the items, which have `DEPTH_LIMIT` each. The decoder's own limit is never reached.
_DEEPEST = 4 * DEPTH_LIMIT
_SPACE = re.compile(r"[ \t\r\n]*+")


class Item(Struct, frozen=True):
    """One item. `value` is None where it is no object, can be read in two ways, is not UTF-8 or nests too
    deeply; `raw` is its text.
    """

    value: dict[str, Any] | None
    raw: bytes


class Items:
    """The items of a list, each read when it is asked for: a list may have millions."""

    def __init__(self, reader: "_Reader", spans: "array[int]") -> None:
        self._reader = reader
        self._spans = spans  # begin and end in turn

    def __len__(self) -> int:
        return len(self._spans) // 2

    def __iter__(self) -> Iterator[Item]:
        spans = iter(self._spans)
        for begin, end in zip(spans, spans, strict=True):
            yield self._reader.item(begin, end)


def read(text: bytes, path: tuple[str, ...]) -> dict[str, Any] | None:
    """The one object that `text` is; None where it is none, or one that can be read in two ways.

    `path` names the lists: that of the object, then that of each object in it, and so on. The last list is
    `Items`. What has such a name and is no list is left as it is.
    """
    deepest = depth(text)
    if deepest > _DEEPEST:
        return None
    reader = _Reader(text.decode("utf-8", "surrogateescape"), deepest)
    try:
        return reader.document(path)
    except ValueError:
        return None


class _Reader:
    """Every method is given where it begins and tells where it ended. Raises `ValueError`."""

    def __init__(self, text: str, deepest: int) -> None:
        self._text = text
        self._deepest = deepest
        self._has_twins = False
        self._decode = json.JSONDecoder(
            object_pairs_hook=self._object_of, parse_float=exact, parse_int=whole
        ).raw_decode

    def document(self, path: tuple[str, ...]) -> dict[str, Any]:
        found, end = self._object(self._behind_space(0), path)
        if self._behind_space(end) != len(self._text):
            raise ValueError
        return found

    def _object(self, begin: int, path: tuple[str, ...]) -> tuple[dict[str, Any], int]:
        if self._text[begin : begin + 1] != "{":
            raise ValueError
        found: dict[str, Any] = {}
        at = self._behind_space(begin + 1)
        while self._text[at : at + 1] != "}" or found:
            key, at = self._whole_value(at)
            if not isinstance(key, str) or key in found:
                raise ValueError
            at = self._behind(":", at)
            if key == path[0] and self._text[at : at + 1] == "[":
                found[key], at = self._list(at, path[1:])
            else:
                found[key], at = self._whole_value(at)
            at = self._behind_space(at)
            if self._text[at : at + 1] == "}":
                break
            at = self._behind(",", at)
        return found, at + 1

    def item(self, begin: int, end: int) -> Item:
        text = self._text[begin:end]
        try:
            raw = text.encode("utf-8")
        except UnicodeEncodeError:
            return Item(None, text.encode("utf-8", "surrogateescape"))
        self._has_twins = False
        value, _ = self._decode(self._text, begin)
        is_deep = self._deepest > DEPTH_LIMIT and depth(raw) > DEPTH_LIMIT
        is_sound = isinstance(value, dict) and not self._has_twins and not is_deep
        return Item(value if is_sound else None, raw)

    def _list(self, begin: int, path: tuple[str, ...]) -> tuple[list[Any] | Items, int]:
        found: list[Any] = []
        spans = array("q")
        at = self._behind_space(begin + 1)
        while self._text[at : at + 1] != "]" or found or spans:
            if path:
                one, at = self._object(at, path)
                found.append(one)
            else:
                spans.append(at)
                at = self._decode(self._text, at)[1]
                spans.append(at)
            at = self._behind_space(at)
            if self._text[at : at + 1] == "]":
                break
            at = self._behind(",", at)
        return found if path else Items(self, spans), at + 1

    def _whole_value(self, begin: int) -> tuple[Any, int]:
        self._has_twins = False
        value, end = self._decode(self._text, begin)
        self._text[begin:end].encode("utf-8")  # what was not UTF-8 is a ValueError here
        if self._has_twins:
            raise ValueError
        return value, end

    def _behind(self, sign: str, at: int) -> int:
        at = self._behind_space(at)
        if self._text[at : at + 1] != sign:
            raise ValueError
        return self._behind_space(at + 1)

    def _behind_space(self, at: int) -> int:
        match = _SPACE.match(self._text, at)
        return at if match is None else match.end()

    def _object_of(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        self._has_twins |= len(found) != len(pairs)
        return found
