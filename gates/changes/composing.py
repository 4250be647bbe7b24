"""The change service of a home, put together over its files and its store."""

import time
from uuid import uuid4

from gates.changes.desk import Desk
from gates.changes.late import LateFile
from gates.changes.ports import EvidenceProvider, Ids, RecentJobs
from gates.changes.service import ChangeService
from gates.controls.instant import Clock
from gates.controls.publish import Publisher
from gates.home import Home
from gates.store.port import StorePort


def change_service(
    home: Home,
    store: StorePort,
    evidence: EvidenceProvider,
    jobs: RecentJobs,
    *,
    clock: Clock = time.time_ns,
    ids: Ids = lambda: uuid4().hex,
) -> ChangeService:
    """The service of `home` over its opened `store`."""
    return ChangeService(
        Desk(
            home=home,
            store=store,
            publisher=Publisher(home, clock),
            clock=clock,
            evidence=evidence,
            jobs=jobs,
            ids=ids,
            late=LateFile(home.late),
        )
    )
