"""Bring the control history up to what the control file says, after an interruption.

Whoever calls this holds the publish lock.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gates.controls import checked, durable
from gates.controls.history import History
from gates.controls.instant import Clock
from schemas import check
from schemas.errors import ContractError
from schemas.instant import epoch_ns

_TICK_NS = 10_000_000
"""File times come from a clock that moves in ticks, at most a hundredth of a second behind ours."""


def removed_file(path: Path) -> Path:
    """Where the control file at `path` lies after a removal."""
    return path.with_name(f"{path.name}.removed")


def reconcile(path: Path, history: History, clock: Clock) -> None:
    """Clear away what is half done, and record late what took effect unrecorded.

    Raises `OSError`; then it can be called again.
    """
    record_effect(path, history, clock)
    removed = _found(removed_file(path))
    if removed is None or path.exists():
        return
    document, _, moved_ns = removed
    settled = history.settled()
    if settled is None or settled["event"] != "effective":
        return
    if moved_ns + _TICK_NS >= (epoch_ns(settled["at"]) or 0):
        revision = settled["revision"] if document is None else document["revision"]
        history.append("removed", _at(moved_ns, history, clock), revision, None, late=True)


def record_effect(path: Path, history: History, clock: Clock) -> None:
    """Record late the revision that took effect, if the history does not have it.

    Looks at the control file, or at what was removed when that was still to be recorded as in force.
    Raises `OSError`.
    """
    durable.discard_drafts(path)
    history.repair()
    settled, newest = history.settled(), history.newest()
    found, removed = _found(path), _found(removed_file(path))
    if found is not None:
        document, _, time_ns = found
    elif removed is not None and newest is not None and newest["event"] == "publishing":
        document, time_ns, _ = removed
        if document != newest["controls"]:
            return
    else:
        return
    known = settled is not None and settled["event"] == "effective" and settled["controls"] == document
    if document is not None and not known:
        history.append("effective", _at(time_ns, history, clock), document["revision"], document, late=True)


def _found(path: Path) -> tuple[Mapping[str, Any] | None, int, int] | None:
    """The controls at `path` if valid, when they were written and when they were named so; None: no file."""
    try:
        status, data = checked.read(path)
    except checked.Unreadable:
        return None
    try:
        document = check.parse("controls.v1", data)
    except ContractError:
        document = None
    return document, status.st_mtime_ns, status.st_ctime_ns


def _at(file_ns: int, history: History, clock: Clock) -> int:
    """The file's own time, kept between the line before and now, so that the history stays in order."""
    newest = history.newest()
    before = 0 if newest is None else epoch_ns(newest["at"]) or 0
    return max(before, min(file_ns, clock()))
