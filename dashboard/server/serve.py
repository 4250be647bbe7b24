"""Put the parts together and run until told to stop."""

import gc
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from pathlib import Path
from types import FrameType

import streamlit as st
from starlette.middleware import Middleware
from starlette.routing import BaseRoute

from dashboard.api.control.application import control_routes
from dashboard.api.otlp.route import otlp_routes
from dashboard.api.otlp.spool import PushedSpool
from dashboard.api.routes import api_routes
from dashboard.api.tasks.opened import OpenedTasks
from dashboard.api.tasks.routes import task_routes
from dashboard.auth.access import Access, open_access
from dashboard.auth.config import SignIn
from dashboard.auth.doorkeeper import Doorkeeper
from dashboard.data.controls_file import read_strip
from dashboard.errors import ServerFailed
from dashboard.server import seat as seats
from dashboard.server.address import Address
from dashboard.server.confirming import confirming_of
from dashboard.server.control import house_of
from dashboard.server.local import local_routes
from dashboard.server.measuring import measuring_of
from dashboard.server.middleware import Guard
from dashboard.server.no_delay import send_at_once
from dashboard.server.notifying import notifying_of
from dashboard.server.options import streamlit_options
from dashboard.server.repeating import Background
from dashboard.server.retaining import retaining_of
from dashboard.server.routes import routes
from dashboard.telemetry import serving
from dashboard.telemetry.kept_input import remove_left
from dashboard.telemetry.private_files import private_files

ENTRY = Path(__file__).parents[1] / "app.py"


def serve(
    address: Address,
    seat: seats.Seat,
    announce: Callable[[], None],
    access: Access | None = None,
    entry: Path = ENTRY,
    part: Callable[[], None] = lambda: None,
) -> None:
    """Serve `seat` at `address` and block until SIGINT or SIGTERM; closes the store.

    `access` is the door; without one, that of a home with its store in it. `part` is
    called, maybe twice, before the store is closed. `announce` is called once
    the parts are up, just before the first request is answered. Raises `ServerFailed` when the server
    cannot start.
    """
    access = access or open_access(seat.home, seat.home.store, address.door, SignIn())
    # Who connects is who connects: uvicorn would otherwise believe `X-Forwarded-For` from this machine.
    os.environ["FORWARDED_ALLOW_IPS"] = ""
    started: list[bool] = []
    secret = serving.new_secret()
    pushed = PushedSpool(seat.home.spool)
    confirming = confirming_of(seat, partial(read_strip, seat.controls, seat.home.control_file))
    measuring = measuring_of(seat)
    notifying = notifying_of(seat.home, access.config.public_url)
    retaining = retaining_of(seat)
    guards = () if seat.budget is None else (seat.budget,)
    # They stop the other way round: what protects begins first and ends last.
    by_itself: tuple[Background, ...] = (seat.watch, *guards, confirming, measuring, notifying, retaining)

    def end() -> None:
        """Of what the server does by itself; may be called twice."""
        serving.withdraw(seat.home, secret)
        for one in reversed(by_itself):
            one.stop()
        part()
        seat.loader.stop()

    @asynccontextmanager
    async def lifespan(_app: st.App) -> AsyncIterator[None]:
        seats.take(seat.with_door(access))
        pushed.mend()
        remove_left(seat.home.root)
        seat.loader.start()
        for one in by_itself:
            one.start()
        # Streamlit collects garbage after every run; what is loaded now never needs to be looked at again.
        import dashboard.views.pages  # noqa: F401 - warm them, and freeze them with the rest

        gc.collect()
        gc.freeze()
        send_at_once(address.port)
        started.append(True)
        serving.announce(seat.home, address.own_url, secret)
        announce()
        try:
            yield
        finally:
            end()
            # What stays frozen is never freed, and native modules complain of it at exit.
            gc.unfreeze()

    local = [*local_routes(seat.telemetry, secret), *otlp_routes(access, pushed)]
    tasks = OpenedTasks(access, os.environ)
    ours: list[BaseRoute] = [
        *local,
        *api_routes(access, address.url, confirming.said, measuring.measured),
        *task_routes(tasks),
    ]
    ours += control_routes(house_of(seat, access))
    app = application(address, seat, access, ours, lifespan, entry)
    try:
        with private_files():
            _run_until_stopped(app, streamlit_options(address))
    finally:
        end()
        pushed.close()
        seat.store.close()
        tasks.close()
        access.close()
    if not started:
        raise ServerFailed(f"the server did not start on {address.url}; its log stands above")


def application(
    address: Address,
    seat: seats.Seat,
    access: Access,
    more: Sequence[BaseRoute],
    lifespan: Callable[[st.App], AbstractAsyncContextManager[None]] | None = None,
    entry: Path = ENTRY,
) -> st.App:
    """The pages, the routes of `seat` and `more`, behind the guard and the door of `access`."""
    return st.App(
        entry,
        lifespan=lifespan,
        routes=[*routes(seat), *more],
        middleware=[
            Middleware(Guard, allowed_hosts=address.allowed_hosts),
            Middleware(Doorkeeper, access=access, required=True),
        ],
        on_script_error=_say_that_the_page_broke,
    )


def _run_until_stopped(app: st.App, options: dict[str, object]) -> None:
    """Uvicorn shuts down on a signal and then raises it again; our handlers turn that into a return."""
    before = {number: signal.signal(number, _leave) for number in (signal.SIGINT, signal.SIGTERM)}
    # Streamlit would take the words of our own command line for the script's.
    words, sys.argv = sys.argv, sys.argv[:1]
    try:
        app.run(config=options)
    except SystemExit as leaving:
        if leaving.code not in (0, None):
            raise ServerFailed(
                f"the server ended with code {leaving.code}; its log stands above"
            ) from leaving
    finally:
        sys.argv = words
        for number, handler in before.items():
            signal.signal(number, handler)


def _say_that_the_page_broke(_error: Exception) -> bool:
    """Streamlit has logged the exception; the reader gets no stack trace and no advice for another host."""
    st.error(
        "This page broke. The server's log says where; reload to try again, and report it with that log."
    )
    return True


def _leave(_signal: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)
