"""The publisher: durable, recorded, one at a time, and what is on disk after every interruption."""

import json
import os
import stat
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from gates.controls import durable
from gates.controls.lock import PublishLock
from gates.controls.publish import InForce, Published, Publisher
from gates.controls.reader import ControlFile
from gates.errors import PublishConflict, PublishFailed
from gates.home import Home
from schemas.control_revision import ControlRevision
from schemas.controls import Controls
from schemas.errors import InvalidDocument
from schemas.instant import epoch_ns
from tests.gates.controls.files import answer, assert_admits, assert_unknown, full_disk, in_child
from tests.gates.decision.builders import allowlist, controls, rule

START = 1_770_000_000_123_456_789


class Clock:
    """One second a look."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> int:
        self.now += 1_000_000_000
        return self.now


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


@pytest.fixture
def publisher(home: Home) -> Publisher:
    return Publisher(home, Clock(), lock_seconds=0.2)


def revision(number: int, **changes: Any) -> Controls:
    return Controls.model_validate_json(json.dumps(controls(revision=number, **changes)))


def history(home: Home) -> list[ControlRevision]:
    return [ControlRevision.model_validate_json(line) for line in home.history.read_text().splitlines()]


def events(home: Home) -> list[tuple[str, int, bool]]:
    return [(line.event, line.revision, line.late) for line in history(home)]


def leftovers(home: Home) -> set[str]:
    return {path.name for path in home.control_file.parent.iterdir()} - {
        ".lock",
        "control.json",
        "history.jsonl",
    }


PUBLISHED = [("publishing", 1, False), ("effective", 1, False)]


class TestPublish:
    def test_readers_see_it_and_the_history_has_both_lines(self, home: Home, publisher: Publisher) -> None:
        assert publisher.publish(revision(1)) == Published(1, None)
        assert_admits(ControlFile(home.control_file))
        assert events(home) == PUBLISHED
        assert [line.at for line in history(home)] == [
            "2026-02-02T02:40:01.123456789Z",
            "2026-02-02T02:40:02.123456789Z",
        ]
        assert all(line.controls == revision(1) for line in history(home))
        assert leftovers(home) == set()

    def test_everything_is_private(self, home: Home, publisher: Publisher) -> None:
        before = os.umask(0)
        try:
            publisher.publish(revision(1))
        finally:
            os.umask(before)
        for folder in (home.root, home.control_file.parent):
            assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        for file in home.control_file.parent.iterdir():
            assert stat.S_IMODE(file.stat().st_mode) == 0o600

    def test_a_reader_never_sees_anything_but_a_whole_revision(
        self, home: Home, publisher: Publisher
    ) -> None:
        source = ControlFile(home.control_file)
        for number in range(1, 30):
            publisher.publish(revision(number))
            assert answer(source).revision == number

    @pytest.mark.parametrize("changes", [
        {"percent": 250}, {"percent": -1}, {"percent": 12.5}, {"percent": None}, {"kill": None},
        {"kill": "false"}, {"feature": 1}, {"revision": -1}, {"environment": ""}, {"environment": "\ud800"},
        {"effective_at": "yesterday"}, {"effective_at": "2026-02-30T00:00:00Z"}, {"valid_until": "2026"},
        {"step": "off-ladder"}, {"stage": 9}, {"rollout_zero": "all"}, {"allowlist": None},
        {"percent": float("nan")}, {"environment": "x" * 9_000_000},
    ], ids=lambda changes: str(changes)[:40])  # fmt: skip
    def test_what_no_reader_would_accept_is_refused(
        self, home: Home, publisher: Publisher, changes: dict[str, Any]
    ) -> None:
        publisher.publish(revision(1))
        before = (home.control_file.read_bytes(), home.history.read_bytes())
        with pytest.raises(InvalidDocument):
            publisher.publish(revision(2).model_copy(update=changes))
        assert (home.control_file.read_bytes(), home.history.read_bytes()) == before
        assert leftovers(home) == set()

    def test_a_home_that_cannot_be(self, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        with pytest.raises(PublishFailed, match=r"not a directory.*what was there stays"):
            Publisher(Home(tmp_path / "file" / "home"), Clock()).publish(revision(1))


def large(number: int, **changes: Any) -> Controls:
    return revision(number, allowlist=allowlist(*(rule(f"r{n}") for n in range(200))), **changes)


class TestFullDisk:
    @pytest.mark.parametrize("free", [0, 1, 5_000])
    def test_the_old_controls_stay(self, home: Home, publisher: Publisher, free: int) -> None:
        publisher.publish(revision(1))
        before = home.history.read_bytes()
        with full_disk(free), pytest.raises(PublishFailed, match=r"cannot publish revision 2: .*too large"):
            publisher.publish(large(2))
        assert answer(ControlFile(home.control_file)).revision == 1
        assert home.history.read_bytes() == before
        assert leftovers(home) == set()
        publisher.publish(large(3))
        assert answer(ControlFile(home.control_file)).revision == 3

    def test_a_draft_that_fits_not(self, home: Home, publisher: Publisher) -> None:
        """The history line is the shorter one: it is written, then the draft fails."""
        with full_disk(45_000), pytest.raises(PublishFailed, match="cannot publish revision 1"):
            publisher.publish(large(1))
        assert events(home) == [("publishing", 1, False)]
        assert leftovers(home) == set()
        assert "missing" in assert_unknown(ControlFile(home.control_file))
        publisher.publish(revision(2))
        assert events(home) == [("publishing", 1, False), ("publishing", 2, False), ("effective", 2, False)]

    def test_a_kill_needs_no_record(self, home: Home, publisher: Publisher) -> None:
        for number in range(1, 9):
            publisher.publish(revision(number))
        with full_disk(home.history.stat().st_size):
            published = publisher.publish(revision(9, kill=True))
            assert published.unrecorded == "file too large"
            assert answer(ControlFile(home.control_file)).revision == 9
        publisher.reconcile()
        assert events(home)[-2:] == [("effective", 8, False), ("effective", 9, True)]

    def test_removal_needs_no_space(self, home: Home, publisher: Publisher) -> None:
        publisher.publish(revision(1))
        with full_disk(0):
            removal = publisher.remove()
            assert removal.was_there
            assert removal.unrecorded == "file too large"
            assert "missing" in assert_unknown(ControlFile(home.control_file))
        assert events(home) == PUBLISHED
        publisher.reconcile()
        assert events(home) == [*PUBLISHED, ("removed", 1, True)]


class TestRemove:
    def test_it_denies_and_is_recorded(self, home: Home, publisher: Publisher) -> None:
        publisher.publish(revision(1))
        source = ControlFile(home.control_file)
        assert_admits(source)
        removal = publisher.remove()
        assert (removal.was_there, removal.unrecorded) == (True, None)
        assert "missing" in assert_unknown(source)
        assert events(home) == [*PUBLISHED, ("removed", 1, False)]
        assert history(home)[-1].controls is None

    def test_twice(self, home: Home, publisher: Publisher) -> None:
        publisher.publish(revision(1))
        publisher.remove()
        assert not publisher.remove().was_there
        publisher.reconcile()
        assert events(home) == [*PUBLISHED, ("removed", 1, False)]

    def test_where_nothing_ever_was(self, home: Home, publisher: Publisher) -> None:
        assert not publisher.remove().was_there
        assert not home.root.exists()

    def test_and_published_again(self, home: Home, publisher: Publisher) -> None:
        publisher.publish(revision(1))
        publisher.remove()
        publisher.publish(revision(2))
        publisher.remove()
        publisher.publish(revision(3))
        assert_admits(ControlFile(home.control_file))
        assert leftovers(home) == set()
        assert [event for event, _, _ in events(home)] == [
            *("publishing", "effective", "removed"),
            *("publishing", "effective", "removed"),
            *("publishing", "effective"),
        ]

    @pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo, lambda path: path.symlink_to(path.name)])
    def test_whatever_stands_there(
        self, home: Home, publisher: Publisher, make: Callable[[Path], object]
    ) -> None:
        publisher.publish(revision(1))
        publisher.remove()
        make(home.control_file)
        assert publisher.remove().was_there
        assert "missing" in assert_unknown(ControlFile(home.control_file))

    def test_a_file_that_someone_deleted_is_recorded_as_removed(
        self, home: Home, publisher: Publisher
    ) -> None:
        publisher.publish(revision(1))
        home.control_file.unlink()
        assert not publisher.remove().was_there
        assert events(home) == [*PUBLISHED, ("removed", 1, False)]


class TestInterrupted:
    """Each state that a publisher can die in is put on disk; the next one converges."""

    def cut_history(self, home: Home, lines: int) -> None:
        kept = home.history.read_bytes().splitlines(keepends=True)[:lines]
        home.history.write_bytes(b"".join(kept))

    @pytest.fixture
    def real(self, home: Home) -> Publisher:
        return Publisher(home, time.time_ns)

    def test_after_the_rename(self, home: Home, real: Publisher) -> None:
        real.publish(revision(1))
        real.publish(revision(2))
        self.cut_history(home, 3)
        renamed_ns = home.control_file.stat().st_ctime_ns
        time.sleep(0.02)
        real.reconcile()
        assert events(home) == [*PUBLISHED, ("publishing", 2, False), ("effective", 2, True)]
        late = history(home)[-1]
        assert late.controls == revision(2)
        assert abs((epoch_ns(late.at) or 0) - renamed_ns) < 10_000_000
        real.reconcile()
        assert len(events(home)) == 4

    def test_the_next_publish_records_it_first(self, home: Home, real: Publisher) -> None:
        real.publish(revision(1))
        self.cut_history(home, 1)
        real.publish(revision(2))
        assert events(home) == [
            ("publishing", 1, False),
            ("effective", 1, True),
            ("publishing", 2, False),
            ("effective", 2, False),
        ]

    def test_before_the_rename(self, home: Home, real: Publisher) -> None:
        real.publish(revision(1))
        first = home.control_file.read_bytes()
        real.publish(revision(2))
        self.cut_history(home, 3)
        home.control_file.write_bytes(first)
        (home.control_file.parent / ".control.json.0123.tmp").write_bytes(b"{")
        real.reconcile()
        assert events(home) == [*PUBLISHED, ("publishing", 2, False)]
        assert leftovers(home) == set()

    def test_in_the_first_publish_ever(self, home: Home, real: Publisher) -> None:
        real.publish(revision(1))
        home.history.unlink()
        real.reconcile()
        assert events(home) == [("effective", 1, True)]

    def test_after_a_removal(self, home: Home, real: Publisher) -> None:
        real.publish(revision(1))
        real.remove()
        self.cut_history(home, 2)
        real.reconcile()
        assert events(home) == [*PUBLISHED, ("removed", 1, True)]
        real.reconcile()
        assert len(events(home)) == 3

    def test_after_a_removal_within_one_tick_of_the_file_clock(self, home: Home) -> None:
        ahead = Publisher(home, lambda: time.time_ns() + 5_000_000)
        ahead.publish(revision(1))
        ahead.remove()
        self.cut_history(home, 2)
        ahead.reconcile()
        assert events(home) == [*PUBLISHED, ("removed", 1, True)]

    def test_published_then_removed_with_neither_recorded(self, home: Home, real: Publisher) -> None:
        real.publish(revision(1))
        real.remove()
        self.cut_history(home, 1)
        real.reconcile()
        assert events(home) == [("publishing", 1, False), ("effective", 1, True), ("removed", 1, True)]
        moments = [line.at for line in history(home)]
        assert moments == sorted(moments)

    def test_an_old_removed_file_is_not_taken_for_a_new_removal(self, home: Home, real: Publisher) -> None:
        real.publish(revision(1))
        real.remove()
        removed = home.control_file.with_name("control.json.removed")
        kept = removed.read_bytes()
        removed.write_bytes(kept)
        time.sleep(0.02)
        real.publish(revision(2))
        home.control_file.unlink()
        real.reconcile()
        assert [event for event, _, _ in events(home)][-1] == "effective"

    @pytest.mark.parametrize("cut", [1, 40, 200])
    def test_a_torn_last_line_is_kept_aside(self, home: Home, real: Publisher, cut: int) -> None:
        real.publish(revision(1))
        whole = home.history.read_bytes()
        torn = whole.splitlines()[-1][:-cut]
        home.history.write_bytes(whole + torn)
        real.publish(revision(2))
        assert events(home) == [*PUBLISHED, ("publishing", 2, False), ("effective", 2, False)]
        assert home.history.with_name("history.jsonl.torn").read_bytes() == torn + b"\n"

    def test_a_torn_line_of_what_took_effect_is_recorded_late(self, home: Home, real: Publisher) -> None:
        real.publish(revision(1))
        home.history.write_bytes(home.history.read_bytes()[:-30])
        real.reconcile()
        assert events(home) == [("publishing", 1, False), ("effective", 1, True)]

    def test_a_line_that_only_lacks_its_end_is_completed(self, home: Home, real: Publisher) -> None:
        real.publish(revision(1))
        home.history.write_bytes(home.history.read_bytes()[:-1])
        real.publish(revision(2))
        assert events(home) == [*PUBLISHED, ("publishing", 2, False), ("effective", 2, False)]
        assert leftovers(home) == set()

    def test_blocks_of_zeros_after_a_power_cut(self, home: Home, real: Publisher) -> None:
        real.publish(revision(1))
        home.history.write_bytes(home.history.read_bytes() + bytes(100_000))
        real.publish(revision(2))
        assert events(home)[2:] == [("publishing", 2, False), ("effective", 2, False)]

    def test_long_lines_are_found_from_the_end(self, home: Home, real: Publisher) -> None:
        real.publish(large(1, environment="x" * 200_000))
        self.cut_history(home, 1)
        real.publish(large(2))
        assert events(home) == [
            ("publishing", 1, False),
            ("effective", 1, True),
            ("publishing", 2, False),
            ("effective", 2, False),
        ]

    def test_a_history_that_cannot_be_written_stops_a_widening_and_no_kill(
        self, home: Home, publisher: Publisher
    ) -> None:
        publisher.publish(revision(1))
        home.history.unlink()
        home.history.mkdir()
        with pytest.raises(PublishFailed, match="is a directory"):
            publisher.publish(revision(2))
        assert answer(ControlFile(home.control_file)).revision == 1
        assert publisher.publish(revision(3, kill=True)).unrecorded == "is a directory"
        assert answer(ControlFile(home.control_file)).revision == 3
        assert publisher.remove().unrecorded == "is a directory"
        assert "missing" in assert_unknown(ControlFile(home.control_file))
        with pytest.raises(PublishFailed, match="cannot mend"):
            publisher.reconcile()


class TestOverWhatIsInForce:
    def test_in_force(self, home: Home, publisher: Publisher) -> None:
        assert publisher.in_force() == InForce(None, None)
        publisher.publish(revision(1))
        assert publisher.in_force().document == controls(revision=1)
        home.control_file.write_bytes(b"{")
        assert publisher.in_force().document is None
        assert publisher.in_force().key is not None

    def test_a_publication_over_what_it_was_made_for(self, home: Home, publisher: Publisher) -> None:
        publisher.publish(revision(1), over=InForce(None, None))
        publisher.publish(controls(revision=2), over=publisher.in_force())
        assert answer(ControlFile(home.control_file)).revision == 2

    @pytest.mark.parametrize("number", [1, 2])
    def test_a_publication_over_something_else_is_refused(
        self, home: Home, publisher: Publisher, number: int
    ) -> None:
        publisher.publish(revision(1))
        seen = publisher.in_force()
        publisher.publish(revision(number))  # also the same revision again is another writing
        before = home.history.read_bytes()
        with pytest.raises(PublishConflict, match="the control file changed meanwhile"):
            publisher.publish(revision(3), over=seen)
        assert answer(ControlFile(home.control_file)).revision == number
        assert home.history.read_bytes() == before

    def test_what_killed_in_between_stays(self, home: Home, publisher: Publisher) -> None:
        publisher.publish(revision(1, kill=True))
        for _ in range(50):  # also within one tick of the clock that dates files
            seen = publisher.in_force()
            publisher.narrow(lambda _: None)
            with pytest.raises(PublishConflict):
                publisher.publish(revision(2), over=seen)

    def test_narrowing_starts_from_the_newest(self, home: Home, publisher: Publisher) -> None:
        publisher.publish(revision(1))
        publisher.publish(revision(2, percent=50))
        published = publisher.narrow(
            lambda document: {**(document or {}), "percent": 10, "revision": (document or {})["revision"] + 1}
        )
        assert published == Published(3, None)
        assert answer(ControlFile(home.control_file)).percent == 10
        assert events(home)[-2:] == [("publishing", 3, False), ("effective", 3, False)]

    def test_narrowing_needs_no_record(self, home: Home, publisher: Publisher) -> None:
        publisher.publish(revision(1))
        home.history.unlink()
        home.history.mkdir()
        published = publisher.narrow(lambda _: controls(revision=2, percent=5))
        assert published.unrecorded == "is a directory"
        assert answer(ControlFile(home.control_file)).percent == 5

    def test_narrowing_where_there_is_nothing(self, home: Home, publisher: Publisher) -> None:
        assert publisher.narrow(lambda document: document) == Published(0, None)
        with pytest.raises(PublishFailed, match="cannot narrow: missing"):
            publisher.narrow(lambda _: controls(kill=True))
        assert not home.root.exists()


class TestLock:
    def held(self, home: Home) -> PublishLock:
        return PublishLock(home.control_file.with_name(".lock"), 0.2)

    def test_a_publisher_waits_a_bounded_time(self, home: Home, publisher: Publisher) -> None:
        publisher.publish(revision(1))
        with self.held(home).acquired():
            with pytest.raises(PublishFailed, match="another publisher has held"):
                publisher.publish(revision(2))
            with pytest.raises(PublishFailed, match="another publisher has held"):
                publisher.reconcile()
        publisher.publish(revision(2))

    def test_a_kill_takes_the_lock_and_the_other_gives_up(self, home: Home, publisher: Publisher) -> None:
        publisher.publish(revision(1))
        stuck = self.held(home)
        with stuck.acquired():
            publisher.publish(revision(2, kill=True))
            assert answer(ControlFile(home.control_file)).revision == 2
            with pytest.raises(PublishFailed, match="another publisher took over"):
                stuck.still_held()
        assert events(home)[-1] == ("effective", 2, False)
        publisher.publish(revision(3))

    def test_a_removal_takes_the_lock_too(self, home: Home, publisher: Publisher) -> None:
        publisher.publish(revision(1))
        stuck = self.held(home)
        with stuck.acquired():
            assert publisher.remove().was_there
            with pytest.raises(PublishFailed, match="another publisher took over"):
                stuck.still_held()

    def test_a_publisher_that_was_overtaken_cannot_undo_the_kill(self, home: Home) -> None:
        """The clock of the slow publisher lets the kill through at every moment it is asked."""
        for moment in range(1, 3):
            calls = 0

            def clock(moment: int = moment) -> int:
                nonlocal calls
                calls += 1
                if calls == moment:
                    Publisher(home, Clock(), lock_seconds=0.05).publish(revision(9, kill=True))
                return START

            with suppress(PublishFailed):
                Publisher(home, clock).publish(revision(5))
            assert answer(ControlFile(home.control_file)).revision == 9

    @pytest.mark.parametrize("how", ["kill", "removal", "narrowing", "narrowing that changes nothing"])
    def test_nor_when_it_is_overtaken_after_its_last_look(
        self, home: Home, publisher: Publisher, how: str
    ) -> None:
        publisher.publish(revision(1))
        stuck = self.held(home)

        def look_then_be_overtaken() -> None:
            stuck.still_held()
            match how:
                case "kill":
                    publisher.publish(revision(2, kill=True))
                case "removal":
                    publisher.remove()
                case "narrowing":
                    publisher.narrow(lambda _: controls(revision=2, percent=5))
                case _:
                    publisher.narrow(lambda _: None)

        with stuck.acquired(), pytest.raises(FileNotFoundError):
            durable.replace(home.control_file, b"open again", before_rename=look_then_be_overtaken)
        expected = {"kill": 2, "removal": None, "narrowing": 2}.get(how, 1)
        assert answer(ControlFile(home.control_file)).revision == expected

    def test_the_lock_ends_with_its_process(self, home: Home, publisher: Publisher) -> None:
        publisher.publish(revision(1))

        def dies() -> bool:
            self.held(home).acquired().__enter__()
            os._exit(0)

        assert in_child(dies)
        publisher.publish(revision(2))

    def test_a_lock_file_that_is_none(self, home: Home, publisher: Publisher) -> None:
        publisher.publish(revision(1))
        lock = home.control_file.with_name(".lock")
        lock.unlink()
        lock.mkdir()
        with pytest.raises(PublishFailed, match="is a directory"):
            publisher.publish(revision(2))
        assert publisher.publish(revision(3, kill=True)).revision == 3
        assert publisher.remove().was_there
