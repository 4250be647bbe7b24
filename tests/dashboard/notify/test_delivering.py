"""One receiver and the chain: at least once, whatever ends the process, and whatever the receiver says."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from dashboard.notify.backlog import SECOND
from dashboard.notify.backlog_file import BacklogFile
from dashboard.notify.delivering import Delivering, Means
from dashboard.notify.receivers import Receiver
from dashboard.notify.sending import Answered, Outgoing, Unanswered
from tests.dashboard.notify.chains import FakeSender, MemoryChain, one_after_another, receiver


@dataclass
class Post:
    """A receiver, its file, and a world that stands still until it is moved."""

    folder: Path
    chain: MemoryChain = field(default_factory=MemoryChain)
    sender: FakeSender = field(default_factory=FakeSender)
    now: int = 1_800_000_000 * SECOND
    log: list[str] = field(default_factory=list)
    told: Receiver = field(default_factory=receiver)

    def started(self) -> Delivering:
        means = Means(self.chain, self.sender, lambda: self.now, lambda: 0.5, self.log.append, None)
        return Delivering(self.told, self.file(), means)

    def file(self) -> BacklogFile:
        return BacklogFile(self.folder / "notify", self.told.name)

    def run(self, delivering: Delivering | None = None) -> None:
        """Until there is nothing to do at this moment."""
        delivering = delivering or self.started()
        while delivering.step():
            pass


@pytest.fixture
def post(tmp_path: Path) -> Post:
    return Post(tmp_path)


def test_what_is_selected_is_told_once(post: Post) -> None:
    for action in ("kill", "comment", "narrow"):
        post.chain.add(action)
    post.run()
    assert post.sender.records() == [1, 3]
    post.run()  # after a restart
    assert post.sender.records() == [1, 3]


def test_everything_where_everything_is_asked_for(post: Post) -> None:
    post.told = receiver(events=["audit.recorded"])
    post.chain.add("comment")
    post.chain.add("kill")
    post.run()
    assert post.sender.records() == [2, 1]


def test_what_was_before_the_receiver_is_not_told(post: Post) -> None:
    post.chain.add("kill")
    post.told = receiver(after=1)
    post.chain.add("narrow")
    post.run()
    assert post.sender.records() == [2]


@pytest.mark.parametrize("status", [500, 503, 429, 404, 302, 200, 401])
def test_an_answer_decides_whether_it_comes_again(post: Post, status: int) -> None:
    post.chain.add("kill")
    post.sender.answers = one_after_another([status])
    delivering = post.started()
    post.run(delivering)
    post.now += 3600 * SECOND
    post.run(delivering)
    assert len(post.sender.sent) == (1 if status == 200 else 2)
    bodies = {one.body for one in post.sender.sent}
    assert len(bodies) == 1
    assert len({one.headers["webhook-id"] for one in post.sender.sent}) == 1


def test_a_restart_within_a_pause_goes_on_where_it_was(post: Post) -> None:
    post.chain.add("kill")
    post.sender.answers = lambda _: Unanswered("nobody there")
    post.run()
    assert len(post.sender.sent) == 1
    post.run()
    assert len(post.sender.sent) == 1
    kept = post.file().read()
    assert kept is not None
    assert (kept.waiting[0].attempts, kept.waiting[0].last) == (1, "nobody there")
    post.now += 3600 * SECOND
    post.sender.answers = lambda _: Answered(204, None, b"")
    post.run()
    assert post.sender.records() == [1, 1]


def test_a_crash_after_the_answer_repeats_under_the_same_id(post: Post) -> None:
    """At least once: what was sent and not yet kept is sent again, and can be told by its id."""
    post.chain.add("kill")

    class Killed(BaseException):
        pass

    def dies(_: Outgoing) -> Answered:
        raise Killed

    post.sender.answers = dies
    with pytest.raises(Killed):
        post.run()
    post.sender.answers = lambda _: Answered(200, None, b"")
    post.run()
    assert len({one.headers["webhook-id"] for one in post.sender.sent}) == 1
    assert len(post.sender.sent) == 2


@pytest.mark.parametrize("status", [400, 413, 422])
def test_what_a_receiver_never_takes_holds_nothing_up(post: Post, status: int) -> None:
    post.chain.add("kill")
    post.chain.add("narrow")
    post.sender.answers = one_after_another([status])
    post.run()
    kept = post.file().read()
    assert kept is not None
    assert (kept.failures, kept.delivered, kept.failed[0].seq) == (1, 1, 1)
    assert "record 1" in post.log[0]


def test_410_ends_it(post: Post) -> None:
    post.chain.add("kill")
    post.sender.answers = lambda _: Answered(410, None, b"archived")
    post.run()
    post.chain.add("kill")
    post.now += 3600 * SECOND
    post.run()
    assert len(post.sender.sent) == 1
    kept = post.file().read()
    assert kept is not None
    assert kept.disabled == "answered 410 archived"


def test_a_store_that_is_locked_waits_and_is_said_once(post: Post) -> None:
    post.chain.add("kill")
    post.chain.locked = True
    delivering = post.started()
    for _ in range(3):
        assert not delivering.step()
    assert len(post.log) == 1
    post.chain.locked = False
    post.run(delivering)
    assert post.sender.records() == [1]


def test_a_chain_that_was_put_back_from_a_copy(post: Post) -> None:
    for action in ("kill", "narrow", "narrow"):
        post.chain.add(action)
    post.run()
    post.chain = MemoryChain()
    post.chain.name = "b"
    post.chain.add("narrow")
    delivering = post.started()
    post.run(delivering)
    post.chain.add("kill")
    post.run(delivering)
    assert post.sender.records() == [1, 2, 3, 2]
    assert "another one" in post.log[0]


def test_a_file_that_is_damaged_tells_again_rather_than_not(post: Post) -> None:
    post.chain.add("kill")
    post.run()
    (post.folder / "notify" / "hook.json").write_bytes(b'{"cursor": 5')
    post.run()
    assert post.sender.records() == [1, 1]


def test_a_receiver_that_was_added_anew_begins_anew(post: Post) -> None:
    post.chain.add("kill")
    post.run()
    post.told = receiver(after=1)
    post.chain.add("narrow")
    post.run()
    assert post.sender.records() == [1, 2]


def test_a_disk_that_is_full_does_not_repeat_in_the_same_process(post: Post) -> None:
    delivering = post.started()
    post.run(delivering)
    (post.folder / "notify").write_text("in the way")
    post.chain.add("kill")
    for _ in range(4):
        delivering.step()
    assert post.sender.records() == [1]
    (post.folder / "notify").unlink()
    post.chain.add("narrow")
    post.run(delivering)
    assert post.sender.records() == [1, 2]
    assert post.file().read() is not None


def test_long_chains_are_read_in_parts(post: Post) -> None:
    for _ in range(1_200):
        post.chain.add("comment")
    post.chain.add("kill")
    post.run()
    assert post.sender.records() == [1_201]
