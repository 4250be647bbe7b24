"""Files that come, grow and go while nothing can be stored: read afterwards, or said to be missing."""

from pathlib import Path

import pytest

from ingest.errors import InvalidHistory, StoreError
from ingest.follow.follower import NAMELESS_SECONDS, UNREAD_SECONDS
from tests.gates.controls.files import full_disk
from tests.ingest.follow.following import Following, append, following, jobs
from tests.ingest.store_from_template import open_store
from tests.ingest.stored import cri, stored_jobs

UNREAD = "SELECT detail FROM ingest_event WHERE kind = 'unread'"


@pytest.fixture
def log(log: Path) -> Path:
    """There before anybody follows it."""
    append(log, cri(1))
    return log


def fails(follower: Following, waiting_s: float = 0.0) -> None:
    """A pass that can store nothing, `waiting_s` later."""
    follower.seconds += waiting_s
    with full_disk(1), pytest.raises(StoreError):
        follower.poll()


def test_what_was_removed_meanwhile_is_read_however_long_it_took(tmp_path: Path, log: Path) -> None:
    with following(tmp_path, log.parent) as follower:
        assert follower.jobs() == jobs(1)
        append(log, cri(2))
        fails(follower)
        fails(follower)
        old = log.rename(log.with_name("app.log.1"))
        append(log, cri(3))
        fails(follower)
        for path in (old, log):
            path.unlink()
        append(log, cri(4))
        fails(follower)
        fails(follower, 2 * NAMELESS_SECONDS)
        assert follower.jobs(1) == jobs(1, 2, 3, 4)
        assert follower.poll().summary.gaps == ()


def test_what_is_held_too_long_is_let_go_and_said(tmp_path: Path, log: Path) -> None:
    with following(tmp_path, log.parent) as follower:
        follower.jobs()
        append(log, cri(2))
        append(log.with_name("b.log"), cri(3, 4))
        fails(follower)
        for path in (log, log.with_name("b.log")):
            path.unlink()
        for _ in range(3):
            fails(follower, UNREAD_SECONDS / 2 + 1)
        summary = follower.poll().summary
        assert [gap.said for gap in summary.gaps] == [
            f"`{log}` was removed before {len(cri(2))} bytes of it were read"
        ]
        assert stored_jobs(follower.store) == jobs(1)
        with follower.store.cursor() as cursor:
            said = cursor.execute(UNREAD).fetchall()
        words = (
            f"`{log.with_name('b.log')}` went away while nothing could be stored, before "
            f"{len(cri(3, 4))} bytes of it were read; they are only in a copy, if there is one"
        )
        assert said == [(words,)]
        assert follower.poll().summary.gaps == ()
        with follower.store.cursor() as cursor:
            assert len(cursor.execute(UNREAD).fetchall()) == 1


def test_what_is_there_still_is_read_and_nothing_is_said(tmp_path: Path, log: Path) -> None:
    with following(tmp_path, log.parent) as follower:
        follower.jobs()
        append(log, cri(2))
        append(log.with_name("b.log"), cri(3))
        fails(follower)
        assert follower.jobs(UNREAD_SECONDS + 1) == jobs(1, 2, 3)
        log.unlink()
        assert follower.jobs() == follower.jobs(UNREAD_SECONDS + 1) == jobs(1, 2, 3)
        assert follower.poll().summary.gaps == ()
        with follower.store.cursor() as cursor:
            assert cursor.execute(UNREAD).fetchall() == []


def test_what_a_history_that_is_none_keeps_waiting_is_held_too(tmp_path: Path, log: Path) -> None:
    with following(tmp_path, log.parent) as follower:
        follower.jobs()
        append(log.with_name("b.log"), cri(2))
        follower.history_error = InvalidHistory("it is none")
        with pytest.raises(InvalidHistory):
            follower.poll()
        log.with_name("b.log").unlink()
        follower.history_error = None
        assert follower.jobs() == jobs(1, 2)


def test_what_is_held_goes_on_in_a_store_that_was_opened_anew(tmp_path: Path, log: Path) -> None:
    with following(tmp_path, log.parent) as follower:
        follower.jobs()
        append(log, cri(2))
        fails(follower)
        for path in (log, follower.store.path):
            path.unlink()
        with pytest.raises(StoreError, match="removed or replaced"):
            follower.poll()
        with open_store(tmp_path / "home" / "anew.duckdb") as anew:
            follower.go_on_in(anew)
            assert follower.jobs() == jobs(1, 2)


def test_a_store_that_does_not_open_again_is_a_failed_pass(tmp_path: Path, log: Path) -> None:
    with following(tmp_path, log.parent) as follower:
        follower.jobs()
        append(log, cri(2))
        follower.store.close()
        with pytest.raises(StoreError, match="was closed"):
            follower.poll()
        log.unlink()
        with open_store(tmp_path / "home" / "telemetry.duckdb") as again:
            follower.go_on_in(again)
            assert follower.jobs() == jobs(1, 2)
