"""What a page says while something under it is broken: something true, and never a trace of the inside."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dashboard.server.seat import Seat
from dashboard.views.pages import PAGES
from tests.dashboard.auth.town import Town
from tests.dashboard.views.pages import page, said, seated_town

Break = Callable[[Town, Seat], None]


def _store_of_nonsense(people: Town, _seat: Seat) -> None:
    _without_log(people)
    people.home.store.write_bytes(b"not a database, and long enough to be looked at" * 200)


def _no_store(people: Town, _seat: Seat) -> None:
    _without_log(people)
    people.home.store.unlink()


def _damaged_controls(people: Town, _seat: Seat) -> None:
    people.home.control_file.write_bytes(b'{"version": "controls.v1", "percent": 100, "kill": fal')


def _no_telemetry(_people: Town, seat: Seat) -> None:
    seat.store.close()


def _without_log(people: Town) -> None:
    for end in ("-wal", "-shm"):
        people.home.store.with_name(people.home.store.name + end).unlink(missing_ok=True)


BREAKS: dict[str, tuple[Break, dict[str, str]]] = {
    "store of nonsense": (_store_of_nonsense, {"controls": "below", "review": "cannot be read"}),
    "no store": (_no_store, {"controls": "below"}),
    "damaged controls": (_damaged_controls, {"overview": "UNKNOWN"}),
    "no telemetry": (_no_telemetry, {"overview": "could not be read"}),
}


@pytest.fixture(scope="module", params=BREAKS)
def broken(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, dict[str, object]]]:
    """Each page as it is opened by somebody who signed in before it broke."""
    with seated_town(Path(tmp_path_factory.mktemp("broken"))) as (people, seat):
        pages: dict[str, object] = {entry.path: page(entry.path, people, "carol") for entry in PAGES}
        BREAKS[request.param][0](people, seat)
        yield request.param, pages


@pytest.mark.parametrize("path", [entry.path for entry in PAGES])
def test_every_page_says_something_true(broken: tuple[str, dict[str, object]], path: str) -> None:
    name, pages = broken
    app = pages[path]
    words = said(app.run())  # type: ignore[attr-defined]
    assert words
    expected = BREAKS[name][1].get(path)
    assert expected is None or expected in words, words[:2_000]
    for leak in ("Traceback", 'File "', "sqlite3.", "duckdb.duckdb", "object at 0x"):
        assert leak not in words, words[:2_000]
