"""What a follower says while it can store nothing, and where it can say nothing."""

import pytest

from dashboard.cli.follow_trouble import Spoken, Trouble
from dashboard.cli.follow_words import Teller
from gates.errors import HomeError
from ingest.errors import InvalidHistory, StoreError
from ingest.follow.follower import Followed
from ingest.loading.summary import LoadSummary

Captured = pytest.CaptureFixture[str]


def test_each_reason_is_told_once_and_its_end_once(capsys: Captured) -> None:
    seconds = iter((10.0, 45.4, 50.0))
    trouble = Trouble(lambda: next(seconds))
    for _ in range(3):
        trouble.because(StoreError("it is full; free some space"))
        trouble.because(InvalidHistory("the history is none; mend it"))
    assert trouble.ended() == 3, "as the last pass"
    trouble.over()
    trouble.over()
    assert trouble.ended() == 0
    trouble.because(StoreError("it is full; free some space"))
    assert trouble.ended() == 4
    said = capsys.readouterr().err.splitlines()
    assert [line[:42] for line in said] == [
        "slotgate: it is full; free some space; not",
        "slotgate: the history is none; mend it",
        "slotgate: it ends while nothing can be sto",
        "slotgate: lines are stored again, after 35",
        "slotgate: it is full; free some space; not",
        "slotgate: it ends while nothing can be sto",
    ]


def test_where_stdout_cannot_be_written_that_is_told_once(capsys: Captured) -> None:
    heard: list[str] = []

    def say(text: str) -> None:
        heard.append(text)
        if len(heard) > 1:
            raise HomeError("stdout cannot be written: no space left on device; name another file")

    spoken = Spoken(say)
    for text in ("one", "two", "three"):
        spoken(text)
    assert heard == ["one", "two"]
    assert capsys.readouterr().err == (
        "slotgate: stdout cannot be written: no space left on device; name another file; lines are stored "
        "all the same, and no more is said there\n"
    )


def test_a_file_that_went_before_any_of_it_was_stored_is_told(capsys: Captured) -> None:
    said: list[str] = []
    documents: list[dict[str, object]] = []
    for teller in (Teller(said.append, None), Teller(said.append, documents.append)):
        teller.passed(Followed(LoadSummary(()), unread=("`b.log` went away",)))
        teller.passed(Followed(LoadSummary(())))
        teller.ended()
    assert said == [
        "0 lines read, 0 accepted, 0 quarantined; 1 file went before any of it was read",
    ]
    assert [one["unread"] for one in documents] == [["`b.log` went away"]]
    assert capsys.readouterr().err == "slotgate: `b.log` went away\n" * 2
