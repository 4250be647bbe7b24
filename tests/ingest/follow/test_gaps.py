"""What went before it was read is said, with its bytes, until a copy gives it back."""

import os
from pathlib import Path

from ingest.store.gaps import open_gaps
from tests.ingest.follow.following import append, following, jobs
from tests.ingest.stored import cri, stored_jobs


def test_what_was_seen_and_cut_before_it_was_read_is_a_gap(tmp_path: Path, log: Path) -> None:
    append(log, cri(1))
    with following(tmp_path, log) as follower:
        follower.jobs()
        with follower.store.transaction() as cursor:  # as a pass leaves it that was killed on its way
            cursor.execute("UPDATE source_file SET size = -1001")
    whole = cri(1, 2, 3)
    os.truncate(log, 0)
    with following(tmp_path, log) as follower:
        gap = follower.poll().summary.gaps[0]
        assert (gap.cause, gap.from_offset, gap.to_offset) == ("truncated", len(cri(1)), 1000)
        assert gap.said == f"`{log}` was truncated before {1000 - len(cri(1))} bytes of it were read"
        assert follower.poll().summary.gaps == ()
        with follower.store.cursor() as cursor:
            assert len(open_gaps(cursor, 0, 2**62)) == 1
        log.with_name("app.log.1").write_bytes(whole + cri(*range(10, 20)))
        follower.jobs()
        with follower.store.cursor() as cursor:
            assert open_gaps(cursor, 0, 2**62) == ()


def test_a_file_that_went_before_it_was_read_is_a_gap(tmp_path: Path, log: Path) -> None:
    append(log, cri(1))
    with following(tmp_path, log) as follower:
        follower.jobs()
        with follower.store.transaction() as cursor:
            cursor.execute("UPDATE source_file SET size = -1001")
    log.unlink()
    with following(tmp_path, log) as follower:
        assert [gap.cause for gap in follower.poll().summary.gaps] == ["removed"]
        assert follower.poll().summary.gaps == ()


def test_a_file_that_holds_another_one_now_leaves_a_gap_too(tmp_path: Path, log: Path) -> None:
    append(log, cri(1))
    append(log.with_name("app.log.1"), cri(8, 9))
    with following(tmp_path, log) as follower:
        follower.jobs()
        with follower.store.transaction() as cursor:
            cursor.execute("UPDATE source_file SET size = -1001 WHERE path = ?", [str(log)])
    for content in (cri(8, 9), cri(8)):
        log.write_bytes(content)
        with following(tmp_path, log) as follower:
            followed = follower.poll()
            assert [gap.cause for gap in followed.summary.gaps] == ["truncated"]
            assert stored_jobs(follower.store) == jobs(1, 8, 9)
            with follower.store.transaction() as cursor:
                cursor.execute("UPDATE source_file SET size = -2001 WHERE path = ?", [str(log)])
