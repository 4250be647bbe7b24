"""`ci-statement.v1`: what a build says about one item of the lists. Everything in it is signed."""

import re
from dataclasses import dataclass

from gates.beta.items import BY_ID
from schemas import strict_json
from schemas.errors import ContractError
from schemas.instant import SECOND, epoch_ns

VERSION = "ci-statement.v1"
FRESH_NS = 10 * 60 * SECOND
"""A statement is taken within this time of its own, so that a recorded one is soon worth nothing."""

_KEYS = {"version", "delivery", "item", "passed", "link", "text", "at"}
_DELIVERY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,99}")


class Unusable(Exception):
    """The statement is none, or is not to be taken; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CiStatement:
    """`delivery` names this one and no other; `at_ns` is when the build ended, epoch nanoseconds."""

    delivery: str
    item: str
    passed: bool
    link: str
    text: str
    at_ns: int

    @property
    def mark(self) -> str:
        """What tells in the record that this very delivery was taken."""
        return f"[delivery {self.delivery}]"


def parsed(body: bytes, now_ns: int) -> CiStatement:
    """The statement of a body whose signature was checked. Raises `Unusable`."""
    try:
        value = strict_json.loads(body)
    except ContractError as error:
        raise Unusable(f"the body is no JSON: {error}") from None
    if not isinstance(value, dict) or value.keys() != _KEYS or value["version"] != VERSION:
        raise Unusable(f"the body is no {VERSION}: an object with exactly {', '.join(sorted(_KEYS))}")
    texts = [value[name] for name in ("delivery", "item", "link", "text", "at")]
    if not all(isinstance(text, str) for text in texts) or not isinstance(value["passed"], bool):
        raise Unusable("`passed` is true or false, every other value a string")
    delivery, item_id, link, text, at = texts
    at_ns = epoch_ns(at)
    if at_ns is None or abs(now_ns - at_ns) > FRESH_NS:
        raise Unusable("`at` is no RFC 3339 time within 10 minutes of now; state it anew")
    if not _DELIVERY.fullmatch(delivery):
        raise Unusable("`delivery` is a new id of 8 to 100 letters, digits, dots, dashes")
    item = BY_ID.get(item_id)
    if item is None or not item.ci:
        known = ", ".join(sorted(one.item_id for one in BY_ID.values() if one.ci))
        raise Unusable(f"`item` is one that a build shows: {known}")
    return CiStatement(
        delivery=delivery, item=item_id, passed=value["passed"], link=link, text=text, at_ns=at_ns
    )
