"""Pages run by Streamlit's own harness, as a person of a town sees them."""

import html
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from streamlit.components.v2.component_manager import BidiComponentManager
from streamlit.testing.v1 import AppTest

from dashboard.auth.entering import by_token
from dashboard.server import seat as seats
from dashboard.server.seat import Seat
from gates.changes.service import ChangeService
from gates.store.store import Store
from tests.dashboard.auth.town import Town, now, town
from tests.dashboard.record import opened_seat

_SCRIPT = """
import sys
from dashboard.views.pages import PAGES
next(entry for entry in PAGES if entry.path == {path!r}).render()
"""


@contextmanager
def seated_town(folder: Path) -> Iterator[tuple[Town, Seat]]:
    """Alice may everything, Bob may look, Carol is on call; the controls are live, there is no telemetry."""
    people = town(folder, clock=now())
    seat = opened_seat(people.home).with_door(people.access)
    seats.take(seat)
    try:
        yield people, seat
    finally:
        seat.store.close()
        people.access.close()


def look(seat: Seat, question: Callable[[ChangeService], Any]) -> Any:
    """What the changes say."""
    with seat.to_look() as service:
        return question(service)


def set_up(people: Town, **settings: str) -> None:
    """Settings of the store, as they would be there."""
    store = Store.open(people.home.store)
    with store.begin() as tx:
        for name, value in settings.items():
            tx.settings.set(name, value)
    store.close()


def page(path: str, people: Town | None = None, who: str = "alice", **query: str) -> AppTest:
    """The page at `path` before its first run, as `who` opens it; without people, as nobody."""
    app = knowing_components(AppTest.from_string(_SCRIPT.format(path=path), default_timeout=60))
    if people is not None:
        opened = by_token(people.access, people.tokens[who], "test")
        app.user = {"session": opened.session.name, "operator": opened.session.operator_id}
    for name, value in query.items():
        app.query_params[name] = value
    return app


def knowing_components(app: AppTest) -> AppTest:
    """The same, told which components are installed; each would look through every package for itself."""
    app._bidi_component_manager = _components()
    return app


@cache
def _components() -> BidiComponentManager:
    found = BidiComponentManager()
    found.discover_and_register_components(start_file_watching=False)
    return found


def said(app: AppTest) -> str:
    """Everything on the page that is not in a widget, as a reader sees it."""
    assert not app.exception, app.exception
    markup = " ".join(element.value for element in app.html if "<style>" not in element.value)
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]*>", " ", markup)))
