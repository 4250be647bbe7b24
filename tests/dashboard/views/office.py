"""A town under `enforce` in which people review and sign, for pages in Streamlit's own harness."""

import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboard.auth.access import open_access
from dashboard.auth.config import SignIn
from dashboard.server import changes
from dashboard.server import seat as seats
from dashboard.server.seat import Seat
from gates.changes.answers import Answer
from gates.changes.content import Terms
from gates.changes.service import ChangeService
from gates.home import Home
from gates.policy.intent import Actor, Mode, Role
from gates.store.rows import RequestState, TokenScope
from gates.store.store import Store
from gates.store.tokens import new_token
from tests.dashboard.auth.town import Clock, Town, now, town
from tests.dashboard.record import line, opened_seat, spool
from tests.dashboard.views.pages import page, set_up
from tests.made_once import kept_folder

TERMS = Terms(reason="the pilot went well", decision_record="https://decisions.example/7", exception="few")
ALICE = Actor("local|alice", frozenset(Role))
CAROL = Actor("local|carol", frozenset({Role.ONCALL}))
DAN = Actor("local|dan", frozenset({Role.APPROVER}))


@dataclass
class Office:
    """A town under `enforce` in which Dan may approve."""

    people: Town
    seat: Seat

    def do(self, deed: Callable[[ChangeService], Any]) -> Any:
        with changes.to_change(self.seat.home, self.seat.telemetry) as service:
            return deed(service)

    def proposed(self, terms: Terms = TERMS, by: Actor = ALICE, **patch: Any) -> int:
        answer: Answer = self.do(lambda service: service.propose(by, patch or {"percent": 10}, terms))
        assert answer.request is not None, answer
        return answer.request

    def state(self, number: int) -> RequestState:
        found: RequestState = self.do(lambda service: service.request(number)).state
        return found

    def page(self, who: str = "dan", number: int | str | None = None) -> AppTest:
        query = {} if number is None else {"request": str(number)}
        return page("review", self.people, who, **query).run()

    def sql(self, statement: str) -> None:
        connection = sqlite3.connect(self.seat.home.store)
        with connection:
            connection.execute(statement)
        connection.close()


class Striding(Clock):
    """Every look is half a minute later, until it stands at this moment."""

    def __init__(self) -> None:
        self.now = time.time_ns() - 3 * 3600 * 10**9
        self.stride = 30 * 10**9

    def __call__(self) -> int:
        self.now += self.stride
        return self.now


@cache
def _kept() -> Town:
    """The town that every office copies, closed."""
    people = town(kept_folder("offices"), clock=(clock := Striding()))
    clock.now, clock.stride = time.time_ns(), 0
    people.access.close()
    _kill_was_seen(people.home)
    store = Store.open(people.home.store)
    with store.begin() as tx:
        # Frank was brought in by Alice a moment ago; who brought Dan in is long forgotten.
        for name, by in (("dan", None), ("frank", ALICE.actor_id)):
            tx.operators.add(f"local|{name}", frozenset({Role.APPROVER}), by=by, at_ns=clock())
            token = new_token(f"local|{name}", TokenScope.ALL, by=by, now_ns=clock(), expires_at_ns=None)
            tx.tokens.add(token.row)
            people.tokens[name] = token.text
    store.close()
    return people


@contextmanager
def office(folder: Path, mode: Mode = Mode.ENFORCE) -> Iterator[Office]:
    st.cache_data.clear()
    kept, clock = _kept(), now()
    home = Home(Path(shutil.copytree(kept.home.root, folder / "home")))
    access = open_access(home, home.store, kept.access.door, SignIn(), clock=clock, monotonic=clock.seconds)
    set_up(people := replace(kept, home=home, clock=clock, access=access), mode=mode.value)
    seat = opened_seat(home).with_door(access)
    seats.take(seat)
    try:
        seat.loader.pass_once()
        yield Office(people, seat)
    finally:
        seat.store.close()
        access.close()


def _kill_was_seen(home: Home) -> None:
    """A job ran under the kill with which every home begins: what follows is not held by it."""
    store = Store.open(home.store)
    with store.read() as tx:
        began, ended = (row.effective_at_ns for row in tx.revisions.all())
    store.close()
    spool(home, [((began + ended) // 2, line("j1", code="KILL_SWITCH"))])
