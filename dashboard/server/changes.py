"""The change service of a served home, opened for one question or one command."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from dashboard.beta.of_home import HomeBeta
from dashboard.cli.guarded import UnusableStore
from dashboard.cli.store import store_of
from dashboard.review.provider import TelemetryEvidence
from dashboard.review.recent_jobs import SeenInTelemetry
from dashboard.telemetry.port import Telemetry
from gates.changes.composing import change_service
from gates.changes.modes import require_agreement
from gates.changes.service import ChangeService
from gates.errors import GateError, StoreError
from gates.home import Home
from gates.store.port import StorePort


@contextmanager
def to_look(home: Home, telemetry: Telemetry) -> Iterator[ChangeService]:
    """The service, only to ask it. Raises a `StoreError`."""
    store = store_of(home)
    try:
        yield _service_over(home, store, telemetry)
    finally:
        store.close()


@contextmanager
def to_change(home: Home, telemetry: Telemetry) -> Iterator[ChangeService]:
    """The service over a home that was mended and whose mode is agreed, as for a command of the shell.

    Raises a `StoreError`, `ModeUnknown`, and what `ChangeService.reconcile` raises.
    """
    store = store_of(home)
    try:
        with store.read() as tx:
            require_agreement(tx, os.environ)
        service = _service_over(home, store, telemetry)
        service.reconcile()
        yield service
    finally:
        store.close()


def without_store(home: Home, telemetry: Telemetry, error: GateError) -> ChangeService:
    """The service of a home whose store cannot be used because of `error`: what it can do is narrow.

    What it does is recorded late, by the next one who can.
    """
    return _service_over(home, UnusableStore(StoreError(str(error))), telemetry)


def _service_over(home: Home, store: StorePort, telemetry: Telemetry) -> ChangeService:
    evidence = TelemetryEvidence(telemetry, HomeBeta(home, store).permits_steady)
    return change_service(home, store, evidence, SeenInTelemetry(telemetry))
