"""What the tables of every room of the store share: their registry, and columns of odd content."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import LargeBinary, MetaData, Text, TypeDecorator
from sqlalchemy.engine import Dialect as Engine

METADATA = MetaData()


class Body(LargeBinary):
    """Bytes that are read back whatever somebody put in their place: verifying must not stumble over it."""

    def result_processor(self, dialect: Engine, coltype: object) -> Callable[[Any], bytes]:  # noqa: ARG002 - the interface asks for it
        """Bytes as they are, anything else as bytes that no hash fits."""
        return _bytes


class Words(TypeDecorator[str]):
    """What somebody typed. It may be no UTF-8 or hold a NUL, which must not keep a change out."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Engine) -> str | None:  # noqa: ARG002 - the interface asks for it
        """The text, with `?` for what is none."""
        return None if value is None else value.encode("utf-8", "replace").decode("utf-8").replace("\0", "?")


def _bytes(found: object) -> bytes:
    return bytes(found) if isinstance(found, bytes | memoryview) else str(found).encode("utf-8", "replace")
