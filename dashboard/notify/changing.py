"""Add and remove receivers: one admin, on record before it takes effect."""

import fcntl
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from dashboard.notify.backlog_file import FOLDER, BacklogFile
from dashboard.notify.errors import ReceiverRefused, UnknownReceiver
from dashboard.notify.receivers import (
    MOST_RECEIVERS,
    NAME,
    Receiver,
    Receivers,
    masked,
    read_receivers,
    write_receivers,
)
from gates.controls.durable import PRIVATE_FILE, make_folder
from gates.errors import HomeError, NotSignedIn
from gates.home import Home
from gates.policy.intent import Actor, Role
from gates.store.port import StorePort
from gates.store.rows import AuditEntry

_RECEIVER: TypeAdapter[Receiver] = TypeAdapter(Receiver)


def add_receiver(
    home: Home, store: StorePort, actor: Actor, wanted: Mapping[str, Any], clock: Callable[[], int]
) -> Receiver:
    """Tell `wanted`, a receiver of `notify.v1` without `after`, of everything from now on; what was kept.

    Raises `NotSignedIn` for who is no admin, `ReceiverRefused`, `ReceiversMisconfigured`, and a `HomeError`.
    """
    with _turn(home):
        found = read_receivers(home.root / NAME)
        receiver = _valid(wanted)
        if found.named(receiver.name) is not None:
            raise ReceiverRefused(f"there is a receiver `{receiver.name}`; remove it first, or choose a name")
        if len(found.receivers) >= MOST_RECEIVERS:
            raise ReceiverRefused(f"there are {MOST_RECEIVERS} receivers; remove one first")
        seq = _recorded(store, actor, "add receiver", receiver.name, masked(receiver), clock)
        receiver = receiver.model_copy(update={"after": seq})
        BacklogFile(home.root / FOLDER, receiver.name).remove()
        write_receivers(home.root / NAME, Receivers(receivers=(*found.receivers, receiver)))
    return receiver


def remove_receiver(home: Home, store: StorePort, actor: Actor, name: str, clock: Callable[[], int]) -> None:
    """Tell it nothing any more, and forget what waited for it.

    Raises `NotSignedIn` for who is no admin, `UnknownReceiver`, `ReceiversMisconfigured`, and a `HomeError`.
    """
    with _turn(home):
        found = read_receivers(home.root / NAME)
        receiver = found.named(name)
        if receiver is None:
            raise UnknownReceiver(f"there is no receiver `{name}`; `slotgate notify list` shows them")
        _recorded(store, actor, "remove receiver", name, masked(receiver), clock)
        kept = tuple(one for one in found.receivers if one.name != name)
        write_receivers(home.root / NAME, Receivers(receivers=kept))
        BacklogFile(home.root / FOLDER, name).remove()


def _valid(wanted: Mapping[str, Any]) -> Receiver:
    try:
        return _RECEIVER.validate_python(dict(wanted))
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"][1:]) or "the receiver"
        raise ReceiverRefused(f"`{where}`: {first['msg'].lower()}; see docs/notifications.md") from None


def _recorded(
    store: StorePort,
    actor: Actor,
    action: str,
    name: str,
    after: Mapping[str, Any],
    clock: Callable[[], int],
) -> int:
    """The number of the record. Raises `NotSignedIn`, which is on record too."""
    allowed = Role.ADMIN in actor.roles
    with store.begin() as tx:
        record = tx.audit.append(
            AuditEntry(
                time_ns=clock(),
                actor=actor.actor_id,
                roles=tuple(sorted(actor.roles)),
                action=action if allowed else f"{action} refused",
                target=f"receiver {name}",
                after=dict(after),
                mode=tx.settings.get("mode"),
                environment=tx.settings.get("environment"),
            )
        )
    if not allowed:
        raise NotSignedIn(f"`{actor.actor_id}` may not change receivers: it takes the role admin")
    return record.seq


@contextmanager
def _turn(home: Home) -> Iterator[None]:
    """One change at a time. Raises `HomeError` when a file of the home cannot be written."""
    try:
        make_folder(home.root / FOLDER)
        descriptor = os.open(_lock_file(home), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, PRIVATE_FILE)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)
    except OSError as error:
        said = (error.strerror or str(error)).lower()
        raise HomeError(
            f"the receivers of `{home.root}` cannot be changed: {said}; mend that first"
        ) from error


def _lock_file(home: Home) -> Path:
    return home.root / FOLDER / ".changing"
