"""Publish the controls: durable, recorded before and after, one publisher at a time.

What is on disk when the process dies between any two steps, and how the next one converges:

    "publishing N" recorded    the old file is in force; N never took effect, and nothing says it did
    draft written              the same, and the next publisher deletes the draft
    renamed                    N is in force; the next publisher records "effective N" late, with the
                               file's time
    "effective N" recorded     done

A widening needs its record first. A kill needs none: it takes effect even where no record can be
written, and is recorded late.
"""

import json
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gates.controls import durable
from gates.controls.checked import LIMIT, Key, Unreadable, in_words, key_of, read
from gates.controls.history import History
from gates.controls.instant import Clock
from gates.controls.lock import PublishLock
from gates.controls.reconcile import reconcile, removed_file
from gates.controls.withdraw import Removal, withdraw
from gates.decision import compile_controls
from gates.errors import PublishConflict, PublishFailed
from gates.home import Home
from schemas import check
from schemas.errors import ContractError, InvalidDocument

if TYPE_CHECKING:
    from schemas.controls import Controls

LOCK_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Published:
    """The revision is in force. `unrecorded` says why the history does not have it yet, else it is null."""

    revision: int
    unrecorded: str | None


@dataclass(frozen=True, slots=True)
class InForce:
    """The control file at one moment: its valid document, or null; `key` tells one writing from another."""

    document: Mapping[str, Any] | None
    key: Key | None


Successor = Callable[[Mapping[str, Any] | None], Mapping[str, Any] | None]
"""What shall follow the document in force (None: there is no valid one); None leaves all as it is."""


class Publisher:
    """Writes the control file and the control history of one home.

    `clock` gives epoch nanoseconds; `lock_seconds` bounds the wait for another publisher.
    """

    def __init__(self, home: Home, clock: Clock, lock_seconds: float = LOCK_SECONDS) -> None:
        self._path = home.control_file
        self._history = History(home.history)
        self._clock = clock
        self._lock_seconds = lock_seconds

    def in_force(self) -> InForce:
        """What the control file says now."""
        try:
            status, data = read(self._path)
        except Unreadable:
            return InForce(None, None)
        try:
            return InForce(check.parse("controls.v1", data), key_of(status))
        except ContractError:
            return InForce(None, key_of(status))

    def publish(self, controls: "Controls | Mapping[str, Any]", over: InForce | None = None) -> Published:
        """Put `controls` in force; with `over`, only if that is what is in force until then.

        Raises `InvalidDocument` before anything is touched, `PublishConflict` when something else
        is in force, and `PublishFailed` when the file could not be replaced: what was in force
        before still is. A document that kills is published even if the history cannot be written,
        and over a publisher that does not end.
        """
        document, data = _serialised(controls)
        lock = self._lock()
        try:
            durable.make_folder(self._path.parent)
            with lock.seized() if document["kill"] else lock.acquired():
                durable.discard_drafts(self._path)
                if over is not None and self.in_force() != over:
                    raise PublishConflict(
                        f"revision {document['revision']} was not published: the control file changed "
                        "meanwhile; look at what is in force, then propose again"
                    )
                if document["kill"]:
                    self._announce_if_possible(document)
                else:
                    self._announce(document)
                return self._replace(document, data, lock)
        except OSError as error:
            raise self._failed(f"cannot publish revision {document['revision']}", error) from error

    def narrow(self, successor: Successor) -> Published:
        """Put in force what `successor` makes of what is in force, with nobody publishing in between.

        Works over a publisher that does not end, and even if the history cannot be written. Where
        nothing changes the file is touched, so that a publication prepared over it fails.
        `successor` must only narrow. Raises `PublishFailed`, and what `successor` raises.
        """
        lock = self._lock()
        try:
            with lock.seized():
                durable.discard_drafts(self._path)  # whoever was overtaken cannot finish any more
                standing = self.in_force().document
                wanted = successor(standing)
                if wanted is None:
                    self._touch()
                    return Published(0 if standing is None else standing["revision"], unrecorded=None)
                document, data = _serialised(wanted)
                self._announce_if_possible(document)
                return self._replace(document, data, lock)
        except OSError as error:
            raise self._failed("cannot narrow", error) from error

    def remove(self) -> Removal:
        """Take the control file away, which denies everything; needs no space and waits for nobody.

        Raises `PublishFailed` when it is still there.
        """
        return withdraw(self._path, self._history, self._clock, self._lock())

    def reconcile(self) -> None:
        """Clear away what an interrupted publisher left, and record late what took effect.

        Raises `PublishFailed` when another publisher keeps the lock or the folder cannot be written.
        """
        try:
            durable.make_folder(self._path.parent)
            with self._lock().acquired():
                reconcile(self._path, self._history, self._clock)
        except OSError as error:
            raise PublishFailed(
                f"cannot mend the control history: {in_words(error)}; make `{self._path.parent}` writable"
            ) from error

    def _touch(self) -> None:
        """Change the key of the file, also within one tick of the clock that dates it."""
        with suppress(OSError):
            status = self._path.stat()
            os.utime(self._path, ns=(status.st_atime_ns, status.st_mtime_ns + 1))

    def _announce(self, document: Mapping[str, Any]) -> None:
        reconcile(self._path, self._history, self._clock)
        self._history.append("publishing", self._clock(), document["revision"], document)

    def _announce_if_possible(self, document: Mapping[str, Any]) -> None:
        try:
            self._announce(document)
        except OSError:
            return  # recorded late, by whoever publishes next

    def _replace(self, document: Mapping[str, Any], data: bytes, lock: PublishLock) -> Published:
        revision = document["revision"]
        durable.replace(self._path, data, before_rename=lock.still_held)
        at_ns = self._clock()
        with suppress(OSError):
            removed_file(self._path).unlink()
        try:
            durable.sync_folder(self._path.parent)
            lock.still_held()
            self._history.append("effective", at_ns, revision, document)
        except OSError as error:
            return Published(revision, unrecorded=in_words(error))
        except PublishFailed as error:
            return Published(revision, unrecorded=str(error))
        return Published(revision, unrecorded=None)

    def _failed(self, what: str, error: OSError) -> PublishFailed:
        return PublishFailed(
            f"{what}: {in_words(error)}; what was there stays: "
            f"make `{self._path.parent}` writable, or remove `{self._path.name}` to stop everything"
        )

    def _lock(self) -> PublishLock:
        return PublishLock(self._path.with_name(".lock"), self._lock_seconds)


def _serialised(controls: "Controls | Mapping[str, Any]") -> tuple[Mapping[str, Any], bytes]:
    """The document, checked as a reader will check it, and its bytes. Raises `InvalidDocument`."""
    try:
        plain = (
            controls if isinstance(controls, Mapping) else controls.model_dump(mode="json", warnings=False)
        )
        text = json.dumps(plain, ensure_ascii=False, indent=2)
        data = text.encode() + b"\n"
    except (ValueError, TypeError) as error:
        raise InvalidDocument(
            f"not a controls.v1 document: {error}; correct it, then publish again"
        ) from error
    document = check.parse("controls.v1", data)
    if len(data) > LIMIT:
        raise InvalidDocument(
            f"the controls take {len(data)} bytes, readers stop at {LIMIT}; merge some rules"
        )
    compiled = compile_controls(document, "publisher")
    if compiled.unknown is not None:
        raise InvalidDocument(f"{compiled.unknown}; correct it, then publish again")
    return document, data
