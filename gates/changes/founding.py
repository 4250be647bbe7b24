"""Make a home: everything closed, the mode written down, one operator with one token."""

import os
from dataclasses import dataclass
from pathlib import Path

from gates.changes.belonging import SETTING, Place, claim, require_own_store
from gates.changes.documents import first_document
from gates.changes.gathering import ANY_RECORD, MODE, P50, P95, PATTERN
from gates.changes.people import AddOperator, IssueToken, carry_out
from gates.changes.recording import row_of
from gates.controls.checked import in_words
from gates.controls.durable import PRIVATE_FOLDER, make_folder
from gates.controls.instant import Clock
from gates.controls.publish import Publisher
from gates.errors import AlreadyThere, HomeError, StoreError
from gates.home import Home
from gates.policy.intent import Mode, Role
from gates.store.port import Transaction
from gates.store.rows import AuditEntry, RevisionKind, TokenScope
from gates.store.store import Store

ENVIRONMENT = "environment"
TOKEN_DAYS = 365


@dataclass(frozen=True, slots=True, kw_only=True)
class Foundation:
    """What `init` asks for. `operator_id` is issuer and subject; budgets are milliseconds."""

    environment: str
    operator_id: str
    p50_ms: int
    p95_ms: int


def found(
    home: Home, foundation: Foundation, clock: Clock, intent_id: str, place: Place | None = None
) -> str:
    """Make the home and return its first token, which nothing shows again.

    Its store is made at `place`, a path or the URL of an empty database; null: in the home.

    Raises `AlreadyThere` when there is one, and `HomeError`. Interrupted, it can be called again.
    """
    place = home.store if place is None else place
    if place == home.store:
        require_own_store(home)
    if os.path.lexists(home.control_file) and not _is_store(place):
        raise AlreadyThere(
            f"`{home.control_file}` is there already; move it away, or name another home with SLOTGATE_HOME"
        )
    try:
        for folder in (home.root, home.control_file.parent, home.spool, home.specs, home.late, home.log):
            make_folder(folder)
            folder.chmod(PRIVATE_FOLDER)
    except OSError as error:
        raise HomeError(
            f"cannot make the home `{home.root}`: {in_words(error)}; make its parent writable"
        ) from error
    store = _store(place)
    with store.begin() as tx:
        if tx.revisions.newest() is not None:
            raise AlreadyThere(
                f"`{home.root}` is a home already; `slotgate controls show` tells how it stands"
            )
        at_ns = clock()
        token = _first_operator(tx, foundation.operator_id, at_ns)
        document = first_document(foundation.environment, at_ns)
        tx.settings.set(MODE, Mode.SHADOW.value)
        tx.settings.set(ENVIRONMENT, foundation.environment)
        tx.settings.set(PATTERN, ANY_RECORD)
        tx.settings.set(P50, str(foundation.p50_ms))
        tx.settings.set(P95, str(foundation.p95_ms))
        if place != home.store:
            tx.settings.set(SETTING, intent_id)
            claim(home, intent_id)  # before the commit: a store that no home claims could not be made again
        tx.revisions.append(
            row_of(
                document,
                None,
                RevisionKind.INIT,
                actor_id=foundation.operator_id,
                intent_id=intent_id,
                at_ns=at_ns,
            )
        )
        tx.audit.append(
            AuditEntry(
                time_ns=at_ns,
                actor=foundation.operator_id,
                roles=tuple(sorted(Role)),
                action="init",
                target="home",
                after={"mode": Mode.SHADOW.value, "controls": document, "settings": tx.settings.all()},
                mode=Mode.SHADOW.value,
                environment=foundation.environment,
            )
        )
    store.close()
    Publisher(home, clock).publish(document)
    return token


def _first_operator(tx: Transaction, operator_id: str, at_ns: int) -> str:
    if tx.operators.get(operator_id) is None:
        carry_out(tx, AddOperator(operator_id, frozenset(Role)), by=None, at_ns=at_ns)
    token = carry_out(tx, IssueToken(operator_id, TokenScope.ALL, TOKEN_DAYS), by=None, at_ns=at_ns)
    if token is None:
        raise AssertionError("issuing a token makes one")
    return token


def _is_store(place: Place) -> bool:
    if isinstance(place, Path):
        return place.exists()
    try:
        Store.open(place).close()
    except StoreError:
        return False
    return True


def _store(place: Place) -> Store:
    """A new store, or the one that an interrupted `init` left."""
    try:
        return Store.create(place)
    except AlreadyThere:
        return Store.open(place)
