"""Standard input for the process that owns the telemetry: kept until it ends, and how far, is told."""

from io import BytesIO
from pathlib import Path

import pytest

from dashboard.server.answering import answering
from dashboard.telemetry.at_home import KEPT, HomeTelemetry
from dashboard.telemetry.over_store import StoreTelemetry
from dashboard.telemetry.port import LoadRequest
from dashboard.telemetry.spool import PassWhenFree
from gates.home import Home
from ingest.errors import WorkStopped
from ingest.progress import HowFar
from tests.ingest.store_from_template import open_store
from tests.ingest.stored import cri, stored_jobs

PIPE = LoadRequest(paths=("-",))


def test_what_comes_is_told_while_it_is_kept_and_nothing_of_it_is_left(tmp_path: Path) -> None:
    home = Home(tmp_path)
    data = cri(*range(1_000))
    told: list[HowFar] = []

    def ended(far: HowFar) -> None:
        told.append(far)
        raise WorkStopped("that is enough")

    with (
        open_store(home.telemetry) as store,
        answering(home, StoreTelemetry(home, store, PassWhenFree(home, store))),
    ):
        with pytest.raises(WorkStopped):
            HomeTelemetry(home, tell=ended, stdin=BytesIO(data)).load(PIPE)
        assert [one.at for one in told] == [KEPT]
        assert stored_jobs(store) == []
        told.clear()
        loaded = HomeTelemetry(home, tell=told.append, stdin=BytesIO(data)).load(PIPE)
        assert loaded.summary.accepted == len(stored_jobs(store)) == 1_000
    kept = [one.done for one in told if one.at == KEPT]
    assert (kept, kept[-1]) == (sorted(kept), len(data))
    assert len(kept) > 1
    assert list(tmp_path.glob(".stdin*")) == []
