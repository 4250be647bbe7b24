"""Standard input for the process that owns the telemetry: kept until it ends, and how far, is told."""

from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path

import pytest

from dashboard.server.answering import answering
from dashboard.telemetry.at_home import HomeTelemetry
from dashboard.telemetry.kept_input import KEPT, kept_input
from dashboard.telemetry.over_store import StoreTelemetry
from dashboard.telemetry.port import LoadRequest
from dashboard.telemetry.spool import PassWhenFree
from gates.home import Home
from ingest.errors import WorkStopped
from ingest.progress import HowFar, silent
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


def test_what_somebody_left_who_was_killed_is_removed_and_what_somebody_keeps_is_not(tmp_path: Path) -> None:
    (tmp_path / ".stdin.left").write_bytes(b"of a process that was killed")
    with (
        kept_input(tmp_path, BytesIO(b"one"), silent) as one,
        kept_input(tmp_path, BytesIO(b"two"), silent) as two,
    ):
        assert sorted(map(str, tmp_path.iterdir())) == sorted((one, two))
        assert [Path(path).read_bytes() for path in (one, two)] == [b"one", b"two"]
    assert list(tmp_path.iterdir()) == []


def test_one_that_another_takes_for_left_before_it_is_locked_is_made_anew(tmp_path: Path) -> None:
    def keep(word: bytes) -> None:
        for _ in range(400):
            with kept_input(tmp_path, BytesIO(word), silent) as path:
                assert Path(path).read_bytes() == word

    with ThreadPoolExecutor(4) as several:
        list(several.map(keep, (b"one", b"two", b"three", b"four")))
    assert list(tmp_path.iterdir()) == []
