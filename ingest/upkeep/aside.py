"""Telemetry files that were damaged and set aside: `telemetry.duckdb.damaged-20261121T170212.482913Z`.

They lie beside the file whose place they had, each with what DuckDB had not written into it yet (`.wal`
behind the same name). Only names are looked at: it takes no DuckDB, and nothing of them is read.
"""

import os
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ingest.errors import StoreError

LOG = ".wal"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FORM = "%Y%m%dT%H%M%S.%fZ"
_NAMED = re.compile(r"\.damaged-(\d{8}T\d{6}\.\d{6}Z)(-\d+)?")


@dataclass(frozen=True, slots=True)
class SetAside:
    """One file at `path`, set aside at `at_ns` (epoch nanoseconds, by the clock of then)."""

    path: Path
    at_ns: int

    @property
    def at(self) -> str:
        """When, for people: UTC, to the second."""
        return f"{_moment(self.at_ns):%Y-%m-%d %H:%M:%S} UTC"


def set_aside_beside(store: Path) -> tuple[SetAside, ...]:
    """What was set aside of the telemetry file at `store`, oldest first. Raises `StoreError`."""
    found = []
    try:
        with os.scandir(store.parent) as entries:
            for entry in entries:
                said = _NAMED.fullmatch(entry.name.removeprefix(store.name))
                if said is not None and entry.name.startswith(store.name):
                    at_ns = _epoch_ns(said[1])
                    if at_ns is not None:
                        found.append(SetAside(Path(entry.path), at_ns))
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise StoreError(
            f"`{store.parent}` cannot be listed: {(error.strerror or 'failed').lower()}; make it readable"
        ) from error
    return tuple(sorted(found, key=lambda one: (one.at_ns, one.path.name)))


def in_words(aside: SetAside) -> str:
    """What happened; what it means, and what to do about it."""
    return (
        f"the telemetry file was damaged: set aside at {aside.at} as `{aside.path.name}`, and a fresh one "
        "counts again what the spool still has; lines of other files are missing, and every review holds "
        f"until they are loaded again and `{aside.path}` is moved out of the home"
    )


def missing(store: Path, since_ns: int | None = None) -> str | None:
    """Why lines of the telemetry file at `store` may be missing, null where nothing was set aside.

    With `since_ns`, only what was set aside from then on counts. Raises `StoreError`.
    """
    found = [one for one in set_aside_beside(store) if since_ns is None or one.at_ns >= since_ns]
    if not found:
        return None
    return (
        f"the telemetry file was damaged, and lines of before {found[-1].at} may be missing, until they are "
        f"loaded again and `{found[-1].path.name}` is moved out of the home"
    )


def name_aside(store: Path, at_ns: int) -> Path:
    """A free name for the file at `store`, which is set aside at `at_ns`."""
    plain = store.with_name(f"{store.name}.damaged-{_moment(at_ns):{_FORM}}")
    name, number = plain, 1
    while os.path.lexists(name) or os.path.lexists(f"{name}{LOG}"):
        number += 1
        name = plain.with_name(f"{plain.name}-{number}")
    return name


def _moment(at_ns: int) -> datetime:
    return _EPOCH + timedelta(microseconds=at_ns // 1_000)


def _epoch_ns(said: str) -> int | None:
    """Null for what looks like a moment and is none."""
    try:
        moment = datetime.strptime(said, _FORM).replace(tzinfo=UTC)
    except ValueError:
        return None
    return (moment - _EPOCH) // timedelta(microseconds=1) * 1_000
