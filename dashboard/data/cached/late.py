"""What took too long, as a value that can be cached: a page that refreshes would ask it again and again."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import duckdb

from dashboard.data.time_limit import time_limit
from dashboard.errors import QueryTimeout
from ingest.store import TelemetryStore

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Late:
    """It was stopped, and why."""

    words: str


def or_late(store: TelemetryStore, ask: Callable[[duckdb.DuckDBPyConnection], T]) -> T | Late:
    """What `ask` finds within five seconds."""
    try:
        with store.cursor() as cursor, time_limit(cursor):
            return ask(cursor)
    except QueryTimeout as error:
        return Late(str(error))


def in_time(found: T | Late) -> T:
    """It, or `QueryTimeout`."""
    if isinstance(found, Late):
        raise QueryTimeout(found.words)
    return found
