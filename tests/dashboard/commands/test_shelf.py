"""What was begun is found again by its session, and by no other."""

from dashboard.commands.shelf import Shelf


def test_each_session_finds_its_own() -> None:
    shelf: Shelf[str] = Shelf()
    shelf.put("one", "draft")
    shelf.put("one", "later draft")
    assert (shelf.get("one"), shelf.get("two")) == ("later draft", None)
    shelf.take_down("one")
    shelf.take_down("one")
    assert shelf.get("one") is None


def test_only_the_newest_are_kept() -> None:
    shelf: Shelf[int] = Shelf(kept=2)
    for number in (1, 2):
        shelf.put(str(number), number)
    shelf.put("1", 1)
    shelf.put("3", 3)
    assert [shelf.get(name) for name in ("1", "2", "3")] == [1, None, 3]
